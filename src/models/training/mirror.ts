import { createHash } from 'node:crypto';
import { assert } from '../../core/index.ts';
import type { Dataset, RowMatrix, Windows } from './contract.ts';
import { emptyMatrix } from './row-matrix.ts';
import { createWindows } from './windows.ts';

/** How a row looks when bids and asks change places: column `f` becomes `sign[f]` × the column `source[f]` of the row. */
export interface RowMirror {
  readonly source: ArrayLike<number>;
  readonly sign: ArrayLike<number>;
}

/**
 * The dataset with every training window a second time, as it would have been had buyers and sellers changed places: its signals mirrored
 * and its label turned round. A market's laws do not know up from down, so this doubles what can be learnt and takes away the drift
 * of the sample. Validation and test are as they were. The matrix is held twice.
 */
export function mirrorTraining(dataset: Dataset, mirror: RowMirror): Dataset {
  const { matrix, target, scaler } = dataset;
  const twice = mirroredTwice(matrix, mirror);
  const top = target.classes.length - 1;
  const both = ({ rows, labels }: Windows) => ({
    rows: joined(rows, rows, (row) => row + matrix.rows),
    labels: joined(labels, labels, (label) => top - label),
  });
  const of = (length: number): Dataset => {
    const { train, validation, test } = dataset.withLength(length);
    return {
      matrix: twice,
      target,
      scaler,
      train: createWindows(twice, scaler, length, both(train)),
      validation: createWindows(twice, scaler, length, validation),
      test: createWindows(twice, scaler, length, test),
      prior: dataset.prior.map((share, k) => (share + dataset.prior[top - k]) / 2),
      withLength: of,
    };
  };
  return of(dataset.train.length);
}

function joined(first: Int32Array, second: Int32Array, change: (value: number) => number): Int32Array {
  const all = new Int32Array(first.length + second.length);
  all.set(first);
  all.set(second.map(change), first.length);
  return all;
}

/** The rows, then all of them mirrored, in segments of their own. */
function mirroredTwice(matrix: RowMatrix, { source, sign }: RowMirror): RowMatrix {
  const { rows, width, data } = matrix;
  assert(source.length === width && sign.length === width, 'every column has its mirror image');
  const columns = emptyMatrix(2 * rows, width);
  const lastSegment = matrix.segment[rows - 1];
  columns.data.set(data);
  for (let at = 0, to = rows * width; at < rows * width; at += width, to += width) {
    for (let f = 0; f < width; f++) columns.data[to + f] = sign[f] * data[at + source[f]];
  }
  for (const half of [0, rows]) {
    columns.timeNs.set(matrix.timeNs, half);
    columns.segment.set(half === 0 ? matrix.segment : matrix.segment.map((s) => s + lastSegment + 1), half);
  }
  columns.midTicks.set(matrix.midTicks);
  columns.midTicks.set(
    matrix.midTicks.map((mid) => -mid),
    rows,
  );
  const hash = createHash('sha256').update(
    `${matrix.hash} mirrored ${[...Array.from(source), ...Array.from(sign)].join()}`,
  );
  const { names, schemaHash, startDay, simulated } = matrix;
  return { ...columns, names, schemaHash, startDay, simulated, hash: hash.digest('hex') };
}
