import { assert } from '../core/index.ts';
import type { ColumnInfo } from './signal.ts';

/** How a row looks when bids and asks change places: column `f` becomes `sign[f]` × the column `source[f]` of the row. */
export interface RowMirror {
  readonly source: Int32Array;
  readonly sign: Float64Array;
}

/**
 * Of the columns of a row, as their signals declare it (and tests hold them to it). Throws a programmer's error where a column speaks of
 * one side and the other side's is not there.
 */
export function rowMirror(columns: readonly Pick<ColumnInfo, 'name' | 'mirror'>[]): RowMirror {
  const places = new Map(columns.map(({ name }, at) => [name, at]));
  const sign = Float64Array.from(columns, ({ mirror }) => (mirror === 'odd' ? -1 : 1));
  const source = Int32Array.from(columns, ({ name, mirror }) => {
    const at = places.get(mirror === 'odd' || mirror === 'even' ? name : mirror);
    assert(at !== undefined, 'a column that speaks of one side stands beside that of the other');
    return at;
  });
  return { source, sign };
}
