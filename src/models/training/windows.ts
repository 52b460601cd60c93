import { assert } from '../../core/index.ts';
import type { Range, RowMatrix, Scaler, Windows } from './contract.ts';
import type { Labels } from './labels.ts';

/** Windows that are written side by side: rows of one instant lie together in a batch, rows of one window do in the matrix. */
const TILE = 8;

/** Rows of a part that end no window, by the first reason that holds. */
export interface Dropped {
  /** Within so many horizons after the part before. */
  embargo: number;
  /** The segment ends before there is a label. */
  unknown: number;
  /** The label came to be known after the part's end. */
  purged: number;
  /** Fewer rows than a window behind them, in their segment and part. */
  short: number;
}

/** Windows of one part by their last row. */
export interface Selection {
  readonly rows: Int32Array;
  readonly labels: Int32Array;
  readonly dropped: Dropped;
}

export interface SelectOptions {
  readonly labels: Labels;
  /** First row of the segment of each row. */
  readonly starts: Int32Array;
  readonly ranges: readonly Range[];
  /** Rows that a window may have at most: those with fewer behind them are left out. */
  readonly reach: number;
  /** Horizons between two parts of one segment. */
  readonly embargo: number;
}

/**
 * The rows of a part that may be learnt from or scored. A label that came to be known after the part's end is dropped (purge: it is made
 * of mids of the next part), and so are the first rows of a part that goes on within a segment, `embargo` horizons of them: one horizon
 * ends where the label of its first row is known. Windows reach back into the embargo, and never into the part before.
 */
export function selectWindows({ labels, starts, ranges, reach, embargo }: SelectOptions): Selection {
  const total = ranges.reduce((sum, { from, to }) => sum + to - from, 0);
  const rows = new Int32Array(total);
  const classes = new Int32Array(total);
  const dropped: Dropped = { embargo: 0, unknown: 0, purged: 0, short: 0 };
  let count = 0;
  for (const { from, to } of ranges) {
    const begin = starts[from] < from ? afterEmbargo(labels, from, to, embargo) : from;
    dropped.embargo += begin - from;
    for (let row = begin; row < to; row++) {
      if (labels.classes[row] < 0) dropped.unknown++;
      else if (labels.knownAt[row] >= to) dropped.purged++;
      else if (row - reach + 1 < from) dropped.short++;
      else {
        rows[count] = row;
        classes[count++] = labels.classes[row];
      }
    }
  }
  return { rows: rows.slice(0, count), labels: classes.slice(0, count), dropped };
}

function afterEmbargo({ knownAt }: Labels, from: number, to: number, horizons: number): number {
  let row = from;
  for (let i = 0; i < horizons && row < to; i++) row = knownAt[row] < 0 ? to : Math.min(to, knownAt[row]);
  return row;
}

/** Windows over a matrix whose numbers stay where they are. Making them costs nothing; `fill` about a nanosecond a number. */
export function createWindows(
  matrix: RowMatrix,
  scaler: Scaler,
  length: number,
  { rows, labels }: Pick<Selection, 'rows' | 'labels'>,
): Windows {
  assert(Number.isInteger(length) && length > 0, 'a window has rows');
  assert(rows.length === labels.length, 'every window has a label');
  const { data, width } = matrix;
  const mean = Float64Array.from(scaler.mean);
  const factor = Float64Array.from(scaler.deviation, (deviation) => 1 / deviation);
  const { clip } = scaler;
  const count = rows.length;
  // A place in the matrix may lie beyond 2³¹ numbers.
  const sources = new Float64Array(TILE);
  return {
    matrix,
    length,
    count,
    rows,
    labels,
    fill(order, from, n, x, stride, y) {
      assert(from >= 0 && from + n <= (order === null ? count : order.length), 'the windows to fill are there');
      assert(n <= stride && x.length >= length * stride * width && y.length >= n, 'what is filled has room');
      for (let first = 0; first < n; first += TILE) {
        const some = Math.min(TILE, n - first);
        for (let b = 0; b < some; b++) {
          const window = order === null ? from + first + b : order[from + first + b];
          y[first + b] = labels[window];
          sources[b] = (rows[window] - length + 1) * width;
        }
        for (let t = 0; t < length; t++) {
          let target = (t * stride + first) * width;
          for (let b = 0; b < some; b++) {
            copyRow(data, sources[b] + t * width, x, target, width, mean, factor, clip);
            target += width;
          }
        }
      }
    },
  };
}

function copyRow(
  data: Float32Array,
  source: number,
  x: Float32Array,
  target: number,
  width: number,
  mean: Float64Array,
  factor: Float64Array,
  clip: number,
): void {
  const low = -clip;
  for (let f = 0; f < width; f++) {
    const z = (data[source + f] - mean[f]) * factor[f];
    // NaN, for which no comparison holds, becomes 0.
    x[target + f] = Math.abs(z) <= clip ? z : z > clip ? clip : z < low ? low : 0;
  }
}
