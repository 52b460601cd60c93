import { OrderState } from '../order.ts';
import type { BacktestRun, FillRecord } from '../run.ts';

/** What became of the orders. */
export interface FillStatistics {
  readonly placed: number;
  /** All of it traded. */
  readonly filled: number;
  /** Some of it traded, and the rest was cancelled. */
  readonly partlyFilled: number;
  /** Cancelled without any trade. */
  readonly cancelled: number;
  readonly rejected: number;
  /** Reasons of rejections, most frequent first. */
  readonly rejections: readonly { readonly reason: string; readonly orders: number }[];
  readonly placedLots: number;
  readonly filledLots: number;
  /** Lots filled of lots placed; `NaN` where none were placed. */
  readonly fillRatio: number;
  /** From the order's arrival at the venue to its first fill, of orders whose first fill was a maker's; `NaN` where there was none. */
  readonly medianMakerWaitNs: number;
  readonly makerFills: number;
  readonly takerFills: number;
}

export function fillStatistics(run: BacktestRun): FillStatistics {
  const first = new Map<number, FillRecord>();
  for (const fill of run.fills) if (!first.has(fill.orderId)) first.set(fill.orderId, fill);
  const waits: number[] = [];
  const reasons = new Map<string, number>();
  const counts = { filled: 0, partlyFilled: 0, cancelled: 0, rejected: 0 };
  let [placedLots, filledLots] = [0, 0];
  for (const order of run.orders) {
    placedLots += Math.max(order.quantityLots, order.filledLots);
    filledLots += order.filledLots;
    if (order.state === OrderState.REJECTED) {
      counts.rejected++;
      const reason = order.reason ?? 'no reason given';
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    } else if (order.state === OrderState.FILLED) counts.filled++;
    else if (order.filledLots > 0) counts.partlyFilled++;
    else counts.cancelled++;
    const fill = first.get(order.id);
    if (fill?.maker === true) waits.push(fill.exchangeNs - order.arrivedNs);
  }
  const makerFills = run.fills.filter(({ maker }) => maker).length;
  return {
    placed: run.orders.length,
    ...counts,
    rejections: [...reasons].sort((a, b) => b[1] - a[1]).map(([reason, orders]) => ({ reason, orders })),
    placedLots,
    filledLots,
    fillRatio: filledLots / placedLots,
    medianMakerWaitNs: medianOf(waits),
    makerFills,
    takerFills: run.fills.length - makerFills,
  };
}

/** `NaN` of nothing; the mean of the middle two of an even number. */
export function medianOf(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
