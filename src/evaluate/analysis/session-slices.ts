import { NS_PER_DAY } from '../../core/index.ts';

/** Equal parts of the session: rows of one part may stand in several runs, where a file has several days. */
export interface SessionSlices {
  readonly count: number;
  /** Which slice a row is in. */
  readonly ofRow: Uint8Array;
  /** Start of each slice and end of the last: epoch ns of a single session, ns since UTC midnight of several days. */
  readonly edgesNs: readonly number[];
  /** True where the slices are of the time of day, over several days. */
  readonly byDay: boolean;
}

/**
 * Up to a day's time is cut into equal parts from the first row to the last; of longer files, the time of day is.
 * `timeNs`: nanoseconds since `startOfDayNs` past UTC midnight.
 */
export function sessionSlices(timeNs: Float64Array, firstNsOfDay: number, count: number): SessionSlices {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const time of timeNs) {
    if (time < first) first = time;
    if (time > last) last = time;
  }
  const byDay = last - first > NS_PER_DAY;
  const at = byDay ? (time: number): number => (time + firstNsOfDay) % NS_PER_DAY : (time: number): number => time;
  if (byDay) {
    first = Number.POSITIVE_INFINITY;
    last = 0;
    for (const time of timeNs) {
      first = Math.min(first, at(time));
      last = Math.max(last, at(time));
    }
  }
  const width = Math.max(1, (last - first) / count);
  const ofRow = Uint8Array.from(timeNs, (time) =>
    Math.min(count - 1, Math.max(0, Math.floor((at(time) - first) / width))),
  );
  const edgesNs = timeNs.length === 0 ? [] : Array.from({ length: count + 1 }, (_, k) => first + k * width);
  return { count, ofRow, edgesNs, byDay };
}

/** Part of the rows of each slice that is `NaN`; `NaN` for a slice without rows. */
export function missingBySlice(present: Uint8Array, slices: SessionSlices): number[] {
  const rows = new Float64Array(slices.count);
  const missing = new Float64Array(slices.count);
  for (let i = 0; i < present.length; i++) {
    rows[slices.ofRow[i]]++;
    missing[slices.ofRow[i]] += 1 - present[i];
  }
  return Array.from(rows, (n, s) => missing[s] / n);
}
