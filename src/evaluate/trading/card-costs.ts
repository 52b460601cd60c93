import {
  type BacktestRun,
  type ContractTerms,
  notionalOf,
  type OrderCost,
  type Shortfall,
} from '../../backtest/index.ts';
import { Side } from '../../market/index.ts';

/** Implementation shortfall of one parent order, or of several orders together, weighted by what was wanted. */
export interface CostRow {
  readonly name: string;
  readonly orders: number;
  readonly wantedLots: number;
  readonly filledLots: number;
  /** Mid at the decision and mean price of the fills, in the quote currency; of a parent order alone. */
  readonly decisionPrice: number;
  readonly meanPrice: number;
  readonly shortfallBps: Shortfall;
  /** In the currency of profit. */
  readonly cost: number;
}

const PARTS: readonly (keyof Shortfall)[] = ['delay', 'trading', 'opportunity', 'fees', 'impact', 'total'];
const MOST_PARENTS = 50;

/** One row for each parent order, at most 50; where there are none, all bought and all sold, of the orders that traded. */
export function costRows(
  run: BacktestRun,
  terms: ContractTerms,
  { orders, tags }: { readonly orders: readonly OrderCost[]; readonly tags: readonly OrderCost[] },
): { readonly rows: readonly CostRow[]; readonly parents: number } {
  if (tags.length > 0) {
    return { rows: tags.slice(0, MOST_PARENTS).map((cost) => parentRow(cost, terms)), parents: tags.length };
  }
  const traded = orders.filter(({ filledLots }) => filledLots > 0);
  const buys = traded.filter(({ side }) => side === Side.BID);
  const sells = traded.filter(({ side }) => side === Side.ASK);
  // Orders sent without a mid have no decision price and are in no row.
  const rows = [jointRow('orders that bought', buys, terms), jointRow('orders that sold', sells, terms)];
  return { rows: run.fills.length === 0 ? [] : rows.filter((row) => row.orders > 0), parents: 0 };
}

function parentRow(cost: OrderCost, { tickValue }: ContractTerms): CostRow {
  const { name, side, orders, wantedLots, filledLots, decisionMidTicks, meanPriceTicks, shortfallBps } = cost;
  return {
    name: `${name}, ${side === Side.BID ? 'buy' : 'sell'}`,
    orders,
    wantedLots,
    filledLots,
    decisionPrice: decisionMidTicks * tickValue,
    meanPrice: meanPriceTicks * tickValue,
    shortfallBps,
    cost: cost.cost,
  };
}

function jointRow(name: string, costs: readonly OrderCost[], terms: ContractTerms): CostRow {
  const sums = { delay: 0, trading: 0, opportunity: 0, fees: 0, impact: 0, total: 0 };
  let [notional, wantedLots, filledLots, cost] = [0, 0, 0, 0];
  for (const one of costs) {
    const weight = notionalOf(terms, one.decisionMidTicks, one.wantedLots);
    for (const part of PARTS) sums[part] += weight * one.shortfallBps[part];
    notional += weight;
    wantedLots += one.wantedLots;
    filledLots += one.filledLots;
    cost += one.cost;
  }
  if (notional > 0) for (const part of PARTS) sums[part] /= notional;
  const orders = costs.reduce((sum, one) => sum + one.orders, 0);
  const unknown = { decisionPrice: Number.NaN, meanPrice: Number.NaN };
  return { name, orders, wantedLots, filledLots, ...unknown, shortfallBps: sums, cost };
}
