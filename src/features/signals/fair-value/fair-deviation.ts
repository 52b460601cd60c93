import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { ColumnInfo, Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { FIRST_ESTIMATE, MicropriceModel } from './microprice-model.ts';

const WEIGHTED = 'weighted mid less mid, in basis points of the mid';
const MICRO = 'microprice less mid, in basis points of the mid';

const COLUMNS: readonly ColumnInfo[] = [
  {
    name: 'fair_deviation_weighted_bps',
    unit: 'bps',
    mirror: 'odd',
    ticks: 0,
    lots: 0,
    absolute: true,
    detail: WEIGHTED,
  },
  { name: 'fair_deviation_micro_bps', unit: 'bps', mirror: 'odd', ticks: null, lots: 0, absolute: true, detail: MICRO },
  {
    name: 'fair_deviation_micro_spreads',
    unit: 'spreads',
    mirror: 'odd',
    ticks: null,
    lots: 0,
    detail: 'microprice less mid, in spreads',
  },
];

export const fairDeviation: SignalDefinition = {
  name: 'fair_deviation',
  family: 'fair-value',
  title: 'Deviation of the fair value from the mid',
  meaning:
    'Weighted mid and microprice against the mid in units that compare across instruments: basis points of the price, and spreads, where ±0.5 is a quote. (The weighted mid in spreads is half the queue imbalance.) NaN where a side is empty.',
  tex: String.raw`10^4\,\frac{P^w - M}{M},\quad 10^4\,\frac{g}{M},\quad \frac{g}{P_a - P_b},\quad M = \frac{P_a + P_b}{2}`,
  formula: '1e4 weighted_mid / M, 1e4 microprice / M, microprice / (Pa - Pb); M = (Pa + Pb) / 2',
  warmup: `none for the weighted mid; for the microprice ${FIRST_ESTIMATE} changes of its state, with a fit none`,
  cost: 'four divisions a row whose best quotes are new',
  source: 'Stoikov (2018), The micro-price: a high-frequency estimator of future prices, Quantitative Finance 18(12)',
  needs: [],
  fits: 'optional',
  dependencies: ['weighted_mid', 'microprice model'],
  version: 1,
  columns: () => COLUMNS,
  create: (context) => new FairDeviation(context),
};

class FairDeviation implements Signal {
  readonly source: Versioned;
  readonly #model: MicropriceModel;

  constructor(context: SignalContext) {
    this.#model = context.share(MicropriceModel);
    this.source = this.#model;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    if (!view.has(1) || view.midTicks === 0) {
      out[at] = out[at + 1] = out[at + 2] = Number.NaN;
      return;
    }
    const bid = view.bidLots[0];
    const ask = view.askLots[0];
    const spread = view.askTicks[0] - view.bidTicks[0];
    const bps = 10_000 / view.midTicks;
    this.#model.settle(view);
    const micro = this.#model.adjustment;
    out[at] = (((spread / 2) * (bid - ask)) / (bid + ask)) * bps;
    out[at + 1] = micro * bps;
    out[at + 2] = micro / spread;
  }

  reset(): void {}
}
