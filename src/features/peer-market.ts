import { NO_PRICE } from '../core/index.ts';
import { Effect, type EventBatch, EventKind, type Instrument, type LadderBook, Side } from '../market/index.ts';
import { MarketView } from './market-view.ts';
import { bookDepth } from './sets.ts';
import type { Part, Signal } from './signal.ts';
import { unroll } from './unroll.ts';

/** The other instrument as cross-instrument signals see it: its levels, and hooks for its books and trades. */
export class PeerMarket {
  readonly view: MarketView;
  #live = false;
  #onBook: (peer: MarketView) => void = () => {};
  #onTrade: NonNullable<Signal['onPeerTrade']> = () => {};

  constructor(instrument: Instrument) {
    this.view = new MarketView(bookDepth(instrument));
  }

  /** Whom to tell. */
  wire(signals: readonly (Part | Signal)[]): void {
    this.#onBook = unroll(
      signals.filter((signal) => 'onPeerBook' in signal),
      'onPeerBook',
      'peer',
    );
    this.#onTrade = unroll(
      signals.filter((signal) => 'onPeerTrade' in signal),
      'onPeerTrade',
      'peer, sign, sizeLots, priceTicks',
    );
  }

  /** A lost book empties the view: its mid is `NaN` until a new one is known. */
  onMessage(batch: EventBatch, from: number, to: number, book: LadderBook, effect: Effect): void {
    const view = this.view;
    if (effect === Effect.OLD) return;
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
      return;
    }
    for (let i = from; i < to; i++) this.#readRow(batch, i, effect === Effect.CHANGED);
    if (effect !== Effect.CHANGED) return;
    view.apply(book);
    this.#onBook(view);
  }

  #readRow(batch: EventBatch, i: number, changed: boolean): void {
    const kind = batch.kind[i];
    const side = batch.side[i];
    const price = batch.priceTicks[i];
    if (!(batch.sizeLots[i] > 0)) return;
    if (kind === EventKind.EXECUTE && changed) {
      this.#onTrade(this.view, side === Side.BID ? -1 : 1, batch.sizeLots[i], price);
    } else if (kind === EventKind.TRADE) {
      const quoted = price === NO_PRICE ? 0 : Math.sign(price - this.view.midTicks) || 0;
      this.#onTrade(this.view, side === Side.BID ? 1 : side === Side.ASK ? -1 : quoted, batch.sizeLots[i], price);
    }
  }
}
