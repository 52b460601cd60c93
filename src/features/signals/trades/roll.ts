import { NO_PRICE } from '../../../core/index.ts';
import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { AggressorOrders } from './aggressor-orders.ts';
import { PairRing } from './pair-ring.ts';

const PAIRS = 128;
const WARMUP = 32;

export const roll: SignalDefinition = {
  name: 'roll',
  family: 'trades',
  title: 'Roll’s spread',
  meaning: `The spread that the bounce of trade prices between bid and ask implies, from prices alone: one price an order, its first. Over the last ${PAIRS} pairs of changes. NaN where the changes do not reverse (no negative autocovariance), as in a trend: then it says nothing.`,
  tex: String.raw`2\sqrt{-\operatorname{cov}(\Delta P_n,\, \Delta P_{n-1})},\quad N - 128 < n \le N`,
  formula: `2 sqrt(-cov(dP[n], dP[n - 1])) over the last ${PAIRS} pairs; P[n] = first price of the n-th order; trades of one sign and timestamp are one order`,
  warmup: `${WARMUP + 2} orders`,
  cost: 'a square root an order',
  source:
    'Roll (1984), A simple implicit measure of the effective bid-ask spread in an efficient market, J. Finance 39(4)',
  needs: [],
  dependencies: ['aggressor orders'],
  version: 1,
  columns: () => [{ name: 'roll', unit: 'ticks', mirror: 'even', ticks: 1, lots: 0 }],
  create: (context) => new Roll(context),
};

class Roll implements Signal {
  readonly source: Versioned;
  readonly #aggressors: AggressorOrders;
  readonly #pairs = new PairRing(PAIRS);
  #priceTicks = NO_PRICE;
  /** The last change; `NaN` before there is one. */
  #changeTicks = Number.NaN;
  #spreadTicks = Number.NaN;

  constructor(context: SignalContext) {
    this.source = context.trades;
    this.#aggressors = context.share(AggressorOrders);
  }

  /** Orders whose first fill lies between ticks are passed over. */
  onTrade(_view: MarketView, _sign: number, _sizeLots: number, priceTicks: number): void {
    if (!this.#aggressors.begins || priceTicks === NO_PRICE) return;
    if (this.#priceTicks !== NO_PRICE) this.#add(priceTicks - this.#priceTicks);
    this.#priceTicks = priceTicks;
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    out[at] = this.#spreadTicks;
  }

  reset(): void {
    this.#pairs.reset();
    this.#priceTicks = NO_PRICE;
    this.#changeTicks = Number.NaN;
    this.#spreadTicks = Number.NaN;
  }

  #add(changeTicks: number): void {
    if (!Number.isNaN(this.#changeTicks)) this.#pairs.add(changeTicks, this.#changeTicks);
    this.#changeTicks = changeTicks;
    if (this.#pairs.count < WARMUP) return;
    const covariance = this.#pairs.covariance;
    this.#spreadTicks = covariance < 0 ? 2 * Math.sqrt(-covariance) : Number.NaN;
  }
}
