import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { openTape, TapeWriter } from '../../src/tape/index.ts';
import { fixtureBatch, FIXTURE_INSTRUMENT as INSTRUMENT } from './make-fixture.ts';
import { bytesOf, readAll, readUntilError, recordStarts, SMALL, tapeOf, tapeWithBytes, tempFolder } from './support.ts';

describe('a torn tail', () => {
  it('is left out at every byte of the last record, with a note, and cut off before the next append', async () => {
    const { starts, bytes } = recordStarts();
    const [, , last] = starts;
    for (let length = last; length < bytes.length; length++) {
      const dir = tapeWithBytes(bytes.subarray(0, length));
      const tape = await openTape(dir);
      expect(bytesOf(await readAll(tape))).toEqual(bytesOf(SMALL.slice(0, 2)));
      if (length === last) {
        expect(tape.notes).toEqual([]);
        continue;
      }
      const where = `000000.seg: the last write was cut off (`;
      expect(tape.notes).toHaveLength(1);
      expect(tape.notes[0]).toContain(where);
      expect(tape.notes[0]).toContain(`${length - last} bytes from offset ${last} are no data and were left out`);
      const writer = TapeWriter.create(dir, INSTRUMENT, 'simulated', { syncEveryMs: 1e9 });
      expect(writer.notes[0]).toContain(`${length - last} bytes from offset ${last} are no data and were cut off`);
      writer.append(SMALL[0]);
      writer.close();
      const again = await openTape(dir);
      expect(bytesOf(await readAll(again))).toEqual(bytesOf([SMALL[0], SMALL[1], SMALL[0]]));
      expect(again.notes).toEqual([]);
    }
  });

  it('may be zeros, as a file system leaves them after a loss of power', async () => {
    const { starts, bytes } = recordStarts();
    const zeroed = Buffer.from(bytes);
    zeroed.fill(0, starts[2]);
    const tape = await openTape(tapeWithBytes(zeroed));
    expect(await readAll(tape)).toHaveLength(2);
    expect(tape.notes[0]).toContain("a record's head is not readable");
  });
});

describe('a flipped bit', () => {
  it('never changes what is read: damage before the last record throws, in it the record is left out', async () => {
    const { starts, bytes } = recordStarts();
    const truth = bytesOf(SMALL);
    const dir = tapeWithBytes(bytes);
    for (let at = 0; at < bytes.length; at++) {
      const flipped = Buffer.from(bytes);
      flipped[at] ^= 1 << (at & 7);
      writeFileSync(join(dir, '000000.seg'), flipped);
      if (at < starts[0]) {
        await expect(openTape(dir), `byte ${at}`).rejects.toThrow(/000000.seg/);
        expect(() => TapeWriter.create(dir, INSTRUMENT, 'simulated')).toThrow(/000000.seg/);
        continue;
      }
      const tape = await openTape(dir);
      const { batches, error } = await readUntilError(tape);
      const record = starts.findLastIndex((start) => start <= at);
      expect(bytesOf(batches), `byte ${at}`).toEqual(truth.slice(0, record));
      if (record < 2) {
        expect(error?.message, `byte ${at}`).toContain(`the tape is damaged at offset ${starts[record]}`);
        expect(() => TapeWriter.create(dir, INSTRUMENT, 'simulated')).toThrow(`damaged at offset ${starts[record]}`);
      } else {
        expect(error).toBeNull();
        expect(tape.notes).toHaveLength(1);
      }
    }
  });
});

describe('damage to whole segments', () => {
  function threeSegments(): string {
    const dir = tapeOf(SMALL, { segmentBytes: 1 });
    expect(readdirSync(dir).sort()).toEqual(['000000.seg', '000001.seg', '000002.seg']);
    return dir;
  }

  it('names a missing one', async () => {
    const dir = threeSegments();
    rmSync(join(dir, '000001.seg'));
    await expect(openTape(dir)).rejects.toThrow('has 000002.seg and lacks 000001.seg');
  });

  it('does not take a torn segment in the middle for the end', async () => {
    const dir = threeSegments();
    const path = join(dir, '000001.seg');
    truncateSync(path, readFileSync(path).length - 1);
    const { batches, error } = await readUntilError(await openTape(dir));
    expect(batches).toHaveLength(1);
    expect(error?.message).toContain('000001.seg: the tape is damaged at offset');
  });

  it('notices whole records missing from the end of one in the middle', async () => {
    const { starts } = recordStarts();
    const dir = threeSegments();
    truncateSync(join(dir, '000001.seg'), starts[0]);
    // The header of segment 1 names a first record, so its json may be a byte longer or shorter than that of segment 0.
    const { error } = await readUntilError(await openTape(dir));
    expect(error?.message).toContain('the segment ends after record 1, and the next begins after record 2');
  });

  it('refuses segments of another tape', async () => {
    const dir = threeSegments();
    copyFileSync(join(dir, '000000.seg'), join(dir, '000002.seg'));
    await expect(openTape(dir)).rejects.toThrow('its header says that it is segment 0');
    const other = join(tempFolder(), 'other');
    const writer = TapeWriter.create(other, { ...INSTRUMENT, tickSize: '0.5' }, 'simulated', { segmentBytes: 1 });
    for (const batch of SMALL) writer.append(batch);
    writer.close();
    copyFileSync(join(other, '000002.seg'), join(dir, '000002.seg'));
    await expect(openTape(dir)).rejects.toThrow('the segments are not of one tape');
  });
});

describe('a writer killed with SIGKILL', () => {
  it('leaves every batch whose append returned, and the tape goes on', async () => {
    const dir = join(tempFolder(), 'tape');
    mkdirSync(dir);
    const child = spawn(process.execPath, [join(import.meta.dirname, 'crash-writer.ts'), dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on('exit', (_, signal) => resolve(signal)));
    let appended = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      appended = Number(line);
      if (appended === 200) child.kill('SIGKILL');
    }
    expect(await ended).toBe('SIGKILL');
    expect(appended).toBeGreaterThanOrEqual(200);
    const before = await readAll(await openTape(dir));
    expect(before.length).toBeGreaterThanOrEqual(appended);
    before.forEach((batch, i) => {
      expect(Buffer.from(batch.buffer).equals(Buffer.from(fixtureBatch(i).buffer))).toBe(true);
    });
    expect(existsSync(join(dir, 'writer.lock'))).toBe(true);
    const writer = TapeWriter.create(dir, INSTRUMENT, 'simulated');
    writer.append(fixtureBatch(before.length));
    writer.close();
    expect(await readAll(await openTape(dir))).toHaveLength(before.length + 1);
  });
});
