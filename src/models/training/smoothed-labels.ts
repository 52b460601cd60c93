import { assert, BookcastError } from '../../core/index.ts';
import type { Range, RowMatrix } from './contract.ts';
import { quantile } from './resolve-target.ts';
import { segmentsOf } from './split.ts';

/** Labels that are made of means over past prices, for comparison with papers alone, and never apart from the null beside them. */
export interface SmoothedLabels {
  /** 0 down, 1 flat, 2 up; −1 where the segment has no `length` rows on both sides. */
  readonly classes: Int8Array;
  /** The last row that a label is made of; −1 where there is none. */
  readonly knownAt: Int32Array;
  /** What a martingale says of each label without any skill: the class of "mid minus its past mean". */
  readonly martingale: Int8Array;
}

export interface SmoothedOptions {
  /** Rows in either mean: k. */
  readonly length: number;
  /** How far the means must lie apart, relative to the past one, to count: α. Of training rows: `smoothedBounds`. */
  readonly bound: number;
  /** How far the mid must lie off its past mean for the martingale to say that the label moves: less, since it knows half of it. */
  readonly martingaleBound: number;
}

/** What the means of the k mids up to a row and of the k mids behind it say; `known` is the last row of the latter. */
type Visit = (row: number, known: number, past: number, future: number) => void;

/**
 * The labels of DeepLOB (Zhang, Zohren, Roberts, "DeepLOB", 2019, eq. 3 and 4): the mean of the next k mids against the mean of the last
 * k, the present one among these. Half of what they ask is known at the decision, since the past mean already lies off the mid: a random
 * walk looks predictable (`martingale`). So nothing here is a target, nothing serves it, and a score on it means something only beside the
 * martingale's.
 */
export function smoothedLabels(matrix: RowMatrix, { length, bound, martingaleBound }: SmoothedOptions): SmoothedLabels {
  assert(bound >= 0 && martingaleBound >= 0, 'a bound is not negative');
  const classes = new Int8Array(matrix.rows).fill(-1);
  const martingale = new Int8Array(matrix.rows).fill(-1);
  const knownAt = new Int32Array(matrix.rows).fill(-1);
  visitMeans(matrix, length, (row, known, past, future) => {
    classes[row] = classOf(future / past - 1, bound);
    martingale[row] = classOf(matrix.midTicks[row] / past - 1, martingaleBound);
    knownAt[row] = known;
  });
  return { classes, knownAt, martingale };
}

/**
 * The bounds with which a third of the labels of the given rows is flat, each known within its range, and a third of what the martingale
 * says of them. Throws `bad-input` without labels.
 */
export function smoothedBounds(matrix: RowMatrix, length: number, training: readonly Range[]): SmoothedOptions {
  const end = new Int32Array(matrix.rows);
  for (const { from, to } of training) end.fill(to, from, to);
  const moves: number[] = [];
  const said: number[] = [];
  visitMeans(matrix, length, (row, known, past, future) => {
    if (known >= end[row]) return;
    moves.push(Math.abs(future / past - 1));
    said.push(Math.abs(matrix.midTicks[row] / past - 1));
  });
  if (moves.length === 0) {
    throw new BookcastError(
      'bad-input',
      `no training row has ${length} rows on both sides for a smoothed label; take a shorter length or more data`,
      { length },
    );
  }
  const third = (values: readonly number[]): number => quantile(Float64Array.from(values).sort(), 1 / 3);
  return { length, bound: third(moves), martingaleBound: third(said) };
}

function visitMeans(matrix: RowMatrix, length: number, visit: Visit): void {
  assert(Number.isInteger(length) && length > 0, 'a mean is of a whole number of rows');
  const { midTicks } = matrix;
  for (const { from, to } of segmentsOf(matrix)) {
    let past = 0;
    let future = 0;
    for (let i = from; i < Math.min(from + length, to); i++) past += midTicks[i];
    for (let i = from + length; i < Math.min(from + 2 * length, to); i++) future += midTicks[i];
    for (let row = from + length - 1; row + length < to; row++) {
      visit(row, row + length, past / length, future / length);
      // Half ticks are summed without error, so that sums that roll are exact.
      past += midTicks[row + 1] - midTicks[row + 1 - length];
      future += (midTicks[row + 1 + length] ?? 0) - midTicks[row + 1];
    }
  }
}

function classOf(move: number, bound: number): number {
  return move > bound ? 2 : move < -bound ? 0 : 1;
}
