import { EventKind, type Instrument, priceStep } from '../../../src/market/index.ts';
import type { Told } from '../cross-market.ts';
import { averageLots, booksOf, last, type Moment, mid, readHistory, sum, twoSided } from './history.ts';

interface Pair {
  own: readonly Moment[];
  peer: readonly Moment[];
  /** Since when both are known, and now; ns. */
  sinceNs: number;
  nowNs: number;
}

/** Cross-instrument signals from their definitions, by two whole histories. Times of the two never coincide. */
export function crossOracle(
  told: readonly Told[],
  instruments: readonly [Instrument, Instrument],
  names: readonly string[],
): Map<string, number> {
  const row = new Map(names.map((name) => [name, Number.NaN]));
  const [own, peer] = [false, true].map((which, i) =>
    readHistory(
      told.filter((one) => one.peer === which).map((one) => one.message),
      instruments[i],
    ),
  );
  if (own === null || peer === null) return row;
  const heard = told.filter(({ message }) => message.rows.some((r) => r.kind !== EventKind.BBO));
  const pair = { own, peer, sinceNs: Math.max(own[0].tsNs, peer[0].tsNs), nowNs: last(heard).message.tsNs };
  flows(pair, row);
  states(pair, priceStep(instruments[0]).value / priceStep(instruments[1]).value, row);
  grid(pair, row);
  return row;
}

const seconds = (ns: number): number => ns / 1e9;

/** What the peer did since both are known, faded. */
function flows({ peer, sinceNs, nowNs, own }: Pair, row: Map<string, number>): void {
  if (!twoSided(last(peer))) return;
  const news = peer.slice(1).filter((m) => m.tsNs > own[0].tsNs);
  const faded = (tau: number, value: (m: Moment) => number): number =>
    sum(news.map((m) => value(m) * Math.exp(-seconds(nowNs - m.tsNs) / tau)));
  const moves = new Map<Moment, number>();
  let before = Number.NaN;
  for (const m of booksOf(peer)) {
    if (Number.isNaN(mid(m))) continue;
    if (!Number.isNaN(before)) moves.set(m, mid(m) - before);
    before = mid(m);
  }
  const flow = new Map(booksOf(peer).map((m, i, books) => [m, i === 0 ? 0 : touchFlow(books[i - 1], m)]));
  const lots = averageLots(peer);
  const watched = seconds(nowNs - sinceNs);
  const squares = faded(10, (m) => (moves.get(m) ?? 0) ** 2);
  const sigma = Math.sqrt(squares / (10 * (1 - Math.exp(-watched / 10))));
  for (const [tau, text] of [
    [0.1, '100ms'],
    [1, '1s'],
  ] as const) {
    if (watched >= tau) {
      row.set(`peer_ofi_${text}`, faded(tau, (m) => flow.get(m) ?? 0) / lots);
      row.set(`peer_trade_flow_${text}`, faded(tau, (m) => sum(m.trades.map((t) => t.sign * t.lots))) / lots);
    }
    if (watched < 10 || squares === 0) continue;
    row.set(`peer_return_${text}`, faded(tau, (m) => moves.get(m) ?? 0) / (sigma * Math.sqrt(tau / 2)));
  }
}

/** Cont, Kukanov and Stoikov's e at the touch; an absent side is infinitely far away and has no size. */
function touchFlow(old: Moment, now: Moment): number {
  const [pb, qb] = now.bids[0] ?? [-Infinity, 0];
  const [pb0, qb0] = old.bids[0] ?? [-Infinity, 0];
  const [pa, qa] = now.asks[0] ?? [Infinity, 0];
  const [pa0, qa0] = old.asks[0] ?? [Infinity, 0];
  return (pb >= pb0 ? qb : 0) - (pb <= pb0 ? qb0 : 0) - (pa <= pa0 ? qa : 0) + (pa >= pa0 ? qa0 : 0);
}

/** The last mid at a time, which is NaN where a side was empty then. */
function midAt(history: readonly Moment[], ns: number): number {
  const known = history.filter((m) => m.tsNs <= ns);
  return known.length === 0 ? Number.NaN : mid(last(known));
}

function states({ own, peer, sinceNs, nowNs }: Pair, ratio: number, row: Map<string, number>): void {
  for (const n of [1, 5]) {
    const { bids, asks } = last(peer);
    if (bids.length < n || asks.length < n) continue;
    const [b, a] = [bids, asks].map((side) => sum(side.slice(0, n).map(([, lots]) => lots)));
    row.set(`peer_imbalance_${n}`, (b - a) / (b + a));
  }
  const basis = (ns: number): number => 1e4 * ((midAt(own, ns) * ratio) / midAt(peer, ns) - 1);
  row.set('basis_bps', basis(nowNs));
  const changes = [...own, ...peer].map((m) => m.tsNs).filter((ns) => ns > sinceNs && ns < nowNs);
  const times = [...new Set([sinceNs, ...changes, nowNs])].sort((a, b) => a - b);
  let total = 0;
  let weight = 0;
  for (let i = 1; i < times.length; i++) {
    const value = basis(times[i - 1]);
    if (Number.isNaN(value)) continue;
    const share = Math.exp(-seconds(nowNs - times[i]) / 10) - Math.exp(-seconds(nowNs - times[i - 1]) / 10);
    total += share * value;
    weight += share;
  }
  if (seconds(nowNs - sinceNs) >= 10) row.set('basis_deviation_10s', basis(nowNs) - total / weight);
}

/** Moves over closed cells of 100 ms. */
function grid({ own, peer, sinceNs, nowNs }: Pair, row: Map<string, number>): void {
  const movesOf = (history: readonly Moment[]): number[] => {
    const moves: number[] = [];
    // The later of the two snapshots begins the grid, whatever follows it at the same time.
    let before = history[0].tsNs === sinceNs ? mid(history[0]) : midAt(history, sinceNs);
    for (let ns = sinceNs + 1e8; ns < nowNs; ns += 1e8) {
      const now = midAt(history, ns);
      moves.push(Number.isNaN(now) || Number.isNaN(before) ? 0 : now - before);
      if (!Number.isNaN(now)) before = now;
    }
    return moves;
  };
  const [r, s] = [own, peer].map(movesOf);
  if (r.length < 100 || !twoSided(last(own)) || !twoSided(last(peer))) return;
  const faded = (value: (k: number) => number): number =>
    sum(r.map((_, k) => value(k) * Math.exp(-(r.length - 1 - k) / 100)));
  const scale = Math.sqrt(faded((k) => r[k] ** 2) * faded((k) => s[k] ** 2));
  if (!(scale > 0)) return;
  row.set('peer_correlation', faded((k) => r[k] * s[k]) / scale);
  const lag = faded((k) => (k === 0 ? 0 : r[k] * s[k - 1])) - faded((k) => (k === 0 ? 0 : s[k] * r[k - 1]));
  row.set('lead_lag', lag / scale);
}
