import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { MidPoints, POINT_WARMUP, RETURNS } from './mid-points.ts';

export const zeroShare: SignalDefinition = {
  name: 'zero_share',
  family: 'volatility',
  title: 'Share of zero returns',
  meaning:
    'The share of the last minute’s steps of 100 ms over which the mid did not move: near 1 in a quiet or a coarsely ticked market, where estimators of volatility rest on few moves.',
  tex: String.raw`\frac1n \sum_{i=1}^{n} \mathbf 1\{M_i = M_{i-1}\},\quad n = 600`,
  formula: 'steps of 100 ms with the same mid at both ends / 600',
  warmup: POINT_WARMUP,
  cost: 'an addition a step of 100 ms, shared; a multiplication a row',
  source: 'Lesmond, Ogden and Trzcinka (1999), A new estimate of transaction costs',
  needs: [],
  dependencies: ['mid points'],
  version: 1,
  columns: () => [{ name: 'zero_share', unit: '1', mirror: 'even', ticks: 0, lots: 0 }],
  create: (context) => new ZeroShare(context),
};

class ZeroShare implements Signal {
  readonly source: MidPoints;

  constructor(context: SignalContext) {
    this.source = context.share(MidPoints);
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    out[at] = this.source.full ? this.source.zeros * (1 / RETURNS) : Number.NaN;
  }

  reset(): void {}
}
