import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import { sideColumns } from '../../side-columns.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { Silent } from './silent.ts';

export const levelGap: SignalDefinition = {
  name: 'level_gap',
  family: 'liquidity',
  title: 'Gap behind the best level',
  meaning:
    'Distance from the best level of a side to the second: how far the price falls once the best level is gone. NaN where the side has one level or none.',
  tex: '|P^1 - P^2|',
  formula: '|P1 - P2|',
  warmup: 'none',
  cost: 'two subtractions a row',
  source: 'Farmer, Gillemot, Lillo, Mike and Sen (2004), What really causes large price changes?',
  needs: [],
  dependencies: [],
  version: 2,
  columns: (depth) => (depth < 2 ? [] : sideColumns('level_gap', { unit: 'ticks', ticks: 1, lots: 0 })),
  create: (context) => (context.depth < 2 ? new Silent() : new LevelGap(context)),
};

class LevelGap implements Signal {
  readonly source: Versioned;

  constructor({ levels }: SignalContext) {
    this.source = levels;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const { bidTicks, askTicks } = view;
    out[at] = view.bidLevels > 1 ? bidTicks[0] - bidTicks[1] : Number.NaN;
    out[at + 1] = view.askLevels > 1 ? askTicks[1] - askTicks[0] : Number.NaN;
  }

  reset(): void {}
}
