import { EventKind, type Instrument, Side } from '../../../src/market/index.ts';
import { type Levels, type Moment, sum } from './history.ts';

/** What a book message did to one side's queues, in lots. */
export interface SideFlow {
  joinedTouch: number;
  joinedDeep: number;
  leftTouch: number;
  leftDeep: number;
  executed: number;
  cancelledTouch: number;
  cancelledDeep: number;
}

/** A moment whose message changed the book, with its flows; the first book of the history has none before it and is left out. */
export interface FlowMoment {
  m: Moment;
  bid: SideFlow;
  ask: SideFlow;
}

/** `BookFlows` from its definition: prices looked up one by one in both books. */
export function flowsOf(history: readonly Moment[], instrument: Instrument): FlowMoment[] {
  const depth = Math.min(10, instrument.depthLimit ?? 10);
  const flows: FlowMoment[] = [];
  let since = 1;
  for (let n = 1; n < history.length; n++) {
    if (!history[n].bookChanged) continue;
    const span = history.slice(since, n + 1);
    since = n + 1;
    const traded = (side: Side): number => sum(span.map((m) => tradedAgainst(m, side, instrument)));
    const [before, m] = [history[n - 1], history[n]];
    flows.push({
      m,
      bid: sideFlow(before.bids, m.bids, depth, 1, traded(Side.BID)),
      ask: sideFlow(before.asks, m.asks, depth, -1, traded(Side.ASK)),
    });
  }
  return flows;
}

function tradedAgainst(m: Moment, side: Side, instrument: Instrument): number {
  if (instrument.byOrder === true) {
    return sum(m.orders.filter((row) => row.kind === EventKind.EXECUTE && row.side === side).map((row) => row.lots));
  }
  return sum(m.trades.filter(({ sign }) => sign === (side === Side.ASK ? 1 : -1)).map(({ lots }) => lots));
}

/** `sign` × price is greater the better it is. */
function sideFlow(before: Levels, after: Levels, depth: number, sign: number, traded: number): SideFlow {
  const seenBy = (levels: Levels, price: number): boolean =>
    levels.length < depth || sign * price >= sign * levels[depth - 1][0];
  const size = (levels: Levels, price: number): number => levels.find(([p]) => p === price)?.[1] ?? 0;
  const prices = [...new Set([...before, ...after].map(([price]) => price))].filter(
    (price) => seenBy(before, price) && seenBy(after, price),
  );
  const changes = prices.map((price) => ({ price, change: size(after, price) - size(before, price) }));
  const joined = changes.filter(({ change }) => change > 0);
  const left = changes.filter(({ change }) => change < 0);
  const total = (list: typeof changes): number => sum(list.map(({ change }) => Math.abs(change)));
  const leftTouch = total(left.filter(({ price }) => price === before[0]?.[0]));
  const leftDeep = total(left) - leftTouch;
  const executed = Math.min(traded, leftTouch + leftDeep);
  const executedTouch = Math.min(executed, leftTouch);
  return {
    joinedTouch: total(joined.filter(({ price }) => price === after[0]?.[0])),
    joinedDeep: total(joined.filter(({ price }) => price !== after[0]?.[0])),
    leftTouch,
    leftDeep,
    executed,
    cancelledTouch: leftTouch - executedTouch,
    cancelledDeep: leftDeep - (executed - executedTouch),
  };
}
