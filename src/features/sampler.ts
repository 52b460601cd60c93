import { assert, NO_PRICE, NS_PER_DAY, NS_PER_SECOND } from '../core/index.ts';
import {
  BookSync,
  Effect,
  type EventBatch,
  EventFlag,
  EventKind,
  type Instrument,
  LadderBook,
  messageEnd,
  SyncState,
} from '../market/index.ts';
import { BurstClock } from './burst-clock.ts';
import { FeatureEngine, type FeatureOptions } from './feature-engine.ts';
import type { SamplingClock } from './sampling-clock.ts';

/** As the forecaster's books: wide enough for spot markets, whose ticks are fine. */
const WINDOW_TICKS = 1 << 17;
const BOOKKEEPING = EventFlag.REVEALED | EventFlag.HIDDEN;
/** How long a grid goes on without a book that can be trusted. */
const UNTRUSTED_NS = 3600 * NS_PER_SECOND;

/** A row and what it is of. Reused: valid during the call that hands it out. */
export interface SampledRow {
  /** Counts the rows from 0. */
  index: number;
  /**
   * Of the last message that the row knows, ns since `day`. On a time grid the stream's own clock (`FeatureEngine`) shows the
   * grid's point instead, and the other one the last message.
   */
  tsEventNs: number;
  tsRecvNs: number;
  day: number;
  /** Of the last book message applied; `NaN` before the first snapshot. */
  sequence: number;
  /** Halves possible; `NaN` where the book is not trusted. */
  midTicks: number;
  /** `NO_PRICE` where the book is not trusted. */
  bidTicks: number;
  askTicks: number;
  /** The book is the venue's and has two sides. Where not, the whole row is `NaN`. */
  trusted: boolean;
  /** The columns of `engine.schema`. */
  row: Float64Array;
}

export interface SamplerOptions extends FeatureOptions {
  readonly clock: SamplingClock;
}

/**
 * Messages of one instrument (and of a peer, in order of arrival among them) → rows at the instants of a clock: a pure
 * function of the messages, however they are cut into batches.
 *
 * No row sees past its own time: it is the state after the last message at or before it, even where later messages of the
 * peer arrived before the row could be told to be due. Old messages and the venue's own quotes (BBO) are invisible.
 *
 * While the book is not trusted (before the first snapshot, after a gap, with an empty side) there are no rows, except that a
 * time grid goes on with rows that are all `NaN`, for an hour at most. A long silence of a trusted market, such as a
 * halt, has all its rows. Where time goes back the grid waits for it to come again; with another day it begins anew, and the
 * time between the two has no rows.
 */
export class RowSampler {
  readonly engine: FeatureEngine;
  /** Rows handed out. */
  rows = 0;
  readonly #onRow: (row: SampledRow) => void;
  readonly #clock: SamplingClock;
  readonly #kind: SamplingClock['kind'];
  readonly #book = new LadderBook({ windowTicks: WINDOW_TICKS });
  readonly #sync: BookSync<LadderBook>;
  readonly #peerBook: LadderBook | null;
  readonly #peerSync: BookSync<LadderBook> | null;
  readonly #venueTime: boolean;
  readonly #bursts: BurstClock;
  readonly #sampled: SampledRow;
  /** The row of an instant whose book is not trusted. */
  readonly #unknown: Float64Array;
  /** The row at the end of the burst was taken already, because the peer went on. */
  #taken = false;
  /** Events or lots since the new book, or since the last multiple of the clock's step. */
  #counted = 0;
  #lastMidTicks = Number.NaN;
  #day = Number.NaN;
  /** The last message's times. */
  #eventNs = Number.NaN;
  #recvNs = Number.NaN;
  /** The latest time of the day so far, and the grid's next point; NaN before the first message. */
  #reachedNs = Number.NaN;
  #nextNs = Number.NaN;
  /** Since when the book is not trusted; NaN while it is. */
  #untrustedNs = Number.NaN;

  constructor(instrument: Instrument, options: SamplerOptions, onRow: (row: SampledRow) => void) {
    this.#clock = options.clock;
    this.#kind = options.clock.kind;
    this.#onRow = onRow;
    this.engine = new FeatureEngine(instrument, options);
    this.#sync = new BookSync(instrument, this.#book);
    const { peer } = options;
    this.#peerBook = peer === undefined ? null : new LadderBook({ windowTicks: WINDOW_TICKS });
    this.#peerSync = peer === undefined || this.#peerBook === null ? null : new BookSync(peer, this.#peerBook);
    this.#venueTime = instrument.burstQuietNs === 0;
    this.#bursts = new BurstClock(instrument.burstQuietNs);
    this.#unknown = new Float64Array(this.engine.schema.names.length).fill(Number.NaN);
    this.#sampled = {
      index: 0,
      tsEventNs: Number.NaN,
      tsRecvNs: Number.NaN,
      day: 0,
      sequence: Number.NaN,
      midTicks: Number.NaN,
      bidTicks: NO_PRICE,
      askTicks: NO_PRICE,
      trusted: false,
      row: this.engine.row(),
    };
  }

  /** Takes rows [from, to) of a batch: whole messages, in order. */
  apply(batch: EventBatch, from = 0, to = batch.length): void {
    for (let i = from; i < to; ) {
      const end = messageEnd(batch, i);
      assert(end <= to, 'a range of rows holds whole messages');
      this.#takeMessage(batch, i, end);
      i = end;
    }
  }

  /** As `apply`, for the other instrument: in order of arrival among this one's messages. */
  applyPeer(batch: EventBatch, from = 0, to = batch.length): void {
    assert(this.#peerSync !== null && this.#peerBook !== null, 'a sampler hears of a peer that it was made with');
    const sync = this.#peerSync;
    const book = this.#peerBook;
    for (let i = from; i < to; ) {
      const end = messageEnd(batch, i);
      assert(end <= to, 'a range of rows holds whole messages');
      this.#takePeerMessage(batch, i, end, sync, book);
      i = end;
    }
  }

  /**
   * No more messages follow: hands out the grid's points at or before the last one. The last burst has no row, since nothing
   * shows that it is over.
   */
  finish(): void {
    if (this.#kind === 'time' && this.#nextNs <= this.#reachedNs) this.#takeGrid(this.#reachedNs + 1);
  }

  #takeMessage(batch: EventBatch, from: number, to: number): void {
    const sync = this.#sync;
    if (sync.isOld(batch, from, to)) {
      sync.applyMessage(batch, from, to);
      return;
    }
    if (batch.kind[from] === EventKind.BBO) return;
    const tsNs = this.#venueTime ? batch.tsEventNs[from] : batch.tsRecvNs[from];
    if (this.#kind === 'burst') this.#takeBurst(tsNs);
    else if (this.#kind === 'time') this.#takeTime(tsNs, batch.day);
    this.#day = batch.day;
    this.#eventNs = batch.tsEventNs[from];
    this.#recvNs = batch.tsRecvNs[from];
    const effect = sync.applyMessage(batch, from, to);
    this.engine.onMessage(batch, from, to, this.#book, effect);
    this.#noteTrust(tsNs);
    if (this.#kind !== 'burst' && this.#kind !== 'time' && this.#falls(batch, from, to, effect) && this.#trusted()) {
      this.#takeRow();
    }
  }

  #takePeerMessage(batch: EventBatch, from: number, to: number, sync: BookSync<LadderBook>, book: LadderBook): void {
    if (sync.isOld(batch, from, to)) {
      sync.applyMessage(batch, from, to);
      return;
    }
    if (batch.kind[from] === EventKind.BBO) return;
    const ownNs = this.#venueTime ? batch.tsEventNs[from] : batch.tsRecvNs[from];
    // NaN before the first message of this instrument, whose day it counts from.
    const tsNs = ownNs + (batch.day - this.#day) * NS_PER_DAY;
    if (this.#kind === 'burst' && !this.#taken && this.#trusted()) {
      // The burst may be over: what the peer says from here on is not in its row.
      this.#sampled.row = this.engine.row();
      this.#taken = true;
    } else if (this.#kind === 'time' && tsNs > this.#nextNs) this.#takeGrid(tsNs);
    if (tsNs > this.#reachedNs) this.#reachedNs = tsNs;
    const effect = sync.applyMessage(batch, from, to);
    this.engine.onPeerMessage(batch, from, to, book, effect, tsNs);
  }

  /** The burst before this message is over, or goes on: then the row that was taken early is of no use. */
  #takeBurst(tsNs: number): void {
    if (this.#bursts.endsBefore(tsNs) && this.#trusted()) this.#takeRow();
    this.#taken = false;
  }

  /** A message of time `tsNs` shows which points of the grid are past. */
  #takeTime(tsNs: number, day: number): void {
    if (day !== this.#day) {
      // The engine's time stands still over a change of day, and so does the grid.
      if (this.#nextNs <= this.#reachedNs) this.#takeGrid(this.#reachedNs + 1);
      this.#nextNs = this.#gridFrom(tsNs);
      this.#reachedNs = tsNs;
      this.#untrustedNs = this.#trusted() ? Number.NaN : tsNs;
    }
    if (tsNs > this.#nextNs) this.#takeGrid(tsNs);
    if (tsNs > this.#reachedNs) this.#reachedNs = tsNs;
  }

  /** The grid's points before `tsNs`. */
  #takeGrid(tsNs: number): void {
    const sampled = this.#sampled;
    const step = this.#clock.step;
    while (this.#nextNs < tsNs) {
      const atNs = this.#nextNs;
      const trusted = this.#trusted();
      if (!trusted && atNs > this.#untrustedNs + UNTRUSTED_NS) {
        this.#nextNs = this.#gridFrom(tsNs);
        return;
      }
      this.#nextNs = atNs + step;
      if (trusted) {
        this.engine.advance(atNs);
        sampled.row = this.engine.row();
      } else sampled.row = this.#unknown;
      this.#handOut(trusted, this.#venueTime ? atNs : this.#eventNs, this.#venueTime ? this.#recvNs : atNs);
    }
  }

  /** The grid's first point at or after `tsNs`; the remainder of a division is exact, a quotient may not be. */
  #gridFrom(tsNs: number): number {
    const past = tsNs % this.#clock.step;
    return past === 0 ? tsNs : tsNs - past + this.#clock.step;
  }

  /** Counts what the message brought; whether an instant of the clock falls behind it. */
  #falls(batch: EventBatch, from: number, to: number, effect: Effect): boolean {
    if (effect === Effect.RESYNCED || effect === Effect.LOST) {
      this.#counted = 0;
      this.#lastMidTicks = this.#book.mid;
      return effect === Effect.RESYNCED && this.#kind === 'event';
    }
    if (this.#sync.state !== SyncState.SYNCED) return false;
    const changed = effect === Effect.CHANGED;
    if (this.#kind === 'mid') return changed && this.#midMoved();
    if (this.#kind === 'event') return changed || tradedLotsOf(batch, from, to, false) > 0;
    this.#counted +=
      this.#kind === 'events' ? eventsOf(batch, from, to, changed) : tradedLotsOf(batch, from, to, changed);
    if (this.#counted < this.#clock.step) return false;
    this.#counted %= this.#clock.step;
    return true;
  }

  /** Against the last mid that there was. */
  #midMoved(): boolean {
    const { mid } = this.#book;
    if (Number.isNaN(mid)) return false;
    const before = this.#lastMidTicks;
    this.#lastMidTicks = mid;
    return mid !== before && !Number.isNaN(before);
  }

  #noteTrust(tsNs: number): void {
    if (this.#trusted()) this.#untrustedNs = Number.NaN;
    else if (Number.isNaN(this.#untrustedNs)) this.#untrustedNs = tsNs;
  }

  #trusted(): boolean {
    return this.#sync.state === SyncState.SYNCED && !Number.isNaN(this.#book.mid);
  }

  #takeRow(): void {
    if (!this.#taken) this.#sampled.row = this.engine.row();
    this.#handOut(true, this.#eventNs, this.#recvNs);
  }

  #handOut(trusted: boolean, tsEventNs: number, tsRecvNs: number): void {
    const sampled = this.#sampled;
    sampled.index = this.rows++;
    sampled.tsEventNs = tsEventNs;
    sampled.tsRecvNs = tsRecvNs;
    sampled.day = this.#day;
    sampled.sequence = this.#sync.lastSequence;
    sampled.midTicks = trusted ? this.#book.mid : Number.NaN;
    sampled.bidTicks = trusted ? this.#book.bestBidTicks : NO_PRICE;
    sampled.askTicks = trusted ? this.#book.bestAskTicks : NO_PRICE;
    sampled.trusted = trusted;
    this.#onRow(sampled);
  }
}

/** Level changes, order messages and trades; what only came into or left the venue's window of levels is none. */
function eventsOf(batch: EventBatch, from: number, to: number, changed: boolean): number {
  const { kind, flags } = batch;
  let events = 0;
  for (let i = from; i < to; i++) {
    if (kind[i] === EventKind.TRADE) events++;
    else if (changed && kind[i] <= EventKind.EXECUTE && (flags[i] & BOOKKEEPING) === 0) events++;
  }
  return events;
}

/** As the engine hears of trades: executions of a message that the book took, and all prints. */
export function tradedLotsOf(batch: EventBatch, from: number, to: number, changed: boolean): number {
  const { kind, sizeLots } = batch;
  let lots = 0;
  for (let i = from; i < to; i++) {
    const trades = kind[i] === EventKind.TRADE || (changed && kind[i] === EventKind.EXECUTE);
    if (trades && sizeLots[i] > 0) lots += sizeLots[i];
  }
  return lots;
}
