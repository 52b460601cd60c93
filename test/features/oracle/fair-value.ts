import { type Levels, last, type Moment, mid, type Oracle, sum, twoSided } from './history.ts';

/** Fair value signals from their definitions. */
export const fairValueOracle: Oracle = (history) => {
  const now = last(history);
  const row = new Map<string, number>();
  row.set('microprice', twoSided(now) ? microprice(history) : Number.NaN);
  if (!twoSided(now)) {
    for (const name of ['weighted_mid', 'depth_mid_5', 'depth_mid_10']) row.set(name, Number.NaN);
    return row;
  }
  const [pb, qb] = now.bids[0];
  const [pa, qa] = now.asks[0];
  const lots = (levels: Levels, n: number): number => sum(levels.slice(0, n).map(([, q]) => q));
  const vwap = (levels: Levels, n: number): number => sum(levels.slice(0, n).map(([p, q]) => p * q)) / lots(levels, n);
  row.set('weighted_mid', (pa * qb + pb * qa) / (qa + qb) - mid(now));
  for (const n of [5, 10]) row.set(`depth_mid_${n}`, (vwap(now.bids, n) + vwap(now.asks, n)) / 2 - mid(now));
  return row;
};

/** Stoikov's algorithm as the paper has it: all states, mirrored samples, Q, R, T, and the series of B. */
function microprice(history: readonly Moment[]): number {
  const stateOf = (m: Moment): string | null => {
    if (m.bids.length === 0 || m.asks.length === 0) return null;
    const x = (m.bids[0][1] - m.asks[0][1]) / (m.bids[0][1] + m.asks[0][1]);
    const spread = m.asks[0][0] - m.bids[0][0];
    const bucket = [1, 2, 3, 5, 8, 13, 21, 34, Infinity].findIndex((end) => spread <= end);
    // Equal queues are their own mirror image: one state, where the microprice is the mid.
    return x === 0 ? '0' : `${x > 0 ? '+' : '-'}${Math.min(4, Math.floor(Math.abs(x) * 5))}/${bucket}`;
  };
  const ends = history.flatMap((m, i) => (m.burstEnded ? [history[i - 1]] : []));
  const steps: { from: string; to: string; move: number }[] = [];
  for (let i = 1; i < ends.length; i++) {
    const from = stateOf(ends[i - 1]);
    const to = stateOf(ends[i]);
    const move = mid(ends[i]) - mid(ends[i - 1]);
    if (from !== null && to !== null && (from !== to || move !== 0)) steps.push({ from, to, move });
  }
  if (steps.length < 50) return Number.NaN;
  let fitted = 50;
  while (Math.ceil(fitted * 1.05) <= steps.length) fitted = Math.ceil(fitted * 1.05);
  const g = paperMicroprice(steps.slice(0, fitted), 1);
  return g.get(stateOf(history[history.length - 1])!) ?? 0;
}

const mirror = (state: string): string => (state === '0' ? '0' : (state[0] === '+' ? '-' : '+') + state.slice(1));

/** g by state; `prior` counts as so many steps out of every state after which nothing moves again. */
export function paperMicroprice(
  steps: readonly { from: string; to: string; move: number }[],
  prior: number,
): Map<string, number> {
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
