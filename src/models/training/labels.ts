import { marketColumn } from '../market-column.ts';
import { formatTarget, type Horizon, type Target } from '../target.ts';
import { MoveRule } from '../threshold.ts';
import { defaultCapacity } from '../undecided.ts';
import type { RowMatrix } from './contract.ts';
import { type HorizonRows, horizonRows } from './horizon-rows.ts';

/** The label of every row of a matrix. */
export interface Labels {
  /** Index into the target's classes; −1 where the segment ends before there is a label, and where the row is no example of the target. */
  readonly classes: Int8Array;
  /**
   * The row with which the label came to be known, or would have been were the row an example; −1 where there is none. No later mid is
   * part of it.
   */
  readonly knownAt: Int32Array;
}

/**
 * Exactly the labels that a `TargetStream` hands out when it is given the rows as decisions and is reset between segments, those that
 * its ring has no room for (16,384 rows, where the horizon says no number) left out. One pass. Throws `bad-argument` where thresholds are
 * still to be learnt (`resolveTarget`), `bad-input` where the matrix lacks a column.
 */
export function labelRows(matrix: RowMatrix, target: Target): Labels {
  const { rows, midTicks } = matrix;
  const rule = new MoveRule(target.classes.length, target.threshold, formatTarget(target));
  const spread = target.threshold?.kind === 'spread' ? marketColumn(matrix, 'spreadTicks') : midTicks;
  const price = priceOf(matrix, target);
  const found = horizonRows(matrix, target);
  const kept = keptRows(matrix, target, found);
  const classes = new Int8Array(rows).fill(-1);
  for (let row = 0; row < rows; row++) {
    if (kept[row] === 0) continue;
    const move = price[found.endAt[row]] - price[found.anchorAt[row]];
    classes[row] = rule.classOf(move, spread[row], midTicks[row]);
  }
  const { knownAt } = found;
  if (target.once !== true) for (let row = 0; row < rows; row++) if (kept[row] === 0) knownAt[row] = -1;
  return { classes, knownAt };
}

/** What the target's moves are measured by. */
export function priceOf(matrix: RowMatrix, { anchorLevels }: Pick<Target, 'anchorLevels'>): Float64Array {
  return anchorLevels === undefined ? matrix.midTicks : marketColumn(matrix, `vwap${anchorLevels}Ticks`);
}

/** 1 for each row that is an example, whose end is known and for which a stream's ring has room until then. */
export function keptRows(matrix: RowMatrix, horizon: Horizon, { knownAt }: HorizonRows): Uint8Array {
  const { rows, midTicks, segment } = matrix;
  const capacity = defaultCapacity(horizon);
  const once = horizon.once === true;
  /** Examples before each row: the ring holds those alone. */
  const before = new Int32Array(rows + 1);
  const kept = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    const follows = row > 0 && segment[row] === segment[row - 1];
    kept[row] = !once || (follows && midTicks[row] !== midTicks[row - 1]) ? 1 : 0;
    before[row + 1] = before[row] + kept[row];
  }
  for (let row = 0; row < rows; row++) {
    if (knownAt[row] < 0 || before[knownAt[row]] - before[row] > capacity) kept[row] = 0;
  }
  return kept;
}
