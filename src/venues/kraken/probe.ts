import { BookcastError, textOf } from '../../core/index.ts';
import { inspectFile, LineSplitter, readChunks } from '../../files/index.ts';
import { currentName, type PairFacts, powerStep, readAssetPairs } from './pairs.ts';

/** Lines read from the beginning of a file to tell what it holds. */
const PROBE_LINES = 20_000;
const DEPTHS = [10, 25, 100, 500, 1000];
/** More are none of the venue's, and no step could hold them. */
const MAX_DECIMALS = 15;
const V1_BOOK = /^book-(\d+)$/;
const V2_BOOK = /^\{"channel":"book","type":"(?:snapshot|update)","data":\[\{"symbol":"([^"\\]+)"/;
const V2_DEPTH = /"channel":"book","depth":(\d+)/;
const TEXT_LINE = /^\d+(?:\.\d+)?: /;

/** What the messages tell of a pair. */
interface SeenPair {
  /** Levels a side that were subscribed to. */
  depth: number;
  /** Decimals that prices and sizes are written with, and those that prices need. */
  priceDecimals: number;
  sizeDecimals: number;
  tickDecimals: number;
}

/** What the first lines of a session tell. */
export interface SessionFacts {
  /** Messages are those of WebSocket v2. */
  readonly v2: boolean;
  /** As the wire writes the pair. */
  readonly symbol: string;
  readonly depth: number;
  readonly pair: PairFacts;
}

/** Looks which pairs there are, and what tells the steps of the wanted one (our name or the wire's; null: the only one). */
export async function probeSession(paths: readonly string[], wanted: string | null): Promise<SessionFacts> {
  const probe = new Probe();
  for (const path of paths) await readLines(path, (line) => probe.take(line));
  const names = [...probe.seen.keys()].map(currentName).sort();
  if (names.length === 0) {
    throw new BookcastError(
      'bad-input',
      `${paths[0]}: no book message of Kraken's in its first ${PROBE_LINES} lines. Expected messages such as [992,{"as":[…],"bs":[…]},"book-1000","XMR/USD"] (v1) or {"channel":"book","type":"snapshot",…} (v2)`,
      { path: paths[0] },
    );
  }
  if (wanted === null && names.length > 1) {
    throw new BookcastError(
      'bad-argument',
      `${paths[0]}: holds ${names.join(', ')}; say which one to read with --symbol`,
      {
        path: paths[0],
        found: names,
      },
    );
  }
  const name = currentName(wanted ?? names[0]);
  const symbol = [...probe.seen.keys()].find((pair) => currentName(pair) === name);
  if (symbol === undefined) {
    throw new BookcastError('bad-argument', `${paths[0]}: holds ${names.join(', ')}, and no ${name}`, { found: names });
  }
  const seen = probe.seen.get(symbol)!;
  return { v2: probe.v2, symbol, depth: probe.depth ?? seen.depth, pair: factsOf(seen, probe.listed(name)) };
}

/** The venue's own list tells the tick, unless prices are finer than that; the wire's decimals are what was seen. */
function factsOf(seen: SeenPair, listed: PairFacts | null): PairFacts {
  const { priceDecimals, sizeDecimals, tickDecimals } = seen;
  const fits = listed !== null && (listed.tickSize.split('.')[1] ?? '').length >= tickDecimals;
  return {
    tickSize: fits ? listed.tickSize : powerStep(tickDecimals),
    lotSize: powerStep(sizeDecimals),
    priceDecimals: Math.max(priceDecimals, fits ? (listed.tickSize.split('.')[1] ?? '').length : 0),
    sizeDecimals,
  };
}

class Probe {
  v2 = false;
  /** As a subscription to v2's books says; null where none does. */
  depth: number | null = null;
  readonly seen = new Map<string, SeenPair>();
  #listed = new Map<string, PairFacts>();

  /** A line of a session (`feed`'s session log); what cannot be read here is reported when it is read as events. */
  take(line: string): void {
    try {
      if (TEXT_LINE.test(line)) this.#message(line.slice(line.indexOf(': ') + 2));
      else if (line.startsWith('{')) this.#record(JSON.parse(line) as Record<string, unknown>);
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof BookcastError)) throw error;
    }
  }

  listed(name: string): PairFacts | null {
    for (const [pair, facts] of this.#listed) if (currentName(pair) === name) return facts;
    return null;
  }

  #record({ t, url, data }: Record<string, unknown>): void {
    if (typeof data !== 'string') return;
    if (t === 'http' && textOf(url).includes('/AssetPairs')) this.#listed = readAssetPairs(data, textOf(url));
    if (t === 'recv') this.#message(data);
  }

  #message(text: string): void {
    if (text.startsWith('[')) {
      this.#messageV1(JSON.parse(text) as readonly unknown[]);
      return;
    }
    const depth = V2_DEPTH.exec(text);
    if (depth !== null && DEPTHS.includes(Number(depth[1]))) this.depth = Number(depth[1]);
    const match = V2_BOOK.exec(text);
    if (match === null) return;
    this.v2 = true;
    const pair = this.#pair(match[1]);
    const prices = [...text.matchAll(/"price": ?([\d.]+)/g)];
    for (const [, price] of prices) countPrice(pair, price);
    for (const [, size] of text.matchAll(/"qty": ?([\d.]+)/g)) countSize(pair, size);
    pair.depth = DEPTHS.find((levels) => 2 * levels >= prices.length && levels >= pair.depth) ?? pair.depth;
  }

  #messageV1(message: readonly unknown[]): void {
    const [channel, symbol] = message.slice(-2);
    const match = typeof channel === 'string' ? V1_BOOK.exec(channel) : null;
    if (match === null || typeof symbol !== 'string') return;
    const pair = this.#pair(symbol);
    if (DEPTHS.includes(Number(match[1]))) pair.depth = Number(match[1]);
    for (const part of message.slice(1, -2)) {
      for (const levels of Object.values(part ?? {})) {
        for (const level of Array.isArray(levels) ? (levels as unknown[]) : []) {
          if (!Array.isArray(level)) continue;
          countPrice(pair, textOf(level[0]));
          countSize(pair, textOf(level[1]));
        }
      }
    }
  }

  #pair(symbol: string): SeenPair {
    let pair = this.seen.get(symbol);
    if (pair === undefined) {
      pair = { depth: DEPTHS[0], priceDecimals: 0, sizeDecimals: 0, tickDecimals: 0 };
      this.seen.set(symbol, pair);
    }
    return pair;
  }
}

function countPrice(pair: SeenPair, text: string): void {
  const fraction = text.split('.')[1] ?? '';
  if (fraction.length > MAX_DECIMALS) return;
  pair.priceDecimals = Math.max(pair.priceDecimals, fraction.length);
  pair.tickDecimals = Math.max(pair.tickDecimals, fraction.replace(/0+$/, '').length);
}

function countSize(pair: SeenPair, text: string): void {
  const fraction = text.split('.')[1] ?? '';
  if (fraction.length <= MAX_DECIMALS) pair.sizeDecimals = Math.max(pair.sizeDecimals, fraction.length);
}

async function readLines(path: string, take: (line: string) => void): Promise<void> {
  const facts = await inspectFile(path);
  const splitter = new LineSplitter(path);
  let lines = 0;
  try {
    for await (const chunk of readChunks(path, facts, () => {})) {
      splitter.feed(chunk);
      while (splitter.next()) {
        take(splitter.bytes.toString('utf8', splitter.from, splitter.to));
        if (++lines === PROBE_LINES) return;
      }
    }
  } catch (error) {
    // A cut file is read as far as it goes; what is wrong with it is said when reading comes to that place.
    if (lines === 0) throw error;
  }
  if (splitter.end()) take(splitter.bytes.toString('utf8', splitter.from, splitter.to));
}
