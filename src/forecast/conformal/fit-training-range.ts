import { BookcastError } from '../../core/index.ts';
import { type SignalRange, TrainingRange } from './training-range.ts';

/** Rows of signals as a `RowMatrix` has them: row-major, NaN where one is not known. */
export interface TrainingRows {
  readonly data: Float32Array | Float64Array;
  readonly width: number;
  readonly names: readonly string[];
}

/** Fewer do not have a quantile .001. */
const LEAST_ROWS = 1000;
const OUTER = 0.001;
/** Interquartile range of a standard normal. */
const NORMAL_IQR = 1.349;

/**
 * Ranges of the training rows [from, to) and the limits that .999 of them keep. Throws `bad-input` for fewer than 1,000 rows or
 * where a signal was never known in them.
 */
export function fitTrainingRange(rows: TrainingRows, from: number, to: number): TrainingRange {
  const { data, width, names } = rows;
  if (to - from < LEAST_ROWS || data.length < to * width || names.length !== width) {
    throw new BookcastError(
      'bad-input',
      `a training range is made of ${LEAST_ROWS} rows at least, with a name for each signal: found rows ${from} to ${to} of ${data.length / width}, ${width} signals and ${names.length} names`,
      { from, to, width },
    );
  }
  const signals = names.map((name, i) => rangeOf(name, columnOf(rows, i, from, to)));
  const open = { signals, mostOutside: width, mostDistance: Number.MAX_VALUE };
  const range = new TrainingRange(open);
  const outside = new Float64Array(to - from);
  const distance = new Float64Array(to - from);
  for (let r = from; r < to; r++) {
    const row = data.subarray(r * width, (r + 1) * width);
    outside[r - from] = range.outside(row);
    distance[r - from] = range.distance(row);
  }
  return new TrainingRange({
    signals,
    mostOutside: quantile(outside.sort(), 1 - OUTER),
    mostDistance: quantile(distance.sort(), 1 - OUTER),
  });
}

/** The known numbers of signal `i` in rows [from, to), sorted. */
export function columnOf({ data, width }: TrainingRows, i: number, from: number, to: number): Float64Array {
  const column = new Float64Array(to - from);
  let known = 0;
  for (let r = from; r < to; r++) {
    const x = data[r * width + i];
    if (!Number.isNaN(x)) column[known++] = x;
  }
  return column.subarray(0, known).sort();
}

/** The number of rank ⌈q n⌉ of sorted numbers: one that occurred, so that a training row is never outside by rounding. */
export function quantile(sorted: Float64Array, q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))];
}

function rangeOf(name: string, sorted: Float64Array): SignalRange {
  if (sorted.length === 0) {
    throw new BookcastError(
      'bad-input',
      `signal "${name}" is not known in any training row: leave it out, or give rows after its warm-up`,
      { signal: name },
    );
  }
  return {
    name,
    low: quantile(sorted, OUTER),
    high: quantile(sorted, 1 - OUTER),
    median: quantile(sorted, 0.5),
    scale: (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / NORMAL_IQR,
  };
}
