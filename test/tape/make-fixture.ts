import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { NO_PRICE, parseDay } from '../../src/core/index.ts';
import {
  BatchBuilder,
  type EventBatch,
  EventFlag,
  EventKind,
  Fault,
  type Instrument,
  Side,
} from '../../src/market/index.ts';
import { TapeWriter } from '../../src/tape/index.ts';

/**
 * A tape of every kind of event, made by hand. `node test/tape/make-fixture.ts test/fixtures/vX.Y.Z` leaves it in that
 * folder, with what it must read as beside it; every later version must still read it (`fixtures.test.ts`).
 */
export const FIXTURE_INSTRUMENT: Instrument = {
  venue: 'sim',
  name: 'FIXTURE',
  tickSize: '0.01',
  lotSize: '0.001',
  sequencing: 'consecutive',
  burstQuietNs: 0,
  depthLimit: null,
};
const DAY = parseDay('2012-06-21');
const BATCHES = 6;
const MESSAGES = 20;

/** Batch `index` of the fixture; any index gives one, so that tests can make as many as they like. */
export function fixtureBatch(index: number): EventBatch {
  const builder = new BatchBuilder('sim:FIXTURE', DAY);
  for (let i = 0; i < MESSAGES; i++) {
    const sequence = index * MESSAGES + i;
    const ts = 34_200_000_000_001 + 1_000_003 * sequence;
    const push = (kind: EventKind, side: Side, ticks: number, lots: number, id = 0): void =>
      builder.push(kind, side, ticks, lots, ts, ts + 250, sequence, id);
    const price = 10_000 + (sequence % 7);
    switch (i % 10) {
      case 0:
        push(EventKind.SNAPSHOT, Side.NONE, NO_PRICE, 0);
        push(EventKind.LEVEL, Side.BID, price, 12 + sequence);
        push(EventKind.LEVEL, Side.ASK, price + 2, 2 ** 40 + sequence);
        break;
      case 1:
        push(EventKind.DELTA, Side.NONE, NO_PRICE, 0, sequence - 1);
        push(EventKind.LEVEL, Side.ASK, price + 3, 5);
        builder.flag(EventFlag.REVEALED);
        break;
      case 2:
        push(EventKind.ADD, Side.BID, price - 1, 300, Number.MAX_SAFE_INTEGER - sequence);
        break;
      case 3:
        push(EventKind.CANCEL, Side.BID, price - 1, 100, 7);
        break;
      case 4:
        push(EventKind.EXECUTE, Side.ASK, price + 2, 1, 8);
        push(EventKind.TRADE, Side.BID, price + 2, 1, 9);
        break;
      case 5:
        push(EventKind.DELETE, Side.BID, price - 1, 200, 7);
        push(EventKind.LEVEL, Side.BID, -5, 0);
        builder.flag(EventFlag.HIDDEN);
        break;
      case 6:
        push(EventKind.TRADE, Side.NONE, NO_PRICE, 44);
        break;
      case 7:
        push(EventKind.BBO, Side.BID, price, 1);
        push(EventKind.BBO, Side.ASK, price + 2, 1);
        break;
      case 8:
        push(EventKind.FAULT, Side.NONE, NO_PRICE, Fault.UNPARSABLE);
        break;
      default:
        push(EventKind.FAULT, Side.NONE, NO_PRICE, Fault.HALT);
    }
    builder.endMessage();
  }
  return builder.finish()!;
}

/** What a tape must read as, whatever its bytes. */
export interface TapeDigest {
  instrument: string;
  origin: string;
  batches: number;
  events: number;
  sha256: string;
}

export function digest(instrument: string, origin: string, batches: readonly EventBatch[]): TapeDigest {
  const hash = createHash('sha256');
  let events = 0;
  for (const b of batches) {
    events += b.length;
    for (let i = 0; i < b.length; i++) {
      const event = [
        b.day,
        b.kind[i],
        b.side[i],
        b.flags[i],
        b.priceTicks[i],
        b.sizeLots[i],
        b.tsEventNs[i],
        b.tsRecvNs[i],
      ];
      hash.update(`${[...event, b.sequence[i], b.orderId[i]].join(',')}\n`);
    }
  }
  return { instrument, origin, batches: batches.length, events, sha256: hash.digest('hex') };
}

export function fixtureBatches(): EventBatch[] {
  return Array.from({ length: BATCHES }, (_, i) => fixtureBatch(i));
}

/** Ids of orders on the tape, of which the second batch is the first to know. */
export const FIXTURE_IDS = { firstId: 7, ids: ['3c6f1e2a-7b1d-4f7e-9a52-0d4f8f3f6f10', 'é"8'], batch: 1 };

/**
 * Writes `tape/` and `tape.json` into `folder`: two segments, the first compressed, the second with a checkpoint that no reader
 * of the whole tape sees.
 */
export function writeTapeFixture(folder: string): void {
  const batches = fixtureBatches();
  const segmentBytes = Math.ceil((batches[0].buffer.byteLength * BATCHES) / 2);
  const writer = TapeWriter.create(join(folder, 'tape'), FIXTURE_INSTRUMENT, 'simulated', {
    segmentBytes,
    checkpoint: () => fixtureBatch(99),
    onClosed: ({ path }) => {
      writeFileSync(`${path}.zst`, zstdCompressSync(readFileSync(path)));
      rmSync(path);
    },
  });
  batches.forEach((batch, i) => {
    if (i === FIXTURE_IDS.batch) writer.appendIds(FIXTURE_IDS.firstId, FIXTURE_IDS.ids);
    writer.append(batch);
  });
  writer.close();
  writeFileSync(join(folder, 'tape.json'), `${JSON.stringify(digest('sim:FIXTURE', 'simulated', batches), null, 2)}\n`);
}

if (import.meta.main) {
  const [, , folder] = process.argv;
  if (folder === undefined) throw new Error('say which folder, such as test/fixtures/v0.0.1');
  if (existsSync(join(folder, 'tape')))
    throw new Error(`${folder}/tape is there already; a fixture is never rewritten`);
  writeTapeFixture(folder);
}
