import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import { sideColumns } from '../../side-columns.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { DepthShape, SHAPE_LEVELS } from './depth-shape.ts';
import { Silent } from './silent.ts';

export const slope: SignalDefinition = {
  name: 'slope',
  family: 'liquidity',
  title: 'Slope of the book',
  meaning:
    'By how much of the side’s visible depth a tick more of price adds: steep where all is near the best price, flat where depth is spread out. NaN where a side shows fewer than three levels.',
  tex: String.raw`\frac{\operatorname{cov}_m(d_m, D_m)}{\operatorname{var}_m(d_m)},\quad d_m = |P^m - P^1|,\ D_m = \frac{\sum_{k \le m} q^k}{\sum_k q^k}`,
  formula:
    'least-squares slope of the cumulated share of depth on the distance from the best price, over the levels shown of a side',
  warmup: 'none',
  cost: 'a few multiplications a level of a side that changed',
  source:
    'Naes and Skjeltorp (2006), Order book characteristics and the volume-volatility relation; in the regression form of Ghysels and Nguyen (2019)',
  needs: [],
  dependencies: ['shape of the depth'],
  version: 1,
  columns: (depth) => (depth < SHAPE_LEVELS ? [] : sideColumns('slope', { unit: '1/tick', ticks: -1, lots: 0 })),
  create: (context) => (context.depth < SHAPE_LEVELS ? new Silent() : new Slope(context)),
};

class Slope implements Signal {
  readonly source: Versioned;
  readonly #shape: DepthShape;

  constructor(context: SignalContext) {
    this.source = context.levels;
    this.#shape = context.share(DepthShape);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    this.#shape.refresh(view);
    out[at] = this.#shape.bid.slope;
    out[at + 1] = this.#shape.ask.slope;
  }

  reset(): void {}
}
