import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { MidPoints, POINT_WARMUP, RETURNS, SPANS } from './mid-points.ts';

/** Places in `SPANS`. */
const SLOW = [1, 2];
/** (n − 1) n / m by place: what makes the ratio one of unbiased variances. */
const SCALES = SPANS.map((q) => ((RETURNS - 1) * RETURNS) / (q * (RETURNS - q + 1) * (1 - q / RETURNS)));

export const varianceRatio: SignalDefinition = {
  name: 'variance_ratio',
  family: 'volatility',
  title: 'Variance ratio',
  meaning:
    'The variance of overlapping returns of the mid over q steps of 100 ms in parts of q times that over one step: 1 for a random walk, more in a trend, less where moves are taken back. NaN where nothing moved but a steady drift.',
  tex: String.raw`\frac{\frac1m \sum_{k=q}^{n} (M_k - M_{k-q} - q\hat\mu)^2}{\frac{1}{n-1}\sum_{k=1}^{n} (M_k - M_{k-1} - \hat\mu)^2},\quad m = q(n-q+1)\left(1 - \frac qn\right),\ \hat\mu = \frac{M_n - M_0}{n},\ n = 600`,
  formula:
    'sum of (D - q mu)^2 / m over sum of (r - mu)^2 / (n - 1); D = returns over q steps of 100 ms, r over one, mu = mean r, m = q (n - q + 1) (1 - q / n), n = 600',
  warmup: POINT_WARMUP,
  cost: 'a few additions a step of 100 ms, shared; a division a column a row',
  source:
    'Lo and MacKinlay (1988), Stock market prices do not follow random walks: evidence from a simple specification test; overlapping and unbiased',
  needs: [],
  dependencies: ['mid points'],
  version: 1,
  columns: () =>
    SLOW.map((s) => ({
      name: `variance_ratio_${SPANS[s]}`,
      unit: '1',
      mirror: 'even',
      ticks: 0,
      lots: 0,
      detail: `${SPANS[s]} steps`,
    })),
  create: (context) => new VarianceRatio(context),
};

class VarianceRatio implements Signal {
  readonly source: MidPoints;

  constructor(context: SignalContext) {
    this.source = context.share(MidPoints);
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    const { full, sums, squares } = this.source;
    // n times the sum of squares about the mean, in whole quarter ticks², so that 0 is 0.
    const fast = full ? RETURNS * squares[0] - sums[0] * sums[0] : 0;
    const inverse = fast > 0 ? 1 / fast : Number.NaN;
    for (let c = 0; c < SLOW.length; c++) {
      const s = SLOW[c];
      const q = SPANS[s];
      const drift = q * sums[0] * (1 / RETURNS);
      const slow = squares[s] - 2 * drift * sums[s] + (RETURNS - q + 1) * drift * drift;
      out[at + c] = slow * SCALES[s] * inverse;
    }
  }

  reset(): void {}
}
