import { assert } from '../../core/index.ts';
import type { Estimate } from './curve-intervals.ts';

/**
 * How long a recording would have to be, in the unit of `span`, until a mean of this size could be told from zero at 95 %: the distance from the mean
 * to the bound on zero's side shrinks with the square root of time. It holds if the mean and the volatility stay as measured, both of which
 * are uncertain, and at that length the chance of telling is one half. Infinite for a mean of 0.
 */
export function neededSpan(span: number, mean: number, reach: number): number {
  assert(span > 0 && reach >= 0, 'a recording has a length, and a bound lies beside the mean');
  if (mean === 0) return Number.POSITIVE_INFINITY;
  return span * (reach / mean) ** 2;
}

/** The distance from the mean to the bound of its interval on zero's side; without an interval, 1.96 standard errors. */
export function reachToZero({ value, interval }: Estimate, error: number): number {
  if (interval === null) return 1.959963984540054 * error;
  return Math.max(0, value >= 0 ? value - interval.low : interval.high - value);
}
