import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import { sideColumns } from '../../side-columns.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { DepthShape, SHAPE_LEVELS } from './depth-shape.ts';
import { Silent } from './silent.ts';

export const convexity: SignalDefinition = {
  name: 'convexity',
  family: 'liquidity',
  title: 'Convexity of the book',
  meaning:
    'Whether depth grows towards the far levels or the near ones: twice the area between the straight line and the curve of cumulated depth by distance. 1 where all stands at the last level shown, 0 where depth is spread evenly over the distance, −1 where all stands at the best price. NaN where a side shows fewer than three levels.',
  tex: String.raw`\frac{2}{d_n} \frac{\sum_m q^m d_m}{\sum_m q^m} - 1,\quad d_m = |P^m - P^1|`,
  formula: '2 R / D - 1; R = sum q d / sum q, d = distance from the best price, D = that of the last level shown',
  warmup: 'none',
  cost: 'a division a side that changed',
  source:
    'definition: a Gini-like area under the cumulated depth; far against near depth as in Cao, Hansch and Wang (2009)',
  needs: [],
  dependencies: ['shape of the depth'],
  version: 1,
  columns: (depth) => (depth < SHAPE_LEVELS ? [] : sideColumns('convexity', { unit: '1', ticks: 0, lots: 0 })),
  create: (context) => (context.depth < SHAPE_LEVELS ? new Silent() : new Convexity(context)),
};

class Convexity implements Signal {
  readonly source: Versioned;
  readonly #shape: DepthShape;

  constructor(context: SignalContext) {
    this.source = context.levels;
    this.#shape = context.share(DepthShape);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    this.#shape.refresh(view);
    out[at] = this.#shape.bid.convexity;
    out[at + 1] = this.#shape.ask.convexity;
  }

  reset(): void {}
}
