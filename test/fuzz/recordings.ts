import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { BatchBuilder, type EventBatch, EventKind, instrumentKey, type Side } from '../../src/market/index.ts';
import { openTape, TapeWriter } from '../../src/tape/index.ts';
import { BinanceDecoder } from '../../src/venues/binance/decode.ts';
import { openBinance } from '../../src/venues/binance/index.ts';
import { binanceInstrument, knownSteps } from '../../src/venues/binance/instruments.ts';
import { openCoinbase } from '../../src/venues/coinbase/index.ts';
import { openKraken } from '../../src/venues/kraken/index.ts';
import { openLobster } from '../../src/venues/lobster/index.ts';
import { usdmSession } from '../support/session.ts';
import { FIXTURE_INSTRUMENT } from '../tape/make-fixture.ts';
import { paperDay, textOf } from '../venues/lobster/paper-market.ts';
import { checkBatch, isRefusal } from './check-batch.ts';
import { batchTarget, checkShape, type Files, fileTarget, linesOf } from './files.ts';
import { mutate } from './mutate.ts';
import { coinbaseCsv, coinbaseTextSession, krakenV1Session, recordedSession } from './sessions.ts';
import type { FuzzTarget } from './target.ts';

/** Lines `<receive time> <json>` one by one, as the reader of whole files hands them on. */
const binanceLines: FuzzTarget = {
  name: 'binance-lines',
  steps: 200,
  prepare: async () => {
    const seeds = linesOf(usdmSession({ updates: 120 })).map((line) => line.subarray(0, line.length - 1));
    const instrument = binanceInstrument('BTCUSDT', 'USDM', knownSteps('BTCUSDT', 'USDM')!);
    return () => {
      const builder = new BatchBuilder(instrumentKey(instrument), 19_675);
      const decoder = new BinanceDecoder(instrument, 'BTCUSDT', builder);
      decoder.source = 'fuzz';
      let next = 0;
      return {
        step: (random, tally) => {
          const good = seeds[next++ % seeds.length];
          decoder.decode(good, 0, good.length);
          const line = mutate(seeds, random);
          tally.inputs++;
          tally.bytes += line.length;
          const before = decoder.log.unparsable;
          try {
            decoder.decode(line, 0, line.length);
          } catch (error) {
            if (isRefusal(error)) tally.refused++;
          }
          tally.refused += decoder.log.unparsable - before;
          const batch = builder.finish();
          if (batch === null) return;
          checkBatch(batch);
          tally.rows += batch.length;
        },
      };
    };
  },
};

const lobsterDay = (): Files => {
  const { message, orderbook } = textOf(paperDay(6, 5, 40));
  const name = (kind: string): string => `GOOG_2012-06-21_34200000_57600000_${kind}_5.csv`;
  return { [name('message')]: linesOf(message), [name('orderbook')]: linesOf(orderbook) };
};

const tapeFiles = (): Files => {
  const folder = mkdtempSync(join(tmpdir(), 'bookcast-fuzz-tape-'));
  const writer = TapeWriter.create(join(folder, 'tape'), FIXTURE_INSTRUMENT, 'simulated');
  const builder = new BatchBuilder(instrumentKey(FIXTURE_INSTRUMENT), 15_512);
  for (let sequence = 0; sequence < 24; sequence++) {
    const price = 10_000 + (sequence % 7);
    const ns = 34_200e9 + sequence * 1e6;
    builder.push(EventKind.ADD, (sequence % 2) as Side, price, 5 + sequence, ns, ns + 250, sequence, 1 + sequence);
    builder.endMessage();
    if (sequence % 6 === 5) writer.append(builder.finish() as EventBatch);
  }
  writer.close();
  const bytes = readFileSync(join(folder, 'tape', '000000.seg'));
  rmSync(folder, { recursive: true });
  return { '000000.seg': [bytes] };
};

/** Puts good checksums over a damaged segment wherever a header or a record still has a length that fits: damage before the write. */
function resealed(damaged: Buffer): Buffer {
  const bytes = Buffer.from(damaged);
  for (let at = 0; at + 16 <= bytes.length; ) {
    const header = at === 0;
    const length = bytes.readUInt32LE(at + (header ? 8 : 4));
    if (at + 16 + length > bytes.length) break;
    bytes.writeUInt32LE(crc32(bytes.subarray(at + 16, at + 16 + length)), at + (header ? 12 : 8));
    if (!header) bytes.writeUInt32LE(crc32(bytes.subarray(at, at + 12)), at + 12);
    at += 16 + Math.ceil(length / 8) * 8;
  }
  return bytes;
}

/** Readers of everything that lies in files. */
export const RECORDING_TARGETS: readonly FuzzTarget[] = [
  binanceLines,
  fileTarget({
    name: 'binance-files',
    make: () => ({ 'usdm.dat': linesOf(usdmSession({ updates: 120 })) }),
    open: (paths) => openBinance({ paths, symbol: 'BTCUSDT' }),
    mutated: 'one',
  }),
  fileTarget({
    name: 'binance-session',
    make: () => recordedSession('binance-usdm'),
    open: (paths) => openBinance({ paths, symbol: 'BTCUSDT' }),
    headLines: 3,
    mutated: 'many',
  }),
  fileTarget({
    name: 'coinbase-session',
    make: () => recordedSession('coinbase'),
    open: (paths) => openCoinbase({ paths, symbol: 'BTC-USD' }),
    headLines: 3,
    mutated: 'many',
  }),
  fileTarget({
    name: 'coinbase-text',
    make: coinbaseTextSession,
    open: (paths) => openCoinbase({ paths, symbol: 'SKL-USD' }),
    headLines: 4,
    mutated: 'many',
  }),
  fileTarget({
    name: 'coinbase-csv',
    make: coinbaseCsv,
    open: (paths) => openCoinbase({ paths, symbol: 'BTC-USD' }),
    headLines: 1,
    mutated: 'one',
  }),
  fileTarget({
    name: 'kraken-session',
    make: () => recordedSession('kraken'),
    open: (paths) => openKraken({ paths, symbol: 'BTC/USD' }),
    headLines: 3,
    mutated: 'many',
  }),
  fileTarget({
    name: 'kraken-v1',
    make: krakenV1Session,
    open: (paths) => openKraken({ paths, symbol: 'WAVES/EUR' }),
    headLines: 4,
    mutated: 'many',
  }),
  fileTarget({ name: 'lobster', make: lobsterDay, open: (paths) => openLobster({ paths }), mutated: 'one' }),
  fileTarget({
    name: 'tape',
    make: tapeFiles,
    open: (_paths, folder) => openTape(folder),
    mutated: 'one',
    textual: false,
  }),
  fileTarget({
    name: 'tape-resealed',
    make: tapeFiles,
    open: (_paths, folder) => openTape(folder),
    mutated: 'one',
    textual: false,
    check: checkShape,
    finish: resealed,
  }),
  batchTarget,
];
