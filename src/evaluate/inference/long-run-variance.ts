import { assert } from '../../core/index.ts';

/** Autocovariances at lags 0 to `lags`, dividing by n. */
function autocovariances(series: Float64Array, lags: number): Float64Array {
  const n = series.length;
  let mean = 0;
  for (const value of series) mean += value / n;
  const centred = series.map((value) => value - mean);
  return Float64Array.from({ length: lags + 1 }, (_, lag) => {
    let sum = 0;
    for (let t = lag; t < n; t++) sum += centred[t] * centred[t - lag];
    return sum / n;
  });
}

/**
 * γ₀ + 2 Σ (1 − k / (lag + 1)) γ_k: n times the variance of the mean of a series whose values depend on those up to `lag` before, with
 * Bartlett's weights, which keep it from being negative (Newey and West 1987).
 */
export function longRunVariance(series: Float64Array, lag: number): number {
  assert(Number.isInteger(lag) && lag >= 0 && series.length >= 2, 'a lag is a whole number, and a series has values');
  const lags = Math.min(lag, series.length - 1);
  const gamma = autocovariances(series, lags);
  let variance = gamma[0];
  for (let k = 1; k <= lags; k++) variance += 2 * (1 - k / (lag + 1)) * gamma[k];
  return Math.max(0, variance);
}

/** How many independent rows the rows of a series are worth. */
export interface EffectiveSize {
  readonly n: number;
  /** n / (1 + 2 Σ (1 − k / (lag + 1)) ρ_k), at most n: of rows that take turns it would be more, which is not counted on. */
  readonly byAutocorrelation: number;
  /** n / h: rows of which no two labels overlap. */
  readonly byHorizon: number;
}

/** Of the mean of `series` (such as losses) whose labels reach `horizon` rows ahead; autocorrelations up to `lag`, `horizon` by default. */
export function effectiveSize(series: Float64Array, horizon: number, lag = Math.ceil(horizon)): EffectiveSize {
  assert(horizon >= 1, 'a horizon is at least one row');
  const n = series.length;
  const variance = longRunVariance(series, 0);
  const inflation = variance === 0 ? 1 : longRunVariance(series, lag) / variance;
  return { n, byAutocorrelation: n / Math.max(1, inflation), byHorizon: n / horizon };
}
