import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import {
  BatchBuilder,
  BookSync,
  type EventBatch,
  type EventSource,
  type Instrument,
  instrumentKey,
  LadderBook,
  messageEnd,
  SyncState,
  type Verifier,
} from '../../../src/market/index.ts';
import { BinanceDecoder } from '../../../src/venues/binance/decode.ts';
import { type BinanceMarket, binanceInstrument, knownSteps } from '../../../src/venues/binance/instruments.ts';

/** 2024-08-08, the day of every fixture line. */
export const DAY = 19943;
export const RECV = '1723161253937085768';
export const RECV_NS = 86053937085768;

export const COLUMNS = [
  'kind',
  'side',
  'flags',
  'priceTicks',
  'sizeLots',
  'tsEventNs',
  'tsRecvNs',
  'sequence',
  'orderId',
] as const;
export type Row = Record<(typeof COLUMNS)[number], number>;

export function rowsOf(batch: EventBatch | null): Row[] {
  if (batch === null) return [];
  return Array.from(
    { length: batch.length },
    (_, i) => Object.fromEntries(COLUMNS.map((c) => [c, batch[c][i]])) as Row,
  );
}

export function instrumentOf(symbol: string, market: BinanceMarket): Instrument {
  return binanceInstrument(symbol, market, knownSteps(symbol, market)!);
}

/** A decoder and what it made of some lines. */
export function decodeLines(instrument: Instrument, lines: readonly string[], severalSymbols = false) {
  const builder = new BatchBuilder(instrumentKey(instrument), DAY);
  const decoder = new BinanceDecoder(instrument, instrument.name.split('/')[0], builder, severalSymbols);
  decoder.source = 'fixture';
  for (const line of lines) {
    const bytes = Buffer.from(line);
    decoder.decode(bytes, 0, bytes.length);
  }
  return { rows: rowsOf(builder.finish()), log: decoder.log };
}

const folder = mkdtempSync(join(tmpdir(), 'bookcast-binance-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a file for this test file alone, and returns its path. */
export function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

export interface Replay {
  book: LadderBook;
  sync: BookSync;
  verifier: Verifier;
  events: number;
  batches: EventBatch[];
}

const NOTHING_TO_VERIFY: Verifier = {
  afterMessage: () => {},
  report: () => ({ checked: 0, mismatches: 0, firstMismatch: null }),
};

/** Reads a source to its end into a book, as a replay does. */
export async function replay(source: EventSource, keep = false): Promise<Replay> {
  const book = new LadderBook();
  const sync = new BookSync(source.instrument, book);
  const verifier = source.verifier() ?? NOTHING_TO_VERIFY;
  const batches: EventBatch[] = [];
  let events = 0;
  for await (const batch of source.batches()) {
    events += batch.length;
    if (keep) batches.push(batch);
    for (let i = 0; i < batch.length; ) {
      const end = messageEnd(batch, i);
      sync.applyMessage(batch, i, end);
      verifier.afterMessage(batch, i, end, book, sync.state === SyncState.SYNCED);
      i = end;
    }
  }
  return { book, sync, verifier, events, batches };
}

type Levels = readonly (readonly [string, string])[];

/** Lines of a small USD-M market, as the venue writes them. */
export const usdm = {
  depth: (U: number, u: number, pu: number, b: Levels, a: Levels): string =>
    `${RECV} {"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1723161255208,"T":1723161255200,"s":"BTCUSDT",` +
    `"U":${U},"u":${u},"pu":${pu},"b":${JSON.stringify(b)},"a":${JSON.stringify(a)}}}`,
  snapshot: (id: number, b: Levels, a: Levels): string =>
    `${RECV} {"lastUpdateId":${id},"E":1723161255208,"T":1723161255200,"bids":${JSON.stringify(b)},"asks":${JSON.stringify(a)}}`,
  ticker: (u: number, b: string, B: string, a: string, A: string): string =>
    `${RECV} {"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":${u},"s":"BTCUSDT","b":"${b}","B":"${B}",` +
    `"a":"${a}","A":"${A}","T":1723161255200,"E":1723161255208}}`,
  trade: (t: number, p: string, q: string, m: boolean, X = 'MARKET'): string =>
    `${RECV} {"stream":"btcusdt@trade","data":{"e":"trade","E":1723161255208,"T":1723161255200,"s":"BTCUSDT","t":${t},` +
    `"p":"${p}","q":"${q}","X":"${X}","m":${m}}}`,
};

/** A snapshot as of id 10 that the diffs bridge; best 99.90 × 100.00. */
export const MARKET: readonly string[] = [
  usdm.depth(5, 11, 4, [['99.80', '2.000']], []),
  usdm.snapshot(10, [['99.90', '1.000']], [['100.00', '3.000']]),
  usdm.ticker(12, '99.90', '1.500', '100.00', '3.000'),
  usdm.depth(12, 12, 11, [['99.90', '1.500']], []),
  usdm.trade(7, '100.00', '0.500', false),
  usdm.depth(14, 15, 12, [], [['100.00', '2.500']]),
  usdm.ticker(15, '99.90', '1.500', '100.00', '2.500'),
  usdm.depth(16, 18, 15, [['99.70', '4.000']], [['100.10', '1.000']]),
  usdm.ticker(20, '99.90', '1.400', '100.00', '2.500'),
];
