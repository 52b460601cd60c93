import { last, type Moment, mid, sum } from './history.ts';

const BARS = 60;

interface Bar {
  open: number;
  high: number;
  low: number;
  close: number;
}

const ns = (seconds: number): number => Math.round(seconds * 1e9);

/** At the end of each step of `stepNs` until now, the mid in force just before, and the mids that books left in the step. */
function stepsOf(history: readonly Moment[], stepNs: number): { mid: number; left: number[] }[] {
  const count = Math.floor(ns(last(history).t) / stepNs);
  const steps = Array.from({ length: count }, () => ({ mid: Number.NaN, left: [] as number[] }));
  const lastOf = new Map<number, number>();
  history.forEach((m, i) => {
    const step = Math.floor(ns(m.t) / stepNs);
    lastOf.set(step, mid(m));
    if (i > 0 && step < count && m.bookChanged && !Number.isNaN(mid(m))) steps[step].left.push(mid(m));
  });
  steps.forEach((step, i) => {
    step.mid = lastOf.get(i) ?? steps[i - 1].mid;
  });
  return steps;
}

/** Closed bars of one second, those without a mid left out. */
function barsOf(history: readonly Moment[]): Bar[] {
  return stepsOf(history, 1e9)
    .map(({ mid, left }) => (left.length === 0 ? [mid] : left))
    .filter((mids) => !Number.isNaN(mids[0]))
    .map((mids) => ({ open: mids[0], high: Math.max(...mids), low: Math.min(...mids), close: last(mids) }));
}

const variance = (xs: readonly number[]): number => {
  const mu = sum(xs) / xs.length;
  return sum(xs.map((x) => (x - mu) ** 2)) / (xs.length - 1);
};
const average = (xs: readonly number[]): number => sum(xs) / xs.length;
const unlessZero = (x: number, value: number): number => (x === 0 ? Number.NaN : value);

/** What the last sixty closed bars of a second say. */
export function barColumns(history: readonly Moment[]): [string, number][] {
  const all = barsOf(history).slice(-BARS - 1);
  const full = all.length === BARS + 1;
  const bars = all.slice(1);
  const steps = bars.map((bar, i) => bar.open - all[i].close);
  const r = bars.map((bar, i) => bar.close - all[i].close);
  const columns: [string, number][] = [...rangeColumns(bars, steps), ...returnColumns(r)];
  const now = mid(last(history));
  const seen = history
    .slice(1)
    .filter((m) => m.bookChanged && ns(m.t) >= Math.floor(last(history).t) * 1e9 && !Number.isNaN(mid(m)))
    .map(mid);
  const [high, low] = [Math.max(...bars.map((bar) => bar.high)), Math.min(...bars.map((bar) => bar.low))];
  columns.push(['range_position', unlessZero(high - low, (2 * now - high - low) / (high - low))]);
  columns.push(['drawdown_high', Math.max(high, ...seen) - now], ['drawdown_low', now - Math.min(low, ...seen)]);
  return columns.map(([name, value]) => [name, full ? value : Number.NaN]);
}

function rangeColumns(bars: readonly Bar[], steps: readonly number[]): [string, number][] {
  const ranges = bars.map(({ high, low }) => high - low);
  const bodies = bars.map(({ open, close }) => close - open);
  const excursions = average(
    bars.map(({ open: o, high: h, low: l, close: c }) => (h - c) * (h - o) + (l - c) * (l - o)),
  );
  const k = 0.34 / (1.34 + (BARS + 1) / (BARS - 1));
  return [
    ['parkinson', Math.sqrt(average(ranges.map((x) => x ** 2 / (4 * Math.log(2)))))],
    ['garman_klass', Math.sqrt(average(ranges.map((x, i) => x ** 2 / 2 - (2 * Math.log(2) - 1) * bodies[i] ** 2)))],
    ['rogers_satchell', Math.sqrt(excursions)],
    ['yang_zhang', Math.sqrt(variance(steps) + k * variance(bodies) + (1 - k) * excursions)],
    ['volatility_of_volatility', unlessZero(sum(ranges), Math.sqrt(variance(ranges)) / average(ranges))],
  ];
}

function returnColumns(r: readonly number[]): [string, number][] {
  const n = r.length;
  const rv = sum(r.map((x) => x ** 2));
  const size = r.map(Math.abs);
  const bv = (Math.PI / 2) * (n / (n - 1)) * sum(size.slice(1).map((x, i) => x * size[i]));
  const products = size.slice(3).map((x, i) => x * size[i] * size[i + 1] * size[i + 2]);
  const qp = n * (Math.PI / 2) ** 2 * (n / (n - 3)) * sum(products);
  const spread = (Math.PI ** 2 / 4 + Math.PI - 5) * (1 / n) * (bv === 0 ? 1 : Math.max(1, qp / bv ** 2));
  const up = sum(r.filter((x) => x > 0).map((x) => x ** 2));
  const down = sum(r.filter((x) => x < 0).map((x) => x ** 2));
  return [
    ['bipower', Math.sqrt(bv / n)],
    ['jump_share', unlessZero(rv, 1 - bv / rv)],
    ['jump_z', unlessZero(rv, (1 - bv / rv) / Math.sqrt(spread))],
    ['semivariance', unlessZero(rv, (up - down) / (up + down))],
    ['skewness', unlessZero(rv, (Math.sqrt(n) * sum(r.map((x) => x ** 3))) / rv ** 1.5)],
    ['kurtosis', unlessZero(rv, (n * sum(r.map((x) => x ** 4))) / rv ** 2)],
    ['efficiency_ratio', unlessZero(rv, sum(r) / sum(size))],
  ];
}

/** What the mid at the last 601 points of 100 ms says. */
export function pointColumns(history: readonly Moment[]): [string, number][] {
  const points = stepsOf(history, 1e8)
    .map((step) => step.mid)
    .filter((x) => !Number.isNaN(x));
  const x = points.slice(-601);
  const n = 600;
  const over = (k: number): number[] => x.slice(k).map((value, i) => value - x[i]);
  const squares = (k: number): number => sum(over(k).map((d) => d ** 2));
  const nbar = (n - 16 + 1) / 16;
  const slow = (squares(16) / 16 - (nbar / n) * squares(1)) / (1 - nbar / n);
  const mu = (last(x) - x[0]) / n;
  const ratio = (q: number): number => {
    const m = q * (n - q + 1) * (1 - q / n);
    const fast = sum(over(1).map((d) => (d - mu) ** 2)) / (n - 1);
    const steady = over(1).every((d) => d === x[1] - x[0]);
    return steady ? Number.NaN : sum(over(q).map((d) => (d - q * mu) ** 2)) / m / fast;
  };
  const spans = [1, 4, 16, 64];
  const logs = spans.map((k) => Math.log(squares(k) / (n - k + 1)));
  const places = spans.map((k) => Math.log(k) - average(spans.map(Math.log)));
  const slope = sum(places.map((p, i) => p * logs[i])) / sum(places.map((p) => p * p));
  const columns: [string, number][] = [
    ['two_scale', Math.sqrt(Math.max(0, slow) / 60)],
    ['variance_ratio_4', ratio(4)],
    ['variance_ratio_16', ratio(16)],
    ['hurst', logs.every(Number.isFinite) ? slope / 2 : Number.NaN],
    ['zero_share', over(1).filter((d) => d === 0).length / n],
  ];
  return columns.map(([name, value]) => [name, x.length === n + 1 ? value : Number.NaN]);
}
