import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import type { DecayedRegression } from './decayed-regression.ts';
import { BINS_WARMUP, TradeBins } from './trade-bins.ts';

export const hasbrouck: SignalDefinition = {
  name: 'hasbrouck',
  family: 'trades',
  title: 'Hasbrouck’s impact',
  meaning:
    'By how many ticks the mid moves with a trade of an average level, if impact grows with the root of size: the root keeps one block from ruling the regression, as it rules Kyle’s. Over closed seconds, the last minute weighing most; NaN where volume did not vary. A silence of more than a minute starts it anew.',
  tex: String.raw`\sqrt{Q}\;\frac{\operatorname{cov}_w(x, \Delta M)}{\operatorname{var}_w(x)},\quad x_k = \sum_{i \in k} s_i \sqrt{v_i},\quad w_k = e^{-(K-k)/60}`,
  formula:
    'sqrt(Q) x slope of the mid’s move on sum of sign sqrt(v), over closed bins of 1 s with weights exp(-age in bins / 60), with intercept; Q = average size of a level',
  warmup: `${BINS_WARMUP} closed seconds`,
  cost: 'a square root a trade and a row, two divisions a second',
  source:
    'Hasbrouck (2009), Trading costs and returns for U.S. equities, J. Finance 64(3): the signed root of dollar volume; ' +
    'lots here, since within a minute the price is all but constant, and bins of a second',
  needs: [],
  dependencies: ['average level size', 'trade bins'],
  version: 1,
  columns: () => [{ name: 'hasbrouck', unit: 'ticks/sqrt(average level)', mirror: 'even', ticks: 1, lots: 0 }],
  create: (context) => new Hasbrouck(context),
};

class Hasbrouck implements Signal {
  readonly #regression: DecayedRegression;

  constructor(context: SignalContext) {
    this.#regression = context.share(TradeBins).byRoots;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    out[at] = this.#regression.slope * Math.sqrt(view.meanLots);
  }

  reset(): void {}
}
