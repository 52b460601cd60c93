import { mean, sum } from './history.ts';

/** Fills of one aggressor: its sign, when it began, its first price, and the mid before it. */
export interface Order<Fill> {
  sign: number;
  t: number;
  price: number;
  mid: number;
  fills: readonly Fill[];
}

const weightsOf = (n: number, memory: number): number[] =>
  Array.from({ length: n }, (_, k) => Math.exp(-(n - 1 - k) / memory));

/** Mean with weights exp(−k / memory), k entries ago; those of more than forty memories ago weigh less than a rounding. */
export function weightedMean(xs: readonly number[], memory: number): number {
  const recent = xs.slice(-40 * memory);
  const weights = weightsOf(recent.length, memory);
  let total = 0;
  for (const [k, x] of recent.entries()) total += weights[k] * x;
  return total / sum(weights);
}

/** Slope of y on x with an intercept and such weights; NaN where x does not vary. */
export function weightedSlope(pairs: readonly (readonly [x: number, y: number])[], memory: number): number {
  if (pairs.every(([x]) => x === pairs[0][0])) return Number.NaN;
  const mx = weightedMean(
    pairs.map(([x]) => x),
    memory,
  );
  const my = weightedMean(
    pairs.map(([, y]) => y),
    memory,
  );
  const part = (value: (x: number, y: number) => number): number =>
    weightedMean(
      pairs.map(([x, y]) => value(x - mx, y - my)),
      memory,
    );
  return part((x, y) => x * y) / part((x) => x * x);
}

/** Least squares on the ranks. */
export function slopeOf(ys: readonly number[]): number {
  const ranks = ys.map((_, n) => n - (ys.length - 1) / 2);
  return sum(ys.map((y, n) => ranks[n] * (y - mean(ys)))) / sum(ranks.map((n) => n * n));
}

/** Covariance of successive changes, each about its own mean. */
export function autocovariance(ys: readonly number[]): number {
  const changes = ys.slice(1).map((y, n) => y - ys[n]);
  const now = changes.slice(1);
  const before = changes.slice(0, -1);
  return mean(now.map((x, n) => (x - mean(now)) * (before[n] - mean(before))));
}

/**
 * Hasbrouck's regressions by elimination on weighted normal equations, and the response to a shock of 1 in x followed step by
 * step until nothing is left of it.
 */
export function impactOf(orders: readonly Order<unknown>[]): number {
  const moves = orders.slice(1).map((order, n) => order.mid - orders[n].mid);
  const lines = moves.flatMap((r, n) => {
    if (n === 0 || Number.isNaN(r) || Number.isNaN(moves[n - 1])) return [];
    return [{ r, x: orders[n].sign, u: moves[n - 1], l: orders[n - 1].sign }];
  });
  if (lines.length < 48) return Number.NaN;
  const weights = weightsOf(lines.length, 128);
  const regress = (
    target: (l: (typeof lines)[number]) => number,
    regressors: ((l: (typeof lines)[number]) => number)[],
  ) =>
    solve(
      regressors.map((f) => regressors.map((g) => sum(lines.map((line, k) => weights[k] * f(line) * g(line))))),
      regressors.map((f) => sum(lines.map((line, k) => weights[k] * f(line) * target(line)))),
    );
  const [u, x, l] = ['u', 'x', 'l'].map((key) => (line: (typeof lines)[number]) => line[key as 'u']);
  if (lines.every((line) => line.u === 0) || distinctness(lines, weights) <= 1e-3) return Number.NaN;
  const [a, b0, b1] = regress((line) => line.r, [u, x, l]);
  const [c, d] = regress((line) => line.x, [u, l]);
  let [r, shock] = [b0, 1];
  let response = r;
  for (let k = 0; k < 20_000; k++) {
    const next = c * r + d * shock;
    r = a * r + b0 * next + b1 * shock;
    shock = next;
    response += r;
    if (!Number.isFinite(response)) return Number.NaN;
  }
  return (1 - a) * (1 - d) - c * (b0 + b1) < 0.01 ? Number.NaN : response;
}

/** Determinant of the regressors' correlations (about 0), by elimination. */
function distinctness(lines: readonly { u: number; x: number; l: number }[], weights: readonly number[]): number {
  const columns = [lines.map(({ u }) => u), lines.map(({ x }) => x), lines.map(({ l }) => l)];
  const dot = (a: readonly number[], b: readonly number[]): number => sum(a.map((v, k) => weights[k] * v * b[k]));
  const m = columns.map((a) => columns.map((b) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))));
  const [[, ab, ac], [, , bc]] = m;
  return 1 + 2 * ab * ac * bc - ab * ab - ac * ac - bc * bc;
}

/** Gauss with pivots. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const a = matrix.map((row, i) => [...row, right[i]]);
  const n = a.length;
  for (let k = 0; k < n; k++) {
    let p = k;
    for (let i = k; i < n; i++) if (Math.abs(a[i][k]) > Math.abs(a[p][k])) p = i;
    [a[k], a[p]] = [a[p], a[k]];
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = a[i][k] / a[k][k];
      for (let j = k; j <= n; j++) a[i][j] -= factor * a[k][j];
    }
  }
  return a.map((row, k) => row[n] / row[k]);
}
