import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isRecording, openRecordingFolder, openTape } from '../../src/tape/index.ts';
import {
  batchOf,
  createRecording,
  filesIn,
  INSTRUMENTS,
  isDisconnect,
  manifestOf,
  sequencesOf,
} from './recording-support.ts';
import { readAll, tempFolder } from './support.ts';

const btc = { instrument: 'BTCUSDT/SPOT' };

describe('opening a recording', () => {
  it('names what is in it where it is not clear which instrument is meant', async () => {
    const dir = join(tempFolder(), 'rec');
    await createRecording(dir).close();
    await expect(openRecordingFolder(dir)).rejects.toMatchObject({ code: 'bad-argument' });
    await expect(openRecordingFolder(dir)).rejects.toThrow('BTCUSDT/SPOT, ETHUSDT/SPOT');
    await expect(openRecordingFolder(dir, { instrument: 'X' })).rejects.toThrow('not "X"');
    const one = join(tempFolder(), 'one');
    await createRecording(one, { instruments: INSTRUMENTS.slice(0, 1) }).close();
    expect((await openRecordingFolder(one)).instrument).toEqual(INSTRUMENTS[0]);
  });

  it('says what is wrong with a manifest', async () => {
    const dir = join(tempFolder(), 'rec');
    await createRecording(dir).close();
    const good = manifestOf(dir);
    const cases: [unknown, string][] = [
      ['{', 'no manifest of a recording'],
      [{ ...good, format: 'x' }, 'no manifest of a recording'],
      [[], 'no manifest of a recording'],
      [{ ...good, version: 9 }, 'a recording of version 9; this bookcast reads version 1'],
      [{ ...good, tapes: 3 }, 'it lacks "tapes" or "day"'],
      [{ ...good, day: 'x' }, 'it lacks "tapes" or "day"'],
      [{ ...good, raw: null }, 'a folder undefined'],
      [{ ...good, raw: { folder: '../x', removed: 0 } }, 'a folder "../x"'],
      [{ ...good, raw: { folder: 'raw', removed: -1 } }, '"removed" is -1'],
      [{ ...good, tapes: [{ folder: 'x', removed: 0 }] }, 'an instrument is an object'],
    ];
    for (const [data, message] of cases) {
      writeFileSync(join(dir, 'manifest.json'), typeof data === 'string' ? data : JSON.stringify(data));
      await expect(openRecordingFolder(dir, btc)).rejects.toThrow(message);
    }
    expect(isRecording(tempFolder())).toBe(false);
  });

  it('reads a tape to which files are added and packed meanwhile', async () => {
    const dir = join(tempFolder(), 'rec');
    const recording = createRecording(dir, { limits: { segmentBytes: 1000 } });
    for (let i = 0; i < 30; i++) recording.append(0, batchOf(0, i));
    // Listed while all are plain, read once all are packed.
    const tape = await openRecordingFolder(dir, btc);
    await recording.close();
    expect(filesIn(dir).filter((name) => name.endsWith('.seg.zst')).length).toBeGreaterThan(3);
    expect(sequencesOf(await readAll(tape))).toEqual(Array.from({ length: 30 }, (_, i) => i));
  });

  it('tells a damaged packed file, and one that is gone', async () => {
    const dir = join(tempFolder(), 'rec');
    const recording = createRecording(dir, { limits: { segmentBytes: 1000 } });
    for (let i = 0; i < 9; i++) recording.append(0, batchOf(0, i));
    await recording.close();
    const tape = await openRecordingFolder(dir, btc);
    const path = join(dir, 'BTCUSDT_SPOT/000001.seg.zst');
    const bytes = readFileSync(path);
    for (const at of [bytes.length - 1, bytes.length >> 1]) {
      const damaged = Buffer.from(bytes);
      damaged[at] ^= 0x10;
      writeFileSync(path, damaged);
      await expect(readAll(tape)).rejects.toThrow('000001.seg.zst: it does not unpack');
    }
    writeFileSync(path, bytes.subarray(0, -3));
    await expect(readAll(tape)).rejects.toThrow('000001.seg.zst: it does not unpack');
    rmSync(path);
    await expect(readAll(tape)).rejects.toThrow('000001.seg.zst: it is gone');
  });
});

it('goes on behind a packed last file, and behind one of an older format', async () => {
  const dir = join(tempFolder(), 'rec');
  const recording = createRecording(dir, { limits: { segmentBytes: 1000 } });
  for (let i = 0; i < 9; i++) recording.append(0, batchOf(0, i));
  await recording.close();
  const tape = join(dir, 'BTCUSDT_SPOT');
  const last = readdirSync(tape).find((name) => name.endsWith('.seg'))!;
  rmSync(join(tape, last));
  rmSync(join(dir, 'raw/000000.jsonl'));
  const kept = sequencesOf(await readAll(await openTape(tape)));
  const again = createRecording(dir);
  again.append(0, batchOf(0, 99));
  await again.close();
  expect(sequencesOf(await readAll(await openTape(tape)))).toEqual([...kept, -1, 99]);
  // Version 1 knows batches alone.
  const v1 = readFileSync(join(tape, last));
  v1[4] = 1;
  writeFileSync(join(tape, last), v1);
  const third = createRecording(dir);
  third.appendIds(0, 1, ['a']);
  third.append(0, batchOf(0, 100));
  await third.close();
  const batches = await readAll(await openTape(tape));
  expect(sequencesOf(batches)).toEqual([...kept, -1, 99, -1, 100]);
  expect(batches.filter(isDisconnect)).toHaveLength(2);
});
