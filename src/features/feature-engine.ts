import { assert, NO_PRICE } from '../core/index.ts';
import {
  Effect,
  type EventBatch,
  EventFlag,
  EventKind,
  type Instrument,
  type LadderBook,
  Side,
} from '../market/index.ts';
import { BurstClock } from './burst-clock.ts';
import { coreDepth, createCoreSignals } from './core-set.ts';
import { MarketView } from './market-view.ts';
import { createSchema, type FeatureSchema } from './schema.ts';
import type { FeatureInfo, Signal } from './signal.ts';

const BOOKKEEPING = EventFlag.REVEALED | EventFlag.HIDDEN;

/**
 * Turns messages into rows, the same way live, in training and in a backtest. Give it every message after the book applied
 * it; take a row whenever one is wanted. A row is a function of the messages so far, and BBO messages are not among them.
 *
 * Time is the burst clock's: the venue's (`tsEventNs`) where bursts are told by timestamp (`burstQuietNs` 0), ours
 * (`tsRecvNs`) where they are told by silence, because silence is what we hear.
 *
 * A book that was lost resets everything: until a new one is known the row is all `NaN`, and from then on it is what a new
 * engine would give. Columns deeper than the venue's `depthLimit` are not in the schema.
 */
export class FeatureEngine {
  readonly schema: FeatureSchema;
  readonly #signals: readonly Signal[];
  readonly #offsets: readonly number[];
  readonly #onBurst: readonly Signal[];
  readonly #onTime: readonly Signal[];
  readonly #onTrade: readonly Signal[];
  readonly #onBook: readonly Signal[];
  readonly #view: MarketView;
  readonly #clock: BurstClock;
  readonly #venueTime: boolean;
  #lastNs = Number.NaN;
  #live = false;

  constructor(instrument: Instrument, signals: readonly Signal[] = createCoreSignals(instrument)) {
    this.schema = createSchema(signals.flatMap((signal) => [...signal.columns]));
    this.#signals = signals;
    let at = 0;
    this.#offsets = signals.map((signal) => {
      at += signal.columns.length;
      return at - signal.columns.length;
    });
    this.#onBurst = signals.filter((signal) => signal.onBurst !== undefined);
    this.#onTime = signals.filter((signal) => signal.onTime !== undefined);
    this.#onTrade = signals.filter((signal) => signal.onTrade !== undefined);
    this.#onBook = signals.filter((signal) => signal.onBook !== undefined);
    this.#view = new MarketView(coreDepth(instrument));
    this.#clock = new BurstClock(instrument.burstQuietNs);
    this.#venueTime = instrument.burstQuietNs === 0;
  }

  /** What is known of a column, or null where the schema has none of that name. */
  explain(name: string): FeatureInfo | null {
    return this.schema.features.find((feature) => feature.name === name) ?? null;
  }

  /**
   * Call after `BookSync` took rows [from, to), one whole message, with the effect that it returned. Constant time a row,
   * no allocation. TRADE rows count whether or not they come with the book's; EXECUTE rows where the book took them.
   */
  onMessage(batch: EventBatch, from: number, to: number, book: LadderBook, effect: Effect): void {
    if (effect === Effect.OLD) return;
    if (effect === Effect.LOST) {
      this.reset();
      return;
    }
    let first = from;
    while (first < to && batch.kind[first] === EventKind.BBO) first++;
    if (first === to) return;
    const tsNs = this.#venueTime ? batch.tsEventNs[first] : batch.tsRecvNs[first];
    if (effect === Effect.RESYNCED) this.reset();
    if (!this.#live) {
      if (effect !== Effect.NONE) this.#start(tsNs, book);
      return;
    }
    const view = this.#view;
    if (this.#clock.endsBefore(tsNs)) for (let s = 0; s < this.#onBurst.length; s++) this.#onBurst[s].onBurst!(view);
    if (tsNs > this.#lastNs) {
      view.advance(tsNs - this.#lastNs);
      for (let s = 0; s < this.#onTime.length; s++) this.#onTime[s].onTime!(view);
    }
    this.#lastNs = tsNs;
    this.#readRows(batch, first, to, effect === Effect.CHANGED);
    if (effect !== Effect.CHANGED) return;
    view.apply(book);
    for (let s = 0; s < this.#onBook.length; s++) this.#onBook[s].onBook!(view);
  }

  /** Fills `out` with the row as of the last message; changes nothing, so it may be asked again. */
  row(out: Float64Array): void {
    assert(out.length === this.schema.names.length, 'a row has one place for every column');
    if (!this.#live) {
      out.fill(Number.NaN);
      return;
    }
    for (let s = 0; s < this.#signals.length; s++) this.#signals[s].write(this.#view, out, this.#offsets[s]);
  }

  /** Forgets everything, as after a lost book. */
  reset(): void {
    this.#live = false;
    this.#lastNs = Number.NaN;
    this.#clock.reset();
    this.#view.reset();
    for (let s = 0; s < this.#signals.length; s++) this.#signals[s].reset();
  }

  #start(tsNs: number, book: LadderBook): void {
    this.#live = true;
    this.#lastNs = tsNs;
    this.#clock.endsBefore(tsNs);
    this.#view.start(book);
  }

  /** Counts the message's events and passes its trades on, with the book still as it was before. */
  #readRows(batch: EventBatch, from: number, to: number, changed: boolean): void {
    const { kind, flags } = batch;
    let events = 0;
    for (let i = from; i < to; i++) {
      const k = kind[i];
      if (k <= EventKind.EXECUTE) {
        if (changed && (flags[i] & BOOKKEEPING) === 0) events++;
        if (k === EventKind.EXECUTE && changed) this.#trade(batch, i, batch.side[i] === Side.BID ? -1 : 1);
      } else if (k === EventKind.TRADE) {
        this.#trade(batch, i, this.#aggressor(batch, i));
      }
    }
    this.#view.events = events;
  }

  /** A trade of unknown side was bought where it printed above the mid and sold below; at the mid nobody knows. */
  #aggressor(batch: EventBatch, i: number): number {
    const side = batch.side[i];
    if (side === Side.BID) return 1;
    if (side === Side.ASK) return -1;
    // A price between ticks cannot be told here: the venue's reader signs such trades, or nobody does.
    if (batch.priceTicks[i] === NO_PRICE) return 0;
    const distance = batch.priceTicks[i] - this.#view.midTicks;
    return distance > 0 ? 1 : distance < 0 ? -1 : 0;
  }

  #trade(batch: EventBatch, i: number, sign: number): void {
    const sizeLots = batch.sizeLots[i];
    if (!(sizeLots > 0)) return;
    for (let s = 0; s < this.#onTrade.length; s++) this.#onTrade[s].onTrade!(this.#view, sign, sizeLots);
  }
}
