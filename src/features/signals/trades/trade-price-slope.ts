import { NO_PRICE } from '../../../core/index.ts';
import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { AggressorOrders } from './aggressor-orders.ts';

/** A power of two. */
const ORDERS = 32;

export const tradePriceSlope: SignalDefinition = {
  name: 'trade_price_slope',
  family: 'trades',
  title: 'Trend of trade prices',
  meaning: `The slope of the line through the prices of the last ${ORDERS} aggressor orders, in ticks an order: the trend of the tape, on which one bounce between bid and ask weighs little.`,
  tex: String.raw`\frac{12\sum_{n=0}^{31}\left(n - \tfrac{31}{2}\right)P_n}{32\,(32^2 - 1)},\quad P_{31} \text{ the last}`,
  formula: `least-squares slope of P[n] on n over the last ${ORDERS} orders; P[n] = first price of the n-th order; trades of one sign and timestamp are one order`,
  warmup: `${ORDERS} orders`,
  cost: 'a few additions an order',
  source: 'definition; least squares in trade time',
  needs: [],
  dependencies: ['aggressor orders'],
  version: 1,
  columns: () => [{ name: 'trade_price_slope', unit: 'ticks/order', mirror: 'odd', ticks: 1, lots: 0 }],
  create: (context) => new TradePriceSlope(context),
};

class TradePriceSlope implements Signal {
  readonly source: Versioned;
  readonly #aggressors: AggressorOrders;
  /** Prices from the first one on, so that the sums stay small; whole numbers, so that they are exact. */
  readonly #ring = new Float64Array(ORDERS);
  #firstTicks = Number.NaN;
  #count = 0;
  /** Σ P and Σ n P, n counted from the oldest in the ring. */
  #sum = 0;
  #ranked = 0;
  #slope = Number.NaN;

  constructor(context: SignalContext) {
    this.source = context.trades;
    this.#aggressors = context.share(AggressorOrders);
  }

  /** Orders whose first fill lies between ticks are passed over. */
  onTrade(_view: MarketView, _sign: number, _sizeLots: number, priceTicks: number): void {
    if (!this.#aggressors.begins || priceTicks === NO_PRICE) return;
    if (this.#count === 0) this.#firstTicks = priceTicks;
    const price = priceTicks - this.#firstTicks;
    const at = this.#count & (ORDERS - 1);
    if (this.#count >= ORDERS) {
      this.#sum -= this.#ring[at];
      this.#ranked -= this.#sum;
    }
    this.#ring[at] = price;
    this.#ranked += Math.min(this.#count, ORDERS - 1) * price;
    this.#sum += price;
    if (++this.#count < ORDERS) return;
    const centred = this.#ranked - ((ORDERS - 1) / 2) * this.#sum;
    this.#slope = (12 * centred) / (ORDERS * (ORDERS * ORDERS - 1));
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    out[at] = this.#slope;
  }

  reset(): void {
    this.#firstTicks = Number.NaN;
    this.#count = 0;
    this.#sum = 0;
    this.#ranked = 0;
    this.#slope = Number.NaN;
  }
}
