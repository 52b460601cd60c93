import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { BarRanges } from './bar-ranges.ts';
import { BAR_WARMUP, BARS } from './mid-bars.ts';

export const garmanKlass: SignalDefinition = {
  name: 'garman_klass',
  family: 'volatility',
  title: 'Garman and Klass’s volatility',
  meaning:
    'Volatility from high, low, open and close of closed one-second bars of the mid: the range, less what of it the move from open to close explains. More efficient than the range alone; it too assumes no jumps between bars and no drift.',
  tex: String.raw`\sqrt{\frac{1}{n}\sum_{i=1}^{n}\left(\tfrac12 (H_i - L_i)^2 - (2\ln 2 - 1)(C_i - O_i)^2\right)},\quad n = 60`,
  formula: 'sqrt(mean over 60 bars of (high - low)^2 / 2 - (2 ln 2 - 1) (close - open)^2)',
  warmup: BAR_WARMUP,
  cost: 'shared sums when a bar with a move closes, a square root then',
  source:
    'Garman and Klass (1980), On the estimation of security price volatilities from historical data; their practical estimator',
  needs: [],
  dependencies: ['mid bars'],
  version: 1,
  columns: () => [{ name: 'garman_klass', unit: 'ticks/sqrt(s)', mirror: 'even', ticks: 1, lots: 0 }],
  create: (context) => new GarmanKlass(context),
};

const BODY = 2 * Math.LN2 - 1;

class GarmanKlass implements Signal {
  readonly source: Versioned;
  readonly #ranges: BarRanges;

  constructor(context: SignalContext) {
    this.#ranges = context.share(BarRanges);
    this.source = this.#ranges.source;
  }

  /** Never the root of less than 0: a bar's body lies within its range, and ½ > 2 ln 2 − 1. */
  write(_view: MarketView, out: Float64Array, at: number): void {
    const { squaredRanges, squaredBodies } = this.#ranges.present();
    out[at] = Math.sqrt((0.5 * squaredRanges - BODY * squaredBodies) * (1 / BARS));
  }

  reset(): void {}
}
