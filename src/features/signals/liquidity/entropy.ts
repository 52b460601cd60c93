import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import { sideColumns } from '../../side-columns.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { DepthShape, SHAPE_LEVELS } from './depth-shape.ts';
import { Silent } from './silent.ts';

export const entropy: SignalDefinition = {
  name: 'entropy',
  family: 'liquidity',
  title: 'Entropy of depth',
  meaning:
    'How evenly a side’s visible depth is spread over its levels: 1 where all are equal, towards 0 where one has nearly all; small levels weigh more than in the Herfindahl index. NaN where a side shows fewer than three levels.',
  tex: String.raw`-\frac{1}{\ln n} \sum_{m=1}^{n} p_m \ln p_m,\quad p_m = \frac{q^m}{\sum_k q^k}`,
  formula: '-sum of p ln p / ln n; p = q / sum q over the n levels shown of a side',
  warmup: 'none',
  cost: 'a look at a table a level of a side that changed, a logarithm a new size',
  source: 'Shannon (1948), A mathematical theory of communication',
  needs: [],
  dependencies: ['shape of the depth'],
  version: 1,
  columns: (depth) => (depth < SHAPE_LEVELS ? [] : sideColumns('entropy', { unit: '1', ticks: 0, lots: 0 })),
  create: (context) => (context.depth < SHAPE_LEVELS ? new Silent() : new Entropy(context)),
};

class Entropy implements Signal {
  readonly source: Versioned;
  readonly #shape: DepthShape;

  constructor(context: SignalContext) {
    this.source = context.levels;
    this.#shape = context.share(DepthShape);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    this.#shape.refresh(view);
    out[at] = this.#shape.bid.entropy;
    out[at + 1] = this.#shape.ask.entropy;
  }

  reset(): void {}
}
