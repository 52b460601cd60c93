import type { EventBatch } from './event-batch.ts';
import type { Instrument } from './instrument.ts';
import type { LadderBook } from './ladder-book.ts';

/** Where events come from. Shown on every page and in every answer; results on `simulated` data say so. */
export type Origin = 'simulated' | 'recorded' | 'live';

/** What a reader met so far; grows while its batches are consumed. */
export interface SourceCounts {
  /** Venue messages read, of every kind. */
  messages: number;
  /** Messages or lines that could not be read; each is also a FAULT event. */
  unparsable: number;
  bytesRead: number;
  /** Bytes that there are in all, for progress; 0 where unknown. */
  bytesTotal: number;
}

/** A stream of one instrument's events: a recording, a tape, or the simulator. */
export interface EventSource {
  readonly instrument: Instrument;
  readonly origin: Origin;
  readonly counts: SourceCounts;
  /** What a user should know of this source, such as "no snapshot: the book is never synced". Grows while reading. */
  readonly notes: readonly string[];
  /**
   * Each call starts from the beginning. With `lend`, a reader promises to be done with each batch before it asks for the
   * next; a source may then use its memory again.
   */
  batches(options?: { lend?: boolean }): AsyncIterable<EventBatch>;
  /** Compares a book with the venue's own truth; null where the source carries none. */
  verifier(): Verifier | null;
}

export interface VerifierReport {
  /** Comparisons made: a level, or a best quote, with its size. */
  checked: number;
  mismatches: number;
  /** The first mismatch in words, or null. */
  firstMismatch: string | null;
}

/** Watches a book being rebuilt. It never writes to it, and what it compares with never feeds the book. */
export interface Verifier {
  /** Called after the message in rows [from, to) was applied; `synced` says whether the book may be trusted. */
  afterMessage(batch: EventBatch, from: number, to: number, book: LadderBook, synced: boolean): void;
  report(): VerifierReport;
}
