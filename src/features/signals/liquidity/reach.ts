import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { SHAPE_LEVELS } from './depth-shape.ts';
import { sideColumns } from './side-columns.ts';
import { Silent } from './silent.ts';

export const reach: SignalDefinition = {
  name: 'reach',
  family: 'liquidity',
  title: 'Reach of the book',
  meaning:
    'How far behind its best price a side’s visible depth stands, weighted by size: small where much waits at the touch. NaN where a side shows fewer than three levels.',
  tex: String.raw`\frac{\sum_m q^m\, |P^m - P^1|}{\sum_m q^m}`,
  formula: 'sum q |P - P1| / sum q over the levels shown of a side; P1 = best price',
  warmup: 'none',
  cost: 'two divisions a row',
  source: 'definition: size-weighted mean distance from the best price',
  needs: [],
  dependencies: ['running sums of the levels'],
  version: 1,
  columns: (depth) => (depth < SHAPE_LEVELS ? [] : sideColumns('reach', { unit: 'ticks', ticks: 1, lots: 0 })),
  create: (context) => (context.depth < SHAPE_LEVELS ? new Silent() : new Reach(context)),
};

class Reach implements Signal {
  readonly source: Versioned;
  readonly #last: number;

  constructor({ depth, levels }: SignalContext) {
    this.source = levels;
    this.#last = depth - 1;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const last = this.#last;
    out[at] = view.bidLevels < SHAPE_LEVELS ? Number.NaN : view.bidSumReach[last] / view.bidSumLots[last];
    out[at + 1] = view.askLevels < SHAPE_LEVELS ? Number.NaN : view.askSumReach[last] / view.askSumLots[last];
  }

  reset(): void {}
}
