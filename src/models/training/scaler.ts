import { BookcastError } from '../../core/index.ts';
import type { Range, RowMatrix, Scaler } from './contract.ts';
import { rowTime } from './row-matrix.ts';

/** Deviations beyond which a number says no more: heavy tails would rule the gradients. */
const CLIP = 10;
/** Below this a deviation is rounding, and dividing by it would leave the range of a 32-bit number. */
const LEAST_DEVIATION = 1e-30;
/** Numbers that others have scaled are taken as they are. */
const NO_CLIP = 1e6;

export interface ScalerFit {
  readonly scaler: Scaler;
  /** Columns that never vary in the training rows, and those that have no number there: both are 0 for a model. */
  readonly constant: readonly string[];
  readonly empty: readonly string[];
}

/**
 * Mean and (population) deviation of each column over the given rows alone, what is `NaN` left out; in two passes of 64-bit sums. A
 * column that does not vary gets deviation 1, so that it is 0 for every model.
 */
export function fitScaler(matrix: RowMatrix, ranges: readonly Range[], clip = CLIP): ScalerFit {
  const { width, names } = matrix;
  const counts = new Float64Array(width);
  const means = new Float64Array(width);
  const low = new Float64Array(width).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(width).fill(Number.NEGATIVE_INFINITY);
  addSums(matrix, ranges, { counts, sums: means, low, high });
  for (let f = 0; f < width; f++) means[f] = counts[f] === 0 ? 0 : means[f] / counts[f];
  const squares = squaresAbout(matrix, ranges, means);
  const deviation = new Float32Array(width).fill(1);
  const constant: string[] = [];
  const empty: string[] = [];
  for (let f = 0; f < width; f++) {
    const found = Math.sqrt(squares[f] / counts[f]);
    if (counts[f] === 0) empty.push(names[f]);
    else if (low[f] === high[f] || found < LEAST_DEVIATION) constant.push(names[f]);
    else deviation[f] = found;
  }
  return { scaler: { mean: Float32Array.from(means), deviation, clip }, constant, empty };
}

/** For numbers that come scaled: x stays x. */
export function identityScaler(width: number): Scaler {
  return { mean: new Float32Array(width), deviation: new Float32Array(width).fill(1), clip: NO_CLIP };
}

interface Sums {
  readonly counts: Float64Array;
  readonly sums: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
}

function addSums({ data, width }: RowMatrix, ranges: readonly Range[], { counts, sums, low, high }: Sums): void {
  for (const { from, to } of ranges) {
    for (let row = from; row < to; row++) {
      for (let f = 0; f < width; f++) {
        const value = data[row * width + f];
        if (Number.isNaN(value)) continue;
        counts[f]++;
        sums[f] += value;
        if (value < low[f]) low[f] = value;
        if (value > high[f]) high[f] = value;
      }
    }
  }
}

function squaresAbout({ data, width }: RowMatrix, ranges: readonly Range[], means: Float64Array): Float64Array {
  const squares = new Float64Array(width);
  for (const { from, to } of ranges) {
    for (let row = from; row < to; row++) {
      for (let f = 0; f < width; f++) {
        const difference = data[row * width + f] - means[f];
        if (!Number.isNaN(difference)) squares[f] += difference * difference;
      }
    }
  }
  return squares;
}

/** Throws `bad-input` for an infinite number anywhere, naming its column, row and time: no model can learn from one. */
export function refuseInfinities(matrix: RowMatrix): void {
  const { data, width, names } = matrix;
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    if (value !== Number.POSITIVE_INFINITY && value !== Number.NEGATIVE_INFINITY) continue;
    const row = Math.floor(i / width);
    const column = names[i % width];
    const time = rowTime(matrix, row);
    throw new BookcastError(
      'bad-input',
      `the column "${column}" is ${value} in row ${row} (${time}); a model learns from finite numbers, or NaN for "not known": leave the signal out, or mend it where it was made`,
      { column, row, time },
    );
  }
}
