import { assert } from '../../core/index.ts';
import { studentTwoSided } from './distributions.ts';
import { longRunVariance } from './long-run-variance.ts';

/** A test of whether two forecasts are equally good. */
export interface DieboldMariano {
  readonly n: number;
  /** Mean of (the other's loss − own); above 0 the own forecast is better. */
  readonly gain: number;
  /** Standard error of the mean, with dependence up to `lag` rows. */
  readonly error: number;
  readonly lag: number;
  /** With the correction for small samples; null where the difference never varied. */
  readonly statistic: number | null;
  /** Two-sided, from Student's distribution with n − 1 degrees of freedom. */
  readonly pValue: number;
}

/**
 * Diebold and Mariano (1995) on two series of losses, row by row in order of time, of labels that reach `horizon` rows ahead. The variance
 * has Bartlett's weights up to `lag` rows (`horizon` by default); the statistic is corrected by √((n + 1 − 2h + h(h − 1)/n) / n) (Harvey,
 * Leybourne and Newbold 1997). The series must be longer than two horizons.
 */
export function dieboldMariano(
  own: Float64Array,
  other: Float64Array,
  horizon: number,
  lag: number = horizon,
): DieboldMariano {
  const n = own.length;
  assert(other.length === n, 'both forecasts are scored on the same rows');
  assert(Number.isInteger(horizon) && horizon >= 1 && n > 2 * horizon, 'a test has more rows than two horizons');
  const differences = own.map((loss, row) => other[row] - loss);
  let gain = 0;
  for (const difference of differences) gain += difference / n;
  const error = Math.sqrt(longRunVariance(differences, lag) / n);
  if (error <= 1e-12 * Math.abs(gain) || error === 0) {
    return { n, gain, error: 0, lag, statistic: null, pValue: gain === 0 ? 1 : 0 };
  }
  const correction = Math.sqrt((n + 1 - 2 * horizon + (horizon * (horizon - 1)) / n) / n);
  const statistic = (correction * gain) / error;
  return { n, gain, error, lag, statistic, pValue: studentTwoSided(statistic, n - 1) };
}
