import { BookcastError } from '../../core/index.ts';
import type { Range, RowMatrix } from './contract.ts';

/** Parts of the rows, by time; together 1. */
export interface Shares {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}

export const DEFAULT_SHARES: Shares = Object.freeze({ train: 0.6, validation: 0.1, test: 0.3 });

/** Rows of each part: one range a segment that has rows of it. */
export interface Parts {
  readonly train: readonly Range[];
  readonly validation: readonly Range[];
  readonly test: readonly Range[];
}

/** Reads `60/10/30`; throws `bad-argument`. */
export function parseShares(text: string): Shares {
  const [train, validation, test, ...more] = text.split('/').map((part) => (part.trim() === '' ? Number.NaN : +part));
  const sound = [train, validation, test].every((share) => share > 0) && more.length === 0;
  if (!sound || Math.abs(train + validation + test - 100) > 1e-9) {
    throw new BookcastError(
      'bad-argument',
      `"${text}" is no split; give the percentages of training, validation and test, such as 60/10/30: each above 0, together 100`,
      { text },
    );
  }
  return { train: train / 100, validation: validation / 100, test: test / 100 };
}

/**
 * Cuts at two instants, so that so many rows lie before and between them: no row of a later part is older than one of an earlier part,
 * also where recordings of several instruments overlap. Rows of the same instant stay together, in the later part.
 */
export function splitByTime(matrix: RowMatrix, shares: Shares): Parts {
  const times = inOrder(matrix.timeNs);
  const instant = (share: number): number =>
    times[Math.min(times.length - 1, Math.floor(matrix.rows * share + 1e-9))] ?? Number.NaN;
  const first = instant(shares.train);
  const second = instant(shares.train + shares.validation);
  const parts = { train: [] as Range[], validation: [] as Range[], test: [] as Range[] };
  for (const { from, to } of segmentsOf(matrix)) {
    const middle = lowerBound(matrix.timeNs, from, to, first);
    const end = lowerBound(matrix.timeNs, middle, to, second);
    if (middle > from) parts.train.push({ from, to: middle });
    if (end > middle) parts.validation.push({ from: middle, to: end });
    if (to > end) parts.test.push({ from: end, to });
  }
  return parts;
}

/** Rows of each segment. */
export function segmentsOf({ rows, segment }: RowMatrix): Range[] {
  const out: Range[] = [];
  for (let from = 0; from < rows; ) {
    let to = from + 1;
    while (to < rows && segment[to] === segment[from]) to++;
    out.push({ from, to });
    from = to;
  }
  return out;
}

/** The very array where it rises already, as that of one recording does. */
function inOrder(times: Float64Array): Float64Array {
  for (let i = 1; i < times.length; i++) if (times[i] < times[i - 1]) return times.toSorted();
  return times;
}

/** The first row in [from, to) at or after the instant; `to` where there is none. */
function lowerBound(times: Float64Array, from: number, to: number, instant: number): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle] < instant) low = middle + 1;
    else high = middle;
  }
  return low;
}
