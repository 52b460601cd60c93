import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { BarReturns } from './bar-returns.ts';
import { BAR_WARMUP, BARS } from './mid-bars.ts';

export const kurtosis: SignalDefinition = {
  name: 'kurtosis',
  family: 'volatility',
  title: 'Realised kurtosis',
  meaning:
    'How much of the last minute’s realised variance came in few seconds: 3 for normal returns, 60 where one second moved and no other. NaN where nothing moved.',
  tex: String.raw`\frac{n \sum_i r_i^4}{\left(\sum_i r_i^2\right)^2},\quad n = 60`,
  formula: '60 sum of r^4 / (sum of r^2)^2; r = returns of the last 60 closed 1 s bars',
  warmup: BAR_WARMUP,
  cost: 'shared sums when a bar with a move closes, a division then',
  source:
    'Amaya, Christoffersen, Jacobs and Vasquez (2015), Does realized skewness predict the cross-section of equity returns?',
  needs: [],
  dependencies: ['mid bars'],
  version: 1,
  columns: () => [{ name: 'kurtosis', unit: '1', mirror: 'even', ticks: 0, lots: 0 }],
  create: (context) => new Kurtosis(context),
};

class Kurtosis implements Signal {
  readonly source: Versioned;
  readonly #returns: BarReturns;

  constructor(context: SignalContext) {
    this.#returns = context.share(BarReturns);
    this.source = this.#returns.source;
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    const { squares, fourths } = this.#returns.present();
    out[at] = squares > 0 ? (BARS * fourths) / (squares * squares) : Number.NaN;
  }

  reset(): void {}
}
