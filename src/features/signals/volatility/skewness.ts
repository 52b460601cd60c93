import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { BarReturns } from './bar-returns.ts';
import { BAR_WARMUP, BARS } from './mid-bars.ts';

export const skewness: SignalDefinition = {
  name: 'skewness',
  family: 'volatility',
  title: 'Realised skewness',
  meaning:
    'The skewness of the last minute’s one-second returns of the mid, no mean taken off: positive where a few large rises stand against many small falls. NaN where nothing moved.',
  tex: String.raw`\frac{\sqrt n \sum_i r_i^3}{\left(\sum_i r_i^2\right)^{3/2}},\quad n = 60`,
  formula: 'sqrt(60) sum of r^3 / (sum of r^2)^1.5; r = returns of the last 60 closed 1 s bars',
  warmup: BAR_WARMUP,
  cost: 'shared sums when a bar with a move closes, a square root and a division then',
  source:
    'Amaya, Christoffersen, Jacobs and Vasquez (2015), Does realized skewness predict the cross-section of equity returns?',
  needs: [],
  dependencies: ['mid bars'],
  version: 1,
  columns: () => [{ name: 'skewness', unit: '1', mirror: 'odd', ticks: 0, lots: 0 }],
  create: (context) => new Skewness(context),
};

class Skewness implements Signal {
  readonly source: Versioned;
  readonly #returns: BarReturns;

  constructor(context: SignalContext) {
    this.#returns = context.share(BarReturns);
    this.source = this.#returns.source;
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    const { squares, cubes } = this.#returns.present();
    out[at] = squares > 0 ? cubes / (squares * Math.sqrt(squares * (1 / BARS))) : Number.NaN;
  }

  reset(): void {}
}
