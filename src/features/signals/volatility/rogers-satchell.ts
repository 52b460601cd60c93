import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { BarRanges } from './bar-ranges.ts';
import { BAR_WARMUP, BARS } from './mid-bars.ts';

export const rogersSatchell: SignalDefinition = {
  name: 'rogers_satchell',
  family: 'volatility',
  title: 'Rogers and Satchell’s volatility',
  meaning:
    'Volatility from closed one-second bars of the mid that a trend does not inflate: a bar that only rises or only falls adds nothing. Beside the other range estimators it tells a trending market from one that is merely wild.',
  tex: String.raw`\sqrt{\frac{1}{n}\sum_{i=1}^{n} (H_i - C_i)(H_i - O_i) + (L_i - C_i)(L_i - O_i)},\quad n = 60`,
  formula: 'sqrt(mean over 60 bars of (high - close) (high - open) + (low - close) (low - open))',
  warmup: BAR_WARMUP,
  cost: 'shared sums when a bar with a move closes, a square root then',
  source: 'Rogers and Satchell (1991), Estimating variance from high, low and closing prices',
  needs: [],
  dependencies: ['mid bars'],
  version: 1,
  columns: () => [{ name: 'rogers_satchell', unit: 'ticks/sqrt(s)', mirror: 'even', ticks: 1, lots: 0 }],
  create: (context) => new RogersSatchell(context),
};

class RogersSatchell implements Signal {
  readonly source: Versioned;
  readonly #ranges: BarRanges;

  constructor(context: SignalContext) {
    this.#ranges = context.share(BarRanges);
    this.source = this.#ranges.source;
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    out[at] = Math.sqrt(this.#ranges.present().excursions * (1 / BARS));
  }

  reset(): void {}
}
