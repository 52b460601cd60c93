import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import { sideColumns } from '../../side-columns.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { DepthShape, SHAPE_LEVELS } from './depth-shape.ts';
import { Silent } from './silent.ts';

export const herfindahl: SignalDefinition = {
  name: 'herfindahl',
  family: 'liquidity',
  title: 'Concentration of depth',
  meaning:
    'How much of a side’s visible depth stands on few levels: 1 where one level has all, 1 / n where n levels are equal. NaN where a side shows fewer than three levels.',
  tex: String.raw`\sum_m \left( \frac{q^m}{\sum_k q^k} \right)^2`,
  formula: 'sum of (q / sum q)^2 over the levels shown of a side',
  warmup: 'none',
  cost: 'two additions and multiplications a level of a side that changed',
  source: 'Herfindahl (1950), Hirschman (1945): the index of concentration, over levels',
  needs: [],
  dependencies: ['shape of the depth'],
  version: 1,
  columns: (depth) => (depth < SHAPE_LEVELS ? [] : sideColumns('herfindahl', { unit: '1', ticks: 0, lots: 0 })),
  create: (context) => (context.depth < SHAPE_LEVELS ? new Silent() : new Herfindahl(context)),
};

class Herfindahl implements Signal {
  readonly source: Versioned;
  readonly #shape: DepthShape;

  constructor(context: SignalContext) {
    this.source = context.levels;
    this.#shape = context.share(DepthShape);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    this.#shape.refresh(view);
    out[at] = this.#shape.bid.herfindahl;
    out[at + 1] = this.#shape.ask.herfindahl;
  }

  reset(): void {}
}
