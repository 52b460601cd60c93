import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listRuns } from '../../src/store/index.ts';
import { cli, tempFile, tempFolder } from './support.ts';
import { simulatedFeatures } from './train-files.ts';

describe('tune', () => {
  it('tunes a real net with real processes of "bookcast train"', async () => {
    const folder = tempFolder();
    const features = await simulatedFeatures(folder, 'realistic', 4, 2500);
    const runs = join(folder, 'runs');
    const space = tempFile(
      'space.yaml',
      'training.rate: {low: 0.001, high: 0.01, log: true}\nnet.hidden: {values: [[4], [8]]}\n',
    );
    const given = ['--model', 'mlp', '--data', features, '--space', space, '--runs', runs, '--set', 'net.length=5'];
    const how = [
      '--budget',
      '2',
      '--search',
      'random',
      '--workers',
      '2',
      '--threads',
      '1',
      '--epochs',
      '1',
      '--seed',
      '5',
    ];
    const { status, out, err } = await cli(['tune', ...given, ...how]);
    expect(status, err).toBe(0);
    const [study] = readdirSync(join(runs, 'studies'));
    const found = listRuns(runs).runs;
    expect(found.map(({ record }) => record.trialOf).sort()).toEqual([`${study}:0`, `${study}:1`]);
    for (const { record, state, result } of found) {
      expect(state).toBe('finished');
      expect(record).toMatchObject({ model: 'mlp', seed: 5, threads: 1 });
      const { net, training } = record.config as {
        net: { length: number; hidden: number[] };
        training: { epochs: number; rate: number };
      };
      expect(net.length).toBe(5);
      expect([[4], [8]]).toContainEqual(net.hidden);
      expect(training.epochs).toBe(1);
      const logLoss = result!.metrics['validation-log-loss'].value!;
      // What chooses among trials, and nothing of the test part.
      expect(Object.keys(result!.metrics)).toEqual(['validation-log-loss']);
      expect(result!.baselines).toEqual({});
      expect(err).toContain(`validation log-loss ${logLoss.toFixed(5)} (best`);
    }
    expect(out).toContain(`study ${study}: random search of mlp, 2 trials\n`);
    expect(out).toContain('The best of 2 runs of this study, and of 2 on the same data and target');
  });

  it('refuses to choose by the test part', async () => {
    const space = tempFile('space.yaml', 'training.rate: {low: 0.001, high: 0.01}\n');
    const given = ['--model', 'mlp', '--data', 'none.parquet', '--space', space, '--runs', join(tempFolder(), 'runs')];
    const { status, err } = await cli(['tune', ...given, '--budget', '1', '--objective', 'test-log-loss']);
    expect(status).toBe(2);
    expect(err).toMatch(/--objective test-log-loss: trials are not scored on the test part/);
  });

  it('records what "bookcast train" says of a setting that there is not', async () => {
    const folder = tempFolder();
    const features = await simulatedFeatures(folder, 'realistic', 4, 2500);
    const space = tempFile('space.yaml', 'training.pace: {low: 0.001, high: 0.01}\n');
    const given = ['--model', 'mlp', '--data', features, '--space', space, '--runs', join(folder, 'runs')];
    const { status, err } = await cli(['tune', ...given, '--budget', '1']);
    expect(status).toBe(1);
    expect(err).toMatch(/all 1 trials of study .* failed, the last because: .*pace/);
  });
});
