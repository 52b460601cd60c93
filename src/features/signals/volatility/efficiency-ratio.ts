import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { BarReturns } from './bar-returns.ts';
import { BAR_WARMUP } from './mid-bars.ts';

export const efficiencyRatio: SignalDefinition = {
  name: 'efficiency_ratio',
  family: 'volatility',
  title: 'Efficiency ratio',
  meaning:
    'The last minute’s net move over the path that the mid took, second by second, with the sign of the move: ±1 in a straight trend, near 0 in a market that goes back and forth. NaN where nothing moved.',
  tex: String.raw`\frac{\sum_i r_i}{\sum_i |r_i|}`,
  formula: 'sum of r / sum of |r|; r = returns of the last 60 closed 1 s bars',
  warmup: BAR_WARMUP,
  cost: 'shared sums when a bar with a move closes, a division then',
  source: 'Kaufman (1995), Smarter Trading: the efficiency ratio is its absolute value',
  needs: [],
  dependencies: ['mid bars'],
  version: 1,
  columns: () => [{ name: 'efficiency_ratio', unit: '1', mirror: 'odd', ticks: 0, lots: 0 }],
  create: (context) => new EfficiencyRatio(context),
};

class EfficiencyRatio implements Signal {
  readonly source: Versioned;
  readonly #returns: BarReturns;

  constructor(context: SignalContext) {
    this.#returns = context.share(BarReturns);
    this.source = this.#returns.source;
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    const { net, path } = this.#returns.present();
    out[at] = path > 0 ? net / path : Number.NaN;
  }

  reset(): void {}
}
