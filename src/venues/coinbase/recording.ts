import { BookcastError } from '../../core/index.ts';
import { type FeedInstrument, openSession, type SessionReader, type VenueProtocol } from '../../feed/index.ts';
import type { EventSource } from '../../market/index.ts';
import { coinbaseProtocol } from './advanced.ts';
import { CsvRecording, probeCsv } from './csv-recording.ts';
import { coinbaseExchangeProtocol, level3Path } from './exchange.ts';
import { coinbaseInstrument, type Product } from './products.ts';
import { probeSession, type SessionFacts, type Speech } from './session-probe.ts';

export interface CoinbaseRecordingOptions {
  /** Recordings of one stream, oldest first. */
  readonly paths: readonly string[];
  /** The venue's symbol, such as `BTC-USD`; needed where a recording holds several. */
  readonly symbol?: string | undefined;
  /** Decimal text; over what the recording tells. */
  readonly tickSize?: string | undefined;
  readonly lotSize?: string | undefined;
}

/** What CSVs without a product's name are taken for, with the steps that it had in 2018 and has today. */
const CSV_PRODUCT: Product = { id: 'BTC-USD', source: 'BTC-USD', tickSize: '0.01', lotSize: '0.00000001' };
const STEP = /^\d+(\.\d+)?$/;

/**
 * Opens recordings of Coinbase as one instrument's events: sessions (`.jsonl` or the older text form, of Advanced Trade or of
 * the Exchange feed), or CSVs (an hour's snapshot and level-2 changes, or raw messages); plain, gzip, xz or zstd. Reads their
 * first lines: throws `not-found`, `bad-input` or `bad-argument` saying what is wrong with which file.
 */
export async function openCoinbase(options: CoinbaseRecordingOptions): Promise<EventSource> {
  const { paths } = options;
  if (paths.length === 0) throw new BookcastError('bad-argument', 'no Coinbase recording was named');
  for (const [option, text] of [
    ['--tick', options.tickSize],
    ['--lot', options.lotSize],
  ] as const) {
    if (text === undefined || (STEP.test(text) && Number(text) > 0)) continue;
    throw new BookcastError('bad-argument', `${option} is a positive decimal such as 0.01, not "${text}"`, { text });
  }
  const first = await probeCsv(paths[0]);
  return first === null ? openFrames(options) : openCsv(options);
}

async function openCsv(options: CoinbaseRecordingOptions): Promise<EventSource> {
  const files = [];
  for (const path of options.paths) {
    const file = await probeCsv(path);
    if (file === null) {
      throw new BookcastError('bad-input', `${path}: not a CSV such as ${options.paths[0]}; give files of one form`, {
        path,
      });
    }
    files.push(file);
  }
  const named = files.find(({ product }) => product !== null)?.product ?? null;
  const wanted = options.symbol?.toUpperCase() ?? named ?? CSV_PRODUCT.id;
  if (named !== null && named !== wanted) {
    throw new BookcastError('bad-argument', `${options.paths[0]}: holds ${named}, not ${wanted}`, { named, wanted });
  }
  const notes =
    named === null && options.symbol === undefined
      ? [`the files do not say what they are of: taken for ${wanted}; --symbol says another`]
      : [];
  const known = wanted === CSV_PRODUCT.id ? CSV_PRODUCT : null;
  const product = withSteps(wanted, known, options);
  const feed = feedOf(product, 'level2_batch');
  return new CsvRecording(files, feed, coinbaseExchangeProtocol(), notes);
}

async function openFrames(options: CoinbaseRecordingOptions): Promise<EventSource> {
  const [path] = options.paths;
  const facts = await probeSession(path);
  if (facts.speech === null || facts.seen.size === 0) {
    throw new BookcastError(
      'bad-input',
      `${path}: not a Coinbase recording. Expected a session of Advanced Trade or Exchange messages, or CSVs with the header side,price,size[,time]`,
      { path },
    );
  }
  const symbol = chooseSymbol(path, facts, options.symbol);
  const listed = facts.products.find(({ id }) => id === symbol) ?? null;
  const product = withSteps(symbol, listed ?? inferred(symbol, facts), options);
  const protocol =
    facts.speech === 'advanced' ? coinbaseProtocol() : coinbaseExchangeProtocol({ channel: facts.speech });
  return openSession(options.paths, readerOf(feedOf(product, facts.speech), protocol));
}

function chooseSymbol(path: string, { seen }: SessionFacts, wanted: string | undefined): string {
  const found = [...seen.keys()].sort();
  const symbol = wanted?.toUpperCase() ?? (found.length === 1 ? found[0] : null);
  if (symbol === null) {
    throw new BookcastError('bad-argument', `${path}: holds ${found.join(', ')}; say which one with --symbol`, {
      path,
      found,
    });
  }
  if (seen.has(symbol)) return symbol;
  throw new BookcastError('bad-input', `${path}: holds ${found.join(', ')}, expected ${symbol}`, { path, found });
}

/** Powers of ten that everything in the first lines is written with. A later value that is finer is an error, never rounded. */
function inferred(symbol: string, { seen }: SessionFacts): Product | null {
  const { price, size } = seen.get(symbol)!;
  if (price < 0 || size < 0) return null;
  return { id: symbol, source: symbol, tickSize: powerStep(price), lotSize: powerStep(size) };
}

function powerStep(decimals: number): string {
  return decimals === 0 ? '1' : `0.${'0'.repeat(decimals - 1)}1`;
}

function withSteps(symbol: string, known: Product | null, options: CoinbaseRecordingOptions): Product {
  const tickSize = options.tickSize ?? known?.tickSize;
  const lotSize = options.lotSize ?? known?.lotSize;
  if (tickSize === undefined || lotSize === undefined) {
    throw new BookcastError(
      'bad-argument',
      `${options.paths[0]}: nothing tells the steps of ${symbol}'s prices and sizes: give them with --tick and --lot`,
      { symbol },
    );
  }
  return { id: symbol, source: symbol, tickSize, lotSize };
}

function feedOf(product: Product, speech: Speech): FeedInstrument {
  const venue = speech === 'advanced' ? 'coinbase' : 'coinbase-exchange';
  const byOrder = speech === 'full';
  return {
    instrument: coinbaseInstrument(venue, product, byOrder ? 'consecutive' : 'linked'),
    symbol: product.source,
    book: byOrder ? 'orders' : 'levels',
    proof: speech === 'level2_batch' ? 'delivery' : 'sequence',
  };
}

function readerOf(feed: FeedInstrument, protocol: VenueProtocol): SessionReader {
  const [plan] = protocol.links([feed]);
  return {
    instrument: feed,
    open: (address, sink) => protocol.open({ ...plan, url: address }, sink),
    isSnapshot: (url) => url.includes(level3Path(feed.symbol)),
    verifier: () => null,
  };
}
