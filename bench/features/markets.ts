import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type EventBatch, EventFlag, EventKind, type EventSource, type Instrument } from '../../src/market/index.ts';
import { openBinance } from '../../src/venues/binance/index.ts';
import { readLobsterFiles } from '../../src/venues/lobster/files.ts';
import { openLobster } from '../../src/venues/lobster/index.ts';
import { openSim } from '../../src/venues/sim/index.ts';

const DATA = process.env.BOOKCAST_DATA ?? resolve(import.meta.dirname, '../../../shared/data');
const GOOG = resolve(DATA, 'lobster/LOBSTER_SampleFile_GOOG_2012-06-21_10.zip');
const BTCUSDT = resolve(DATA, 'binance/usdm_btcusdt_20240808.gz');

/** What a recording is made of, on disk. */
export interface RawBytes {
  open(): Promise<EventSource>;
  /** What anybody has to do who reads the file, and nothing else: unpack it and take it apart with built-in means. */
  takeApart(): Promise<number>;
  /** Those means. */
  readonly by: string;
}

export interface Market {
  readonly name: string;
  readonly instrument: Instrument;
  readonly batches: readonly EventBatch[];
  /** Level changes, order messages and trades; snapshots and what only came into the venue's window of levels are none. */
  readonly events: number;
  /** Null where the market is simulated. */
  readonly raw: RawBytes | null;
}

const GOOG_BYTES: RawBytes = {
  open: () => openLobster({ paths: [GOOG] }),
  by: 'String.split',
  async takeApart() {
    const { message, orderbook } = await readLobsterFiles([GOOG]);
    let cells = 0;
    for (const file of [message, orderbook]) {
      for (const line of Buffer.from(file!.bytes).toString('latin1').split('\n')) cells += line.split(',').length;
    }
    return cells;
  },
};

const BTCUSDT_BYTES: RawBytes = {
  open: () => openBinance({ paths: [BTCUSDT] }),
  by: 'JSON.parse',
  async takeApart() {
    let messages = 0;
    for (const line of gunzipSync(readFileSync(BTCUSDT)).toString('latin1').split('\n')) {
      if (line !== '') messages += JSON.parse(line.slice(line.indexOf('{'))).data === undefined ? 0 : 1;
    }
    return messages;
  },
};

/** One market of orders and one of levels, as recorded; where the recordings are not here, or for a smoke run, a simulated one. */
export async function loadMarkets(smoke: boolean): Promise<Market[]> {
  if (smoke) return [await load('simulated', openSim({ mode: 'realistic', seed: 1, messages: 2500 }), null)];
  const markets: Market[] = [];
  for (const [name, path, raw] of [
    ['GOOG_10', GOOG, GOOG_BYTES],
    ['BTCUSDT', BTCUSDT, BTCUSDT_BYTES],
  ] as const) {
    if (existsSync(path)) markets.push(await load(name, await raw.open(), raw));
  }
  if (markets.length > 0) return markets;
  return [await load('simulated', openSim({ mode: 'realistic', seed: 1, messages: 100_000 }), null)];
}

async function load(name: string, source: EventSource, raw: RawBytes | null): Promise<Market> {
  const batches: EventBatch[] = [];
  for await (const batch of source.batches()) batches.push(batch);
  return { name, instrument: source.instrument, batches, events: batches.reduce((n, b) => n + eventsOf(b), 0), raw };
}

function eventsOf(batch: EventBatch): number {
  let events = 0;
  let inSnapshot = false;
  for (let i = 0; i < batch.length; i++) {
    const flags = batch.flags[i];
    if (batch.kind[i] === EventKind.SNAPSHOT) inSnapshot = true;
    const own = (flags & (EventFlag.REVEALED | EventFlag.HIDDEN)) === 0;
    if (!inSnapshot && own && batch.kind[i] <= EventKind.TRADE) events++;
    if ((flags & EventFlag.MESSAGE_END) !== 0) inSnapshot = false;
  }
  return events;
}
