import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { NEAR_BPS, NearDepth, nearName } from './near-depth.ts';

export const imbalanceWithin: SignalDefinition = {
  name: 'imbalance_within',
  family: 'liquidity',
  title: 'Imbalance within a distance',
  meaning:
    'Which side is heavier among the lots no further than x basis points from the mid: by price and not by rank, so that a sparse side weighs less. NaN where nothing rests there, and as depth_within.',
  tex: String.raw`\frac{B_x - A_x}{B_x + A_x},\quad B_x, A_x = \sum_m q^m\, 1\{|P^m - M| \le x M\}`,
  formula: '(B - A) / (B + A); B, A = bid and ask lots where |P - M| <= x M; M = mid',
  warmup: 'none',
  cost: 'a division a column a row',
  source:
    'Cao, Hansch and Wang (2009), The information content of an open limit-order book, by distance in place of rank',
  needs: [],
  dependencies: ['depth by distance'],
  version: 1,
  columns: () =>
    NEAR_BPS.map((bps) => ({
      name: `imbalance_within_${nearName(bps)}`,
      unit: '1',
      mirror: 'odd',
      ticks: 0,
      lots: 0,
      absolute: true,
      detail: `${bps} bps`,
    })),
  create: (context) => new ImbalanceWithin(context),
};

class ImbalanceWithin implements Signal {
  readonly source: Versioned;
  readonly #near: NearDepth;

  constructor(context: SignalContext) {
    this.source = context.levels;
    this.#near = context.share(NearDepth);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const known = view.midTicks > 0;
    if (known) this.#near.refresh(view);
    const { bidLots, askLots } = this.#near;
    for (let k = 0; k < NEAR_BPS.length; k++) {
      const bid = bidLots[k];
      const ask = askLots[k];
      out[at + k] = known && bid + ask > 0 ? (bid - ask) / (bid + ask) : Number.NaN;
    }
  }

  reset(): void {}
}
