import { Effect, type EventBatch, EventKind, type Instrument, type LadderBook, Side } from '../market/index.ts';
import { aggressorOf } from './aggressor.ts';
import { MarketView } from './market-view.ts';
import { bookDepth } from './sets.ts';
import type { Part, Signal } from './signal.ts';
import { unroll } from './unroll.ts';

/**
 * The other instrument as cross-instrument signals see it: its levels, and hooks for its books and trades. Its view has no time
 * of its own (`nowNs` stays 0): what a signal keeps of the peer fades in the own market's time.
 */
export class PeerMarket {
  readonly instrument: Instrument;
  readonly view: MarketView;
  #live = false;
  #onStart: () => void = () => {};
  #onBook: () => void = () => {};
  #onTrade: (sign: number, sizeLots: number, priceTicks: number) => void = () => {};

  constructor(instrument: Instrument) {
    this.instrument = instrument;
    this.view = new MarketView(bookDepth(instrument));
  }

  /** Whom to tell, with the own market's view. */
  wire(signals: readonly (Part | Signal)[], view: MarketView): void {
    const hearing = (hook: keyof Signal): readonly object[] => signals.filter((signal) => hook in signal);
    const own = view;
    const peer = this.view;
    const onStart = unroll<NonNullable<Signal['onPeerStart']>>(hearing('onPeerStart'), 'onPeerStart', 'view, peer');
    const onBook = unroll<NonNullable<Signal['onPeerBook']>>(hearing('onPeerBook'), 'onPeerBook', 'view, peer');
    const onTrade = unroll<NonNullable<Signal['onPeerTrade']>>(
      hearing('onPeerTrade'),
      'onPeerTrade',
      'view, peer, sign, sizeLots, priceTicks',
    );
    this.#onStart = () => onStart(own, peer);
    this.#onBook = () => onBook(own, peer);
    this.#onTrade = (sign, sizeLots, priceTicks) => onTrade(own, peer, sign, sizeLots, priceTicks);
  }

  /** The own book is known from here on. */
  start(): void {
    if (this.#live) this.#onStart();
  }

  /** `heard`: the own book is known, so that signals hear of it. A lost book empties the view: its mid is `NaN` until a new one is known. */
  onMessage(batch: EventBatch, from: number, to: number, book: LadderBook, effect: Effect, heard: boolean): void {
    const view = this.view;
    if (effect === Effect.LOST || effect === Effect.RESYNCED) {
      this.#live = false;
      view.reset();
    }
    if (effect === Effect.LOST) return;
    view.eventNs = batch.tsEventNs[from];
    view.day = batch.day;
    if (!this.#live) {
      if (effect === Effect.NONE) return;
      this.#live = true;
      view.start(book);
      if (heard) this.#onStart();
      return;
    }
    if (heard) for (let i = from; i < to; i++) this.#readRow(batch, i, effect === Effect.CHANGED);
    if (effect !== Effect.CHANGED) return;
    view.apply(book);
    if (heard) this.#onBook();
  }

  #readRow(batch: EventBatch, i: number, changed: boolean): void {
    const kind = batch.kind[i];
    const sizeLots = batch.sizeLots[i];
    if (!(sizeLots > 0)) return;
    if (kind === EventKind.EXECUTE && changed) {
      this.#onTrade(batch.side[i] === Side.BID ? -1 : 1, sizeLots, batch.priceTicks[i]);
    } else if (kind === EventKind.TRADE) {
      this.#onTrade(aggressorOf(batch, i, this.view.midTicks), sizeLots, batch.priceTicks[i]);
    }
  }
}
