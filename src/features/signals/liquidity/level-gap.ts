import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { sideColumns } from './side-columns.ts';
import { Silent } from './silent.ts';

export const levelGap: SignalDefinition = {
  name: 'level_gap',
  family: 'liquidity',
  title: 'Gaps between levels',
  meaning:
    'Distance between neighbouring levels of a side: the first says how far the price falls once the best level is gone, the mean how sparse the side is. NaN where the side has one level or none.',
  tex: String.raw`|P^1 - P^2|,\quad \frac{|P^1 - P^n|}{n - 1}`,
  formula: '|P1 - P2|; |P1 - Pn| / (n - 1) over the n levels shown of a side',
  warmup: 'none',
  cost: 'two divisions a row',
  source: 'Farmer, Gillemot, Lillo, Mike and Sen (2004), What really causes large price changes?',
  needs: [],
  dependencies: [],
  version: 1,
  columns: (depth) =>
    depth < 2
      ? []
      : [
          ...sideColumns('level_gap_first', { unit: 'ticks', ticks: 1, lots: 0, detail: 'best to second' }),
          ...sideColumns('level_gap_mean', { unit: 'ticks', ticks: 1, lots: 0, detail: 'mean of all shown' }),
        ],
  create: (context) => (context.depth < 2 ? new Silent() : new LevelGap(context)),
};

class LevelGap implements Signal {
  readonly source: Versioned;

  constructor({ levels }: SignalContext) {
    this.source = levels;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const { bidTicks, askTicks, bidLevels, askLevels } = view;
    const bids = bidLevels > 1;
    const asks = askLevels > 1;
    out[at] = bids ? bidTicks[0] - bidTicks[1] : Number.NaN;
    out[at + 1] = asks ? askTicks[1] - askTicks[0] : Number.NaN;
    out[at + 2] = bids ? (bidTicks[0] - bidTicks[bidLevels - 1]) / (bidLevels - 1) : Number.NaN;
    out[at + 3] = asks ? (askTicks[askLevels - 1] - askTicks[0]) / (askLevels - 1) : Number.NaN;
  }

  reset(): void {}
}
