import { EventKind, type Instrument, Side } from '../../../src/market/index.ts';
import {
  averageLots,
  booksOf,
  decayed,
  type Levels,
  last,
  type Moment,
  mid,
  type Oracle,
  sum,
  twoSided,
} from './history.ts';

const at = (levels: Levels, m: number): readonly [number, number] | null => levels[m] ?? null;

/** Order flow signals from their definitions. */
export const orderFlowOracle: Oracle = (history, instrument) => {
  const depth = Math.min(10, instrument.depthLimit ?? 10);
  const now = last(history);
  const row = new Map<string, number>();
  const flows = orderFlows(history, depth);
  const books = flows.length;
  const meanLots = averageLots(history);
  const faded = (m: number, memory: number): number =>
    fadedSum(
      flows.map((e) => e[m]),
      memory,
    );
  for (let m = 0; m < depth; m++) {
    const known = books >= 10 && now.bids.length > m && now.asks.length > m;
    row.set(`ofi_${m + 1}`, known ? faded(m, 10) / meanLots : Number.NaN);
  }
  const known = (condition: boolean, x: number): number => (twoSided(now) && condition ? x : Number.NaN);
  const slow = sum(Array.from({ length: depth }, (_, m) => faded(m, 100))) / depth / meanLots;
  row.set('ofi_mean_slow', known(books >= 100, slow));
  const touch = flows.map((e) => e[0]);
  const gross = fadedSum(touch.map(Math.abs), 100);
  row.set('ofi_ratio', known(books >= 100 && gross > 0, faded(0, 100) / gross));
  row.set('ofi_log', known(books >= 100, fadedSum(logFlows(history), 100)));
  row.set('ofi_window_messages', known(books >= 100, sum(touch.slice(-100)) / meanLots));
  row.set('ofi_window_1s', known(now.t >= 1, lastSecond(history, touch) / meanLots));
  const bucketed = lastBuckets(history, touch);
  row.set('ofi_window_volume', known(bucketed !== null, (bucketed ?? Number.NaN) / meanLots));
  for (const [name, x] of components(history)) row.set(name, known(now.t >= 1, x / meanLots));
  const changes = new Map(changesOf(history, instrument).map((c) => [c.moment, c]));
  const overSecond = (value: (c: Changes) => number): number =>
    decayed(history, 1, (m) => {
      const change = changes.get(m);
      return change === undefined ? 0 : value(change);
    });
  row.set('ofi_quotes', known(now.t >= 1, overSecond((c) => c.bid.quoted - c.ask.quoted) / meanLots));
  row.set('ofi_near', known(now.t >= 1, overSecond((c) => c.bid.near - c.ask.near) / meanLots));
  const { slope, gap } = impact(history, touch);
  row.set('ofi_impact', known(books >= 500, slope));
  row.set('ofi_impact_gap', known(books >= 500, gap));
  return row;
};

/** Σ exp(−(N − n) / memory) xₙ over the first `count`; the weights are worked out once where many sums are wanted. */
function fadedSum(
  xs: readonly number[],
  memory: number,
  count = xs.length,
  weights = weightsOf(count, memory),
): number {
  let total = 0;
  for (let n = 0; n < count; n++) total += weights[count - 1 - n] * xs[n];
  return total;
}

const weightsOf = (count: number, memory: number): number[] =>
  Array.from({ length: count }, (_, age) => Math.exp(-age / memory));

/** e of every book message but the first, per level. */
export function orderFlows(history: readonly Moment[], depth: number): number[][] {
  const books = booksOf(history);
  return books.slice(1).map((now, i) => {
    const old = books[i];
    return Array.from({ length: depth }, (_, m) => flowOf(old, now, m, (q) => q));
  });
}

function flowOf(old: Moment, now: Moment, m: number, measure: (lots: number) => number): number {
  const [pb, qb] = at(now.bids, m) ?? [-Infinity, 0];
  const [pb0, qb0] = at(old.bids, m) ?? [-Infinity, 0];
  const [pa, qa] = at(now.asks, m) ?? [Infinity, 0];
  const [pa0, qa0] = at(old.asks, m) ?? [Infinity, 0];
  let e = 0;
  if (pb >= pb0) e += measure(qb);
  if (pb <= pb0) e -= measure(qb0);
  if (pa <= pa0) e -= measure(qa);
  if (pa >= pa0) e += measure(qa0);
  return e;
}

/** The average level as of every book message but the first: the recursion that `averageLots` writes out as weights. */
function averages(history: readonly Moment[]): number[] {
  const books = booksOf(history);
  let lots = 0;
  let weight = 0;
  return books
    .map(({ bids, asks }) => {
      const sizes = [...bids, ...asks].map(([, q]) => q);
      if (sizes.length > 0) {
        lots = lots * (1 - 1 / 500) + sum(sizes) / sizes.length;
        weight = weight * (1 - 1 / 500) + 1;
      }
      return lots / weight;
    })
    .slice(1);
}

function logFlows(history: readonly Moment[]): number[] {
  const books = booksOf(history);
  return averages(history).map((q, i) => flowOf(books[i], books[i + 1], 0, (lots) => Math.log(1 + lots / q)));
}

/** Flow in the running twentieth of a second and the 19 before. */
function lastSecond(history: readonly Moment[], touch: readonly number[]): number {
  const step = (m: Moment): number => Math.floor(Math.round(m.t * 1e9) / 5e7);
  const books = booksOf(history).slice(1);
  return sum(touch.filter((_, n) => step(books[n]) > step(last(history)) - 20));
}

/** Flow in the running volume bucket and the ten before; null where fewer have closed. */
function lastBuckets(history: readonly Moment[], touch: readonly number[]): number | null {
  const buckets: number[] = [0];
  let lots = 0;
  let size = Number.NaN;
  let n = 0;
  const means = averages(history);
  history.slice(1).forEach((m) => {
    for (const trade of m.trades) {
      if (lots === 0) size = 2 * (n === 0 ? averageLots(history.slice(0, 1)) : means[n - 1]);
      lots += trade.lots;
      if (lots < size) continue;
      buckets.push(0);
      lots = 0;
    }
    if (m.bookChanged) buckets[buckets.length - 1] += touch[n++];
  });
  return buckets.length > 10 ? sum(buckets.slice(-11)) : null;
}

/** Decayed lots at the touch by kind of order: what helps the bid less what helps the ask. */
function components(history: readonly Moment[]): [string, number][] {
  const befores = new Map(history.map((m, i) => [m, history[i - 1]]));
  const part = (kinds: readonly EventKind[]): number =>
    decayed(history, 1, (m) => {
      const before = befores.get(m)!;
      const rows = m.orders.filter(({ kind, side, price }) => {
        if (!kinds.includes(kind)) return false;
        const best = (side === Side.BID ? before.bids : before.asks)[0];
        return best === undefined || (side === Side.BID ? price >= best[0] : price <= best[0]);
      });
      return sum(
        rows.map(({ kind, side, lots }) => (side === Side.BID ? lots : -lots) * (kind === EventKind.ADD ? 1 : -1)),
      );
    });
  return [
    ['ofi_components_limit', part([EventKind.ADD])],
    ['ofi_components_cancel', part([EventKind.CANCEL, EventKind.DELETE])],
    ['ofi_components_trade', part([EventKind.EXECUTE])],
  ];
}

interface Changes {
  moment: Moment;
  bid: SideChanges;
  ask: SideChanges;
}

interface SideChanges {
  /** Joined less cancelled at the touch. */
  quoted: number;
  /** All changes, by nearness to the best price. */
  near: number;
}

/** What every book message but the first did to both sides, price by price. */
function changesOf(history: readonly Moment[], instrument: Instrument): Changes[] {
  const depth = Math.min(10, instrument.depthLimit ?? 10);
  const books = booksOf(history);
  const places = new Map(history.map((m, i) => [m, i]));
  return books.slice(1).map((moment, i) => {
    const old = books[i];
    const since = history.slice(places.get(old)! + 1, places.get(moment)! + 1);
    const side = (before: Levels, after: Levels, away: number, aggressor: number): SideChanges => {
      const byOrder = instrument.byOrder === true;
      const traded = byOrder
        ? sum(
            since
              .flatMap((m) => m.orders)
              .filter((r) => r.kind === EventKind.EXECUTE && r.side === (aggressor > 0 ? Side.ASK : Side.BID))
              .map((r) => r.lots),
          )
        : sum(since.flatMap((m) => m.trades.filter((t) => t.sign === aggressor).map((t) => t.lots)));
      return sideChanges(before, after, away, depth, traded);
    };
    return { moment, bid: side(old.bids, moment.bids, -1, -1), ask: side(old.asks, moment.asks, 1, 1) };
  });
}

function sideChanges(before: Levels, after: Levels, away: number, depth: number, traded: number): SideChanges {
  const ends = [before, after].filter((levels) => levels.length === depth).map((levels) => away * levels[depth - 1][0]);
  const end = Math.min(Infinity, ...ends);
  const prices = [...new Set([...before, ...after].map(([p]) => p))].filter((p) => away * p <= end);
  const lotsAt = (levels: Levels, price: number): number => levels.find(([p]) => p === price)?.[1] ?? 0;
  const changes = prices.map((p) => ({ p, change: lotsAt(after, p) - lotsAt(before, p) }));
  const joined = changes.filter(({ change }) => change > 0);
  const leaving = changes.filter(({ change }) => change < 0);
  const joinedTouch = sum(joined.filter(({ p }) => p === after[0]?.[0]).map((c) => c.change));
  const leftTouch = -sum(leaving.filter(({ p }) => p === before[0]?.[0]).map((c) => c.change));
  return {
    quoted: joinedTouch - Math.max(0, leftTouch - traded),
    near: near(before, after, away),
  };
}

/** Changes of all displayed prices, those nearest to the better best price weighing most and the farthest nothing. */
function near(before: Levels, after: Levels, away: number): number {
  const prices = [...before, ...after].map(([p]) => away * p);
  const best = Math.min(...prices);
  const width = Math.max(...prices) - best;
  const weigh = (levels: Levels): number =>
    sum(levels.map(([p, q]) => q * (width === 0 ? 1 : 1 - (away * p - best) / width)));
  return weigh(after) - weigh(before);
}

/** Slope of the mid's faded moves on the faded flow, and the move still owed. */
function impact(history: readonly Moment[], touch: readonly number[]): { slope: number; gap: number } {
  const books = booksOf(history);
  let known = mid(books[0]);
  const moves = books.slice(1).map((m) => {
    const move = mid(m) - known;
    if (!Number.isNaN(mid(m))) known = mid(m);
    return Number.isNaN(move) ? 0 : move;
  });
  const weights = weightsOf(touch.length, 100);
  const x = touch.map((_, n) => fadedSum(touch, 100, n + 1, weights));
  const y = moves.map((_, n) => fadedSum(moves, 100, n + 1, weights));
  const slope =
    fadedSum(
      x.map((v, n) => v * y[n]),
      500,
    ) /
    fadedSum(
      x.map((v) => v * v),
      500,
    );
  return { slope: slope * averageLots(history), gap: slope * x[x.length - 1] - y[y.length - 1] };
}
