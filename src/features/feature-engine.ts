import { assert } from '../core/index.ts';
import {
  Effect,
  type EventBatch,
  EventFlag,
  EventKind,
  type Instrument,
  type LadderBook,
  Side,
} from '../market/index.ts';
import { aggressorOf } from './aggressor.ts';
import { BurstClock } from './burst-clock.ts';
import { SignalContext } from './context.ts';
import type { FeatureFit } from './fit.ts';
import { MarketView } from './market-view.ts';
import { PeerMarket } from './peer-market.ts';
import { type ColumnSchema, createSchema, type FeatureSchema } from './schema.ts';
import { bookDepth, CORE_SET } from './sets.ts';
import type { Part, Signal, SignalDefinition } from './signal.ts';
import { unroll, unrollWrites } from './unroll.ts';

const BOOKKEEPING = EventFlag.REVEALED | EventFlag.HIDDEN;

export interface FeatureOptions {
  /** Default: the core set. `selectSignals` makes other lists. */
  signals?: readonly SignalDefinition[];
  /** For signals that need one. */
  fit?: FeatureFit;
  /** The other instrument, for signals that need one. */
  peer?: Instrument;
}

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
  /** For reading. */
  readonly view: MarketView;
  readonly #peer: PeerMarket | null;
  readonly #context: SignalContext;
  readonly #parts: readonly Part[];
  readonly #signals: readonly Signal[];
  readonly #clock: BurstClock;
  readonly #venueTime: boolean;
  readonly #byOrder: boolean;
  readonly #onBurst: (view: MarketView) => void;
  readonly #onTime: (view: MarketView) => void;
  readonly #onOrder: NonNullable<Signal['onOrder']>;
  readonly #onTrade: NonNullable<Signal['onTrade']>;
  readonly #onBook: (view: MarketView) => void;
  readonly #write: (view: MarketView, row: Float64Array) => void;
  /** The last row: signals whose source has not changed since leave their columns as they are. */
  readonly #row: Float64Array;
  /** The time reached, and the last message's: the peer's messages and `advance` move on the first alone. */
  #lastNs = Number.NaN;
  #messageNs = Number.NaN;
  #live = false;

  constructor(instrument: Instrument, options: FeatureOptions = {}) {
    const { signals: definitions = CORE_SET, fit = null, peer = null } = options;
    const depth = bookDepth(instrument);
    this.#peer = peer === null ? null : new PeerMarket(peer);
    this.#context = new SignalContext(instrument, depth, fit, this.#peer);
    this.view = new MarketView(depth);
    this.schema = createSchema(definitions, depth, fit);
    this.#signals = definitions.map((definition) => definition.create(this.#context));
    this.#parts = this.#context.parts;
    this.#clock = new BurstClock(instrument.burstQuietNs);
    this.#venueTime = instrument.burstQuietNs === 0;
    this.#byOrder = instrument.byOrder === true;
    const all = [...this.#parts, ...this.#signals];
    const hearing = (hook: keyof Signal): readonly object[] => all.filter((signal) => hook in signal);
    this.#onBurst = unroll(hearing('onBurst'), 'onBurst', 'view');
    this.#onTime = unroll(hearing('onTime'), 'onTime', 'view');
    this.#onOrder = unroll(hearing('onOrder'), 'onOrder', 'view, kind, side, priceTicks, sizeLots, orderId');
    this.#onTrade = unroll(hearing('onTrade'), 'onTrade', 'view, sign, sizeLots, priceTicks');
    this.#onBook = unroll(hearing('onBook'), 'onBook', 'view');
    const offsets = offsetsOf(definitions, depth);
    this.#write = unrollWrites(this.#signals, offsets);
    this.#row = new Float64Array(this.schema.names.length);
    this.#peer?.wire(all, this.view);
  }

  /** What is known of a column, or null where the schema has none of that name. */
  explain(name: string): ColumnSchema | null {
    return this.schema.columns.find((column) => column.name === name) ?? null;
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
    const view = this.view;
    view.day = batch.day;
    view.eventNs = batch.tsEventNs[first];
    if (!this.#live) {
      if (effect !== Effect.NONE) this.#start(tsNs, book);
      return;
    }
    if (this.#clock.endsBefore(tsNs)) this.#onBurst(view);
    this.#moveTo(tsNs);
    // Time that goes back stands still and goes on from there. It has not gone back where only the peer was ahead.
    if (tsNs < this.#messageNs) this.#lastNs = tsNs;
    this.#messageNs = tsNs;
    this.#readRows(batch, first, to, effect === Effect.CHANGED);
    if (effect !== Effect.CHANGED) return;
    view.apply(book);
    if (view.bidChanged || view.askChanged) this.#context.levels.raise();
    this.#onBook(view);
  }

  /**
   * As `onMessage`, for the other instrument, in order of arrival among this one's. `tsNs` is the message's time on this
   * instrument's clock and day. Before the own book is known signals hear nothing: there is nothing to compare, and no time to
   * fade by. Once both books are known, and whenever one of them was replaced, they begin anew with `onPeerStart`.
   */
  onPeerMessage(batch: EventBatch, from: number, to: number, book: LadderBook, effect: Effect, tsNs: number): void {
    assert(this.#peer !== null, 'an engine hears of a peer that it was made with');
    if (effect === Effect.OLD || batch.kind[from] === EventKind.BBO) return;
    if (this.#live) this.#moveTo(tsNs);
    this.#peer.onMessage(batch, from, to, book, effect, this.#live);
  }

  /**
   * For rows between messages: time is `tsNs` by now and nothing has happened since the last message. What fades with time
   * fades; a time that is not later changes nothing.
   */
  advance(tsNs: number): void {
    if (this.#live) this.#moveTo(tsNs);
  }

  /**
   * The row as of the last message, in the engine's own array: for reading, until the next call, which overwrites it. Changes
   * nothing, so it may be asked again.
   */
  row(): Float64Array {
    if (this.#live) this.#write(this.view, this.#row);
    else this.#row.fill(Number.NaN);
    return this.#row;
  }

  /** Forgets everything, as after a lost book. */
  reset(): void {
    this.#live = false;
    this.#lastNs = Number.NaN;
    this.#messageNs = Number.NaN;
    this.#clock.reset();
    this.view.reset();
    this.#context.decays.reset();
    this.#context.levels.raise();
    this.#context.trades.raise();
    for (const part of this.#parts) part.reset();
    for (const signal of this.#signals) signal.reset();
  }

  #start(tsNs: number, book: LadderBook): void {
    this.#live = true;
    this.#lastNs = tsNs;
    this.#messageNs = tsNs;
    this.#clock.endsBefore(tsNs);
    this.view.start(book);
    this.#context.levels.raise();
    this.#peer?.start();
  }

  /** A time that is not later counts as standing still. */
  #moveTo(tsNs: number): void {
    const view = this.view;
    view.elapsedNs = 0;
    if (!(tsNs > this.#lastNs)) return;
    view.advance(tsNs - this.#lastNs);
    this.#lastNs = tsNs;
    this.#context.decays.fade(view.fades);
    this.#onTime(view);
  }

  /** Counts the message's events and passes its orders and trades on, with the book still as it was before. */
  #readRows(batch: EventBatch, from: number, to: number, changed: boolean): void {
    const { kind, flags } = batch;
    let events = 0;
    for (let i = from; i < to; i++) {
      const k = kind[i];
      if (k <= EventKind.EXECUTE) {
        if (!changed) continue;
        if ((flags[i] & BOOKKEEPING) === 0) events++;
        if (k === EventKind.LEVEL) continue;
        if (this.#byOrder) this.#order(batch, i);
        if (k === EventKind.EXECUTE) this.#trade(batch, i, batch.side[i] === Side.BID ? -1 : 1);
      } else if (k === EventKind.TRADE) {
        this.#trade(batch, i, aggressorOf(batch, i, this.view.midTicks));
      }
    }
    this.view.events = events;
  }

  #order(batch: EventBatch, i: number): void {
    const { kind, side, priceTicks, sizeLots, orderId } = batch;
    this.#onOrder(this.view, kind[i], side[i], priceTicks[i], sizeLots[i], orderId[i]);
  }

  #trade(batch: EventBatch, i: number, sign: number): void {
    const sizeLots = batch.sizeLots[i];
    if (!(sizeLots > 0)) return;
    this.#context.trades.raise();
    this.#onTrade(this.view, sign, sizeLots, batch.priceTicks[i]);
  }
}

/** The first column of each signal. */
function offsetsOf(definitions: readonly SignalDefinition[], depth: number): readonly number[] {
  let at = 0;
  return definitions.map((definition) => {
    at += definition.columns(depth).length;
    return at - definition.columns(depth).length;
  });
}
