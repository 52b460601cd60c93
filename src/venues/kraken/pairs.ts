import { assert, BookcastError, shown, textOf } from '../../core/index.ts';
import type { FeedInstrument, HttpAnswer } from '../../feed/index.ts';
import type { Instrument } from '../../market/index.ts';

/** What tells the exact steps of a pair. */
export interface PairFacts {
  /** As a price is written at most: decimals, trailing zeros dropped. */
  readonly tickSize: string;
  readonly lotSize: string;
  /** As the wire writes every price and size. */
  readonly priceDecimals: number;
  readonly sizeDecimals: number;
}

/** Currencies whose old names REST and v1 still use; v2 and we use the new ones. */
const NEW_NAMES: Readonly<Record<string, string>> = { XBT: 'BTC', XDG: 'DOGE' };
const TICK = /^\d+(?:\.\d+)?$/;
const MAX_DECIMALS = 15;

/** `XBT/USD` → `BTC/USD`. */
export function currentName(pair: string): string {
  return pair
    .toUpperCase()
    .split('/')
    .map((currency) => NEW_NAMES[currency] ?? currency)
    .join('/');
}

/** A step of ten to the minus `decimals`, as text. */
export function powerStep(decimals: number): string {
  return decimals === 0 ? '1' : `0.${'0'.repeat(decimals - 1)}1`;
}

/** The instrument of a pair; `symbol` is as the wire writes it, `depth` the levels a side that were subscribed to. */
export function krakenInstrument(symbol: string, facts: PairFacts, depth: number): FeedInstrument {
  const instrument: Instrument = Object.freeze({
    venue: 'kraken',
    name: currentName(symbol),
    tickSize: facts.tickSize,
    lotSize: facts.lotSize,
    sequencing: 'linked' as const,
    burstQuietNs: 1e6,
    depthLimit: depth,
    checksum: Object.freeze({
      rule: 'kraken' as const,
      priceDecimals: facts.priceDecimals,
      sizeDecimals: facts.sizeDecimals,
    }),
  });
  return { instrument, symbol, book: 'levels', proof: 'checksum' };
}

/**
 * Pairs by their old name (`wsname`), from the answer of REST `AssetPairs`:
 *
 *   {"error":[],"result":{"XXBTZUSD":{"wsname":"XBT/USD","pair_decimals":1,"lot_decimals":8,"tick_size":"0.1", …}, …}}
 *
 * Measured by others on the v2 wire: prices have `pair_decimals` decimals and sizes `lot_decimals`. Throws `bad-input` where
 * the text is no such answer. A pair that cannot be told is left out.
 */
export function readAssetPairs(text: string, where: string): Map<string, PairFacts> {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new BookcastError('bad-input', `${where}: the answer is not JSON: ${begin(text)}`, { cause });
  }
  const { error, result } = (typeof data === 'object' && data !== null ? data : {}) as Record<string, unknown>;
  if (Array.isArray(error) && error.length > 0) {
    const code = error.some((one) => /too many|rate|unavailable|busy/i.test(textOf(one))) ? 'overloaded' : 'bad-input';
    throw new BookcastError(code, `${where}: Kraken answered ${shown(error)}`);
  }
  if (typeof result !== 'object' || result === null) {
    throw new BookcastError('bad-input', `${where}: expected {"error":[],"result":{…}} of pairs, found ${begin(text)}`);
  }
  const pairs = new Map<string, PairFacts>();
  for (const pair of Object.values(result)) {
    const facts = factsOf(pair);
    const name: unknown = (pair as { wsname?: unknown } | null)?.wsname;
    // Dark pools, which have no book to see, have no name on the wire.
    if (facts !== null && typeof name === 'string' && name !== '' && !pairs.has(name)) pairs.set(name, facts);
  }
  return pairs;
}

function factsOf(pair: unknown): PairFacts | null {
  if (typeof pair !== 'object' || pair === null) return null;
  const { pair_decimals: price, lot_decimals: size, tick_size: tick } = pair as Record<string, unknown>;
  if (!isDecimals(price) || !isDecimals(size)) return null;
  let tickSize = powerStep(price);
  if (typeof tick === 'string' && TICK.test(tick) && Number(tick) > 0 && decimalsOf(tick) <= price) tickSize = tick;
  return { tickSize, lotSize: powerStep(size), priceDecimals: price, sizeDecimals: size };
}

function isDecimals(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_DECIMALS;
}

function decimalsOf(text: string): number {
  const point = text.indexOf('.');
  return point < 0 ? 0 : text.length - point - 1;
}

function begin(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}

/** Every pair in the answer to discovery, as the v2 wire names it. */
export function instrumentsOf(answers: readonly HttpAnswer[], depth: number): FeedInstrument[] {
  assert(answers.length === 1, 'one answer lists all pairs');
  const [{ url, status, body }] = answers;
  if (status !== 200) {
    const code = status === 429 || status >= 500 ? 'overloaded' : 'bad-input';
    throw new BookcastError(
      code,
      `${url}: status ${status}, expected 200 and the list of pairs: ${begin(String(body))}`,
    );
  }
  const pairs = readAssetPairs(String(body), url);
  return [...pairs].map(([name, facts]) => krakenInstrument(currentName(name), facts, depth));
}
