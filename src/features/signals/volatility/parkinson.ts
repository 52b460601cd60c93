import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { BarRanges } from './bar-ranges.ts';
import { BAR_WARMUP, BARS } from './mid-bars.ts';

export const parkinson: SignalDefinition = {
  name: 'parkinson',
  family: 'volatility',
  title: 'Parkinson’s range volatility',
  meaning:
    'Volatility from the highs and lows of closed one-second bars of the mid, about five times as efficient as squared returns of the same bars. It falls short where the mid jumps from bar to bar or trends.',
  tex: String.raw`\sqrt{\frac{1}{4 n \ln 2}\sum_{i=1}^{n} (H_i - L_i)^2},\quad n = 60`,
  formula: 'sqrt(sum over 60 bars of (high - low)^2 / (4 x 60 ln 2))',
  warmup: BAR_WARMUP,
  cost: 'shared sums when a bar with a move closes, a square root then',
  source: 'Parkinson (1980), The extreme value method for estimating the variance of the rate of return',
  needs: [],
  dependencies: ['mid bars'],
  version: 1,
  columns: () => [{ name: 'parkinson', unit: 'ticks/sqrt(s)', mirror: 'even', ticks: 1, lots: 0 }],
  create: (context) => new Parkinson(context),
};

class Parkinson implements Signal {
  readonly source: Versioned;
  readonly #ranges: BarRanges;

  constructor(context: SignalContext) {
    this.#ranges = context.share(BarRanges);
    this.source = this.#ranges.source;
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    out[at] = Math.sqrt(this.#ranges.present().squaredRanges * (1 / (4 * BARS * Math.LN2)));
  }

  reset(): void {}
}
