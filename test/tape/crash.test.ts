import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openRecordingFolder, type Recording } from '../../src/tape/index.ts';
import { FailingDisk } from './failing-disk.ts';
import {
  batchOf,
  createRecording,
  dropLocks,
  filesIn,
  INSTRUMENTS,
  line,
  ManualClock,
  rawNumbers,
  sequencesOf,
} from './recording-support.ts';
import { readAll, tempFolder } from './support.ts';

const NAMES = INSTRUMENTS.map(({ name }) => name);

async function tapeOf(dir: string, index: number): Promise<number[]> {
  return sequencesOf(await readAll(await openRecordingFolder(dir, { instrument: NAMES[index] })));
}

/** What was acknowledged, and what was being written when the writer died: that may be there or not. */
class Truth {
  readonly acknowledged: [number[], number[], number[]] = [[], [], []];
  pending: [number, number] | null = null;

  /** `stream` 2 is the raw log. */
  write(recording: Recording, stream: number, n: number): void {
    this.pending = [stream, n];
    if (stream === 2) recording.appendRaw(line(n));
    else recording.append(stream, batchOf(stream, n));
    this.acknowledged[stream].push(n);
    this.pending = null;
  }

  /** Compares with what is read, and takes what was pending for true or false by it. `seed`: for messages. */
  async check(dir: string, message: string): Promise<void> {
    for (const stream of [0, 1, 2]) {
      const read = stream === 2 ? rawNumbers(dir) : (await tapeOf(dir, stream)).filter((n) => n >= 0);
      const truth = this.acknowledged[stream];
      if (this.pending?.[0] === stream && read.at(-1) === this.pending[1]) truth.push(this.pending[1]);
      expect(read, `${message}, stream ${stream}`).toEqual(truth);
    }
    this.pending = null;
  }
}

const limits = { segmentBytes: 700, syncEveryMs: 1 };

/** Appends with segments closed and packed in between, until done or dead. */
async function live(recording: Recording, truth: Truth, clock: ManualClock): Promise<void> {
  for (let n = 0; n < 6; n++) {
    for (const stream of [0, 1, 2]) truth.write(recording, stream, n);
    clock.ms++;
    if (n % 3 === 2) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await recording.close();
}

/** Lives on a disk that dies at a step, or at the first of a name; the disk, to see what it did. */
async function liveUntil(step: number | string, dir: string, truth: Truth): Promise<FailingDisk> {
  const failing = new FailingDisk(typeof step === 'number' ? step : Number.POSITIVE_INFINITY);
  if (typeof step === 'string') failing.first = step;
  const clock = new ManualClock();
  let recording: Recording | null = null;
  try {
    recording = createRecording(dir, { disk: failing.disk, clock, limits });
    await live(recording, truth, clock);
  } catch {
    await recording?.close().catch(() => {});
  }
  return failing;
}

describe('death at any step', () => {
  it('loses nothing that was acknowledged, and leaves nothing half done behind', async () => {
    const whole = await liveUntil(Number.POSITIVE_INFINITY, join(tempFolder(), 'rec'), new Truth());
    expect(whole.log.filter((name) => name.startsWith('writeLater')).length).toBeGreaterThan(1);
    expect(whole.steps).toBeGreaterThan(80);
    const died = new Set<string>();
    // How far packing gets meanwhile differs a little from run to run, so its steps are named besides.
    for (const step of [...Array(whole.steps).keys(), 'writeLater', 'syncLater']) {
      const dir = join(tempFolder(), 'rec');
      const truth = new Truth();
      const { log, failAt } = await liveUntil(step, dir, truth);
      if (log[failAt] !== undefined) died.add(log[failAt].split(' ')[0]);
      const message = `dead at step ${failAt}: ${log[failAt]}`;
      dropLocks(dir);
      // Readers need no repair. Where the process died before there was a manifest, nothing was acknowledged.
      if (filesIn(dir).includes('manifest.json') && truth.acknowledged[0].length > 0) await truth.check(dir, message);
      const again = createRecording(dir, { limits });
      for (const stream of [0, 1, 2]) truth.write(again, stream, 100);
      await again.close();
      await truth.check(dir, `${message}, reopened`);
      expect(filesIn(dir).filter((name) => name.endsWith('.new') || name.endsWith('.lock'))).toEqual([]);
    }
    expect([...died].sort()).toEqual(
      'close createWhole mkdir open remove rename sync syncFolder syncLater write writeLater'.split(' '),
    );
  });
});

describe('a disk that refuses', () => {
  async function refuse(only: RegExp, code: string, message: string): Promise<void> {
    const dir = join(tempFolder(), 'rec');
    const failing = new FailingDisk();
    failing.code = code;
    failing.only = only;
    const clock = new ManualClock();
    const recording = createRecording(dir, { disk: failing.disk, clock, limits });
    const truth = new Truth();
    truth.write(recording, 0, 1);
    truth.write(recording, 1, 1);
    truth.write(recording, 2, 1);
    failing.failAt = failing.steps;
    clock.ms += 10;
    const fail = (): void => {
      for (let n = 2; n < 9; n++) truth.write(recording, 0, n);
    };
    expect(fail).toThrow(message);
    // No hole: nothing is taken any more, though the disk would.
    failing.failAt = Number.POSITIVE_INFINITY;
    const [stream, n] = truth.pending!;
    expect(() => recording.append(stream, batchOf(stream, n + 1))).toThrow(message);
    await recording.close();
    // What was half written was cut back at once.
    await truth.check(dir, message);
    expect((await openRecordingFolder(dir, { instrument: NAMES[0] })).notes).toEqual([]);
  }

  it('is told when it is full, and what was acknowledged stays', async () => {
    await refuse(
      /^write$/,
      'ENOSPC',
      'BTCUSDT_SPOT/000000.seg: the disk is full. What was acknowledged before is safe',
    );
    await refuse(/^write$/, 'EDQUOT', 'the disk is full');
  });

  it('is told when it fails while the next segment begins', async () => {
    await refuse(/^open$/, 'EMFILE', '000001.seg: too many files are open (raise the limit with "ulimit -n")');
    await refuse(/^rename$/, 'EIO', '000001.seg: the disk does not take it (EIO: made to fail)');
    await refuse(/^sync$/, 'EIO', '000000.seg: the disk does not take it');
  });

  it('is told at the next append when a sync behind the scenes failed', async () => {
    const dir = join(tempFolder(), 'rec');
    const failing = new FailingDisk();
    failing.code = 'EIO';
    failing.only = /^syncLater$/;
    const clock = new ManualClock();
    const recording = createRecording(dir, { disk: failing.disk, clock, limits });
    failing.failAt = 0;
    clock.ms += 10;
    recording.append(0, batchOf(0, 1));
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(() => recording.append(0, batchOf(0, 2))).toThrow('the disk does not take it (EIO');
    expect(() => recording.append(0, batchOf(0, 2))).toThrow(expect.objectContaining({ code: 'disk-failed' }));
    recording.append(1, batchOf(1, 1));
    await recording.close();
    expect(await tapeOf(dir, 0)).toEqual([1]);
  });

  it('leaves files plain that could not be packed, with a note, and packs them the next time', async () => {
    const dir = join(tempFolder(), 'rec');
    const failing = new FailingDisk();
    failing.code = 'ENOSPC';
    failing.only = /^writeLater$/;
    failing.failAt = 0;
    const notes: string[] = [];
    const recording = createRecording(dir, { disk: failing.disk, limits, onNote: (note) => notes.push(note) });
    for (let n = 0; n < 9; n++) recording.append(0, batchOf(0, n));
    await recording.close();
    expect(notes[0]).toContain('000000.seg: not compressed: ENOSPC');
    expect(filesIn(dir).filter((name) => name.endsWith('.zst'))).toEqual([]);
    await createRecording(dir).close();
    expect(filesIn(dir).filter((name) => name.endsWith('.zst'))).toHaveLength(2);
    expect(await tapeOf(dir, 0)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, -1]);
  });

  it('keeps what the limits would remove where the manifest cannot say so', async () => {
    const dir = join(tempFolder(), 'rec');
    const failing = new FailingDisk();
    failing.code = 'EIO';
    const notes: string[] = [];
    const small = { segmentBytes: 700, totalBytes: 1 };
    const recording = createRecording(dir, { disk: failing.disk, limits: small, onNote: (note) => notes.push(note) });
    failing.only = /^nothing$/;
    failing.failAt = 0;
    recording.append(0, batchOf(0, 0));
    const { disk } = failing;
    const { rename } = disk;
    disk.rename = (from, to) => {
      if (to.endsWith('manifest.json')) throw new Error('no');
      rename(from, to);
    };
    for (let n = 1; n < 4; n++) recording.append(0, batchOf(0, n));
    expect(notes[0]).toContain('the limits of the recording were not kept');
    expect(await tapeOf(dir, 0)).toEqual([0, 1, 2, 3]);
    disk.rename = rename;
    recording.append(0, batchOf(0, 4));
    await recording.close();
    expect((await tapeOf(dir, 0)).at(-1)).toBe(4);
    expect((await tapeOf(dir, 0)).length).toBeLessThan(4);
  });
});

it('any sequence of appends, files, deaths and openings reads back exactly', async () => {
  const action = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('write' as const), stream: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('die' as const), after: fc.nat(12) }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 40 }), fc.integer({ min: 200, max: 2000 }), async (acts, size) => {
      const dir = join(tempFolder(), 'rec');
      const truth = new Truth();
      let n = 0;
      let failing = new FailingDisk();
      const begin = (): Recording => {
        failing = new FailingDisk();
        return createRecording(dir, { disk: failing.disk, limits: { segmentBytes: size } });
      };
      let recording = begin();
      const reopen = async (): Promise<void> => {
        await recording.close().catch(() => {});
        dropLocks(dir);
        await truth.check(dir, `after ${n}`);
        recording = begin();
      };
      for (const act of acts) {
        try {
          if (act.do === 'write') truth.write(recording, act.stream, n++);
          else if (act.do === 'wait') await new Promise((resolve) => setTimeout(resolve, 1));
          else if (act.do === 'die') failing.failAt = failing.steps + act.after;
          else await reopen();
        } catch (error) {
          if (!failing.failed) throw error;
          await reopen();
        }
      }
      await reopen();
      await recording.close();
    }),
    { numRuns: 30 },
  );
});

describe('a recorder killed with SIGKILL', () => {
  it('leaves everything it acknowledged, and its recording goes on', async () => {
    const dir = join(tempFolder(), 'rec');
    const child = spawn(process.execPath, [join(import.meta.dirname, 'crash-recorder.ts'), dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on('exit', (_, signal) => resolve(signal)));
    let written = 0;
    for await (const text of createInterface({ input: child.stdout })) {
      written = Number(text);
      if (written === 300) child.kill('SIGKILL');
    }
    expect(await ended).toBe('SIGKILL');
    expect(written).toBeGreaterThanOrEqual(300);
    const upTo = (length: number): number[] => Array.from({ length }, (_, i) => i);
    const before = await tapeOf(dir, 0);
    expect(before.length).toBeGreaterThanOrEqual(written);
    expect(before).toEqual(upTo(before.length));
    expect(await tapeOf(dir, 1)).toEqual(upTo((await tapeOf(dir, 1)).length));
    const lines = rawNumbers(dir);
    expect(lines.length).toBeGreaterThanOrEqual(written);
    expect(lines).toEqual(upTo(lines.length));
    // The dead process's locks are taken over.
    const again = createRecording(dir);
    again.append(0, batchOf(0, before.length));
    again.appendRaw(line(lines.length));
    await again.close();
    expect(await tapeOf(dir, 0)).toEqual([...before, -1, before.length]);
    expect(rawNumbers(dir)).toEqual(upTo(lines.length + 1));
  });

  it('is told from one that lives', () => {
    const dir = join(tempFolder(), 'rec');
    const recording = createRecording(dir);
    writeFileSync(join(dir, 'writer.lock'), String(process.ppid));
    expect(() => createRecording(dir)).toThrow(`is being written by process ${process.ppid}`);
    return recording.close();
  });
});
