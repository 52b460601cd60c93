import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { MidPoints, POINT_WARMUP, RETURNS, SPANS } from './mid-points.ts';

export const twoScale: SignalDefinition = {
  name: 'two_scale',
  family: 'volatility',
  title: 'Two-scale realised volatility',
  meaning:
    'Volatility of the last minute with the bounce of the quotes taken out: the average realised variance of sixteen interleaved grids of 1.6 s, less the noise that the grid of 100 ms shows. Where the noise is estimated at more than the whole it is 0.',
  tex: String.raw`\sqrt{\frac{1}{60}\left(1 - \frac{\bar n}{n}\right)^{-1}\left(\frac1K \sum_{i=K}^{n} (M_i - M_{i-K})^2 - \frac{\bar n}{n}\sum_{i=1}^{n} (M_i - M_{i-1})^2\right)^{+}},\quad \bar n = \frac{n-K+1}{K},\ n = 600,\ K = 16`,
  formula:
    'sqrt(max(0, sum over K-step returns of D^2 / K - nbar / n x sum of r^2) / (1 - nbar / n) / 60 s); n = 600 steps of 100 ms, K = 16, nbar = (n - K + 1) / K',
  warmup: POINT_WARMUP,
  cost: 'a few additions a step of 100 ms, shared; a square root a row',
  source:
    'Zhang, Mykland and Ait-Sahalia (2005), A tale of two time scales: determining integrated volatility with noisy high-frequency data; with their small-sample adjustment',
  needs: [],
  dependencies: ['mid points'],
  version: 1,
  columns: () => [{ name: 'two_scale', unit: 'ticks/sqrt(s)', mirror: 'even', ticks: 1, lots: 0 }],
  create: (context) => new TwoScale(context),
};

const FAST = 0;
const SLOW = 2;
const K = SPANS[SLOW];
/** The slow grids' average number of returns over the fast one's. */
const SHARE = (RETURNS - K + 1) / K / RETURNS;
const WINDOW_SECONDS = 60;

class TwoScale implements Signal {
  readonly source: MidPoints;

  constructor(context: SignalContext) {
    this.source = context.share(MidPoints);
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    const { full, squares } = this.source;
    const variance = (squares[SLOW] * (1 / K) - SHARE * squares[FAST]) * (1 / (1 - SHARE) / WINDOW_SECONDS);
    out[at] = full ? Math.sqrt(Math.max(0, variance)) : Number.NaN;
  }

  reset(): void {}
}
