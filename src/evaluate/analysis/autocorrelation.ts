import { type CentredRanks, PairSums } from './ranks.ts';

/** Rows apart, about evenly on a logarithmic scale. */
export const LAGS: readonly number[] = [1, 2, 3, 5, 7, 10, 14, 20, 30, 50, 70, 100, 140, 200];

/** Correlation of a column's ranks with themselves `lag` rows later, over the pairs of rows that both have a value; by lag. */
export function autocorrelation(column: CentredRanks, lags: readonly number[] = LAGS): number[] {
  return lags.map((lag) => {
    const sums = new PairSums();
    sums.addRows(column, column, 0, column.ranks.length - lag, lag);
    return sums.correlation();
  });
}
