import { NO_PRICE } from '../../../core/index.ts';
import type { MarketView } from '../../market-view.ts';
import type { Part } from '../../signal.ts';

/**
 * Joins trades into the orders that made them: trades of one sign and one venue timestamp that follow on each other are the
 * fills of one aggressor. LOBSTER and Binance both print an order fill by fill under one time; where a venue's clock is coarse
 * (Binance: a millisecond) orders of one side in one tick of it are joined too. Trades that nobody can sign are passed over:
 * they neither begin an order nor end one.
 *
 * Signals read it in `onTrade`, of the very trade that they hear of.
 */
export class AggressorOrders implements Part {
  /** This trade is the first of its order. */
  begins = false;
  /** This trade printed at a price worse for its order than any before: the order has walked one level further. */
  walks = false;
  #sign = 0;
  #eventNs = Number.NaN;
  /** Sign × the worst price so far. */
  #worstTicks = Number.NEGATIVE_INFINITY;

  onTrade(view: MarketView, sign: number, _sizeLots: number, priceTicks: number): void {
    this.begins = sign !== 0 && (sign !== this.#sign || view.eventNs !== this.#eventNs);
    this.walks = false;
    if (sign === 0) return;
    if (this.begins) {
      this.#sign = sign;
      this.#eventNs = view.eventNs;
      this.#worstTicks = Number.NEGATIVE_INFINITY;
    }
    // A fill between ticks is a fill, but cannot be placed on a level.
    if (priceTicks === NO_PRICE || sign * priceTicks <= this.#worstTicks) return;
    this.walks = this.#worstTicks !== Number.NEGATIVE_INFINITY;
    this.#worstTicks = sign * priceTicks;
  }

  reset(): void {
    this.begins = false;
    this.walks = false;
    this.#sign = 0;
    this.#eventNs = Number.NaN;
    this.#worstTicks = Number.NEGATIVE_INFINITY;
  }
}
