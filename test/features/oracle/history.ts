import { NO_PRICE } from '../../../src/core/index.ts';
import { EventFlag, EventKind, type Instrument, Side } from '../../../src/market/index.ts';
import type { Message, Row } from '../random-market.ts';

export type Levels = readonly (readonly [price: number, lots: number])[];

/** One message as the history remembers it. */
export interface Moment {
  /** Seconds since the reset; a time that goes back stands still. */
  t: number;
  /** The message's own time, ns. */
  tsNs: number;
  bookChanged: boolean;
  /** The ten best levels (or as many as the venue reports) after the message, best first. */
  bids: Levels;
  asks: Levels;
  /** Book events of the message, bookkeeping not counted. */
  events: number;
  /** As the engine passes them on; `price` is NO_PRICE where it lies between ticks. */
  trades: { sign: number; lots: number; price: number }[];
  /** Order rows, where the stream names orders. */
  orders: Row[];
  /** The burst before this message ended. */
  burstEnded: boolean;
}

/** An oracle of a family: from the whole history since the reset, the values of all its columns at the last moment. */
export type Oracle = (history: readonly Moment[], instrument: Instrument) => Map<string, number>;

export const sum = (xs: readonly number[]): number => xs.reduce((a, x) => a + x, 0);
export const mean = (xs: readonly number[]): number => sum(xs) / xs.length;
export const last = <T>(xs: readonly T[]): T => xs[xs.length - 1];
export const twoSided = (m: Moment): boolean => m.bids.length > 0 && m.asks.length > 0;
export const mid = (m: Moment): number => (twoSided(m) ? (m.bids[0][0] + m.asks[0][0]) / 2 : Number.NaN);
export const booksOf = (history: readonly Moment[]): readonly Moment[] => history.filter((m) => m.bookChanged);

/** Decayed mean size of a level, the yardstick Q: weights fade by 1 − 1/500 a book message. */
export function averageLots(history: readonly Moment[]): number {
  const books = booksOf(history).filter((m) => m.bids.length + m.asks.length > 0);
  const weights = books.map((_, n) => (1 - 1 / 500) ** (books.length - 1 - n));
  const means = books.map(
    ({ bids, asks }) => sum([...bids, ...asks].map(([, lots]) => lots)) / (bids.length + asks.length),
  );
  return sum(means.map((x, n) => x * weights[n])) / sum(weights);
}

/** Moves of the mid from book message to book message, against the last mid that there was; those of 0 left out. */
export function movesOf(history: readonly Moment[]): { t: number; move: number }[] {
  const moves: { t: number; move: number }[] = [];
  let before = Number.NaN;
  for (const m of booksOf(history)) {
    const move = mid(m) - before;
    if (move !== 0 && !Number.isNaN(move)) moves.push({ t: m.t, move });
    if (!Number.isNaN(mid(m))) before = mid(m);
  }
  return moves;
}

/** Σ value × exp(−age / τ) over the moments. */
export function decayed(history: readonly Moment[], tau: number, value: (m: Moment) => number): number {
  const now = last(history).t;
  return sum(history.map((m) => value(m) * Math.exp(-(now - m.t) / tau)));
}

/** `decayed` per second, NaN until the decay time has passed; what happened in the first book does not count. */
export function perSecond(history: readonly Moment[], tau: number, value: (m: Moment) => number): number {
  const now = last(history).t;
  if (now < tau) return Number.NaN;
  return decayed(history.slice(1), tau, value) / (tau * (1 - Math.exp(-now / tau)));
}

export const tauText = (tau: number): string => (tau < 1 ? `${Math.round(tau * 1000)}ms` : `${tau}s`);

/** What happened since the last reset; null where the book is not known. Plain sorted maps, nothing incremental. */
export function readHistory(messages: readonly Message[], instrument: Instrument): Moment[] | null {
  const depth = Math.min(10, instrument.depthLimit ?? 10);
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
    const before: Moment | undefined = history?.at(-1);
    for (const row of rows) if (row.kind <= EventKind.EXECUTE) applyRow(book[row.side], row);
    const touched = (side: Side): boolean => rows.some((row) => row.side === side && row.kind <= EventKind.EXECUTE);
    const levels = (side: Side, away: number, old: Levels | undefined): Levels =>
      old === undefined || touched(side) || message.type === 'snapshot' ? bestOf(book[side], away, depth) : old;
    const t = history === null ? 0 : (before?.t ?? 0) + Math.max(0, message.tsNs - lastNs) / 1e9;
    const isOwn = (row: Row): boolean =>
      row.kind <= EventKind.EXECUTE && ((row.flags ?? 0) & (EventFlag.REVEALED | EventFlag.HIDDEN)) === 0;
    const moment: Moment = {
      t,
      tsNs: message.tsNs,
      bookChanged: message.type !== 'other',
      bids: levels(Side.BID, -1, before?.bids),
      asks: levels(Side.ASK, 1, before?.asks),
      events: rows.filter(isOwn).length,
      trades: tradesOf(rows, before === undefined ? Number.NaN : mid(before)),
      orders:
        instrument.byOrder === true
          ? rows.filter((row) => row.kind > EventKind.LEVEL && row.kind <= EventKind.EXECUTE)
          : [],
      burstEnded: history !== null && message.tsNs - lastNs > 0 && message.tsNs - lastNs >= instrument.burstQuietNs,
    };
    if (message.type === 'snapshot' || history === null) {
      history = [{ ...moment, t: 0, burstEnded: false, trades: [], orders: [], events: 0 }];
    } else history.push(moment);
    lastNs = message.tsNs;
  }
  return history;
}

function applyRow(side: Map<number, number>, row: Row): void {
  const present = side.get(row.price) ?? 0;
  const lots =
    row.kind === EventKind.LEVEL ? row.lots : row.kind === EventKind.ADD ? present + row.lots : present - row.lots;
  if (lots > 0) side.set(row.price, lots);
  else side.delete(row.price);
}

/** The `depth` best levels; sorting all of a deep book at every message would take most of the tests' time. */
function bestOf(side: Map<number, number>, away: number, depth: number): Levels {
  const best: (readonly [number, number])[] = [];
  for (const entry of side) {
    if (best.length === depth && (entry[0] - best[depth - 1][0]) * away > 0) continue;
    const at = best.findIndex(([price]) => (entry[0] - price) * away < 0);
    best.splice(at === -1 ? best.length : at, 0, entry);
    if (best.length > depth) best.pop();
  }
  return best;
}

function tradesOf(rows: readonly Row[], quote: number): Moment['trades'] {
  return rows
    .filter((row) => (row.kind === EventKind.EXECUTE || row.kind === EventKind.TRADE) && row.lots > 0)
    .map((row) => {
      const buys = row.kind === EventKind.EXECUTE ? row.side === Side.ASK : row.side === Side.BID;
      const unknown = row.kind === EventKind.TRADE && row.side === Side.NONE;
      const inferred = Number.isNaN(quote) || row.price === NO_PRICE ? 0 : Math.sign(row.price - quote);
      return { sign: unknown ? inferred : buys ? 1 : -1, lots: row.lots, price: row.price };
    });
}
