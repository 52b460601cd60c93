import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { TapeWriter } from '../../src/tape/index.ts';
import { FIXTURE_INSTRUMENT, fixtureBatch } from './make-fixture.ts';
import { tempFolder } from './support.ts';

const { synced } = vi.hoisted(() => ({ synced: { times: 0 } }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return {
    ...fs,
    fsyncSync: (file: number) => {
      synced.times++;
      fs.fsyncSync(file);
    },
  };
});

/** How often the disk was waited for during `act`. */
function syncsIn(act: () => void): number {
  const before = synced.times;
  act();
  return synced.times - before;
}

it('waits for the disk when the clock says so, between segments, on sync and on close', () => {
  let now = 0;
  const clock = { nowMs: () => 0, monotonicNs: () => now };
  const batch = fixtureBatch(0);
  const segmentBytes = 2.5 * batch.buffer.byteLength;
  const dir = join(tempFolder(), 'tape');
  const writer = TapeWriter.create(dir, FIXTURE_INSTRUMENT, 'simulated', { syncEveryMs: 10, clock, segmentBytes });
  const append = () => syncsIn(() => writer.append(batch));
  expect(append()).toBe(0);
  now += 10e6;
  expect(append()).toBe(1);
  now += 9e6;
  expect(append()).toBe(0);
  // The segment is full: it is synced, then the next one's header and the folder.
  expect(append()).toBe(3);
  expect(syncsIn(() => writer.sync())).toBe(1);
  expect(syncsIn(() => writer.sync())).toBe(0);
  expect(append()).toBe(0);
  expect(syncsIn(() => writer.close())).toBe(1);
  expect(() => writer.append(batch)).toThrow('closed');
});

it('waits at every append where it is told to', () => {
  const writer = TapeWriter.create(join(tempFolder(), 'tape'), FIXTURE_INSTRUMENT, 'simulated', { syncEveryMs: 0 });
  expect(syncsIn(() => writer.append(fixtureBatch(0)))).toBe(1);
  expect(syncsIn(() => writer.append(fixtureBatch(1)))).toBe(1);
  writer.close();
});
