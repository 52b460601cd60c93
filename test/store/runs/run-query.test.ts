import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXAMPLE_QUERY, queryRuns, RunWriter } from '../../../src/store/index.ts';
import { runOutcome, runStart, steppingClock } from './fixture.ts';

describe('queryRuns', () => {
  // Characters that a glob would take for its own.
  const folder = mkdtempSync(join(tmpdir(), "bookcast-'runs'[1]-"));
  const registry = join(folder, 'runs');
  const ids: string[] = [];
  beforeAll(() => {
    const clock = steppingClock();
    [0.99, 0.97, null].forEach((logLoss, i) => {
      const config = { training: { rate: 0.001 * (i + 1) } };
      const run = RunWriter.start(registry, runStart({ config }), clock);
      for (let step = 1; step <= 4; step++) run.metrics(1, step, { 'train-loss': step + i, odd: Number.NaN });
      if (logLoss === null) run.close();
      else run.finish(runOutcome(logLoss));
      ids.push(run.id);
    });
    appendFileSync(join(registry, ids[2], 'metrics.jsonl'), '{"t":17,"epo');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('answers the example of the documentation', async () => {
    expect(await queryRuns(registry, EXAMPLE_QUERY)).toEqual([
      { model: 'mlp', id: ids[1], log_loss: 0.97, rate: '0.002' },
      { model: 'mlp', id: ids[0], log_loss: 0.99, rate: '0.001' },
    ]);
  });

  it('reads curves of all runs, without the line that was torn', async () => {
    const sql = `SELECT id, count(*)::INTEGER AS n, max(metrics['train-loss']) AS most, max(metrics['odd']) AS odd FROM metrics GROUP BY id ORDER BY id`;
    expect(await queryRuns(registry, sql)).toEqual(ids.map((id, i) => ({ id, n: 4, most: 4 + i, odd: null })));
  });

  it('reads what lies deeper', async () => {
    const [row] = await queryRuns(
      registry,
      `SELECT "data".simulated AS simulated, "data".files[1].path AS path, trialOf, baselines['class frequencies']['test-mcc'].value AS base,
       seconds['train'] AS train FROM runs JOIN results USING (id) ORDER BY id LIMIT 1`,
    );
    expect(row).toEqual({ simulated: true, path: 'rows.parquet', trialOf: null, base: 0, train: 11 });
  });

  it('has the same views where there is no run, or none with a result', async () => {
    expect(await queryRuns(join(folder, 'nowhere'), EXAMPLE_QUERY)).toEqual([]);
    const young = join(folder, 'young');
    RunWriter.start(young, runStart(), steppingClock()).close();
    expect(await queryRuns(young, EXAMPLE_QUERY)).toEqual([]);
    expect(await queryRuns(young, 'SELECT count(*)::INTEGER AS n FROM metrics')).toEqual([{ n: 0 }]);
  });

  it('says what is wrong with the SQL, and what there is', async () => {
    await expect(queryRuns(registry, 'SELECT * FROM nothing')).rejects.toThrow(
      /Table with name nothing does not exist.*there are the views runs, metrics, results/,
    );
  });
});
