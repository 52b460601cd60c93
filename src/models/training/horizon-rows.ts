import { NS_PER_MS } from '../../core/index.ts';
import { marketColumn } from '../market-column.ts';
import type { Horizon } from '../target.ts';
import { latencyNs } from '../undecided.ts';
import type { RowMatrix } from './contract.ts';
import { segmentsOf } from './split.ts';

/** Where the horizon of each row begins, ends and is known to have ended; −1 in all three where its segment ends before. */
export interface HorizonRows {
  /** The row in force when the horizon begins: the row itself without latency. */
  readonly anchorAt: Int32Array;
  /** The row in force at its end. */
  readonly endAt: Int32Array;
  /** The row that shows it: `endAt` itself, or the next one where the horizon is one of time. */
  readonly knownAt: Int32Array;
}

/** What a horizon is found by. */
interface Columns {
  readonly timeNs: Float64Array;
  readonly midTicks: Float64Array;
  /** Empty where the horizon is not one of volume. */
  readonly lots: Float64Array;
}

/**
 * Looks ahead, as only training may: exactly the ends that `Undecided` hands out later, were its ring without bound and every row an
 * example. One pass. Throws `bad-input` where the matrix lacks a column.
 */
export function horizonRows(matrix: RowMatrix, horizon: Horizon): HorizonRows {
  const { rows, timeNs, midTicks } = matrix;
  const columns: Columns = {
    timeNs,
    midTicks,
    lots: horizon.kind === 'volume' ? marketColumn(matrix, 'tradedLots') : new Float64Array(0),
  };
  const found: HorizonRows = {
    anchorAt: new Int32Array(rows).fill(-1),
    endAt: new Int32Array(rows).fill(-1),
    knownAt: new Int32Array(rows).fill(-1),
  };
  for (const { from, to } of segmentsOf(matrix)) findInSegment(columns, horizon, found, from, to);
  return found;
}

function findInSegment(columns: Columns, horizon: Horizon, found: HorizonRows, from: number, to: number): void {
  const { timeNs } = columns;
  const delayNs = latencyNs(horizon);
  let beyond = from;
  let known = from;
  for (let row = from; row < to; row++) {
    let anchor = row;
    if (delayNs > 0) {
      while (beyond < to && timeNs[beyond] <= timeNs[row] + delayNs) beyond++;
      // Without a row beyond it nothing shows that the price was still in force.
      if (beyond === to) return;
      anchor = beyond - 1;
    }
    known = firstKnown(columns, horizon, delayNs, row, anchor, known, to);
    if (known >= to) return;
    found.anchorAt[row] = anchor;
    found.endAt[row] = horizon.kind === 'time' ? known - 1 : known;
    found.knownAt[row] = known;
  }
}

/** The row with which the end of the horizon is known; `to` or more where there is none. `known` is that of the row before. */
function firstKnown(
  { timeNs, midTicks, lots }: Columns,
  { kind, horizon }: Horizon,
  delayNs: number,
  row: number,
  anchor: number,
  known: number,
  to: number,
): number {
  if (kind === 'events') return anchor + horizon;
  let at = Math.max(known, anchor + 1);
  if (kind === 'time') {
    const untilNs = delayNs + horizon * NS_PER_MS;
    while (at < to && timeNs[at] <= timeNs[row] + untilNs) at++;
  } else if (kind === 'volume') {
    while (at < to && lots[at] - lots[anchor] < horizon) at++;
  } else {
    while (at < to && midTicks[at] === midTicks[anchor]) at++;
  }
  return at;
}
