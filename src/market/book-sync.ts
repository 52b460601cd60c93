import { assert } from '../core/index.ts';
import { Checksum } from './book-checksum.ts';
import { type EventBatch, EventFlag, EventKind, Fault } from './event-batch.ts';
import type { Instrument } from './instrument.ts';
import { LadderBook } from './ladder-book.ts';
import { MessageRing } from './message-ring.ts';
import type { OrderBook } from './order-book.ts';
import { Chain, SEQUENCE_RULES, type SequenceRule } from './sequence-rule.ts';

export const SyncState = {
  /** Nothing arrived yet. */
  EMPTY: 0,
  /** Changes are kept until a snapshot comes. */
  BUFFERING: 1,
  /** The book is the venue's, as of `lastSequence`. */
  SYNCED: 2,
  /** The book was lost: something is missing, or it crossed. Changes are kept until a snapshot comes. */
  GAPPED: 3,
} as const;
export type SyncState = (typeof SyncState)[keyof typeof SyncState];

/** What a message did to the book, as its readers must know. */
export const Effect = {
  /** Nothing that a reader of a synced book could see. */
  NONE: 0,
  /** The book was synced and still is; its levels may have changed. */
  CHANGED: 1,
  /** The book was replaced and may be trusted from here on; nothing known of the past continues. */
  RESYNCED: 2,
  /** The book may no longer be trusted. */
  LOST: 3,
  /** The message was taken before and comes again: nothing in it, trades included, is news. */
  OLD: 4,
} as const;
export type Effect = (typeof Effect)[keyof typeof Effect];

/** What went wrong so far. Read only for everyone but `BookSync`. */
export interface BookFaults {
  /** Messages missing in the chain, noticed here or reported by the feed. */
  gaps: number;
  /** Times that the best bid stood at or above the best ask after a whole message. */
  crossed: number;
  /** Messages older than the synced book (passed over), and reports that the feed went stale. */
  stale: number;
  /** Messages pushed out of the buffer by newer ones, and reports of an overflow upstream. */
  overflow: number;
  disconnects: number;
  halts: number;
  /** Books that differed from the venue's checksum, noticed here or reported by the feed. */
  checksums: number;
}

/** A book by price, or by order. */
export type AnyBook = LadderBook | OrderBook;

/** After so many old messages on end it is the venue's numbering that began anew, not the network that repeats itself. */
const OLD_RUN = 1000;

/**
 * Keeps one book true to its venue: it decides which messages are applied, in what order, and when the book cannot be
 * trusted. The rule of the chain (`instrument.sequencing`) is in `sequence-rule.ts`, beside the venue's own words.
 *
 * `EMPTY → BUFFERING → SYNCED → GAPPED → SYNCED …`. Nothing is repaired: a lost book stays lost until a snapshot comes,
 * and only changes that chain on to that snapshot are applied after it.
 *
 * On a `consecutive` stream every message has a number of its own, trades included; on the others trades and best quotes
 * are outside the chain, and their numbers are not looked at.
 *
 * After each message a book by price is cut to the levels that the venue reports (`instrument.depthLimit`): what lies deeper
 * is no longer told of. Where the message ends with the venue's checksum, the book must then have the same.
 */
export class BookSync<Book extends AnyBook = AnyBook> {
  readonly book: Book;
  /** The book by price: `book` itself, or the levels of a book by order. */
  readonly levels: LadderBook;
  state: SyncState = SyncState.EMPTY;
  /** The last id that the book holds; `NaN` until the first snapshot. */
  lastSequence = Number.NaN;
  readonly faults: BookFaults = { gaps: 0, crossed: 0, stale: 0, overflow: 0, disconnects: 0, halts: 0, checksums: 0 };
  readonly #rule: SequenceRule;
  readonly #everyMessageCounts: boolean;
  /** Every message has a number of its own, and none a checksum. */
  readonly #plain: boolean;
  /** Levels a side that the book keeps; infinite where it keeps all. */
  readonly #depthLimit: number;
  readonly #checksum: Checksum | null;
  readonly #waiting: MessageRing;
  /** No message was applied since the snapshot. */
  #first = false;
  #oldRun = 0;

  /** `bufferEvents` is the most events kept while there is no snapshot; older messages make room for newer ones. */
  constructor(instrument: Instrument, book: Book, options: { bufferEvents?: number } = {}) {
    this.book = book;
    this.levels = book instanceof LadderBook ? book : book.levels;
    // Levels of a book by order come and go with their orders.
    this.#depthLimit = book instanceof LadderBook ? (instrument.depthLimit ?? Infinity) : Infinity;
    assert(this.#depthLimit >= 1, 'a venue reports at least one level a side');
    this.#checksum = instrument.checksum === undefined ? null : new Checksum(instrument);
    this.#rule = SEQUENCE_RULES[instrument.sequencing];
    this.#everyMessageCounts = instrument.sequencing === 'consecutive';
    this.#plain = this.#everyMessageCounts && this.#checksum === null;
    this.#waiting = new MessageRing(options.bufferEvents ?? 65536);
  }

  /** Takes rows [from, to) of `batch`: one whole message. What has to wait for a snapshot is copied. */
  applyMessage(batch: EventBatch, from: number, to: number): Effect {
    assert(from < to && to <= batch.length, 'a message has rows');
    const kind = batch.kind;
    const head = kind[from];
    if (head === EventKind.SNAPSHOT) return this.#takeSnapshot(batch, from, to);
    // What most messages of a stream by order are, changes of the book that follow: `#chain` without its questions.
    if (head <= EventKind.EXECUTE && this.#plain && this.state === SyncState.SYNCED) {
      const sequence = batch.sequence[from];
      let row = from + 1;
      while (row < to && kind[row] <= EventKind.EXECUTE) row++;
      if (row === to && sequence - 1 === this.lastSequence) return this.#applyNext(batch, from, to, sequence);
    }
    let changesBook = head === EventKind.DELTA;
    let faulty = false;
    for (let i = from; i < to; i++) {
      if (kind[i] <= EventKind.EXECUTE) changesBook = true;
      else if (kind[i] === EventKind.FAULT) faulty = true;
    }
    const before = this.state;
    if (faulty) this.#takeFaults(batch, from, to);
    if (!changesBook && (faulty || !this.#everyMessageCounts)) {
      return this.state === SyncState.SYNCED ? Effect.NONE : this.#lost(before);
    }
    const chain = this.state === SyncState.SYNCED ? this.#chain(batch, from, to) : Chain.BROKEN;
    if (chain === Chain.BROKEN) {
      if (this.state === SyncState.EMPTY) this.state = SyncState.BUFFERING;
      this.faults.overflow += this.#waiting.push(batch, from, to);
    }
    if (this.state !== SyncState.SYNCED) return this.#lost(before);
    if (chain === Chain.OLD) return faulty ? Effect.NONE : Effect.OLD;
    return changesBook ? Effect.CHANGED : Effect.NONE;
  }

  /** Whether rows [from, to), one whole message, were taken before, so that `applyMessage` would pass over them. Changes nothing. */
  isOld(batch: EventBatch, from: number, to: number): boolean {
    if (this.state !== SyncState.SYNCED) return false;
    const kind = batch.kind;
    const head = kind[from];
    if (head === EventKind.SNAPSHOT) return this.#isOldSnapshot(batch, from);
    if (this.#judge(batch, from) !== Chain.OLD || (!this.#first && this.#oldRun + 1 >= OLD_RUN)) return false;
    let counts = this.#everyMessageCounts || head === EventKind.DELTA;
    for (let i = from; i < to; i++) {
      if (kind[i] === EventKind.FAULT) return false;
      if (kind[i] <= EventKind.EXECUTE) counts = true;
    }
    return counts;
  }

  /** A message of nothing but changes that is next. */
  #applyNext(batch: EventBatch, from: number, to: number, sequence: number): Effect {
    this.book.applyRows(batch, from, to);
    this.lastSequence = sequence;
    this.#first = false;
    this.#oldRun = 0;
    if (this.#depthLimit !== Infinity) this.levels.truncate(this.#depthLimit);
    if (!this.levels.crossed) return Effect.CHANGED;
    this.faults.crossed++;
    this.#lose();
    return Effect.LOST;
  }

  /** The effect of not being synced, given the state before. */
  #lost(before: SyncState): Effect {
    return before === SyncState.SYNCED ? Effect.LOST : Effect.NONE;
  }

  /** Applies a message to a synced book if it chains; else counts why not, and loses the book where it must. */
  #chain(batch: EventBatch, from: number, to: number): Chain {
    const chain = this.#judge(batch, from);
    if (chain === Chain.NEXT) {
      this.book.applyRows(batch, from, to);
      this.lastSequence = batch.sequence[from];
      this.#first = false;
      this.#oldRun = 0;
      this.#check(batch, to);
      return chain;
    }
    if (chain === Chain.OLD) {
      // Before the first one applied, old messages are how every venue's recipe begins.
      if (this.#first) return chain;
      this.faults.stale++;
      if (++this.#oldRun < OLD_RUN) return chain;
    }
    this.faults.gaps++;
    this.#lose();
    return Chain.BROKEN;
  }

  /** How the message that begins at row `from` chains on to a synced book. */
  #judge(batch: EventBatch, from: number): Chain {
    const sequence = batch.sequence[from];
    const previous = batch.kind[from] === EventKind.DELTA ? batch.orderId[from] : sequence - 1;
    return this.#rule(previous, sequence, this.lastSequence, this.#first);
  }

  /** The message that ends before row `to` was applied: loses a book that cannot be the venue's. */
  #check(batch: EventBatch, to: number): void {
    if (this.#depthLimit !== Infinity) this.levels.truncate(this.#depthLimit);
    if (this.levels.crossed) {
      this.faults.crossed++;
      this.#lose();
    }
    if (this.#checksum === null || batch.kind[to - 1] !== EventKind.CHECKSUM) return;
    if (this.#checksum.of(this.levels) === batch.sizeLots[to - 1]) return;
    this.faults.checksums++;
    this.#lose();
  }

  #takeSnapshot(batch: EventBatch, from: number, to: number): Effect {
    const before = this.state;
    if (before === SyncState.SYNCED && this.#isOldSnapshot(batch, from)) {
      // Asked for earlier and delivered late: the book is newer already. A venue that numbers anew says so.
      this.faults.stale++;
      return Effect.OLD;
    }
    // What waits was numbered by the connection before this one.
    if ((batch.flags[from] & EventFlag.RESTART) !== 0) this.#waiting.clear();
    this.book.clear();
    this.book.applyRows(batch, from, to);
    this.lastSequence = batch.sequence[from];
    this.#first = true;
    this.#oldRun = 0;
    this.state = SyncState.SYNCED;
    this.#check(batch, to);
    if (this.state === SyncState.SYNCED) this.#replay();
    if (this.state === SyncState.SYNCED) return Effect.RESYNCED;
    return this.#lost(before);
  }

  #isOldSnapshot(batch: EventBatch, from: number): boolean {
    return batch.sequence[from] < this.lastSequence && (batch.flags[from] & EventFlag.RESTART) === 0;
  }

  /** Applies what was kept and chains on to the snapshot. What follows a break stays kept, for the next snapshot. */
  #replay(): void {
    const waiting = this.#waiting;
    while (waiting.size > 0) {
      const chain = this.#chain(waiting.rows, waiting.from, waiting.to);
      if (chain === Chain.BROKEN) return;
      waiting.shift();
      if (this.state !== SyncState.SYNCED) return;
    }
  }

  #takeFaults(batch: EventBatch, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      if (batch.kind[i] !== EventKind.FAULT) continue;
      const fault = batch.sizeLots[i] as Fault;
      if (fault === Fault.HALT) this.faults.halts++;
      // An unreadable message that mattered shows as a break of the chain; a halt does not change the book.
      if (fault === Fault.HALT || fault === Fault.RESUME || fault === Fault.UNPARSABLE) continue;
      if (fault === Fault.GAP) this.faults.gaps++;
      else if (fault === Fault.CROSSED) this.faults.crossed++;
      else if (fault === Fault.STALE) this.faults.stale++;
      else if (fault === Fault.OVERFLOW) {
        this.faults.overflow++;
        // A reader further down never saw what waits here, and must come to the same states.
        this.#waiting.clear();
      } else if (fault === Fault.CHECKSUM) this.faults.checksums++;
      else if (fault === Fault.DISCONNECT) {
        this.faults.disconnects++;
        // The next connection may count from anew: what the last one sent chains on to nothing.
        this.#waiting.clear();
      }
      this.#lose();
    }
  }

  #lose(): void {
    this.state = SyncState.GAPPED;
  }
}
