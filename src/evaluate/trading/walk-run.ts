import { type BacktestRun, type EquityPoint, type FillRecord, hashOf, type OrderRecord } from '../../backtest/index.ts';
import { assert } from '../../core/index.ts';
import type { WalkStretch } from './walk-plan.ts';

/**
 * Runs of stretches that follow on each other as one: each began and ended flat, and its equity is of its stretch alone. Orders are numbered anew; what closing a
 * position behind a stretch cost counts to the stretch's last moment.
 */
export function joinedRun(runs: readonly BacktestRun[], stretches: readonly WalkStretch[]): BacktestRun {
  assert(runs.length > 0 && runs.length === stretches.length, 'each stretch has a run');
  const orders: OrderRecord[] = [];
  const fills: FillRecord[] = [];
  const equity: EquityPoint[] = [];
  const totals = { gross: 0, fees: 0, funding: 0, borrow: 0, impact: 0, net: 0 };
  for (const run of runs) {
    const before = orders.length;
    const { gross, net } = totals;
    for (const order of run.orders) orders.push({ ...order, id: order.id + before });
    for (const fill of run.fills) fills.push({ ...fill, orderId: fill.orderId + before });
    const points = run.equity.map((point) => ({ ...point, gross: point.gross + gross, net: point.net + net }));
    for (const key of Object.keys(totals) as (keyof typeof totals)[]) totals[key] += run.totals[key];
    const last = points.at(-1);
    if (last !== undefined)
      points[points.length - 1] = { ...last, positionLots: 0, gross: totals.gross, net: totals.net };
    // The first moment of a stretch is the last of the one before.
    equity.push(...(equity.at(-1)?.ns === points[0]?.ns ? points.slice(1) : points));
  }
  const [first] = runs;
  return {
    ...first,
    // Each read the tape from its start: the last has met all that there is to note.
    notes: runs[runs.length - 1].notes,
    startNs: stretches[0].trade.fromNs,
    endNs: stretches[stretches.length - 1].trade.toNs,
    events: runs.reduce((most, { events }) => Math.max(most, events), 0),
    messages: runs.reduce((most, { messages }) => Math.max(most, messages), 0),
    orders,
    fills,
    equity,
    totals,
    ended: runs.find(({ ended }) => ended !== null)?.ended ?? null,
    hash: hashOf(orders, fills),
  };
}
