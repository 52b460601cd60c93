import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EventBatch } from '../../src/market/index.ts';
import {
  isRecording,
  isTape,
  type OrderIds,
  openRecordingFolder,
  openTape,
  rawPaths,
  readOrderIds,
} from '../../src/tape/index.ts';
import { collect } from '../support/batches.ts';
import {
  batchOf,
  createRecording,
  DAY,
  filesIn,
  INSTRUMENTS,
  instrumentOf,
  line,
  ManualClock,
  manifestOf,
  rawNumbers,
  sequencesOf,
} from './recording-support.ts';
import { bytesOf, readAll, tempFolder } from './support.ts';

const btc = { instrument: 'BTCUSDT/SPOT' };

describe('a recording', () => {
  it('gives each instrument back as it was written, and the raw lines', async () => {
    const dir = join(tempFolder(), 'rec');
    const recording = createRecording(dir);
    expect(recording.day).toBe(DAY);
    for (let i = 0; i < 20; i++) {
      recording.append(i % 2, batchOf(i % 2, i));
      recording.appendRaw(line(i));
    }
    recording.sync();
    expect(manifestOf(dir)).toMatchObject({ closed: false, venue: 'binance', bookcast: '0.2.0', day: DAY });
    await recording.close();
    await recording.close();
    expect(isRecording(dir)).toBe(true);
    expect(isTape(dir)).toBe(false);
    expect(manifestOf(dir)).toMatchObject({ closed: true, command: 'bookcast ingest', removedBytes: 0 });
    const tape = await openRecordingFolder(dir, { instrument: 'binance:ethusdt/spot' });
    expect(tape.origin).toBe('live');
    expect(tape.instrument).toEqual(INSTRUMENTS[1]);
    expect(bytesOf(await readAll(tape))).toEqual(
      bytesOf([1, 3, 5, 7, 9, 11, 13, 15, 17, 19].map((n) => batchOf(1, n))),
    );
    expect(rawNumbers(dir)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    const [head] = readFileSync(rawPaths(dir)[0], 'utf8').split('\n');
    expect(JSON.parse(head)).toMatchObject({ t: 'header', recorder: 'bookcast', venue: 'binance' });
    expect(filesIn(dir)).toEqual([
      'BTCUSDT_SPOT/000000.seg',
      'ETHUSDT_SPOT/000000.seg',
      'manifest.json',
      'raw/000000.jsonl',
    ]);
  });

  it('cuts files by size, compresses the closed ones, and reads them all the same', async () => {
    const dir = join(tempFolder(), 'rec');
    const recording = createRecording(dir, { limits: { segmentBytes: 2000 } });
    const truth: EventBatch[] = [];
    for (let i = 0; i < 60; i++) {
      truth.push(batchOf(0, i));
      recording.append(0, truth[i]);
      recording.appendRaw(line(i));
    }
    // Read while it is being written and packed.
    expect(bytesOf(await readAll(await openRecordingFolder(dir, btc)))).toEqual(bytesOf(truth));
    await recording.close();
    const files = filesIn(dir).filter((name) => name.startsWith('BTC'));
    expect(files.length).toBeGreaterThan(4);
    expect(files.slice(0, -1).every((name) => name.endsWith('.seg.zst'))).toBe(true);
    expect(files.at(-1)).toMatch(/\.seg$/);
    const tape = await openRecordingFolder(dir, btc);
    expect(bytesOf(await readAll(tape))).toEqual(bytesOf(truth));
    expect(tape.counts.bytesRead).toBe(tape.counts.bytesTotal);
    expect(tape.notes).toEqual([]);
    expect(rawNumbers(dir)).toEqual(Array.from({ length: 60 }, (_, i) => i));
  });

  it('cuts files by age, one after another', async () => {
    const dir = join(tempFolder(), 'rec');
    const clock = new ManualClock();
    const recording = createRecording(dir, { clock, limits: { segmentMs: 3000 } });
    const rolls: string[] = [];
    for (let i = 0; i < 8; i++) {
      for (const k of [0, 1]) {
        const before = filesIn(dir).length;
        recording.append(k, batchOf(k, i));
        if (filesIn(dir).length > before) rolls.push(`${clock.ms % 60_000}: ${k}`);
      }
      clock.ms += 1000;
    }
    await recording.close();
    // Every 3 s; the second instrument's first segment counts 1 s older, so that not all are closed at once.
    expect(rolls).toEqual(['2000: 1', '3000: 0', '5000: 1', '6000: 0']);
  });

  it('goes on where it ended, says so on every tape, and keeps its first day', async () => {
    const dir = join(tempFolder(), 'rec');
    const clock = new ManualClock();
    const first = createRecording(dir, { clock });
    first.append(0, batchOf(0, 1));
    first.appendRaw(line(1));
    await first.close();
    clock.ms += 2 * 86_400_000;
    // The order of the instruments is the caller's each time.
    const second = createRecording(dir, { clock, instruments: [...INSTRUMENTS].reverse() });
    expect(second.day).toBe(DAY);
    second.append(1, batchOf(0, 2));
    second.append(0, batchOf(1, 7));
    second.appendRaw(line(2));
    expect(() => second.append(1, EventBatch.allocate('binance:BTCUSDT/SPOT', DAY + 2, 0))).toThrow('first day');
    await second.close();
    const batches = await readAll(await openRecordingFolder(dir, btc));
    expect(sequencesOf(batches)).toEqual([1, -1, 2]);
    expect(batches[1].tsRecvNs[0]).toBe((2 * 86_400 + 12 * 3600) * 1e9);
    // Nothing was lost of a tape on which nothing was.
    expect(sequencesOf(await readAll(await openRecordingFolder(dir, { instrument: 'ETHUSDT_SPOT' })))).toEqual([7]);
    expect(rawNumbers(dir)).toEqual([1, 2]);
  });

  it('refuses to go on with a recording of something else, or a very old one', async () => {
    const dir = join(tempFolder(), 'rec');
    await createRecording(dir).close();
    const refused = (options: Parameters<typeof createRecording>[1], message: string): void => {
      expect(() => createRecording(dir, options)).toThrow(message);
      expect(existsSync(join(dir, 'writer.lock'))).toBe(false);
    };
    refused({ venue: 'kraken' }, 'holds a recording of binance, not of kraken');
    refused({ instruments: [instrumentOf('X')] }, 'holds a recording of BTCUSDT/SPOT, ETHUSDT/SPOT, not of X');
    refused({ instruments: INSTRUMENTS.slice(0, 1) }, 'not of BTCUSDT/SPOT alone');
    refused({ instruments: [{ ...INSTRUMENTS[0], tickSize: '1' }, INSTRUMENTS[1]] }, 'BTCUSDT/SPOT with other steps');
    const clock = new ManualClock();
    clock.ms += 101 * 86_400_000;
    refused({ clock }, 'begun on 2026-03-01; one goes on for 100 days');
    const open = createRecording(dir);
    expect(() => createRecording(dir)).toThrow(`is being written by process ${process.pid}`);
    await open.close();
  });

  it('lets go of everything where one of its tapes cannot be opened', async () => {
    const dir = join(tempFolder(), 'rec');
    await createRecording(dir).close();
    writeFileSync(join(dir, 'ETHUSDT_SPOT/000000.seg'), 'no tape');
    expect(() => createRecording(dir)).toThrow('ETHUSDT_SPOT/000000.seg');
    expect(filesIn(dir).filter((name) => name.endsWith('.lock'))).toEqual([]);
  });

  it('cuts off half a raw line and half a record', async () => {
    const dir = join(tempFolder(), 'rec');
    const first = createRecording(dir);
    first.append(0, batchOf(0, 1));
    first.appendRaw(line(1));
    await first.close();
    writeFileSync(join(dir, 'raw/000000.jsonl'), '{"t":"re', { flag: 'a' });
    writeFileSync(join(dir, 'BTCUSDT_SPOT/000000.seg'), 'BKTRxxx', { flag: 'a' });
    const second = createRecording(dir);
    expect(second.notes).toHaveLength(2);
    expect(second.notes[0]).toContain('000000.seg: the last write was cut off (7 bytes, and a record');
    expect(second.notes[1]).toContain('000000.jsonl: the last write was cut off (a line without its end): 8 bytes');
    second.appendRaw(line(2));
    await second.close();
    expect(rawNumbers(dir)).toEqual([1, 2]);
    expect(sequencesOf(await readAll(await openRecordingFolder(dir, btc)))).toEqual([1, -1]);
  });

  it('finds a folder for every name', async () => {
    const dir = join(tempFolder(), 'rec');
    const instruments = ['RAW', 'BTC/USD', 'BTC:USD', '..', 'btc_usd'].map(instrumentOf);
    await createRecording(dir, { instruments }).close();
    expect(readdirSync(dir).sort()).toEqual([
      'BTC_USD',
      'BTC_USD-2',
      'RAW-2',
      '_',
      'btc_usd-3',
      'manifest.json',
      'raw',
    ]);
  });
});

describe('order ids', () => {
  it('come back in order, each from its place on', async () => {
    const dir = join(tempFolder(), 'rec');
    const recording = createRecording(dir, { limits: { segmentBytes: 1000 } });
    for (let i = 0; i < 6; i++) {
      recording.appendIds(0, 2 * i + 1, [`order-${i}`, `é"${i}`]);
      recording.append(0, batchOf(0, i));
    }
    await recording.close();
    expect(filesIn(dir).filter((name) => name.startsWith('BTC')).length).toBeGreaterThan(1);
    const told: OrderIds[] = await collect(readOrderIds(join(dir, 'BTCUSDT_SPOT')));
    expect(told).toEqual(
      [0, 1, 2, 3, 4, 5].map((i) => ({ firstId: 2 * i + 1, ids: [`order-${i}`, `é"${i}`], batch: i })),
    );
    expect(sequencesOf(await readAll(await openRecordingFolder(dir, btc)))).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

describe('limits', () => {
  /** A recording whose total holds a part of what is written; returns what was noted. */
  async function limited(dir: string, withCheckpoint: boolean): Promise<string[]> {
    const notes: string[] = [];
    const clock = new ManualClock();
    let sequence = 0;
    const recording = createRecording(dir, {
      clock,
      limits: { totalBytes: 30_000, segmentBytes: 2000 },
      onNote: (note) => notes.push(note),
      checkpoint: (index) => (withCheckpoint ? batchOf(index, 10_000 + sequence, 2) : null),
      rawOpening: () => [line(1_000_000)],
    });
    for (; sequence < 400; sequence++) {
      recording.append(0, batchOf(0, sequence, 20));
      recording.appendRaw(line(sequence));
      clock.ms += 10;
      if (sequence % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await recording.close();
    return notes;
  }

  it('remove the oldest closed files, with a note and in the manifest, and the rest begins with a checkpoint', async () => {
    const dir = join(tempFolder(), 'rec');
    const notes = await limited(dir, true);
    const size = filesIn(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
    expect(size).toBeLessThan(32_000);
    expect(notes.length).toBeGreaterThan(3);
    expect(notes[0]).toMatch(
      /000000\.\w+(\.zst)?: removed by the limits of the recording \(\d+ bytes, closed at 2026-03-01T/,
    );
    const { tapes, raw, removedBytes } = manifestOf(dir) as {
      tapes: { removed: number }[];
      raw: { removed: number };
      removedBytes: number;
    };
    expect(tapes[0].removed).toBeGreaterThan(2);
    expect(removedBytes).toBeGreaterThan(1000);
    const tape = await openRecordingFolder(dir, btc);
    const batches = await readAll(tape);
    const [checkpoint, ...rest] = sequencesOf(batches);
    expect(checkpoint).toBe(10_000 + rest[0]);
    expect(rest).toEqual(Array.from({ length: 400 - rest[0] }, (_, i) => rest[0] + i));
    expect(tape.notes).toEqual([
      `the first ${tapes[0].removed} segments of ${join(dir, 'BTCUSDT_SPOT')} were removed by the limits of the recording`,
    ]);
    // The raw log is kept from one place on too, and its first file says what was open.
    const lines = rawNumbers(dir).filter((n) => n < 1_000_000);
    expect(lines.at(-1)).toBe(399);
    if (raw.removed > 0) expect(rawNumbers(dir)[0]).toBe(1_000_000);
    // Goes on with the numbers.
    const again = createRecording(dir);
    again.append(0, batchOf(0, 400));
    await again.close();
    expect(sequencesOf(await readAll(await openRecordingFolder(dir, btc))).slice(-3)).toEqual([399, -1, 400]);
  });

  it('pass over checkpoints that are not needed', async () => {
    const dir = join(tempFolder(), 'rec');
    const recording = createRecording(dir, {
      limits: { segmentBytes: 1000 },
      checkpoint: (index) => batchOf(index, 10_000),
    });
    for (let i = 0; i < 12; i++) recording.append(0, batchOf(0, i));
    await recording.close();
    const tape = join(dir, 'BTCUSDT_SPOT');
    expect(readdirSync(tape).length).toBeGreaterThan(2);
    expect(sequencesOf(await readAll(await openTape(tape)))).toEqual(Array.from({ length: 12 }, (_, i) => i));
    // A first segment that is missing without the manifest saying so is an error.
    rmSync(join(tape, '000000.seg.zst'));
    await expect(openTape(tape)).rejects.toThrow('lacks 000000.seg');
  });

  it('go by age too, as of the next file, and the next opening', async () => {
    const dir = join(tempFolder(), 'rec');
    const clock = new ManualClock();
    const limits = { segmentBytes: 500, ageMs: 20_000 };
    const recording = createRecording(dir, { clock, limits });
    for (let i = 0; i < 6; i++) {
      recording.append(0, batchOf(0, i));
      clock.ms += 15_000;
    }
    await recording.close();
    const left = sequencesOf(await readAll(await openRecordingFolder(dir, btc)));
    expect(left.length).toBeLessThan(6);
    expect(left.slice(-2)).toEqual([4, 5]);
    for (const name of filesIn(dir)) utimesSync(join(dir, name), 1, 1);
    await createRecording(dir, { clock, limits }).close();
    expect(sequencesOf(await readAll(await openRecordingFolder(dir, btc)))).toEqual([4, 5, -1]);
  });

  it('leave a tape without checkpoints readable too', async () => {
    const dir = join(tempFolder(), 'rec');
    await limited(dir, false);
    const [first, ...rest] = sequencesOf(await readAll(await openRecordingFolder(dir, btc)));
    expect(first).toBeGreaterThan(100);
    expect(rest.at(-1)).toBe(399);
  });
});
