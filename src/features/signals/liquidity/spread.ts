import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';

export const spread: SignalDefinition = {
  name: 'spread',
  family: 'liquidity',
  title: 'Quoted spread',
  meaning: 'What a round trip of one lot costs. NaN where a side is empty.',
  tex: 'P_a - P_b',
  formula: 'Pa - Pb',
  warmup: 'none',
  cost: 'a subtraction a row',
  source: 'definition',
  needs: [],
  dependencies: [],
  version: 1,
  columns: () => [{ name: 'spread', unit: 'ticks', mirror: 'even', ticks: 1, lots: 0 }],
  create: (context) => new Spread(context),
};

class Spread implements Signal {
  readonly source: Versioned;

  constructor({ levels }: SignalContext) {
    this.source = levels;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    out[at] = view.has(1) ? view.askTicks[0] - view.bidTicks[0] : Number.NaN;
  }

  reset(): void {}
}
