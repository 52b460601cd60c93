import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { BarRanges } from './bar-ranges.ts';
import { BAR_WARMUP, BARS } from './mid-bars.ts';

export const volatilityOfVolatility: SignalDefinition = {
  name: 'volatility_of_volatility',
  family: 'volatility',
  title: 'Volatility of volatility',
  meaning:
    'How unsteady volatility is: the standard deviation of the ranges of closed one-second bars of the mid in parts of their mean. About 0.3 for a random walk of constant volatility, large where all the movement is in a few bars. NaN where nothing moved.',
  tex: String.raw`\frac{\sqrt{\frac{1}{n-1}\sum_i (R_i - \bar R)^2}}{\bar R},\quad R_i = H_i - L_i,\quad n = 60`,
  formula: 'sample standard deviation of (high - low) / mean of (high - low), over 60 bars',
  warmup: BAR_WARMUP,
  cost: 'shared sums when a bar with a move closes, a square root and a division then',
  source:
    'the range as a bar’s volatility: Alizadeh, Brandt and Diebold (2002), Range-based estimation of stochastic volatility models; the coefficient of variation is ours',
  needs: [],
  dependencies: ['mid bars'],
  version: 1,
  columns: () => [{ name: 'volatility_of_volatility', unit: '1', mirror: 'even', ticks: 0, lots: 0 }],
  create: (context) => new VolatilityOfVolatility(context),
};

class VolatilityOfVolatility implements Signal {
  readonly source: Versioned;
  readonly #ranges: BarRanges;

  constructor(context: SignalContext) {
    this.#ranges = context.share(BarRanges);
    this.source = this.#ranges.source;
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    const { ranges, squaredRanges } = this.#ranges.present();
    const scatter = (BARS * squaredRanges - ranges * ranges) * (BARS / (BARS - 1));
    out[at] = ranges > 0 ? Math.sqrt(scatter) / ranges : Number.NaN;
  }

  reset(): void {}
}
