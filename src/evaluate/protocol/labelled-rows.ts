import { assert, BookcastError } from '../../core/index.ts';
import type { Range } from '../../models/training.ts';

/** Rows in order of time, as `labelRows` and a `RowMatrix` describe them. */
export interface LabelledRows {
  /** The row with which each row's label is known, not before the row itself; −1 where there is none. */
  readonly knownAt: Int32Array;
  /** Another number for another segment, over which no label and no window reaches. */
  readonly segment: Int32Array;
}

/** Rows to learn from and rows to score; each range lies in one segment. */
export interface Split {
  readonly train: readonly Range[];
  readonly test: readonly Range[];
}

/** Throws `bad-argument` where the rows cannot be cut into so many parts, or the embargo is none. */
export function checkParts(rows: LabelledRows, parts: number, embargo: number): void {
  const n = rows.knownAt.length;
  assert(rows.segment.length === n, 'a segment for each row');
  if (!Number.isInteger(parts) || parts < 2 || parts > n) {
    throw new BookcastError(
      'bad-argument',
      `${n} rows cannot be cut into ${parts} parts; give a whole number from 2 to the number of rows`,
      { rows: n, parts },
    );
  }
  checkEmbargo(embargo);
}

/** Throws `bad-argument` for what is no number of rows. */
export function checkEmbargo(embargo: number): void {
  if (Number.isInteger(embargo) && embargo >= 0) return;
  throw new BookcastError('bad-argument', `an embargo of ${embargo} rows is none; give a whole number from 0 up`, {
    embargo,
  });
}

/** `parts` runs of rows, as equally long as can be. */
export function cutEvenly(rows: number, parts: number): Range[] {
  return Array.from({ length: parts }, (_, i) => ({
    from: Math.floor((i * rows) / parts),
    to: Math.floor(((i + 1) * rows) / parts),
  }));
}

/**
 * The rows of `within` that may be learnt from when `tests` are scored. A test range's zone is the range, the rows up to the one with which
 * its last label is known, and `embargo` more rows on either side; a row is left out when anything from the row to the one with which its
 * own label is known lies in a zone (purge and embargo: López de Prado 2018, sections 7.4.1 and 7.4.2, here on both sides). Rows without
 * a label are left out as well. Zones count rows and do not end where a segment does, which is the careful side.
 */
export function trainingRows(
  { knownAt, segment }: LabelledRows,
  within: Range,
  tests: readonly Range[],
  embargo: number,
): Range[] {
  const n = knownAt.length;
  const edges = new Int32Array(n + 1);
  for (const { from, to } of tests) {
    let last = to - 1;
    for (let row = from; row < to; row++) last = Math.max(last, knownAt[row]);
    edges[Math.max(0, from - embargo)]++;
    edges[Math.min(n, last + 1 + embargo)]--;
  }
  // zoned[row]: how many rows before it lie in a zone.
  const zoned = new Int32Array(n + 1);
  for (let row = 0, open = 0; row < n; row++) {
    open += edges[row];
    zoned[row + 1] = zoned[row] + (open > 0 ? 1 : 0);
  }
  const free = (row: number): boolean => {
    const known = knownAt[row];
    assert(known < n && (known < 0 || known >= row), 'a label is known with its own row or a later one');
    return known >= 0 && zoned[known + 1] === zoned[row];
  };
  return runs(segment, within, free);
}

/** The rows of a range, cut where segments end. */
export function cutAtSegments({ segment }: LabelledRows, range: Range): Range[] {
  return runs(segment, range, () => true);
}

function runs(segment: Int32Array, { from, to }: Range, holds: (row: number) => boolean): Range[] {
  const out: Range[] = [];
  let start = -1;
  for (let row = from; row < to; row++) {
    const kept = holds(row);
    if (start >= 0 && (!kept || segment[row] !== segment[row - 1])) {
      out.push({ from: start, to: row });
      start = -1;
    }
    if (kept && start < 0) start = row;
  }
  if (start >= 0) out.push({ from: start, to });
  return out;
}
