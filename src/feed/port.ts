import { type BatchBuilder, EventFlag, EventKind } from '../market/index.ts';
import { chainsTo, isBookMessage, previousId } from './handover.ts';
import type { Lane } from './lane.ts';

/** One connection's end at one instrument: what it wrote, and whether that counts (`Lane`). */
export class Port {
  readonly lane: Lane;
  /** The conversation writes here, from the connection's first message to its last. */
  readonly builder: BatchBuilder;
  role: 'active' | 'waiting' | 'over' = 'active';
  /** As `LinkSink.joinable`. */
  joinable = false;
  /** When all that its connection is to carry was asked for, on the monotonic clock; NaN before. */
  greetedNs = Number.NaN;
  /** Rows that were dealt with: applied, or looked at while waiting. */
  settled = 0;
  /** That came so far. */
  snapshots = 0;
  /** Withheld rows before this one can no longer be where the book goes on. */
  #passed = 0;
  #lastTrade = Number.NaN;

  constructor(lane: Lane, builder: BatchBuilder) {
    this.lane = lane;
    this.builder = builder;
  }

  /** A trade that is withheld is judged again when it is let out. */
  freshTrade(id: number): boolean {
    if (this.role === 'active') return this.lane.freshTrade(id);
    if (this.role === 'over' || id <= this.#lastTrade) return false;
    this.#lastTrade = id;
    return true;
  }

  /** Drops what is withheld. */
  forget(): void {
    this.builder.rewind(0);
    this.settled = this.#passed = 0;
  }

  /** Takes back rows behind the last whole message. */
  dropHalfMessage(): void {
    const { flags } = this.builder.reserve(0);
    let end = this.builder.length;
    while (end > this.settled && (flags[end - 1] & EventFlag.MESSAGE_END) === 0) end--;
    this.builder.rewind(end);
  }

  hasBookMessage(): boolean {
    const { instrument } = this.lane.feed;
    const rows = this.builder.reserve(0);
    for (let from = 0; from < this.settled; ) {
      const to = this.#end(from);
      if (isBookMessage(instrument, rows, from, to)) return true;
      from = to;
    }
    return false;
  }

  /** A withheld change goes on with a book whose last id is `last`. */
  bridges(last: number): boolean {
    const { instrument } = this.lane.feed;
    const rows = this.builder.reserve(0);
    while (this.#passed < this.settled) {
      const from = this.#passed;
      const to = this.#end(from);
      if (isBookMessage(instrument, rows, from, to) && rows.kind[from] !== EventKind.SNAPSHOT) {
        if (chainsTo(instrument.sequencing, previousId(rows, from), rows.sequence[from], last)) return true;
        if (rows.sequence[from] > last) return false;
      }
      this.#passed = to;
    }
    return false;
  }

  /**
   * Behind a snapshot as of `id`, what was withheld of higher numbers goes on with it. Always so where the numbers are the
   * connection's own: it counts from its snapshot on.
   */
  chainsOn(id: number, length: number): boolean {
    if (!this.joinable) return true;
    const { instrument } = this.lane.feed;
    const rows = this.builder.reserve(0);
    for (let from = 0; from < length; ) {
      const to = this.#end(from);
      if (rows.kind[from] !== EventKind.SNAPSHOT && isBookMessage(instrument, rows, from, to)) {
        if (rows.sequence[from] > id) return previousId(rows, from) <= id;
      }
      from = to;
    }
    return true;
  }

  #end(from: number): number {
    const { flags } = this.builder.reserve(0);
    while ((flags[from] & EventFlag.MESSAGE_END) === 0) from++;
    return from + 1;
  }
}
