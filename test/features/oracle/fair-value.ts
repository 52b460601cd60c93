import { NO_PRICE } from '../../../src/core/index.ts';
import { averageLots, type Levels, last, type Moment, mean, mid, type Oracle, sum, twoSided } from './history.ts';

/** Fair value signals from their definitions. */
export const fairValueOracle: Oracle = (history, instrument) => {
  const depth = Math.min(10, instrument.depthLimit ?? 10);
  const now = last(history);
  const row = new Map<string, number>();
  const known = twoSided(now);
  const micro = known ? microprice(history) : Number.NaN;
  const spread = known ? now.asks[0][0] - now.bids[0][0] : Number.NaN;
  row.set('microprice', micro);
  row.set('fair_deviation_micro_bps', (1e4 * micro) / mid(now));
  row.set('fair_deviation_micro_spreads', micro / spread);
  const lots = (levels: Levels, n: number): number => sum(levels.slice(0, n).map(([, q]) => q));
  const vwap = (levels: Levels, n: number): number => sum(levels.slice(0, n).map(([p, q]) => p * q)) / lots(levels, n);
  /** Average price of one side weighs with the lots of the other. */
  const crossed = (n: number): number => {
    const [b, a] = [lots(now.bids, n), lots(now.asks, n)];
    return known ? (vwap(now.asks, n) * b + vwap(now.bids, n) * a) / (a + b) - mid(now) : Number.NaN;
  };
  row.set('weighted_mid', crossed(1));
  row.set('fair_deviation_weighted_bps', (1e4 * crossed(1)) / mid(now));
  for (const n of [5, 10].filter((n) => n <= depth)) {
    row.set(`weighted_mid_deep_${n}`, crossed(n));
    row.set(`depth_mid_${n}`, known ? (vwap(now.bids, n) + vwap(now.asks, n)) / 2 - mid(now) : Number.NaN);
  }
  row.set('slope_mid', slopeMid(now));
  for (const n of [1, 3]) {
    const size = n * averageLots(history);
    row.set(`notional_mid_${n}`, (priceOf(now.asks, size) + priceOf(now.bids, size)) / 2 - mid(now));
  }
  const trades = history.flatMap((m) => m.trades.filter((t) => t.price !== NO_PRICE).map((t) => ({ ...t, at: m.t })));
  for (const tau of [1, 10]) {
    const weights = trades.map((t) => t.lots * Math.exp(-(now.t - t.at) / tau));
    const fresh = trades.length > 0 && now.t - last(trades).at <= 20 * tau;
    const paid = sum(trades.map((t, i) => (t.price - mid(now)) * weights[i])) / sum(weights);
    row.set(`trade_vwap_${tau}s`, known && fresh ? 0 - paid : Number.NaN);
    row.set(`mid_trend_${tau}s`, known && now.t >= tau ? mid(now) - averageMid(history, tau) : Number.NaN);
  }
  row.set('last_trade', known && trades.length > 0 ? last(trades).price - mid(now) : Number.NaN);
  row.set('last_trade_sign', known && trades.length > 0 ? last(trades).sign : Number.NaN);
  return row;
};

/** Where the least squares lines through the cumulated sides cross, less the mid. */
function slopeMid(now: Moment): number {
  if (now.bids.length < 2 || now.asks.length < 2) return Number.NaN;
  const line = (levels: Levels): readonly [number, number] => {
    const xs = levels.slice(0, 5).map(([p]) => Math.abs(p - mid(now)));
    const ys = xs.map((_, m) => sum(levels.slice(0, m + 1).map(([, q]) => q)));
    const slope = sum(xs.map((x, i) => (x - mean(xs)) * (ys[i] - mean(ys)))) / sum(xs.map((x) => (x - mean(xs)) ** 2));
    return [mean(ys) - slope * mean(xs), slope];
  };
  const [demand, supply] = [line(now.bids), line(now.asks)];
  return (demand[0] - supply[0]) / (demand[1] + supply[1]);
}

/** Average price of the best `size` lots of a side; NaN where it has fewer. */
function priceOf(levels: Levels, size: number): number {
  let left = size;
  let paid = 0;
  for (const [price, lots] of levels) {
    const taken = Math.min(left, lots);
    paid += price * taken;
    left -= taken;
  }
  return left > 0 ? Number.NaN : paid / size;
}

/** The exponential average of the mid, step by step of constant mid; where there is none the last one counts on. */
function averageMid(history: readonly Moment[], tau: number): number {
  let known = Number.NaN;
  let average = Number.NaN;
  history.forEach((m, i) => {
    const age = i === 0 ? 0 : m.t - history[i - 1].t;
    if (!Number.isNaN(known)) average = known + (average - known) * Math.exp(-age / tau);
    if (m.bookChanged && !Number.isNaN(mid(m))) known = mid(m);
    if (Number.isNaN(average)) average = known;
  });
  return average;
}

/** Stoikov's algorithm as the paper has it: all states, mirrored samples, Q, R, T, and the series of B. */
function microprice(history: readonly Moment[]): number {
  const steps = micropriceSteps(history);
  if (steps.length < 50) return Number.NaN;
  let fitted = 50;
  while (Math.ceil(fitted * 1.05) <= steps.length) fitted = Math.ceil(fitted * 1.05);
  const g = paperMicroprice(steps.slice(0, fitted), 1);
  return g.get(micropriceState(last(history))!) ?? 0;
}

export interface Step {
  from: string;
  to: string;
  move: number;
}

/** Sign and bucket of imbalance, bucket of spread; null without both sides. Equal queues are their own mirror image: one state. */
export function micropriceState(m: Moment): string | null {
  if (!twoSided(m)) return null;
  const x = (m.bids[0][1] - m.asks[0][1]) / (m.bids[0][1] + m.asks[0][1]);
  const spread = m.asks[0][0] - m.bids[0][0];
  const bucket = [1, 2, 3, 5, 8, 13, 21, 34, Infinity].findIndex((end) => spread <= end);
  return x === 0 ? '0' : `${x > 0 ? '+' : '-'}${Math.min(4, Math.floor(Math.abs(x) * 5))}/${bucket}`;
}

/** Steps from burst end to burst end in which anything changed. */
export function micropriceSteps(history: readonly Moment[]): Step[] {
  const ends = history.flatMap((m, i) => (m.burstEnded ? [history[i - 1]] : []));
  return ends.slice(1).flatMap((end, i) => {
    const from = micropriceState(ends[i]);
    const to = micropriceState(end);
    const move = mid(end) - mid(ends[i]);
    return from !== null && to !== null && (from !== to || move !== 0) ? [{ from, to, move }] : [];
  });
}

const mirror = (state: string): string => (state === '0' ? '0' : (state[0] === '+' ? '-' : '+') + state.slice(1));

/** g by state; `prior` counts as so many steps out of every state after which nothing moves again. */
export function paperMicroprice(steps: readonly Step[], prior: number): Map<string, number> {
  const all = steps.flatMap((s) => [s, { from: mirror(s.from), to: mirror(s.to), move: -s.move }]);
  const states = [...new Set(all.flatMap((s) => [s.from, s.to]))];
  const index = new Map(states.map((state, i) => [state, i]));
  const n = states.length;
  const Q = matrix(n);
  const T = matrix(n);
  const r = new Array<number>(n).fill(0);
  const visits = new Array<number>(n).fill(prior);
  for (const s of all) visits[index.get(s.from)!]++;
  for (const s of all) {
    const i = index.get(s.from)!;
    const j = index.get(s.to)!;
    if (s.move === 0) Q[i][j] += 1 / visits[i];
    else T[i][j] += 1 / visits[i];
    r[i] += s.move / visits[i];
  }
  const times = (a: number[][], x: number[]): number[] => a.map((row) => sum(row.map((t, j) => t * x[j])));
  const stay = inverse(Q.map((row, i) => row.map((q, j) => (i === j ? 1 - q : -q))));
  let term = times(stay, r);
  const g = [...term];
  for (let k = 0; k < 20_000 && Math.max(...term.map(Math.abs)) > 1e-16; k++) {
    term = times(stay, times(T, term));
    for (let i = 0; i < n; i++) g[i] += term[i];
  }
  return new Map(states.map((state, i) => [state, g[i]]));
}

const matrix = (n: number): number[][] => Array.from({ length: n }, () => new Array<number>(n).fill(0));

/** Gauss–Jordan with pivots. */
function inverse(matrix: number[][]): number[][] {
  const n = matrix.length;
  const a = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  for (let k = 0; k < n; k++) {
    let p = k;
    for (let i = k; i < n; i++) if (Math.abs(a[i][k]) > Math.abs(a[p][k])) p = i;
    [a[k], a[p]] = [a[p], a[k]];
    const pivot = a[k][k];
    for (let j = 0; j < 2 * n; j++) a[k][j] /= pivot;
    for (let i = 0; i < n; i++) {
      const factor = a[i][k];
      if (i !== k && factor !== 0) for (let j = 0; j < 2 * n; j++) a[i][j] -= factor * a[k][j];
    }
  }
  return a.map((row) => row.slice(n));
}
