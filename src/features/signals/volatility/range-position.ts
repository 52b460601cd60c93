import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { BAR_WARMUP, MidBars } from './mid-bars.ts';

export const rangePosition: SignalDefinition = {
  name: 'range_position',
  family: 'volatility',
  title: 'Position in the range',
  meaning:
    'Where the mid stands in the range of the last sixty closed bars of a second: 1 at its high, −1 at its low, beyond them where the present second has left the range. NaN where the range is empty or a side is.',
  tex: String.raw`\frac{2M - H - L}{H - L},\quad H = \max_i H_i,\ L = \min_i L_i`,
  formula: '(2 mid - high - low) / (high - low); high, low of the last 60 closed 1 s bars',
  warmup: BAR_WARMUP,
  cost: 'two comparisons when a bar closes, a look over 60 bars where an extreme leaves; a division after a move',
  source: 'definition; Lane’s stochastic oscillator (1984), moved to [−1, 1]',
  needs: [],
  dependencies: ['mid bars'],
  version: 1,
  columns: () => [{ name: 'range_position', unit: '1', mirror: 'odd', ticks: 0, lots: 0 }],
  create: (context) => new RangePosition(context),
};

class RangePosition implements Signal {
  readonly source: MidBars;

  constructor(context: SignalContext) {
    this.source = context.share(MidBars);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const { highestTicks, lowestTicks } = this.source;
    const range = highestTicks - lowestTicks;
    out[at] = range > 0 ? (2 * view.midTicks - highestTicks - lowestTicks) / range : Number.NaN;
  }

  reset(): void {}
}
