/**
 * Counts the last `last` values of `column`, each in [−1, 1], in `bins` equal bins from −1 to 1. Null is left out; an odd
 * number of bins puts zero in the middle of one.
 */
export function leanBins(column: readonly (number | null)[], last: number, bins: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (let i = Math.max(0, column.length - last); i < column.length; i++) {
    const value = column[i];
    if (value !== null) counts[binOf(value, bins)]++;
  }
  return counts;
}

export function binOf(value: number, bins: number): number {
  return Math.min(bins - 1, Math.max(0, Math.floor(((value + 1) / 2) * bins)));
}
