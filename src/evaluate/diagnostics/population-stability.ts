import { assert } from '../../core/index.ts';
import type { Range } from '../../models/training.ts';
import { sortOrder } from '../analysis/ranks.ts';
import { normalQuantile } from '../inference/distributions.ts';

/** Where a signal lay in training: plain data, to be kept beside the model. */
export interface SignalReference {
  readonly name: string;
  /** Inner ends of the bins, rising; a value is in the first bin whose end is not below it. Fewer than nine where values repeat. */
  readonly edges: readonly number[];
  /** Share of the training rows in each bin, and last the share without a value. */
  readonly shares: readonly number[];
  /** Training rows. */
  readonly rows: number;
}

/** How far a signal has moved. */
export interface Stability {
  readonly name: string;
  /** Population stability index; by custom below 0.1 is little and above 0.25 much. */
  readonly index: number;
  /** What it stays below 95 times in 100 if nothing has moved and the rows are independent (Yurdakul 2018). */
  readonly chance: number;
  /** What missing values add to it. */
  readonly missing: number;
}

/** Rows × names, row-major; NaN where a signal has no value. */
export interface SignalRows {
  readonly data: Float32Array | Float64Array;
  readonly names: readonly string[];
}

/** The deciles of each signal in the training rows, and the share in which it is missing. */
export function signalReferences({ data, names }: SignalRows, train: readonly Range[], bins = 10): SignalReference[] {
  const rows = train.reduce((n, { from, to }) => n + to - from, 0);
  assert(rows > 0 && bins >= 2, 'there are training rows and bins');
  const column = new Float64Array(rows);
  return names.map((name, s) => {
    let at = 0;
    for (const { from, to } of train) {
      for (let row = from; row < to; row++) column[at++] = data[row * names.length + s];
    }
    const order = sortOrder(column);
    const edges: number[] = [];
    for (let b = 1; b < bins && order.length > 0; b++) {
      const edge = column[order[Math.max(0, Math.ceil((b * order.length) / bins) - 1)]];
      // A bin above the largest value would be empty by construction.
      if (edge > (edges.at(-1) ?? Number.NEGATIVE_INFINITY) && edge < column[order[order.length - 1]]) edges.push(edge);
    }
    const counts = binCounts(column, 0, 1, rows, edges);
    return { name, edges, shares: Array.from(counts, (count) => count / rows), rows };
  });
}

/**
 * Population stability index Σ (a − e) ln (a / e) of each signal's bins, those without a value one of them, between training and rows
 * [from, to) of `live`. Half a row is added to each bin on both sides, so that an empty one does not make it infinite. `names` must be those
 * of the references, in order. `effective` is what the live rows are worth were they independent; it moves `chance` alone.
 */
export function populationStability(
  references: readonly SignalReference[],
  live: SignalRows,
  { from, to }: Range,
  effective = to - from,
): Stability[] {
  assert(to > from && effective > 0, 'there are live rows');
  const width = live.names.length;
  return references.map(({ name, edges, shares, rows }, s) => {
    assert(live.names[s] === name, 'live rows have the signals of the references, in order');
    const counts = binCounts(live.data, from * width + s, width, to - from, edges);
    const total = to - from + counts.length / 2;
    let index = 0;
    let part = 0;
    for (let b = 0; b < counts.length; b++) {
      const expected = (shares[b] * rows + 0.5) / (rows + counts.length / 2);
      const found = (counts[b] + 0.5) / total;
      // A bin that both leave empty would tell the one number of rows from the other.
      part = shares[b] === 0 && counts[b] === 0 ? 0 : (found - expected) * Math.log(found / expected);
      index += part;
    }
    return { name, index, chance: chiSquareQuantile(usedBins(shares) - 1) * (1 / rows + 1 / effective), missing: part };
  });
}

/** Values in each bin, and last those that are missing. */
function binCounts(
  data: Float32Array | Float64Array,
  offset: number,
  stride: number,
  rows: number,
  edges: readonly number[],
): Float64Array {
  const counts = new Float64Array(edges.length + 2);
  for (let row = 0; row < rows; row++) {
    const value = data[offset + row * stride];
    let bin = edges.length + 1;
    if (!Number.isNaN(value)) {
      bin = 0;
      while (bin < edges.length && value > edges[bin]) bin++;
    }
    counts[bin]++;
  }
  return counts;
}

function usedBins(shares: readonly number[]): number {
  return shares.filter((share) => share > 0).length;
}

/** The 95 % quantile of χ² (Wilson and Hilferty 1931). */
function chiSquareQuantile(freedom: number): number {
  if (freedom < 1) return 0;
  const spread = 2 / (9 * freedom);
  return freedom * (1 - spread + normalQuantile(0.95) * Math.sqrt(spread)) ** 3;
}
