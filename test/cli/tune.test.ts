import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type TuneFlags, tune } from '../../src/cli/commands/tune.ts';
import { type BookcastError, systemClock } from '../../src/core/index.ts';
import { countTrials, listRuns, RunWriter, StudyLog, type TrialLine } from '../../src/store/index.ts';
import { runStart } from '../store/runs/fixture.ts';
import { cli, type TestIo, tempFile, tempFolder, testIo } from './support.ts';

const TRAINER = {
  program: process.execPath,
  before: ['--no-warnings', join(import.meta.dirname, 'tune-trainer.ts')],
};
const SPACE = 'x: {low: 0, high: 1}\ny: {values: [a, b, c]}\n';

function flagsOf(changed: Partial<TuneFlags> = {}): TuneFlags {
  const runs = join(tempFolder(), 'runs');
  const space = tempFile('space.yaml', SPACE);
  return { model: 'mlp', data: ['rows.parquet'], space, budget: '6', seed: 3, runs, json: false, ...changed };
}

const studyIn = (registry: string): string => readdirSync(join(registry, 'studies'))[0];

function trialsIn(registry: string): TrialLine[] {
  const log = StudyLog.resume(registry, studyIn(registry));
  log.close();
  return [...log.trials].sort((a, b) => a.trial - b.trial);
}

/** What was asked of each trial, without what differs from one time to the next. */
const proposals = (registry: string): unknown[] =>
  trialsIn(registry).map(({ trial, values, epochs, objective, message }) => [
    trial,
    values,
    epochs,
    objective,
    message,
  ]);

describe('tune', () => {
  it('runs every trial as a process, keeps each in the registry and shows the best', async () => {
    const flags = flagsOf({ search: 'random', workers: 2, budget: '4' });
    const io = testIo();
    await tune(io, flags, ['--mode', 'well'], TRAINER);
    const { runs } = listRuns(flags.runs);
    const id = studyIn(flags.runs);
    expect(runs.length).toBe(4);
    expect(runs.map(({ record }) => record.trialOf).sort()).toEqual([0, 1, 2, 3].map((i) => `${id}:${i}`));
    expect(countTrials(flags.runs, { study: id })).toEqual({ runs: 4, distinct: 4, ofStudies: 4 });
    const trials = trialsIn(flags.runs);
    const best = trials.toSorted((a, b) => a.objective! - b.objective!)[0];
    for (const { run, values, objective } of trials) {
      const { record, result } = runs.find((one) => one.id === run)!;
      expect(record.config).toMatchObject(values);
      expect(record.seed).toBe(3);
      expect(result?.metrics['validation-log-loss'].value).toBe(objective);
    }
    expect(io.written.out).toContain(`study ${id}: random search of mlp, 4 trials\n`);
    expect(io.written.out).toContain(`the best is run ${best.run}; to train it again:`);
    expect(io.written.out).toContain(`--set x=${best.values.x} --set 'y="${best.values.y}"' --seed 3`);
    expect(io.written.out).toContain('The best of 4 runs of this study, and of 4 on the same data and target');
    // More of the same study: the same trials, and then others.
    await tune(testIo(), { resume: id, runs: flags.runs, json: false, budget: '5' }, [], TRAINER);
    expect(trialsIn(flags.runs).slice(0, 4)).toEqual(trials);
    expect(trialsIn(flags.runs).length).toBe(5);
    expect(io.written.err.match(/^trial \d: validation log-loss 1\.\d{5} \(best 1\.\d{5}\), /gm)?.length).toBe(4);
  });

  it('records trials that fail, before or after they have a run, and goes on', async () => {
    const failing = flagsOf({ search: 'tpe', budget: '5', workers: 2, json: true });
    const io = testIo();
    await tune(io, failing, ['--mode', 'failing'], TRAINER);
    const report = JSON.parse(io.written.out) as { trials: TrialLine[]; best: TrialLine };
    for (const { values, objective, message, run } of report.trials) {
      expect(run).not.toBeNull();
      if ((values.x as number) > 0.6) expect([objective, message]).toEqual([null, 'the loss is not finite']);
      else expect(message).toBeNull();
    }
    expect(report.trials.filter(({ objective }) => objective === null).length).toBeGreaterThan(0);
    expect(report.best.objective).toBe(Math.min(...report.trials.flatMap(({ objective }) => objective ?? [])));

    const early = flagsOf({ budget: '2' });
    await tune(testIo(), early, ['--mode', 'early'], TRAINER);
    expect(trialsIn(early.runs)[1]).toMatchObject({ run: null, objective: null, message: 'there is no setting "x"' });

    const killed = flagsOf({ budget: '2' });
    await tune(testIo({ interactive: true }), killed, ['--mode', 'killed'], TRAINER);
    expect(trialsIn(killed.runs)[1]).toMatchObject({ objective: null, message: 'it ended with the signal SIGKILL' });
    expect(listRuns(killed.runs).runs.map(({ state }) => state)).toEqual(['finished', 'interrupted']);
  });

  it('says so where every trial fails', async () => {
    const scoreless = tune(testIo(), flagsOf({ budget: '1' }), ['--mode', 'scoreless'], TRAINER);
    await expect(scoreless).rejects.toThrow(
      /all 1 trials of study .* failed, the last because: it finished without a validation-log-loss that is a number/,
    );
    const nowhere = tune(testIo(), flagsOf({ budget: '1' }), [], { program: '/nowhere/node', before: [] });
    await expect(nowhere).rejects.toThrow('ENOENT');
  });

  it('goes on after a stop with the trials of a study that never stopped', async () => {
    const whole = flagsOf({ search: 'halving', budget: '4', epochs: 9, workers: 2 });
    await tune(testIo(), whole, ['--mode', 'well'], TRAINER);

    const runs = join(tempFolder(), 'runs');
    const io = testIo();
    const stopped = tune(io, { ...whole, runs }, ['--mode', 'stuck'], TRAINER).catch((error: BookcastError) => error);
    await until(io, () => existsSync(join(runs, 'stuck-3')) && /^trial 2: /m.test(io.written.err));
    io.stopNow();
    const id = studyIn(runs);
    const error = (await stopped) as BookcastError;
    expect(error.message).toBe(`stopped after 3 trials; go on with "bookcast tune --resume ${id} --runs ${runs}"`);
    const states = listRuns(runs).runs.map(({ state }) => state);
    expect(states.sort()).toEqual(['finished', 'finished', 'finished', 'stopped']);
    const other = RunWriter.start(runs, runStart({ trialOf: `${id}:3` }), systemClock);
    const twice = tune(testIo(), { resume: id, runs, json: false }, [], TRAINER);
    await expect(twice).rejects.toThrow(`a trial of study ${id} is running (run ${other.id})`);
    rmSync(other.folder, { recursive: true });
    // What makes trials hang in this test is gone by then.
    const trainer = { ...TRAINER, before: [...TRAINER.before.slice(0, 1), join(import.meta.dirname, 'tune-well.ts')] };
    await tune(testIo(), { resume: id, runs, json: false }, [], trainer);
    expect(proposals(runs)).toEqual(proposals(whole.runs));
    // All looks count, that which was stopped as well.
    expect(countTrials(runs, { study: id })).toEqual({ runs: 6, distinct: 5, ofStudies: 6 });
  });

  it('halves: short trials of many, long ones of the best', async () => {
    const flags = flagsOf({ search: 'halving', budget: '4', epochs: 9, workers: 2 });
    const io = testIo();
    await tune(io, flags, [], TRAINER);
    const trials = trialsIn(flags.runs);
    expect(trials.map(({ epochs }) => epochs)).toEqual([3, 3, 3, 3, 9]);
    const first = trials.slice(0, 4).sort((a, b) => a.objective! - b.objective!);
    expect(trials[4].values).toEqual(first[0].values);
    expect(io.written.out).toContain(`the best is run ${trials[4].run};`);
    const again = tune(
      testIo(),
      { resume: studyIn(flags.runs), runs: flags.runs, json: false, budget: '9' },
      [],
      TRAINER,
    );
    await expect(again).rejects.toThrow('the rungs of halving were planned when it began');
  });

  it('starts no trial once its time is over', async () => {
    const flags = flagsOf({ search: 'random', budget: '1s' });
    await tune(testIo(), flags, [], TRAINER);
    const { length } = trialsIn(flags.runs);
    expect(length).toBeGreaterThan(0);
    await tune(testIo(), { resume: studyIn(flags.runs), runs: flags.runs, json: false }, [], TRAINER);
    expect(trialsIn(flags.runs).length).toBeLessThanOrEqual(length + 1);
  });
});

describe('tune, told wrongly', () => {
  const runs = (): string => join(tempFolder(), 'runs');
  const said = async (...argv: string[]): Promise<string> => {
    const { status, err } = await cli(['tune', ...argv]);
    expect(status, err).toBe(2);
    return err;
  };

  it('says what it needs', async () => {
    expect(await said()).toContain('tune needs --model');
    const space = tempFile('s.yaml', SPACE);
    const whole = ['--model', 'mlp', '--data', 'a.parquet', '--space', space, '--runs', runs()];
    expect(await said(...whole)).toContain('tune needs --budget');
    expect(await said(...whole, '--budget', 'much')).toContain('--budget much: expected trials such as 20, or a time');
    expect(await said(...whole, '--budget', '0')).toContain('expected trials such as 20');
    expect(await said(...whole, '--budget', '30m', '--search', 'halving')).toContain('halving plans its rungs');
    expect(await said(...whole, '--budget', '3', '--search', 'luck')).toContain('random, tpe, halving');
    expect(await said(...whole, '--budget', '3', '--seed', 'x')).toContain('a seed is a whole number');
  });

  it('says what is wrong with the space', async () => {
    const tell = (text: string, ...more: string[]): Promise<string> =>
      said(
        '--model',
        'm',
        '--data',
        'a',
        '--budget',
        '3',
        '--runs',
        runs(),
        '--space',
        tempFile('s.yaml', text),
        ...more,
      );
    expect(await tell('x: {low: 1, high: 0}')).toMatch(/s\.yaml: x: low is 1 and high is 0; low must be less/);
    expect(await tell('x: {low: 1\ny: 2')).toMatch(/s\.yaml is not YAML: .*at line \d/);
    expect(await tell('x: {values: [1]}\nx: {values: [2]}')).toMatch(/s\.yaml is not YAML: Map keys must be unique/);
    expect(await tell('training.epochs: {values: [1, 2]}', '--search', 'halving')).toContain('is what halving spends');
    const nowhere = await cli(['tune', '--model', 'm', '--data', 'a', '--budget', '3', '--space', 'nowhere.yaml']);
    expect(nowhere).toMatchObject({ status: 1, err: expect.stringContaining('cannot read the space nowhere.yaml') });
  });

  it('resumes only what is there, as it was', async () => {
    const registry = runs();
    RunWriter.start(registry, runStart(), systemClock).close();
    const none = await cli(['tune', '--resume', 's1', '--runs', registry]);
    expect(none.err).toContain('has no study "s1"; it has none');
    expect(await said('--resume', 's1', '--model', 'mlp')).toContain(
      '--model cannot be told to a study that is resumed',
    );
    expect(await said('--resume', 's1', '--', '--clock', 'event')).toContain('--clock cannot be told');
  });
});

async function until(io: TestIo, test: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !test(); i++) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(test(), io.written.err).toBe(true);
}
