import { assert } from '../../core/index.ts';

/**
 * The mean length of blocks for which the stationary bootstrap's variance of the mean errs least (Politis and White 2004, with the correction of
 * Patton, Politis and White 2009): ∛(2 G² n / D), D = 2 g(0)², from autocovariances under a flat-top window. Its width is twice the lag after
 * which K = max(5, ⌊log₁₀ n⌋) autocorrelations in a row are within 2 √(log₁₀ n / n) of 0; that lag is counted from 1, as in the authors' own
 * program. At least 1, at most min(3 √n, n / 3), rounded up; 1 for a series that does not vary.
 */
export function optimalBlockLength(series: Float64Array): number {
  return Math.max(1, Math.ceil(exactBlockLength(series) - 1e-9));
}

/** The same before it is rounded; below 1 where the steps hardly depend on each other. */
export function exactBlockLength(series: Float64Array): number {
  const n = series.length;
  assert(n >= 9, 'a block length is chosen from at least nine values');
  let mean = 0;
  for (const value of series) mean += value / n;
  const centred = series.map((value) => value - mean);
  const run = Math.max(5, Math.floor(Math.log10(n)));
  const most = Math.min(n - 2, Math.ceil(Math.sqrt(n)) + run);
  const { covariances, correlations } = lagged(centred, most);
  if (covariances[0] <= 1e-24 * mean * mean || covariances[0] === 0) return 1;
  const width = Math.min(most, 2 * lastLag(correlations, run, 2 * Math.sqrt(Math.log10(n) / n)));
  let weighted = 0;
  let spectrum = covariances[0];
  for (let lag = 1; lag <= width; lag++) {
    const weight = Math.min(1, 2 * (1 - lag / width));
    weighted += 2 * weight * lag * covariances[lag];
    spectrum += 2 * weight * covariances[lag];
  }
  const limit = Math.ceil(Math.min(3 * Math.sqrt(n), n / 3));
  // A flat-top window may bring the spectrum to 0 or below: the longest blocks are the careful choice.
  if (spectrum <= 0) return limit;
  return Math.min(limit, Math.cbrt((weighted / spectrum) ** 2 * n));
}

function lagged(centred: Float64Array, most: number): { covariances: Float64Array; correlations: Float64Array } {
  const n = centred.length;
  const covariances = new Float64Array(most + 1);
  const correlations = new Float64Array(most + 1);
  let squares = 0;
  for (const value of centred) squares += value * value;
  let head = squares;
  let tail = squares;
  for (let lag = 0; lag <= most; lag++) {
    let sum = 0;
    for (let t = lag; t < n; t++) sum += centred[t] * centred[t - lag];
    covariances[lag] = sum / n;
    // The parts that overlap at the next lag, as the authors' program scales them.
    tail -= centred[lag] ** 2;
    head -= centred[n - 1 - lag] ** 2;
    const scale = Math.sqrt(Math.max(0, head) * Math.max(0, tail));
    correlations[lag] = scale > 0 ? Math.abs(sum) / scale : 0;
  }
  return { covariances, correlations };
}

/** The first lag from which `run` correlations in a row are insignificant; all lags where there is none. */
function lastLag(correlations: Float64Array, run: number, bound: number): number {
  for (let first = 1; first + run < correlations.length; first++) {
    let within = 0;
    while (within < run && correlations[first + within] < bound) within++;
    if (within === run) return first;
  }
  return correlations.length;
}
