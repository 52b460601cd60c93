import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import { sideColumns } from '../../side-columns.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { DepthShape, SHAPE_LEVELS } from './depth-shape.ts';
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
  cost: 'a division a side that changed',
  source: 'definition: top-1 share of the displayed depth',
  needs: [],
  dependencies: ['shape of the depth'],
  version: 1,
  columns: (depth) => (depth < SHAPE_LEVELS ? [] : sideColumns('top_share', { unit: '1', ticks: 0, lots: 0 })),
  create: (context) => (context.depth < SHAPE_LEVELS ? new Silent() : new TopShare(context)),
};

class TopShare implements Signal {
  readonly source: Versioned;
  readonly #shape: DepthShape;

  constructor(context: SignalContext) {
    this.source = context.levels;
    this.#shape = context.share(DepthShape);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    this.#shape.refresh(view);
    out[at] = this.#shape.bid.topShare;
    out[at + 1] = this.#shape.ask.topShare;
  }

  reset(): void {}
}
