import { assert } from '../../core/index.ts';

/** Numbered from 0 in each feature; this one is for rows in which the feature is missing. */
export const MISSING_BIN = 255;
/** Slots of a feature in a histogram: 255 bins of values and one for missing ones. */
export const SLOTS = 256;
/** Values of a feature from which its bins are learnt: two hundred a bin, and sorting all of them would take longer than a tree. */
const SAMPLE = 50_000;
/** The edge of the last bin: every finite float32 lies below or at it. */
const LAST_EDGE = 3.4028234663852886e38;

/** Rows of a matrix by number, and their classes. */
export interface LabelledRows {
  /** Row-major float32, `width` a row; NaN where a number is missing. */
  readonly data: Float32Array;
  readonly width: number;
  readonly rows: Int32Array;
  /** One a row of `rows`. */
  readonly labels: Int32Array;
}

/**
 * Upper edges of the bins of a feature, of at most `most` (2 to 255): a value is in the first bin whose edge it does not exceed. Every
 * value has its own bin where there are few enough; else bins hold about equally many, and a frequent value has its own (as in LightGBM,
 * Ke et al. 2017). Edges are float32 half way between neighbours, so that a tree's `x <= edge` on float32 input falls as it did here.
 * One bin where all values are alike. `sorted` is ascending and has no NaN; it may be empty.
 */
export function learnEdges(sorted: Float32Array, most: number): Float32Array {
  assert(most >= 2 && most <= MISSING_BIN, 'there are 2 to 255 bins');
  const { values, counts } = distinct(sorted);
  const edges: number[] = [];
  if (values.length <= most) {
    for (let i = 1; i < values.length; i++) edges.push(between(values[i - 1], values[i]));
  } else {
    let left = sorted.length;
    let inBin = 0;
    for (let i = 0; i < values.length - 1 && edges.length < most - 1; i++) {
      inBin += counts[i];
      const share = left / (most - edges.length);
      if (inBin < share && counts[i + 1] < share) continue;
      edges.push(between(values[i], values[i + 1]));
      left -= inBin;
      inBin = 0;
    }
  }
  return Float32Array.of(...edges, LAST_EDGE);
}

/** The bin of a value, which is not NaN. */
export function binOf(edges: Float32Array, x: number): number {
  let from = 0;
  let to = edges.length - 1;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (x <= edges[middle]) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** Edges of every feature, learnt from these rows alone, or from evenly spread ones where there are more than 50,000. */
export function learnAllEdges(source: LabelledRows, most: number): Float32Array[] {
  const { data, width, rows } = source;
  const n = Math.min(rows.length, SAMPLE);
  const column = new Float32Array(n);
  return Array.from({ length: width }, (_, feature) => {
    let count = 0;
    for (let i = 0; i < n; i++) {
      const x = data[rows[n === rows.length ? i : Math.floor((i * rows.length) / n)] * width + feature];
      if (!Number.isNaN(x)) column[count++] = x;
    }
    return learnEdges(column.subarray(0, count).sort(), most);
  });
}

function distinct(sorted: Float32Array): { values: Float32Array; counts: Int32Array } {
  const values = new Float32Array(sorted.length);
  const counts = new Int32Array(sorted.length);
  let n = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (n === 0 || sorted[i] !== values[n - 1]) values[n++] = sorted[i];
    counts[n - 1]++;
  }
  return { values: values.subarray(0, n), counts: counts.subarray(0, n) };
}

/** A float32 that is at least `a` and below `b`. */
function between(a: number, b: number): number {
  const middle = Math.fround(a + (b - a) / 2);
  return middle < b ? middle : a;
}
