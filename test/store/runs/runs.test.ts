import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  countTrials,
  fileSha256,
  findRun,
  folderSha256,
  listRuns,
  type Run,
  RunWriter,
  readCurve,
  readRun,
  type Study,
  StudyLog,
  type TrialLine,
} from '../../../src/store/index.ts';
import { runOutcome, runStart, steppingClock } from './fixture.ts';

let registry: string;
const clock = steppingClock();
beforeEach(() => {
  registry = join(mkdtempSync(join(tmpdir(), 'bookcast-runs-')), 'runs');
});
afterEach(() => rmSync(join(registry, '..'), { recursive: true, force: true }));

const newRun = (): RunWriter => RunWriter.start(registry, runStart(), clock);
const file = (run: { folder: string }, name: string): string => join(run.folder, name);

/** As after a kill: the last attempt was of a process that is gone. */
function abandon(run: RunWriter): void {
  run.close();
  const attempts = file(run, 'attempts.jsonl');
  const [line] = readFileSync(attempts, 'utf8').split('\n');
  writeFileSync(attempts, `${JSON.stringify({ ...JSON.parse(line), pid: 2 ** 22 + 1 })}\n`);
}

describe('a run', () => {
  it('keeps what it was told, its curve and its outcome, with artefacts and their hashes', () => {
    const writer = newRun();
    writer.metrics(1, 10, { 'train-loss': 1.1 });
    writer.metrics(1, 20, { 'validation-log-loss': 1.05 });
    writeFileSync(file(writer, 'model.onnx'), 'model');
    writer.finish(runOutcome());
    const run = readRun(registry, writer.id);
    expect(run).toMatchObject({ id: writer.id, state: 'finished', attempts: 1 });
    expect(run.record).toMatchObject(runStart());
    expect(run.result).toMatchObject(runOutcome());
    expect(run.result?.artefacts).toEqual([
      { name: 'model.onnx', bytes: 5, sha256: createHash('sha256').update('model').digest('hex') },
    ]);
    const curve = readCurve(run);
    expect(curve.lines.map(({ epoch, step, metrics }) => [epoch, step, metrics])).toEqual([
      [1, 10, { 'train-loss': 1.1 }],
      [1, 20, { 'validation-log-loss': 1.05 }],
    ]);
    expect(curve.notes).toEqual([]);
  });

  it('gives back any finite numbers, and null for others', () => {
    const writer = newRun();
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z-]{1,9}$/), fc.double()), fc.nat(), (metrics, step) => {
        writer.metrics(0, step, metrics);
        const last = JSON.parse(readFileSync(file(writer, 'metrics.jsonl'), 'utf8').trimEnd().split('\n').at(-1)!);
        for (const [name, x] of Object.entries(metrics)) {
          // JSON has one zero.
          expect(last.metrics[name]).toBe(Number.isFinite(x) ? x + 0 : null);
        }
      }),
      { numRuns: 40 },
    );
    writer.finish(runOutcome(Number.NaN));
    expect(readRun(registry, writer.id).result?.metrics['validation-log-loss'].value).toBeNull();
  });

  it('is never overwritten: two that start together have two folders, and a second end is refused', () => {
    const still = { nowMs: () => 5e11, monotonicNs: () => 0 };
    const [a, b] = [RunWriter.start(registry, runStart(), still), RunWriter.start(registry, runStart(), still)];
    expect(a.id).not.toBe(b.id);
    expect(a.id).toMatch(/^19851105-005320000-[0-9a-f]{6}$/);
    a.finish(runOutcome());
    expect(() => a.finish(runOutcome())).toThrow('a run is finished once');
    expect(() => a.metrics(0, 0, {})).toThrow('before it is finished');
    b.close();
    expect(readdirSync(registry).sort()).toEqual([a.id, b.id].sort());
  });

  it('sorts by the time of its start', () => {
    const ids = [newRun(), newRun(), newRun()].map((writer) => {
      writer.close();
      return writer.id;
    });
    expect(listRuns(registry).runs.map(({ id }) => id)).toEqual(ids);
  });

  it('refuses a registry that cannot be written to', () => {
    writeFileSync(join(registry, '..', 'file'), '');
    expect(() => RunWriter.start(join(registry, '..', 'file'), runStart(), clock)).toThrow(
      /cannot write the run registry .*file/,
    );
  });
});

describe('a run that was killed', () => {
  it('counts as running while its process lives, then as interrupted', async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'run-child.ts'), registry], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = await once(child.stdout, 'data');
    const id = String(said).trim();
    expect(readRun(registry, id).state).toBe('running');
    expect(() => RunWriter.resume(registry, id, clock)).toThrow(`is going on in process ${child.pid}`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const run = readRun(registry, id);
    expect(run.state).toBe('interrupted');
    expect(readCurve(run).lines.length).toBe(3);
  });

  it('is another run than that of a process which has its number by now', () => {
    const writer = newRun();
    expect(readRun(registry, writer.id).state).toBe('running');
    const attempts = file(writer, 'attempts.jsonl');
    const line = JSON.parse(readFileSync(attempts, 'utf8'));
    if (line.born !== null) {
      writeFileSync(attempts, `${JSON.stringify({ ...line, born: '1' })}\n`);
      expect(readRun(registry, writer.id).state).toBe('interrupted');
    }
    writeFileSync(attempts, `${JSON.stringify({ ...line, host: 'another' })}\n`);
    expect(readRun(registry, writer.id).state).toBe('interrupted');
  });

  it('is read up to a torn last line, which is told of, wherever it was torn', () => {
    const writer = newRun();
    for (let step = 1; step <= 3; step++) writer.metrics(1, step, { 'train-loss': 1 / step });
    abandon(writer);
    const path = file(writer, 'metrics.jsonl');
    const whole = readFileSync(path);
    const ends = [...whole.keys()].filter((i) => whole[i] === 10);
    for (let cut = 0; cut <= whole.length; cut++) {
      writeFileSync(path, whole.subarray(0, cut));
      const { lines, notes } = readCurve(readRun(registry, writer.id));
      const complete = ends.filter((end) => end < cut).length;
      expect(lines.length).toBe(complete);
      const torn = cut !== 0 && !ends.includes(cut - 1);
      expect(notes).toEqual(torn ? [expect.stringMatching(/last line of metrics.jsonl was never finished/)] : []);
    }
  });

  it('goes on where it was: the torn line goes, and of steps done again the later counts', () => {
    const writer = newRun();
    for (let step = 1; step <= 3; step++) writer.metrics(1, step, { 'train-loss': step });
    abandon(writer);
    appendFileSync(file(writer, 'metrics.jsonl'), '{"t":1,"ep');
    const again = RunWriter.resume(registry, writer.id, clock);
    again.metrics(1, 3, { 'train-loss': 33 });
    again.metrics(1, 4, { 'train-loss': 4 });
    again.finish(runOutcome());
    const run = readRun(registry, writer.id);
    expect(run).toMatchObject({ state: 'finished', attempts: 2 });
    const { lines, notes } = readCurve(run);
    expect(lines.map(({ metrics }) => metrics['train-loss'])).toEqual([1, 2, 33, 4]);
    expect(notes).toEqual([expect.stringContaining('1 lines were written again')]);
  });

  it('keeps what it said when it was stopped, and is not resumed once it has finished', () => {
    const writer = newRun();
    writer.finish(runOutcome(1, { status: 'stopped', message: 'stopped by the user' }));
    for (const status of ['failed', 'finished'] as const) {
      RunWriter.resume(registry, writer.id, clock).finish(runOutcome(1, { status, message: status }));
    }
    const run = readRun(registry, writer.id);
    expect(run.result?.message).toBe('finished');
    expect(run.result?.artefacts).toEqual([]);
    const earlier = [1, 2].map((n) => JSON.parse(readFileSync(file(run, `result-${n}.json`), 'utf8')).status);
    expect(earlier).toEqual(['stopped', 'failed']);
    expect(() => RunWriter.resume(registry, writer.id, clock)).toThrow('has finished');
    expect(() => RunWriter.resume(registry, 'nothing', clock)).toThrow('has no run nothing');
  });
});

describe('finding a run', () => {
  it('takes any prefix that is unique, and names what is near to one that is not', () => {
    const days = [1, 2, 3].map((day) => steppingClock(Date.UTC(2026, 0, day)));
    const ids = days.map((day) => {
      const writer = RunWriter.start(registry, runStart(), day);
      writer.close();
      return writer.id;
    });
    for (const id of ids) expect(findRun(registry, id.slice(0, 8)).id).toBe(id);
    expect(() => findRun(registry, '2026')).toThrow(`"2026" begins the ids of 3 runs (${ids.join(', ')}); give more`);
    expect(() => findRun(registry, '20260102-9')).toThrow(`the nearest: ${ids[1]}, `);
    expect(() => findRun(join(registry, 'none'), '2026')).toThrow(/holds no run yet; make one with "bookcast train/);
  });

  it('tells damaged runs apart from the others', () => {
    const [whole, cut, newer, edited] = [newRun(), newRun(), newRun(), newRun()];
    for (const writer of [whole, cut, newer, edited]) writer.finish(runOutcome());
    writeFileSync(file(cut, 'run.json'), '{"format": 1');
    writeFileSync(file(newer, 'run.json'), '{"format": 2}');
    writeFileSync(file(edited, 'result.json'), '{"format": 1, "status": "great"}');
    mkdirSync(join(registry, 'notes'));
    const { runs, damaged } = listRuns(registry);
    expect(runs.map(({ id }: Run) => id)).toEqual([whole.id]);
    expect(damaged.map(({ id }) => id)).toEqual([cut.id, newer.id, edited.id]);
    expect(damaged[0].why).toMatch(/run\.json cannot be read: .*JSON/);
    expect(damaged[1].why).toContain('has format 2, and this bookcast reads up to 1; update bookcast');
    expect(damaged[2].why).toMatch(/result\.json is no record of bookcast/);
    writeFileSync(file(whole, 'metrics.jsonl'), 'nonsense\n');
    expect(() => readCurve(readRun(registry, whole.id))).toThrow(/metrics.jsonl, line 1: nonsense is no record/);
  });
});

describe('hashes', () => {
  it('are of the bytes, and of names and bytes', () => {
    mkdirSync(join(registry, 'sub'), { recursive: true });
    const big = Buffer.alloc((1 << 20) + 3, 7);
    writeFileSync(join(registry, 'a.ts'), big);
    expect(fileSha256(join(registry, 'a.ts'))).toBe(createHash('sha256').update(big).digest('hex'));
    const before = folderSha256(registry, ['.ts']);
    writeFileSync(join(registry, 'sub', 'note.txt'), 'not code');
    expect(folderSha256(registry, ['.ts'])).toBe(before);
    writeFileSync(join(registry, 'sub', 'b.ts'), '');
    expect(folderSha256(registry, ['.ts'])).not.toBe(before);
  });
});

describe('a study', () => {
  const study: Study = {
    format: 1,
    id: 's1',
    startedMs: 5,
    model: 'mlp',
    search: 'tpe',
    seed: 1,
    workers: 2,
    budget: '20',
    objective: 'validation-log-loss',
    space: { dropout: { low: 0, high: 0.5 } },
    train: ['--data', 'rows.parquet'],
    folder: '.',
    options: {},
  };
  const line = (trial: number): TrialLine => ({
    t: 1,
    trial,
    run: null,
    values: { dropout: 0.1 },
    epochs: null,
    objective: null,
    message: 'failed',
    seconds: 1,
  });

  it('is there again with its trials, up to a torn line', () => {
    const first = StudyLog.start(registry, study);
    first.record(line(1));
    first.record(line(0));
    expect(() => first.record(line(0))).toThrow('recorded once');
    first.close();
    appendFileSync(join(registry, 'studies', 's1', 'trials.jsonl'), '{"t":');
    const again = StudyLog.resume(registry, 's1');
    expect(again.study).toEqual(study);
    expect(again.trials).toEqual([line(1), line(0)]);
    again.record(line(2));
    again.close();
    expect(StudyLog.resume(registry, 's1').trials.map(({ trial }) => trial)).toEqual([1, 0, 2]);
    expect(() => StudyLog.start(registry, study)).toThrow('has a study s1 already');
    expect(() => StudyLog.resume(registry, 's2')).toThrow('has no study "s2"; there are s1');
    expect(() => StudyLog.resume(join(registry, 'x'), 's2')).toThrow('it has none');
    expect(() => StudyLog.resume(registry, '../s1')).toThrow("a study's id is letters");
    // A registry with studies alone has no runs.
    expect(listRuns(registry)).toEqual({ runs: [], damaged: [] });
  });

  it('counts every run that has looked at the data, by hand or in a study', () => {
    const started = [
      runStart({ trialOf: 's1:0' }),
      runStart({ trialOf: 's1:1', config: { dropout: 0.2 } }),
      runStart({ trialOf: 's2:0', seed: 8 }),
      runStart(),
      runStart({ target: 'events:20' }),
      runStart({ data: { ...runStart().data, hash: 'other' } }),
    ];
    for (const start of started) RunWriter.start(registry, start, clock).close();
    expect(countTrials(registry, { study: 's1' })).toEqual({ runs: 2, distinct: 2, ofStudies: 2 });
    const { data, target } = runStart();
    expect(countTrials(registry, { dataHash: data.hash, target })).toEqual({ runs: 4, distinct: 3, ofStudies: 3 });
  });
});
