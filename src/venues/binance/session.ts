import { BookcastError, textOf } from '../../core/index.ts';
import { type FeedInstrument, type LinkSink, openSession, type SessionReader } from '../../feed/index.ts';
import { inspectFile } from '../../files/index.ts';
import { bboVerifier, type EventBatch, type EventSource, type Verifier } from '../../market/index.ts';
import type { Message } from './canonical.ts';
import { BinanceConversation } from './conversation.ts';
import { countDecimals, type Decimals, inferSteps, noDecimals, refineSteps } from './decimals.ts';
import { feedInstrument, listedOf, marketOfUrl, symbolOf } from './discovery.ts';
import { type BinanceMarket, marketOf, type WantedSymbol } from './instruments.ts';
import { KnownRange } from './known-range.ts';
import { MARKETS } from './markets.ts';
import { firstLines } from './probe.ts';
import { type ChosenSteps, chooseSteps, type StepOptions, stepsNote } from './steps.ts';

/**
 * Opens sessions of a websocket and its requests, files of one session oldest first, as one instrument's events: the live feed's
 * own conversation decodes what was received. The steps are those of the recorded `exchangeInfo`, where there is one. Throws
 * `bad-argument` where several instruments are recorded and none was asked for.
 */
export async function openBinanceSession(
  paths: readonly string[],
  wanted: WantedSymbol | null,
  options: StepOptions,
): Promise<EventSource> {
  const probe = new SessionProbe();
  for (const path of paths) for (const line of await firstLines(path, await inspectFile(path))) probe.take(line);
  const { symbol, market } = probe.choose(wanted, paths[0]);
  const name = `${symbol}/${market}`;
  const listed = probe.listed.get(name)?.instrument ?? null;
  const decimals = probe.decimals.get(symbol) ?? noDecimals();
  const venues = listed === null ? null : refineSteps(listed, decimals);
  const steps = chooseSteps(symbol, market, options, venues, () => inferSteps([decimals]), paths[0]);
  const source = await openSession(paths, new Reader(feedInstrument(symbol, market, steps), market));
  return new NotedSource(source, steps);
}

/** What the first lines of a session tell. */
class SessionProbe {
  /** Our names of what its streams carry. */
  readonly names = new Set<string>();
  /** By name, from recorded exchangeInfo. */
  readonly listed = new Map<string, FeedInstrument>();
  /** By symbol. */
  readonly decimals = new Map<string, Decimals>();

  take(line: string): void {
    const entry = parse(line);
    if (entry === null) return;
    const data = typeof entry.data === 'string' ? entry.data : '';
    const url = textOf(entry.url);
    if (entry.t === 'connect') this.#takeAddress(textOf(entry.addr));
    else if (entry.t === 'recv') this.#takeMessage(data);
    else if (url.includes('/depth?')) this.#count(symbolOf(url), parse(data) ?? {});
    else if (url.includes('/exchangeInfo')) {
      for (const found of listedOf({ url, status: 200, headers: {}, body: Buffer.from(data) })) {
        this.listed.set(found.instrument.name, found);
      }
    }
  }

  choose(wanted: WantedSymbol | null, path: string): { symbol: string; market: BinanceMarket } {
    const found = [...this.names].sort();
    const fits = found.filter((name) => {
      const [symbol, market] = name.split('/');
      return wanted === null || (symbol === wanted.symbol && (wanted.market ?? market) === market);
    });
    if (fits.length === 1) {
      const [symbol, market] = fits[0].split('/');
      return { symbol, market: market as BinanceMarket };
    }
    const held = found.length === 0 ? 'no stream of Binance in its first lines' : found.join(', ');
    if (fits.length > 1) {
      throw new BookcastError('bad-argument', `${path}: holds ${held}; say which one to read with --symbol`, { path });
    }
    const expected = wanted === null ? 'depth, trade or bookTicker streams' : wanted.symbol;
    throw new BookcastError('bad-input', `${path}: holds ${held}, expected ${expected}`, { path });
  }

  #takeAddress(address: string): void {
    const market = marketOfUrl(address);
    if (market !== null) for (const symbol of symbolsOf(address)) this.names.add(`${symbol}/${market}`);
  }

  #takeMessage(text: string): void {
    const parsed = parse(text);
    const message = typeof parsed?.data === 'object' && parsed.data !== null ? (parsed.data as Message) : null;
    if (message === null || typeof message.s !== 'string') return;
    const market = marketOf(message);
    if (market === null) return;
    // Where the address does not tell the market, the messages do.
    this.names.add(`${message.s}/${market}`);
    this.#count(message.s, message);
  }

  #count(symbol: string, message: Message): void {
    const decimals = this.decimals.get(symbol) ?? noDecimals();
    this.decimals.set(symbol, decimals);
    countDecimals(message, decimals);
  }
}

class Reader implements SessionReader {
  readonly instrument: FeedInstrument;
  readonly #market: BinanceMarket;
  readonly #ranges = [new KnownRange()];

  constructor(instrument: FeedInstrument, market: BinanceMarket) {
    this.instrument = instrument;
    this.#market = market;
  }

  open(address: string, sink: LinkSink): BinanceConversation | null {
    const { instrument } = this;
    const facts = MARKETS[this.#market];
    if (!this.#isOurs(address)) return null;
    // A session that was cut at its beginning has no addresses; its messages have names.
    if (address !== '' && !symbolsOf(address).includes(instrument.symbol)) return null;
    const [depth] = facts.depths;
    return new BinanceConversation({ instruments: [instrument], facts, rest: '', depth, ranges: this.#ranges }, sink);
  }

  isSnapshot(url: string): boolean {
    return url.includes('/depth?') && this.#isOurs(url) && symbolOf(url) === this.instrument.symbol;
  }

  verifier(): Verifier {
    return bboVerifier(this.instrument.instrument);
  }

  #isOurs(url: string): boolean {
    return (marketOfUrl(url) ?? this.#market) === this.#market;
  }
}

/** The symbols of a combined stream's address. */
function symbolsOf(address: string): string[] {
  const streams = /[?&]streams=([^&]*)/.exec(address)?.[1] ?? '';
  const names = streams.split('/').map((stream) => stream.split('@')[0]);
  return [...new Set(names)].filter((name) => name !== '').map((name) => decoded(name).toUpperCase());
}

/** Without its percent signs; as it stands where they are none of an address. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function parse(text: string): Message | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Message) : null;
  } catch {
    return null;
  }
}

/** A session whose steps may need a word. */
class NotedSource implements EventSource {
  readonly origin = 'recorded';
  readonly #source: EventSource;
  readonly #steps: ChosenSteps;

  constructor(source: EventSource, steps: ChosenSteps) {
    this.#source = source;
    this.#steps = steps;
  }

  get instrument() {
    return this.#source.instrument;
  }

  get counts() {
    return this.#source.counts;
  }

  get notes(): readonly string[] {
    return [...stepsNote(this.instrument, this.#steps), ...this.#source.notes];
  }

  verifier(): Verifier | null {
    return this.#source.verifier();
  }

  batches(options?: { lend?: boolean }): AsyncIterable<EventBatch> {
    return this.#source.batches(options);
  }
}
