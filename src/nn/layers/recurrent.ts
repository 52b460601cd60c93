import { sizeOf, type Value } from '../graph.ts';
import { concat, reshape, split, transpose } from '../ops/index.ts';
import { zeros } from '../ops/shapes.ts';

/*
 * How recurrent layers are stepped in training: what is a row elsewhere is a column here. A step's state is (H, B), so the gates of one
 * kind are one run of memory, and cutting them apart and putting their gradients together are plain copies. Inputs are projected step by
 * step and not all at once, so that the recurrent product is added to sums that are still in the cache.
 */

/** Rows (T·B, F) as the columns of each step, (F, B). */
export function columnsOf(rows: Value, steps: number): Value[] {
  return split(transpose(rows), 1, Array(steps).fill(rows.shape[0] / steps));
}

/** The columns of all steps as rows: (T·B, H). */
export function rowsOf(columns: readonly Value[]): Value {
  return transpose(concat(columns, 1));
}

/** The state before each step, (H, T·B): zeros, then all states but the last. */
export function earlier(states: readonly Value[]): Value {
  const [first] = states;
  return concat([zeros(first, first.shape), ...states.slice(0, -1)], 1);
}

/** Biases as a column, to be added to each. */
export function column(bias: Value): Value {
  return reshape(bias, [sizeOf(bias.shape), 1]);
}
