import { NS_PER_MS } from '../../core/index.ts';
import type { Target } from '../target.ts';
import { TargetStream } from '../target-stream.ts';
import type { RowMatrix } from './contract.ts';

/** The label of every row of a matrix. */
export interface Labels {
  /** Index into the target's classes; −1 where the segment ends before there is a label. */
  readonly classes: Int8Array;
  /** The row with which the label came to be known; −1 where there is none. No later mid is part of it. */
  readonly knownAt: Int32Array;
}

/**
 * Exactly the labels that a `TargetStream` hands out when it is given the rows as decisions and is reset between segments, those that
 * its ring has no room for (`time` and `next-change` that take more than 16,384 rows) left out. One pass.
 */
export function labelRows(matrix: RowMatrix, target: Target): Labels {
  const { rows, segment } = matrix;
  const classes = new Int8Array(rows).fill(-1);
  const knownAt = new Int32Array(rows).fill(-1);
  const labels = { classes, knownAt };
  for (let from = 0; from < rows; ) {
    let to = from + 1;
    while (to < rows && segment[to] === segment[from]) to++;
    if (target.kind === 'events') labelEvents(matrix, target, labels, from, to);
    else if (target.kind === 'time') labelTime(matrix, target, labels, from, to);
    else labelNextChange(matrix, target, labels, from, to);
    from = to;
  }
  return labels;
}

function labelEvents({ midTicks }: RowMatrix, target: Target, labels: Labels, from: number, to: number): void {
  const { horizon } = target;
  for (let row = from; row + horizon < to; row++) {
    setLabel(target, labels, row, row + horizon, midTicks[row + horizon] - midTicks[row]);
  }
}

/** The mid in force at the end of the horizon is the last one before the first row beyond it, with which it is known. */
function labelTime({ midTicks, timeNs }: RowMatrix, target: Target, labels: Labels, from: number, to: number): void {
  const horizonNs = target.horizon * NS_PER_MS;
  const { capacity } = new TargetStream(target);
  let known = from;
  for (let row = from; row < to; row++) {
    while (known < to && timeNs[known] <= timeNs[row] + horizonNs) known++;
    if (known === to) return;
    if (known - row <= capacity) setLabel(target, labels, row, known, midTicks[known - 1] - midTicks[row]);
  }
}

function labelNextChange({ midTicks }: RowMatrix, target: Target, labels: Labels, from: number, to: number): void {
  const { capacity } = new TargetStream(target);
  let known = to;
  for (let row = to - 2; row >= from; row--) {
    if (midTicks[row + 1] !== midTicks[row]) known = row + 1;
    if (known < to && known - row <= capacity) {
      setLabel(target, labels, row, known, midTicks[known] - midTicks[row]);
    }
  }
}

function setLabel({ classes }: Target, labels: Labels, row: number, known: number, change: number): void {
  labels.classes[row] = change > 0 ? classes.length - 1 : change < 0 ? 0 : 1;
  labels.knownAt[row] = known;
}
