import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import type { DecayedRegression } from './decayed-regression.ts';
import { BINS_WARMUP, TradeBins } from './trade-bins.ts';

export const kyle: SignalDefinition = {
  name: 'kyle',
  family: 'trades',
  title: 'Kyle’s lambda',
  meaning:
    'By how many ticks the mid moves with an average level bought: the price of size, high in a thin or nervous market. Regression over closed seconds, the last minute weighing most; NaN where volume did not vary. A silence of more than a minute starts it anew.',
  tex: String.raw`\lambda = Q\,\frac{\operatorname{cov}_w(x, \Delta M)}{\operatorname{var}_w(x)},\quad x_k = \sum_{i \in k} s_i v_i,\quad w_k = e^{-(K-k)/60}`,
  formula:
    'Q x slope of the mid’s move on sum of sign v, over closed bins of 1 s with weights exp(-age in bins / 60), with intercept; Q = average size of a level',
  warmup: `${BINS_WARMUP} closed seconds`,
  cost: 'an addition a trade, two divisions a second',
  source: 'Kyle (1985), Continuous auctions and insider trading, Econometrica 53(6); bins and weights ours',
  needs: [],
  dependencies: ['average level size', 'trade bins'],
  version: 1,
  columns: () => [{ name: 'kyle', unit: 'ticks/average level', mirror: 'even', ticks: 1, lots: 0 }],
  create: (context) => new Kyle(context),
};

class Kyle implements Signal {
  readonly #regression: DecayedRegression;

  constructor(context: SignalContext) {
    this.#regression = context.share(TradeBins).byLots;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    out[at] = this.#regression.slope * view.meanLots;
  }

  reset(): void {}
}
