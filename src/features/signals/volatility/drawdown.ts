import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { BAR_WARMUP, MidBars } from './mid-bars.ts';

export const drawdown: SignalDefinition = {
  name: 'drawdown',
  family: 'volatility',
  title: 'Drawdown',
  meaning:
    'How far the mid has come down from the highest that it was in the last sixty closed bars of a second and since, and up from the lowest. NaN where a side is empty.',
  tex: String.raw`\max_{s \in [t_{60},\, t]} M_s - M_t,\quad M_t - \min_{s \in [t_{60},\, t]} M_s`,
  formula: 'highest mid - mid, and mid - lowest mid; over the last 60 closed 1 s bars and the present one',
  warmup: BAR_WARMUP,
  cost: 'a comparison a book message, shared; two after a move, a look over 60 bars where an extreme leaves',
  source: 'definition; Magdon-Ismail and Atiya (2004), Maximum drawdown, for its law',
  needs: [],
  dependencies: ['mid bars'],
  version: 1,
  columns: () => [
    { name: 'drawdown_high', unit: 'ticks', mirror: 'drawdown_low', ticks: 1, lots: 0, detail: 'below the high' },
    { name: 'drawdown_low', unit: 'ticks', mirror: 'drawdown_high', ticks: 1, lots: 0, detail: 'above the low' },
  ],
  create: (context) => new Drawdown(context),
};

class Drawdown implements Signal {
  readonly source: MidBars;

  constructor(context: SignalContext) {
    this.source = context.share(MidBars);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const bars = this.source;
    out[at] = Math.max(bars.highestTicks, bars.highTicks) - view.midTicks;
    out[at + 1] = view.midTicks - Math.min(bars.lowestTicks, bars.lowTicks);
  }

  reset(): void {}
}
