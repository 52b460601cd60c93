import { BookcastError } from '../../core/index.ts';
import type { Endpoints, FeedInstrument, HttpAnswer, HttpRequest } from '../../feed/index.ts';
import { countDecimals, type Decimals, noDecimals, refineSteps } from './decimals.ts';
import { type BinanceMarket, binanceInstrument, powerStep, type Steps, wantedSymbol } from './instruments.ts';
import { deepestFor, MARKETS, type MarketFacts, marketOfName } from './markets.ts';
import { venueError } from './venue-error.ts';

type Json = Readonly<Record<string, unknown>>;

const STEP = /^\d+(\.\d+)?$/;

/**
 * For each market that the names are of (all markets where there are none), one `exchangeInfo`; and one depth snapshot for each name,
 * for the book may hold prices finer than the tick that is listed (`refineSteps`).
 */
export function discoveryRequests(names: readonly string[], endpoints: Endpoints): HttpRequest[] {
  const symbols = new Map<BinanceMarket, Set<string>>();
  if (names.length === 0) for (const { market } of Object.values(MARKETS)) symbols.set(market, new Set());
  for (const name of names) {
    const { symbol, market } = wantedSymbol(name)!;
    const wanted = symbols.get(market ?? 'SPOT') ?? new Set<string>();
    symbols.set(market ?? 'SPOT', wanted.add(symbol));
  }
  return [...symbols].flatMap(([market, wanted]) => {
    const facts = MARKETS[market];
    const { scope, requests: rule } = facts.limits;
    const base = `${endpoints[facts.rest]}${facts.api}`;
    const { query, weight } = facts.discovery;
    const depth = deepestFor(facts, wanted.size);
    const depths = [...wanted].map((symbol): HttpRequest => {
      return { url: depthUrl(base, symbol, depth), scope, weight: depth.weight, rule, optional: true };
    });
    return [{ url: `${base}/exchangeInfo${query}`, scope, rule, weight }, ...depths];
  });
}

/** `base`: address and path of the market's requests. */
export function depthUrl(base: string, symbol: string, depth: MarketFacts['depths'][number]): string {
  return `${base}/depth?symbol=${encodeURIComponent(symbol)}&limit=${depth.levels}`;
}

/** Every instrument in the answers. Throws as `listedOf` does. */
export function instrumentsOf(answers: readonly HttpAnswer[]): FeedInstrument[] {
  const decimals = new Map<string, Decimals>();
  for (const { url, status, body } of answers) {
    // A symbol that there is not has no depth: what is listed tells so, with names like it.
    if (!url.includes('/depth?') || status !== 200) continue;
    const seen = noDecimals();
    const snapshot = parse(body);
    if (isObject(snapshot)) countDecimals(snapshot, seen);
    decimals.set(`${symbolOf(url)}/${marketOfUrl(url) ?? 'SPOT'}`, seen);
  }
  return answers
    .filter(({ url }) => url.includes('/exchangeInfo'))
    .flatMap(listedOf)
    .map((found) => {
      const { name } = found.instrument;
      const seen = decimals.get(name);
      return seen === undefined
        ? found
        : feedInstrument(found.symbol, marketOfName(name), refineSteps(found.instrument, seen));
    });
}

/** The symbol that a request of the depth is for. */
export function symbolOf(url: string): string {
  return new URLSearchParams(url.slice(url.indexOf('?'))).get('symbol') ?? '';
}

/** The instruments that trade, by an answer of `exchangeInfo`. Throws `bad-input`, or what the venue says where it refuses. */
export function listedOf(answer: HttpAnswer): FeedInstrument[] {
  const { url, status, body } = answer;
  const market = marketOfUrl(url) ?? 'SPOT';
  const info = parse(body);
  if (status !== 200) throw venueError(info, `${url} (status ${status})`);
  if (info === undefined) throw notDocumented(url, 'it is not JSON');
  const symbols = isObject(info) ? info.symbols : undefined;
  if (!Array.isArray(symbols)) throw notDocumented(url, 'it has no array "symbols"');
  return symbols.flatMap((entry: unknown, i) => {
    if (!isObject(entry) || typeof entry.symbol !== 'string' || entry.symbol === '')
      throw notDocumented(url, `its symbol ${i} has no name`);
    // What does not trade sends nothing. COIN-M has the key `contractStatus`.
    if ((entry.status ?? entry.contractStatus) !== 'TRADING') return [];
    const steps = stepsOf(entry, market);
    if (steps === null) {
      throw notDocumented(url, `${entry.symbol} has no PRICE_FILTER.tickSize, LOT_SIZE.stepSize or precision`);
    }
    return [feedInstrument(entry.symbol, market, steps)];
  });
}

export function feedInstrument(symbol: string, market: BinanceMarket, steps: Steps): FeedInstrument {
  return { instrument: binanceInstrument(symbol, market, steps), symbol, book: 'levels', proof: 'sequence' };
}

/** The market that an address belongs to; null where it is a stream of a stand-in for the venue, which does not tell. */
export function marketOfUrl(url: string): BinanceMarket | null {
  if (/\/\/fstream|\/fapi\//.test(url)) return 'USDM';
  if (/\/\/dstream|\/dapi\//.test(url)) return 'COINM';
  return /\/\/(?:data-)?stream\.binance|\/api\/v3\//.test(url) ? 'SPOT' : null;
}

/**
 * The tick is the price filter's. A lot is one unit of the last decimal that sizes are written with, which on spot is finer than the
 * size filter's step: orders older than the filter rest in finer sizes (`instruments.ts`).
 */
function stepsOf(entry: Json, market: BinanceMarket): Steps | null {
  const tickSize = filterStep(entry, 'PRICE_FILTER', 'tickSize');
  const stepSize = filterStep(entry, 'LOT_SIZE', 'stepSize');
  const decimals = market === 'SPOT' ? entry.baseAssetPrecision : entry.quantityPrecision;
  if (tickSize === null || stepSize === null) return null;
  if (!(Number.isInteger(decimals) && Number(decimals) >= 0 && Number(decimals) <= 15)) return null;
  const written = powerStep(Number(decimals));
  return { tickSize, lotSize: Number(written) < Number(stepSize) ? written : stepSize };
}

/** A step of a filter without trailing zeros; null where there is none. */
function filterStep(entry: Json, type: string, key: string): string | null {
  const filters: readonly unknown[] = Array.isArray(entry.filters) ? entry.filters : [];
  const filter = filters.find((item): item is Json => isObject(item) && item.filterType === type);
  const step = filter?.[key];
  if (typeof step !== 'string' || step.length > 24 || !STEP.test(step) || !(Number(step) > 0)) return null;
  return step.includes('.') ? step.replace(/\.?0+$/, '') : step;
}

/** `undefined` where it is no JSON. */
function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function notDocumented(url: string, what: string): BookcastError {
  return new BookcastError(
    'bad-input',
    `the answer of ${url} is not what Binance documents of exchangeInfo: ${what}. Is it the right base address?`,
    { url },
  );
}
