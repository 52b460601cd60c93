import { EventFlag, EventKind, Side } from '../../src/market/index.ts';
import type { Message } from './random-market.ts';

type Levels = [price: number, lots: number][];

/** One message as the history remembers it. */
interface Moment {
  /** Seconds since the reset. */
  t: number;
  bookChanged: boolean;
  bids: Levels;
  asks: Levels;
  events: number;
  trades: { sign: number; lots: number }[];
  /** The burst before this message ended. */
  burstEnded: boolean;
}

const mid = (m: Moment): number =>
  m.bids.length > 0 && m.asks.length > 0 ? (m.bids[0][0] + m.asks[0][0]) / 2 : Number.NaN;
const sum = (xs: readonly number[]): number => xs.reduce((a, x) => a + x, 0);
const at = (levels: Levels, m: number): [number, number] | null => levels[m] ?? null;

/**
 * The core set of a full-depth instrument, recomputed for the last message of a history from nothing but the definitions:
 * whole history, sorted maps, explicit weights. Slow and plain.
 */
export function oracleRow(messages: readonly Message[]): Map<string, number> | null {
  const history = readHistory(messages);
  if (history === null) return null;
  const now = history[history.length - 1];
  const row = new Map<string, number>();
  const both = now.bids.length > 0 && now.asks.length > 0;
  const flows = orderFlows(history);
  const books = flows.length;
  const meanLots = averageLots(history);
  const faded = (m: number, memory: number): number =>
    sum(flows.map((e, n) => Math.exp(-(books - 1 - n) / memory) * e[m]));
  for (let m = 0; m < 10; m++) {
    const known = books >= 10 && now.bids.length > m && now.asks.length > m;
    row.set(`ofi_${m + 1}`, known ? faded(m, 10) / meanLots : Number.NaN);
  }
  const slow = sum(Array.from({ length: 10 }, (_, m) => faded(m, 100))) / 10 / meanLots;
  row.set('ofi_mean_slow', both && books >= 100 ? slow : Number.NaN);
  stateColumns(now, both, row);
  row.set('microprice', both ? microprice(history) : Number.NaN);
  tradeColumns(history, meanLots, both, row);
  returnColumns(history, row);
  activityColumns(history, both, row);
  return row;
}

function readHistory(messages: readonly Message[]): Moment[] | null {
  let history: Moment[] | null = null;
  let book: Map<number, number>[] = [new Map(), new Map()];
  let lastNs = 0;
  for (const message of messages) {
    const rows = message.rows.filter((row) => row.kind !== EventKind.BBO);
    if (rows.length === 0) continue;
    if (rows.some((row) => row.kind === EventKind.FAULT)) {
      history = null;
      continue;
    }
    if (message.type === 'snapshot') book = [new Map(), new Map()];
    else if (history === null) continue;
    const before = history?.at(-1);
    const quote = before === undefined ? Number.NaN : mid(before);
    for (const row of rows) {
      if (row.kind === EventKind.LEVEL) book[row.side].set(row.price, row.lots);
      if (row.kind === EventKind.EXECUTE) book[row.side].set(row.price, book[row.side].get(row.price)! - row.lots);
    }
    const levels = (side: Side): Levels =>
      [...book[side]].filter(([, lots]) => lots > 0).sort((a, b) => (side === Side.BID ? b[0] - a[0] : a[0] - b[0]));
    const t = history === null ? 0 : (before?.t ?? 0) + Math.max(0, message.tsNs - lastNs) / 1e9;
    const moment: Moment = {
      t,
      bookChanged: message.type !== 'other',
      bids: levels(Side.BID).slice(0, 10),
      asks: levels(Side.ASK).slice(0, 10),
      events: rows.filter((row) => row.kind <= EventKind.EXECUTE && ((row.flags ?? 0) & EventFlag.REVEALED) === 0)
        .length,
      trades: rows
        .filter((row) => row.kind === EventKind.EXECUTE || row.kind === EventKind.TRADE)
        .map((row) => {
          const buys = row.kind === EventKind.EXECUTE ? row.side === Side.ASK : row.side === Side.BID;
          const unknown = row.kind === EventKind.TRADE && row.side === Side.NONE;
          const inferred = Number.isNaN(quote) ? 0 : Math.sign(row.price - quote);
          return { sign: unknown ? inferred : buys ? 1 : -1, lots: row.lots };
        }),
      burstEnded: history !== null && message.tsNs > lastNs,
    };
    history =
      message.type === 'snapshot' || history === null ? [{ ...moment, t: 0, burstEnded: false }] : [...history, moment];
    lastNs = message.tsNs;
  }
  return history;
}

/** e of every book message but the first, per level. */
function orderFlows(history: readonly Moment[]): number[][] {
  const books = history.filter((m) => m.bookChanged);
  return books.slice(1).map((now, i) => {
    const old = books[i];
    return Array.from({ length: 10 }, (_, m) => {
      const [pb, qb] = at(now.bids, m) ?? [-Infinity, 0];
      const [pb0, qb0] = at(old.bids, m) ?? [-Infinity, 0];
      const [pa, qa] = at(now.asks, m) ?? [Infinity, 0];
      const [pa0, qa0] = at(old.asks, m) ?? [Infinity, 0];
      let e = 0;
      if (pb >= pb0) e += qb;
      if (pb <= pb0) e -= qb0;
      if (pa <= pa0) e -= qa;
      if (pa >= pa0) e += qa0;
      return e;
    });
  });
}

function averageLots(history: readonly Moment[]): number {
  const books = history.filter((m) => m.bookChanged && m.bids.length + m.asks.length > 0);
  const weights = books.map((_, n) => (1 - 1 / 500) ** (books.length - 1 - n));
  const means = books.map(
    ({ bids, asks }) => sum([...bids, ...asks].map(([, lots]) => lots)) / (bids.length + asks.length),
  );
  return sum(means.map((x, n) => x * weights[n])) / sum(weights);
}

function stateColumns(now: Moment, both: boolean, row: Map<string, number>): void {
  const lots = (levels: Levels, n: number): number => sum(levels.slice(0, n).map(([, q]) => q));
  for (const n of [1, 3, 5, 10]) {
    const b = lots(now.bids, n);
    const a = lots(now.asks, n);
    row.set(`imbalance_${n}`, now.bids.length >= n && now.asks.length >= n ? (b - a) / (b + a) : Number.NaN);
  }
  if (!both) {
    for (const name of ['spread', 'weighted_mid', 'depth_mid_5', 'depth_mid_10']) row.set(name, Number.NaN);
    return;
  }
  const [pb, qb] = now.bids[0];
  const [pa, qa] = now.asks[0];
  const vwap = (levels: Levels, n: number): number => sum(levels.slice(0, n).map(([p, q]) => p * q)) / lots(levels, n);
  row.set('spread', pa - pb);
  row.set('weighted_mid', (pa * qb + pb * qa) / (qa + qb) - mid(now));
  for (const n of [5, 10]) row.set(`depth_mid_${n}`, (vwap(now.bids, n) + vwap(now.asks, n)) / 2 - mid(now));
}

function tradeColumns(history: readonly Moment[], meanLots: number, both: boolean, row: Map<string, number>): void {
  const now = history[history.length - 1].t;
  const weighted = (tau: number, value: (trade: { sign: number; lots: number }) => number): number =>
    sum(history.map((m) => Math.exp(-(now - m.t) / tau) * sum(m.trades.map(value))));
  for (const tau of [0.1, 1]) {
    const flow = weighted(tau, (trade) => trade.sign * trade.lots) / meanLots;
    row.set(`trade_flow_${tau < 1 ? '100ms' : '1s'}`, now >= tau && both ? flow : Number.NaN);
  }
  for (const [tau, name] of [
    [0.1, '100ms'],
    [1, '1s'],
    [10, '10s'],
  ] as const) {
    const buys = weighted(tau, (trade) => (trade.sign > 0 ? 1 : 0));
    const sells = weighted(tau, (trade) => (trade.sign < 0 ? 1 : 0));
    row.set(`trade_count_imbalance_${name}`, now >= tau ? (buys - sells) / (buys + sells + 1) : Number.NaN);
  }
  row.set('trade_rate_1s', now >= 1 ? Math.log(1 + weighted(1, () => 1) / (1 - Math.exp(-now))) : Number.NaN);
}

function returnColumns(history: readonly Moment[], row: Map<string, number>): void {
  const ends = history.flatMap((m, i) => (m.burstEnded ? [mid(history[i - 1])] : []));
  for (const lag of [1, 10, 50]) {
    row.set(`return_${lag}`, mid(history[history.length - 1]) - (ends.at(-lag) ?? Number.NaN));
  }
}

function activityColumns(history: readonly Moment[], both: boolean, row: Map<string, number>): void {
  const now = history[history.length - 1].t;
  const moves: { t: number; move: number }[] = [];
  let last = Number.NaN;
  for (const m of history.filter((m) => m.bookChanged)) {
    const move = mid(m) - last;
    if (move !== 0 && !Number.isNaN(move)) moves.push({ t: m.t, move });
    if (!Number.isNaN(mid(m))) last = mid(m);
  }
  for (const tau of [1, 10]) {
    const rate = sum(moves.map((m) => m.move ** 2 * Math.exp(-(now - m.t) / tau))) / (tau * (1 - Math.exp(-now / tau)));
    row.set(`volatility_${tau}s`, now >= tau && both ? Math.sqrt(rate) : Number.NaN);
  }
  const moved = moves.at(-1);
  row.set('mid_age', both && moved !== undefined ? Math.log(1 + (now - moved.t) * 1000) : Number.NaN);
  for (const [tau, name] of [
    [0.1, '100ms'],
    [1, '1s'],
  ] as const) {
    const events = history.slice(1).map((m) => (m.bookChanged ? m.events : 0) * Math.exp(-(now - m.t) / tau));
    const rate = sum(events) / (tau * (1 - Math.exp(-now / tau)));
    row.set(`event_rate_${name}`, now >= tau ? Math.log(1 + rate) : Number.NaN);
  }
}

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
