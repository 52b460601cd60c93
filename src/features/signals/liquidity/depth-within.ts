import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import { sideColumns } from '../../side-columns.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { NEAR_BPS, NearDepth, nearName } from './near-depth.ts';

export const depthWithin: SignalDefinition = {
  name: 'depth_within',
  family: 'liquidity',
  title: 'Depth within a distance',
  meaning:
    'Lots that wait no further than x basis points from the mid, in average levels: depth by price, which holes between levels cannot flatter. NaN where a side is empty, the mid is not positive or the levels shown end before that distance.',
  tex: String.raw`\frac{1}{Q} \sum_m q^m\, 1\{|P^m - M| \le x M\}`,
  formula: 'sum of q where |P - M| <= x M, over Q; Q = average size of a level, M = mid',
  warmup: 'none',
  cost: 'a comparison a level within the distance',
  source:
    'Degryse, de Jong and van Kervel (2015), The impact of dark trading and visible fragmentation on market quality: Depth(X)',
  needs: [],
  dependencies: ['depth by distance', 'average level size'],
  version: 1,
  columns: () =>
    NEAR_BPS.flatMap((bps) =>
      sideColumns(`depth_within_${nearName(bps)}`, {
        unit: 'average levels',
        ticks: 0,
        lots: 0,
        absolute: true,
        detail: `${bps} bps`,
      }),
    ),
  create: (context) => new DepthWithin(context),
};

class DepthWithin implements Signal {
  readonly #near: NearDepth;

  constructor(context: SignalContext) {
    this.#near = context.share(NearDepth);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    if (!(view.midTicks > 0)) {
      out.fill(Number.NaN, at, at + 2 * NEAR_BPS.length);
      return;
    }
    this.#near.refresh(view);
    const { bidLots, askLots } = this.#near;
    const perLot = 1 / view.meanLots;
    for (let k = 0; k < NEAR_BPS.length; k++) {
      out[at + 2 * k] = bidLots[k] * perLot;
      out[at + 2 * k + 1] = askLots[k] * perLot;
    }
  }

  reset(): void {}
}
