import { assert } from '../../core/index.ts';
import { sortOrder } from '../analysis/ranks.ts';

/** Bins of an expected calibration error. */
export const CALIBRATION_BINS = 15;

/** Rows in bins of about equally many, by what they were held for. */
export interface EqualMassBins {
  /** The bin of each row. */
  readonly binOf: Uint8Array;
  /** By bin, from the lowest value up: how many rows, and the sum of their values. */
  readonly counts: Float64Array;
  readonly sums: Float64Array;
}

/**
 * At most `most` bins. Rows of equal value always share one, which is then larger, and there may be fewer: were they parted, the order of
 * equal rows would decide what the bins say, and a constant forecast would look wrong by chance.
 */
export function equalMassBins(values: Float64Array, most: number = CALIBRATION_BINS): EqualMassBins {
  assert(most >= 1 && most <= 255 && values.length > 0, 'there are values and from 1 to 255 bins');
  const n = values.length;
  const order = sortOrder(values);
  assert(order.length === n, 'no value is NaN');
  const binOf = new Uint8Array(n);
  const counts: number[] = [];
  const sums: number[] = [];
  let start = 0;
  for (let b = 1; b <= most && start < n; b++) {
    let end = Math.round((b * n) / most);
    if (end <= start) continue;
    while (end < n && values[order[end]] === values[order[end - 1]]) end++;
    let sum = 0;
    for (let i = start; i < end; i++) {
      binOf[order[i]] = counts.length;
      sum += values[order[i]];
    }
    counts.push(end - start);
    sums.push(sum);
    start = end;
  }
  return { binOf, counts: Float64Array.from(counts), sums: Float64Array.from(sums) };
}
