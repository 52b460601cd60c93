import { NS_PER_SECOND } from '../../core/index.ts';
import { type CentredRanks, centredRanks } from './ranks.ts';

/** How far ahead the mid is looked at. */
export interface Horizon {
  readonly kind: 'rows' | 'time';
  /** Rows, or seconds. */
  readonly length: number;
  /** `10 rows`, `100 ms`. */
  readonly label: string;
}

export const HORIZONS: readonly Horizon[] = [
  { kind: 'rows', length: 1, label: '1 row' },
  { kind: 'rows', length: 10, label: '10 rows' },
  { kind: 'rows', length: 50, label: '50 rows' },
  { kind: 'rows', length: 100, label: '100 rows' },
  { kind: 'time', length: 0.1, label: '100 ms' },
  { kind: 'time', length: 1, label: '1 s' },
  { kind: 'time', length: 10, label: '10 s' },
];

/** What the mid did after each row. */
export interface Future {
  readonly horizon: Horizon;
  /** Mid ahead less the row's own mid, in ticks; `NaN` where either is unknown or the file ends before. */
  readonly moveTicks: Float64Array;
  readonly ranks: CentredRanks;
  /** Rows from a row to the one that settles it, on average; what neighbouring rows share of their futures. */
  readonly meanRows: number;
  /** Part of the known moves that is not 0. */
  readonly moved: number;
}

/** `timeNs`: nanoseconds from any zero, in the order of the rows; a time that goes back counts as standing still. */
export function futureOf(horizon: Horizon, midTicks: Float64Array, timeNs: Float64Array): Future {
  const moveTicks = new Float64Array(midTicks.length).fill(Number.NaN);
  const span =
    horizon.kind === 'rows'
      ? moveByRows(midTicks, horizon.length, moveTicks)
      : moveByTime(midTicks, timeNs, horizon.length * NS_PER_SECOND, moveTicks);
  let known = 0;
  let moved = 0;
  for (const move of moveTicks) {
    if (Number.isNaN(move)) continue;
    known++;
    if (move !== 0) moved++;
  }
  return { horizon, moveTicks, ranks: centredRanks(moveTicks), meanRows: span, moved: moved / known };
}

function moveByRows(midTicks: Float64Array, rows: number, out: Float64Array): number {
  for (let i = 0; i + rows < midTicks.length; i++) out[i] = midTicks[i + rows] - midTicks[i];
  return rows;
}

/** The mid that stands `ns` later is that of the last row at or before then. */
function moveByTime(midTicks: Float64Array, timeNs: Float64Array, ns: number, out: Float64Array): number {
  const n = midTicks.length;
  const now = new Float64Array(n);
  let latest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < n; i++) {
    latest = Math.max(latest, timeNs[i]);
    now[i] = latest;
  }
  let j = 0;
  let span = 0;
  let settled = 0;
  for (let i = 0; i < n; i++) {
    const until = now[i] + ns;
    if (until > latest) break;
    while (j + 1 < n && now[j + 1] <= until) j++;
    out[i] = midTicks[j] - midTicks[i];
    span += j - i;
    settled++;
  }
  return settled === 0 ? 1 : Math.max(1, span / settled);
}
