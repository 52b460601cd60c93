import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { SHAPE_LEVELS } from './depth-shape.ts';
import { sideColumns } from './side-columns.ts';
import { Silent } from './silent.ts';

export const topShare: SignalDefinition = {
  name: 'top_share',
  family: 'liquidity',
  title: 'Share of the best level',
  meaning:
    'The best level’s part of a side’s visible depth: low where the touch is thin in front of a deep book, which is where prices slip to the next level. NaN where a side shows fewer than three levels.',
  tex: String.raw`\frac{q^1}{\sum_m q^m}`,
  formula: 'q at the best level / sum q over the levels shown of a side',
  warmup: 'none',
  cost: 'two divisions a row',
  source: 'definition: top-1 share of the displayed depth',
  needs: [],
  dependencies: ['running sums of the levels'],
  version: 1,
  columns: (depth) => (depth < SHAPE_LEVELS ? [] : sideColumns('top_share', { unit: '1', ticks: 0, lots: 0 })),
  create: (context) => (context.depth < SHAPE_LEVELS ? new Silent() : new TopShare(context)),
};

class TopShare implements Signal {
  readonly source: Versioned;
  readonly #last: number;

  constructor({ depth, levels }: SignalContext) {
    this.source = levels;
    this.#last = depth - 1;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    out[at] = view.bidLevels < SHAPE_LEVELS ? Number.NaN : view.bidLots[0] / view.bidSumLots[this.#last];
    out[at + 1] = view.askLevels < SHAPE_LEVELS ? Number.NaN : view.askLots[0] / view.askSumLots[this.#last];
  }

  reset(): void {}
}
