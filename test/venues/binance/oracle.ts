import { NO_PRICE } from '../../../src/core/index.ts';
import { EventKind, Fault, Side } from '../../../src/market/index.ts';
import { DAY, type Row } from './support.ts';

/** Slow and plain: what a line means, by `JSON.parse` and arithmetic on big integers. An array of rows without flags. */
export type Meaning = Omit<Row, 'flags'>[];

const DAY_NS = BigInt(DAY) * 86_400_000_000_000n;

const READ = [
  'e',
  'E',
  'T',
  's',
  'U',
  'u',
  'pu',
  't',
  'p',
  'q',
  'm',
  'X',
  'b',
  'B',
  'a',
  'A',
  'lastUpdateId',
  'bids',
  'asks',
];
const LEVELS = ['b', 'a', 'bids', 'asks'];

class Unreadable extends Error {}

function steps(text: unknown, decimals: number): number {
  if (typeof text !== 'string') throw new Unreadable();
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) throw new Unreadable();
  const fraction = (match[2] ?? '').padEnd(decimals, '0');
  if (/[1-9]/.test(fraction.slice(decimals))) throw new RangeError('off step');
  const value = BigInt(match[1] + fraction.slice(0, decimals));
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError('too large');
  return Number(value);
}

function count(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new Unreadable();
  return value + 0;
}

type Json = Record<string, unknown>;

/** `decimals` of a tick and of a lot (powers of ten). Throws `RangeError` where a number does not fit the steps. */
export function meaningOf(line: string, symbol: string, linked: boolean, decimals: [number, number]): Meaning {
  const match = /^(\d{13}|\d{16}|\d{19}) (.*)$/.exec(line)!;
  const recvNs = Number(BigInt(match[1].padEnd(19, '0')) - DAY_NS);
  try {
    const parsed = JSON.parse(match[2]) as Json;
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new Unreadable();
    return messageMeaning(parsed, recvNs, symbol, linked, decimals);
  } catch (error) {
    if (!(error instanceof Unreadable || error instanceof SyntaxError)) throw error;
    const fault = { kind: EventKind.FAULT, side: Side.NONE, priceTicks: NO_PRICE, sizeLots: Fault.UNPARSABLE };
    return [{ ...fault, tsEventNs: recvNs, tsRecvNs: recvNs, sequence: 0, orderId: 0 }];
  }
}

function messageMeaning(
  parsed: Json,
  recvNs: number,
  symbol: string,
  linked: boolean,
  decimals: [number, number],
): Meaning {
  const snapshot = 'lastUpdateId' in parsed;
  const d = (snapshot ? parsed : 'data' in parsed ? parsed.data : parsed) as Json;
  if (typeof d !== 'object' || d === null || Array.isArray(d)) return [];
  const known = ['depthUpdate', 'trade', 'aggTrade', 'bookTicker'].includes(d.e as string);
  const spotTicker = d.e === undefined && 'u' in d && 'B' in d && 'A' in d;
  if (!snapshot && !known && !spotTicker) return [];
  for (const key of READ) {
    const value = d[key];
    if (typeof value === 'number') count(value);
    else if (typeof value === 'object' && value !== null && !(LEVELS.includes(key) && Array.isArray(value))) {
      throw new Unreadable();
    }
  }
  if (!snapshot && typeof d.s !== 'string') throw new Unreadable();
  const venue = typeof d.T === 'number' ? d.T : d.E;
  const nsPerUnit = Number(venue) < 1e14 ? 1_000_000n : 1_000n;
  const tsEventNs = typeof venue === 'number' ? Number(BigInt(venue) * nsPerUnit - DAY_NS) : recvNs;
  const price = (text: unknown): number => {
    const ticks = steps(text, decimals[0]);
    if (ticks > 2147483647) throw new RangeError('too large');
    return ticks;
  };
  const size = (text: unknown): number => steps(text, decimals[1]);
  if (snapshot || d.e === 'depthUpdate') {
    const sequence = count(snapshot ? d.lastUpdateId : d.u);
    if (!snapshot && d.s !== symbol) return [];
    const first = snapshot ? 0 : count(d.U);
    const previous = snapshot ? 0 : linked ? count(d.pu) : first - 1;
    const row = { tsEventNs, tsRecvNs: recvNs, sequence };
    const kind = snapshot ? EventKind.SNAPSHOT : EventKind.DELTA;
    const rows: Meaning = [{ kind, side: Side.NONE, priceTicks: NO_PRICE, sizeLots: 0, orderId: previous, ...row }];
    const sides = snapshot ? [d.bids, d.asks] : [d.b, d.a];
    for (const [side, levels] of sides.entries()) {
      if (!Array.isArray(levels)) throw new Unreadable();
      for (const level of levels) {
        if (!Array.isArray(level) || level.length !== 2) throw new Unreadable();
        const priceTicks = price(level[0]);
        if (priceTicks === 0) throw new Unreadable();
        rows.push({ kind: EventKind.LEVEL, side, priceTicks, sizeLots: size(level[1]), orderId: 0, ...row });
      }
    }
    return rows;
  }
  if (d.e === 'trade' || d.e === 'aggTrade') {
    const sequence = count(d.e === 'trade' ? d.t : d.a);
    if (d.s !== symbol) return [];
    const priceTicks = price(d.p);
    if (priceTicks === 0 && Number(d.q) !== 0) throw new Unreadable();
    const sizeLots = size(d.q);
    if (typeof d.m !== 'boolean') throw new Unreadable();
    if (sizeLots === 0) return [];
    const side = 'X' in d && d.X !== 'MARKET' ? Side.NONE : d.m ? Side.ASK : Side.BID;
    const row = { kind: EventKind.TRADE, side, priceTicks, sizeLots, tsEventNs, tsRecvNs: recvNs };
    return [{ ...row, sequence, orderId: sequence }];
  }
  const sequence = count(d.u);
  if (d.s !== symbol) return [];
  return [[Side.BID, d.b, d.B] as const, [Side.ASK, d.a, d.A] as const].map(([side, p, q]) => ({
    kind: EventKind.BBO,
    side,
    priceTicks: price(p) || NO_PRICE,
    sizeLots: size(q),
    tsEventNs,
    tsRecvNs: recvNs,
    sequence,
    orderId: 0,
  }));
}
