import { Side } from '../../market/index.ts';
import { notionalOf, profitOf } from '../contract-terms.ts';
import type { ContractTerms } from '../costs.ts';
import type { OrderSide } from '../order.ts';
import type { BacktestRun, EquityPoint, FillRecord, OrderRecord } from '../run.ts';

/** Costs against the decision's mid, in bps of what was wanted at that mid; above 0 is lost. They add up to `total`. */
export interface Shortfall {
  /** The mid's move from the decision to the arrival at the venue, on what was filled. */
  readonly delay: number;
  /** From the mid at arrival to the price: the spread, and what the market did while the order waited. */
  readonly trading: number;
  /** The mid's move from the decision to the end, on what was not filled. */
  readonly opportunity: number;
  readonly fees: number;
  /** Impact that was charged beyond the tape. */
  readonly impact: number;
  readonly total: number;
}

/** What one order, or all orders of one tag and side, cost. */
export interface OrderCost {
  readonly name: string;
  readonly side: OrderSide;
  readonly orders: number;
  readonly wantedLots: number;
  readonly filledLots: number;
  /** The mid as we knew it when the (first) order was sent. */
  readonly decisionMidTicks: number;
  /** Volume-weighted; `NaN` where nothing filled. */
  readonly meanPriceTicks: number;
  readonly shortfallBps: Shortfall;
  /** The same total, in the currency of profit. */
  readonly cost: number;
}

export interface TransactionCosts {
  readonly orders: readonly OrderCost[];
  readonly tags: readonly OrderCost[];
  /** Orders that are in neither: they were sent without a mid. */
  readonly withoutMid: number;
}

/**
 * Implementation shortfall (Perold, "The implementation shortfall: paper versus reality", 1988) of each order and of each tag and side. What a tag wanted in all is known to its
 * strategy alone: `wanted` gives it in lots; without it what was filled counts as wanted, and there is no opportunity cost. What our own limits or the venue rejected
 * counts as an order that did not fill. The mid at an order's end is that of the equity grid at or before it.
 */
export function transactionCosts(
  run: BacktestRun,
  terms: ContractTerms,
  wanted: ReadonlyMap<string, number> = new Map(),
): TransactionCosts {
  const fills = new Map<number, FillRecord[]>();
  for (const fill of run.fills) {
    const known = fills.get(fill.orderId);
    if (known === undefined) fills.set(fill.orderId, [fill]);
    else known.push(fill);
  }
  const told = run.orders.filter(({ sentMidTicks }) => !Number.isNaN(sentMidTicks));
  const groups = new Map<string, OrderRecord[]>();
  for (const order of told) {
    if (order.tag === null) continue;
    const key = `${order.tag} ${order.side}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [order]);
    else known.push(order);
  }
  const cost = (name: string, orders: readonly OrderRecord[], lots: number | null): OrderCost =>
    costOf({ name, orders, wantedLots: lots, run, fills, terms });
  return {
    orders: told.map((order) => cost(String(order.id), [order], order.quantityLots)),
    tags: [...groups.values()].map((orders) => {
      const tag = orders[0].tag as string;
      return cost(tag, orders, wanted.get(tag) ?? null);
    }),
    withoutMid: run.orders.length - told.length,
  };
}

interface CostTask {
  readonly name: string;
  readonly orders: readonly OrderRecord[];
  /** Null: what was filled. */
  readonly wantedLots: number | null;
  readonly run: BacktestRun;
  readonly fills: ReadonlyMap<number, readonly FillRecord[]>;
  readonly terms: ContractTerms;
}

function costOf({ name, orders, wantedLots, run, fills, terms }: CostTask): OrderCost {
  const { side, sentMidTicks: decision } = orders[0];
  const sign = side === Side.BID ? 1 : -1;
  let [delay, trading, fees, impact, filledLots, worth] = [0, 0, 0, 0, 0, 0];
  let endNs = Number.NEGATIVE_INFINITY;
  for (const order of orders) {
    const arrival = Number.isNaN(order.arrivedMidTicks) ? decision : order.arrivedMidTicks;
    endNs = Math.max(endNs, Number.isNaN(order.endedNs) ? order.sentNs : order.endedNs);
    for (const { priceTicks, quantityLots, fee, impact: charged } of fills.get(order.id) ?? []) {
      // What a buyer pays more than a mid is what a long position from that mid to the price would gain.
      delay += profitOf(terms, decision, arrival, sign * quantityLots);
      trading += profitOf(terms, arrival, priceTicks, sign * quantityLots);
      fees += fee;
      impact += charged;
      filledLots += quantityLots;
      worth += quantityLots * priceTicks;
    }
  }
  const wanted = Math.max(wantedLots ?? filledLots, filledLots);
  const opportunity =
    wanted === filledLots
      ? 0
      : profitOf(terms, decision, midAt(run.equity, endNs, decision), sign * (wanted - filledLots));
  const cost = delay + trading + opportunity + fees + impact;
  // Of nothing wanted there is no share: bps of it are 0, as all parts are.
  const perBps = wanted === 0 ? 0 : 1e4 / notionalOf(terms, decision, wanted);
  return {
    name,
    side,
    orders: orders.length,
    wantedLots: wanted,
    filledLots,
    decisionMidTicks: decision,
    meanPriceTicks: worth / filledLots,
    shortfallBps: {
      delay: delay * perBps,
      trading: trading * perBps,
      opportunity: opportunity * perBps,
      fees: fees * perBps,
      impact: impact * perBps,
      total: cost * perBps,
    },
    cost,
  };
}

/** The last mid known on the grid at or before `ns`; `otherwise` where there is none. */
function midAt(equity: readonly EquityPoint[], ns: number, otherwise: number): number {
  let low = 0;
  let high = equity.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (equity[middle].ns <= ns) low = middle + 1;
    else high = middle;
  }
  for (let i = low - 1; i >= 0; i--) if (!Number.isNaN(equity[i].midTicks)) return equity[i].midTicks;
  return otherwise;
}
