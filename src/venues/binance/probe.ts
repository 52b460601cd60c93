import { BookcastError, dayOfEpochMs } from '../../core/index.ts';
import { type FileFacts, inspectFile, LineSplitter, readChunks } from '../../files/index.ts';
import type { Message } from './canonical.ts';
import { countDecimals, type Decimals, noDecimals } from './decimals.ts';
import { type BinanceMarket, marketOf, type WantedSymbol } from './instruments.ts';

/** Lines read from the beginning of a file to tell what it holds. */
const PROBE_LINES = 2000;
const LINE = /^(\d{13}|\d{16}|\d{19}) (\{.*\})$/;
const EXAMPLE = '`1723161253937085768 {"stream":"btcusdt@depth@100ms","data":{…}}`';

/** What the beginning of a file tells. */
export interface Probe extends Readonly<Decimals> {
  readonly path: string;
  readonly facts: FileFacts;
  /** Milliseconds since 1970 of the first message's receive time. */
  readonly firstMs: number;
  readonly markets: ReadonlyMap<string, BinanceMarket>;
}

/** Reads the first lines of a file. Throws where it is missing, empty, cut before the first message, or no Binance recording. */
export async function probeFile(path: string): Promise<Probe> {
  const facts = await inspectFile(path);
  const lines = await firstLines(path, facts);
  const markets = new Map<string, BinanceMarket>();
  const decimals = noDecimals();
  let firstMs = Number.NaN;
  for (const line of lines) {
    const message = parseLine(line);
    if (message === null) continue;
    if (Number.isNaN(firstMs)) firstMs = Number(line.slice(0, 13));
    const symbol = message.s ?? message.symbol;
    const market = marketOf(message);
    if (typeof symbol === 'string' && market !== null && !markets.has(symbol)) markets.set(symbol, market);
    countDecimals(message, decimals);
  }
  if (markets.size === 0) throw notBinance(path, lines);
  return { path, facts, firstMs, markets, ...decimals };
}

/** The first lines that are not empty. */
export async function firstLines(path: string, facts: FileFacts): Promise<string[]> {
  const lines: string[] = [];
  const splitter = new LineSplitter(path);
  const take = (): void => {
    if (splitter.to > splitter.from) lines.push(splitter.bytes.toString('utf8', splitter.from, splitter.to));
  };
  try {
    for await (const chunk of readChunks(path, facts, () => {})) {
      splitter.feed(chunk);
      while (lines.length < PROBE_LINES && splitter.next()) take();
      if (lines.length >= PROBE_LINES) return lines;
    }
  } catch (error) {
    // A cut file is read as far as it goes; what is wrong with it is said when reading comes to that place.
    if (lines.length === 0) throw error;
  }
  if (splitter.end()) take();
  if (lines.length === 0) throw new BookcastError('bad-input', `${path}: no lines in it`, { path });
  return lines;
}

function parseLine(line: string): Message | null {
  const match = LINE.exec(line);
  if (match === null) return null;
  try {
    const parsed = JSON.parse(match[2]) as Message;
    const data = parsed.data ?? parsed;
    return typeof data === 'object' && data !== null ? (data as Message) : null;
  } catch {
    return null;
  }
}

function notBinance(path: string, lines: readonly string[]): BookcastError {
  let found = 'none of them is such a line';
  if (lines.some((line) => parseLine(line) !== null))
    found = 'the messages are not those of Binance depth, trade or bookTicker streams';
  else if (lines[0].startsWith('{')) found = 'they begin with JSON, and the receive time in front of it is missing';
  return new BookcastError(
    'bad-input',
    `${path}: not a Binance recording. Expected lines such as ${EXAMPLE}; of the first ${lines.length} lines, ${found}`,
    { path },
  );
}

/** The one symbol that all files hold, and its market. Throws where there are several, or where the files differ. */
export function commonSymbol(
  probes: readonly Probe[],
  wanted: WantedSymbol | null,
): { symbol: string; market: BinanceMarket } {
  const [first] = probes;
  const found = [...first.markets.keys()].sort();
  if (wanted === null && found.length > 1) {
    throw new BookcastError(
      'bad-argument',
      `${first.path}: holds ${found.join(', ')}; say which one to read with --symbol`,
      { path: first.path, found },
    );
  }
  const symbol = wanted?.symbol ?? found[0];
  const market = wanted?.market ?? first.markets.get(symbol);
  for (const probe of probes) {
    const here = probe.markets.get(symbol);
    if (market !== undefined && here === market) continue;
    const held = [...probe.markets].map(([name, its]) => `${name}/${its}`).join(', ');
    const expected = market === undefined ? symbol : `${symbol}/${market}`;
    throw new BookcastError('bad-input', `${probe.path}: holds ${held}, expected ${expected}`, { path: probe.path });
  }
  return { symbol, market: market! };
}

/** Throws where a file begins before the one given ahead of it. */
export function checkOrder(probes: readonly Probe[]): void {
  for (let i = 1; i < probes.length; i++) {
    const before = probes[i - 1];
    const after = probes[i];
    if (after.firstMs > before.firstMs) continue;
    const time = (probe: Probe): string => `${probe.path} at ${new Date(probe.firstMs).toISOString()}`;
    throw new BookcastError(
      'bad-argument',
      `the files are joined in the order given, and that is not the order of time: ${time(before)} comes before ${time(after)}. Give the older file first`,
      { paths: probes.map((probe) => probe.path) },
    );
  }
}

export function probeDay(probe: Probe): number {
  return dayOfEpochMs(probe.firstMs);
}
