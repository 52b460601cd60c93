/** How one instrument's feed is doing. Times in ms; null where unknown. */
export interface InstrumentHealth {
  /** `venue:NAME`. */
  readonly instrument: string;
  readonly state: 'empty' | 'buffering' | 'synced' | 'gapped';
  /** How a loss inside an open connection shows (`FeedInstrument.proof`). */
  readonly proof: 'sequence' | 'checksum' | 'delivery';
  readonly lastSequence: number | null;
  /** Since the last message of this instrument. */
  readonly ageMs: number | null;
  readonly gaps: number;
  readonly crossed: number;
  /** Books that differed from the venue's checksum. */
  readonly checksums: number;
  /** Old messages that came again. */
  readonly stale: number;
  /** Messages thrown away because a queue was full. */
  readonly overflow: number;
  readonly disconnects: number;
  readonly unparsable: number;
  /** Snapshots asked for after the first. */
  readonly resyncs: number;
  /** Trades whose ids were skipped. */
  readonly missingTrades: number;
  /**
   * The venue's clock behind ours, at least: the shortest delay from its time stamp to our receipt in the last minute, which
   * is skew and the fastest way here together. Negative: our clock runs behind.
   */
  readonly skewMs: number | null;
  readonly messagesPerSecond: number;
  readonly eventsPerSecond: number;
  readonly bytesPerSecond: number;
}
