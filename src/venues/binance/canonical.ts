import { MAX_PRICE_TICKS, parseDecimal } from '../../core/index.ts';
import type { StepReader } from './step-reader.ts';

/**
 * What a line turned out to be where the byte scanner could not tell: a message rewritten in the one form that the scanner
 * reads, a message of no interest, or no message at all.
 */
export type Canonical =
  | { readonly kind: 'stream' | 'snapshot'; readonly bytes: Buffer; readonly message: Message }
  | { readonly kind: 'other'; readonly name: string }
  | { readonly kind: 'unreadable'; readonly reason: string };

export type Message = Readonly<Record<string, unknown>>;

/** Keys that are read, in the order of the canonical form; the arrays of levels stand last. */
const KEYS = ['e', 'E', 'T', 's', 'U', 'u', 'pu', 't', 'p', 'q', 'm', 'M', 'X', 'B', 'A', 'b', 'a'] as const;
const EVENTS: readonly unknown[] = ['depthUpdate', 'trade', 'aggTrade', 'bookTicker'];

function isObject(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Parses a line's JSON, with any spacing and order of keys. */
export function canonicalise(text: string): Canonical {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { kind: 'unreadable', reason: 'the text after the receive time is not JSON' };
  }
  if (!isObject(parsed)) return { kind: 'unreadable', reason: 'the JSON after the receive time is no object' };
  if ('lastUpdateId' in parsed) {
    const { lastUpdateId, bids, asks, E, T, symbol } = parsed;
    // undefined values vanish from the JSON.
    const message = { E, T, s: symbol, u: lastUpdateId, b: bids, a: asks };
    return wrap('snapshot', '', message);
  }
  const stream = typeof parsed.stream === 'string' ? parsed.stream : '';
  const data = 'data' in parsed ? parsed.data : parsed;
  if (!isObject(data)) return { kind: 'other', name: nameOf(stream, {}) };
  if (!EVENTS.includes(data.e) && !(data.e === undefined && 'u' in data && 'B' in data && 'A' in data)) {
    return { kind: 'other', name: nameOf(stream, data) };
  }
  const message: Record<string, unknown> = {};
  for (const key of KEYS) if (key in data) message[key] = data[key];
  return wrap('stream', stream, message);
}

function wrap(kind: 'stream' | 'snapshot', stream: string, message: Message): Canonical {
  const data: Record<string, unknown> = {};
  for (const key in message) {
    const value = message[key];
    // Every number that Binance sends is a count. Numbers beyond any float would come out of `stringify` as null.
    if (typeof value === 'number' && !isCount(value)) {
      return { kind: 'unreadable', reason: `"${key}" is ${value}, expected a whole number` };
    }
    data[key] = typeof value === 'string' ? plain(value) : value;
  }
  // A message holds lists of levels, which are lists of texts.
  if (isDeeper(data, 3)) return { kind: 'unreadable', reason: 'the JSON is nested deeper than any message' };
  return { kind, bytes: Buffer.from(JSON.stringify({ stream: plain(stream), data })), message };
}

/** Deeper text is no message; without an end to it, `stringify` would run out of stack where `parse` did not. */
function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeper(inner, depth - 1));
}

/** Text that `stringify` writes without escapes. What needed one is neither a number nor a name known here, nor becomes one. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}"\\]/gu, '?');
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function nameOf(stream: string, data: Message): string {
  if (typeof data.e === 'string') return data.e;
  if (stream !== '') return stream.slice(stream.indexOf('@') + 1);
  return typeof data.msg === 'string' ? `an answer "${data.msg}"` : 'messages of no known kind';
}

/** Why a message cannot become events. */
export interface Problem {
  readonly reason: string;
  /** Its numbers are good, and the instrument's steps do not fit them. */
  readonly offStep: boolean;
  /** It is a diff or a snapshot. */
  readonly ofBook: boolean;
  /** The JSON text at fault, as the venue writes JSON; empty where it is the message as a whole. */
  readonly near: string;
}

/** A message that is wrong as a whole. */
export function problemOfWhole(reason: string): Problem {
  return { reason, offStep: false, ofBook: false, near: '' };
}

const DECIMAL = /^\d+(\.\d+)?$/;

/** Finds the first thing wrong with a message that the scanner refused in its canonical form too. */
export function problemOf(message: Message, kind: 'stream' | 'snapshot', price: StepReader, size: StepReader): Problem {
  const isDepth = kind === 'snapshot' || message.e === 'depthUpdate';
  const bad = (reason: string, near = ''): Problem => ({ reason, offStep: false, ofBook: isDepth, near });
  const isTrade = message.e === 'trade' || message.e === 'aggTrade';
  const ids = isTrade ? [message.e === 'trade' ? 't' : 'a'] : message.e === 'depthUpdate' ? ['U', 'u'] : ['u'];
  for (const id of ids)
    if (!isCount(message[id]))
      return bad(`"${id}" is ${show(message[id])}, expected a whole number`, pair(id, message[id]));
  if (kind === 'stream' && typeof message.s !== 'string')
    return bad(`the symbol "s" is ${show(message.s)}`, pair('s', message.s));
  const check = (what: string, text: unknown, unit: StepReader, zero: boolean, near: string): Problem | null => {
    if (typeof text !== 'string' || !DECIMAL.test(text)) {
      return bad(`a ${what} of ${show(text)}, expected decimal text without a sign, such as "0.5"`, near);
    }
    if (Number(text) === 0) return zero ? null : bad(`a ${what} of ${show(text)}`, near);
    const steps = parseDecimal(text, unit.unit);
    const fits = unit === price ? steps <= MAX_PRICE_TICKS : steps >= 0;
    return fits ? null : { ...bad(`a ${what} of ${text}`, near), offStep: true };
  };
  if (isDepth) {
    for (const side of ['b', 'a']) {
      const levels = message[side];
      if (!Array.isArray(levels))
        return bad(`the levels of side "${side}" are ${show(levels)}, expected an array`, pair(side, levels));
      for (const level of levels) {
        const near = JSON.stringify(level);
        if (!Array.isArray(level) || level.length !== 2)
          return bad(`a level ${show(level)}, expected [price, size]`, near);
        const problem = check('price', level[0], price, false, near) ?? check('size', level[1], size, true, near);
        if (problem !== null) return problem;
      }
    }
  } else {
    const fields: [string, StepReader][] = isTrade
      ? [
          ['p', price],
          ['q', size],
        ]
      : [
          ['b', price],
          ['B', size],
          ['a', price],
          ['A', size],
        ];
    for (const [key, unit] of fields) {
      const near = pair(key, message[key]);
      const problem = check(unit === price ? 'price' : 'size', message[key], unit, !isTrade || unit === size, near);
      if (problem !== null) return problem;
    }
  }
  return bad('its fields do not have the types of a Binance message');
}

/** A key and its value as the venue writes them; empty where there is none. */
function pair(key: string, value: unknown): string {
  return value === undefined ? '' : `"${key}":${JSON.stringify(value)}`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length <= 40 ? text : `${text.slice(0, 37)}…`;
}
