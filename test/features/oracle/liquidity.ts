import {
  averageLots,
  booksOf,
  type Levels,
  last,
  type Moment,
  mean,
  mid,
  type Oracle,
  sum,
  twoSided,
} from './history.ts';
import { liquidityOfTrades } from './liquidity-trades.ts';

const SHAPE_LEVELS = 3;
const lotsOf = (levels: Levels, n = levels.length): number => sum(levels.slice(0, n).map(([, q]) => q));
const distances = (levels: Levels): number[] => levels.map(([price]) => Math.abs(price - levels[0][0]));

/** Liquidity signals from their definitions. */
export const liquidityOracle: Oracle = (history, instrument) => {
  const now = last(history);
  const depth = Math.min(10, instrument.depthLimit ?? 10);
  const lots = averageLots(history);
  const spread = twoSided(now) ? now.asks[0][0] - now.bids[0][0] : Number.NaN;
  const row = new Map<string, number>();
  row.set('spread', spread);
  row.set('spread_relative', (1e4 * spread) / mid(now));
  for (const n of [1, 3, 5, 10]) {
    const b = lotsOf(now.bids, n);
    const a = lotsOf(now.asks, n);
    row.set(`imbalance_${n}`, now.bids.length >= n && now.asks.length >= n ? (b - a) / (b + a) : Number.NaN);
  }
  for (const [side, levels] of [
    ['bid', now.bids],
    ['ask', now.asks],
  ] as const) {
    for (const n of [1, 5]) row.set(`depth_${n}_${side}`, levels.length >= n ? lotsOf(levels, n) / lots : Number.NaN);
    setShape(row, side, levels);
  }
  setNear(row, now, depth, lots);
  setCosts(row, now, lots);
  setMoments(row, history);
  for (const [name, value] of liquidityOfTrades(history, instrument)) row.set(name, value);
  return row;
};

function setShape(row: Map<string, number>, side: string, levels: Levels): void {
  const n = levels.length;
  const d = distances(levels);
  const p = levels.map(([, q]) => q / lotsOf(levels));
  const cumulated = p.map((_, m) => sum(p.slice(0, m + 1)));
  const [dMean, cMean] = [mean(d), mean(cumulated)];
  const covariance = sum(d.map((x, m) => (x - dMean) * (cumulated[m] - cMean)));
  const reach = sum(d.map((x, m) => x * p[m]));
  const shape = {
    top_share: p[0],
    herfindahl: sum(p.map((x) => x * x)),
    entropy: -sum(p.map((x) => x * Math.log(x))) / Math.log(n),
    slope: covariance / sum(d.map((x) => (x - dMean) ** 2)),
    convexity: (2 * reach) / last(d) - 1,
  };
  for (const [name, value] of Object.entries(shape)) row.set(`${name}_${side}`, n < SHAPE_LEVELS ? Number.NaN : value);
  row.set(`level_gap_${side}`, n < 2 ? Number.NaN : d[1]);
}

function setNear(row: Map<string, number>, now: Moment, depth: number, lots: number): void {
  const m = mid(now);
  for (const [bps, name] of [
    [0.5, '05bps'],
    [5, '5bps'],
  ] as const) {
    const near = (levels: Levels): number => {
      const inside = levels.filter(([price]) => Math.abs(price - m) * 1e4 <= bps * m);
      return twoSided(now) && inside.length < depth ? lotsOf(inside) : Number.NaN;
    };
    const [bid, ask] = [near(now.bids), near(now.asks)];
    row.set(`depth_within_${name}_bid`, bid / lots);
    row.set(`depth_within_${name}_ask`, ask / lots);
    row.set(`imbalance_within_${name}`, bid + ask === 0 ? Number.NaN : (bid - ask) / (bid + ask));
  }
}

function setCosts(row: Map<string, number>, now: Moment, lots: number): void {
  for (const levels of [1, 3]) {
    const cost = (side: Levels): number => {
      let missing = levels * lots;
      let paid = 0;
      for (const [price, q] of side) {
        const filled = Math.min(q, missing);
        paid += filled * Math.abs(price - mid(now));
        missing -= filled;
      }
      return missing > 1e-9 * lots ? Number.NaN : paid / (levels * lots);
    };
    const [buy, sell] = [cost(now.asks), cost(now.bids)];
    row.set(`trade_cost_${levels}_buy`, buy);
    row.set(`trade_cost_${levels}_sell`, sell);
  }
}

/** What looks at the touch after each book message, with weights that fade by 1 − 1/200. */
function setMoments(row: Map<string, number>, history: readonly Moment[]): void {
  const books = booksOf(history);
  const steps = books
    .slice(1)
    .map((after, i) => [books[i], after] as const)
    .filter((pair) => pair.every(twoSided));
  const spreadOf = ({ bids, asks }: Moment): number => asks[0][0] - bids[0][0];
  const touchOf = ({ bids, asks }: Moment): number => bids[0][1] + asks[0][1];
  const known = twoSided(last(history));
  for (const [name, value] of [
    ['resiliency_spread', spreadOf],
    ['resiliency_depth', touchOf],
  ] as const) {
    const x = steps.map(([before]) => value(before));
    const y = steps.map(([before, after]) => value(after) - value(before));
    const variance = covariance(x, x);
    const varies = variance > (1e-6 * weightedMean(x)) ** 2;
    row.set(name, known && steps.length >= 50 && varies ? -covariance(x, y) / variance : Number.NaN);
  }
}

function weightedMean(xs: readonly number[]): number {
  const weights = xs.map((_, n) => (1 - 1 / 200) ** (xs.length - 1 - n));
  return sum(xs.map((x, n) => x * weights[n])) / sum(weights);
}

function covariance(xs: readonly number[], ys: readonly number[]): number {
  const [mx, my] = [weightedMean(xs), weightedMean(ys)];
  return weightedMean(xs.map((x, n) => (x - mx) * (ys[n] - my)));
}
