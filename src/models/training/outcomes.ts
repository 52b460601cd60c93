import type { ContinuousTarget } from '../continuous-target.ts';
import { logWait } from '../continuous-target-stream.ts';
import { marketColumn } from '../market-column.ts';
import { latencyNs } from '../undecided.ts';
import type { RowMatrix } from './contract.ts';
import { horizonRows } from './horizon-rows.ts';
import { keptRows } from './labels.ts';

/** The outcome of every row of a matrix. */
export interface Outcomes {
  /** As the target's unit has it; NaN where the segment ends before there is one. */
  readonly values: Float64Array;
  /** The row with which it came to be known; −1 where there is none. */
  readonly knownAt: Int32Array;
}

/** Exactly the outcomes that a `ContinuousTargetStream` hands out, as `labelRows` does for classes. Throws as that does. */
export function outcomeRows(matrix: RowMatrix, { what, until }: ContinuousTarget): Outcomes {
  const { rows, timeNs } = matrix;
  const imbalance = what === 'imbalance' ? marketColumn(matrix, 'imbalance') : timeNs;
  const found = horizonRows(matrix, until);
  const kept = keptRows(matrix, until, found);
  const delayNs = latencyNs(until);
  const { endAt, knownAt } = found;
  const values = new Float64Array(rows).fill(Number.NaN);
  for (let row = 0; row < rows; row++) {
    if (kept[row] === 0) {
      knownAt[row] = -1;
    } else {
      // The very additions of the stream, so that no bit differs.
      values[row] =
        what === 'imbalance' ? imbalance[endAt[row]] : logWait(timeNs[knownAt[row]] - (timeNs[row] + delayNs));
    }
  }
  return { values, knownAt };
}
