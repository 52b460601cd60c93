import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { MidPoints, POINT_WARMUP, RETURNS, SPANS } from './mid-points.ts';

export const hurst: SignalDefinition = {
  name: 'hurst',
  family: 'volatility',
  title: 'Hurst exponent',
  meaning:
    'How fast the mean square of returns of the mid grows with the time that they span, 0.1 to 6.4 s, over the last minute: ½ for a random walk, 1 for a straight line, below ½ where moves are taken back. NaN where nothing moved.',
  tex: String.raw`H = \frac{1}{20 \ln 4}\left(3 \ln \frac{V_{64}}{V_1} + \ln \frac{V_{16}}{V_4}\right),\quad V_k = \frac{1}{n-k+1}\sum_{i=k}^{n} (M_i - M_{i-k})^2,\ n = 600`,
  formula:
    'half the least-squares slope of ln V(k) on ln k, k = 1, 4, 16, 64 steps of 100 ms; V(k) = mean square of the overlapping returns over k steps in a minute',
  warmup: POINT_WARMUP,
  cost: 'a few additions a step of 100 ms, shared; a logarithm after a step',
  source:
    'the law E(M(t + k) − M(t))² ~ k^2H: Mandelbrot and Van Ness (1968), Fractional Brownian motions; four spans a factor of four apart are ours',
  needs: [],
  dependencies: ['mid points'],
  version: 1,
  columns: () => [{ name: 'hurst', unit: '1', mirror: 'even', ticks: 0, lots: 0 }],
  create: (context) => new Hurst(context),
};

/** Least squares over four equally spaced x weigh the y with −3, −1, 1, 3, over ten times the spacing. */
const SLOPE = 1 / (10 * Math.log(SPANS[1]));
/** From ratios of sums to ratios of means. */
const OUTER = RETURNS / (RETURNS - SPANS[3] + 1);
const INNER = (RETURNS - SPANS[1] + 1) / (RETURNS - SPANS[2] + 1);

class Hurst implements Signal {
  readonly source: MidPoints;

  constructor(context: SignalContext) {
    this.source = context.share(MidPoints);
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    const { full, squares } = this.source;
    const v1 = squares[0];
    const v4 = squares[1];
    const v16 = squares[2];
    const v64 = squares[3];
    // A span of which every return is 0 has no logarithm.
    const known = full && v1 > 0 && v4 > 0 && v16 > 0 && v64 > 0;
    const outer = (v64 / v1) * OUTER;
    out[at] = known ? 0.5 * SLOPE * Math.log(outer * outer * outer * (v16 / v4) * INNER) : Number.NaN;
  }

  reset(): void {}
}
