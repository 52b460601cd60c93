import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RunWriter } from '../../src/store/index.ts';
import { runOutcome, runStart, steppingClock } from '../store/runs/fixture.ts';
import { cli, type Run, tempFolder } from './support.ts';

interface Made {
  readonly registry: string;
  readonly ids: readonly string[];
  runs(...argv: string[]): Promise<Run>;
}

/** A registry of three finished runs, the second the best, one that failed and one without an end. */
function made(): Made {
  const registry = join(tempFolder(), 'runs');
  const clock = steppingClock();
  const ids = [0.99, 0.97, 1.02, null, undefined].map((logLoss, i) => {
    const config = { training: { rate: 0.001 * (i + 1) } };
    const run = RunWriter.start(registry, runStart({ config, trialOf: i < 2 ? `s1:${i}` : null }), clock);
    for (let epoch = 1; epoch <= 3; epoch++) run.metrics(epoch, 10 * epoch, { 'validation-log-loss': 1 + 0.1 / epoch });
    if (logLoss === undefined) run.close();
    else if (logLoss === null)
      run.finish(runOutcome(1, { status: 'failed', message: 'the loss is not finite', metrics: {}, baselines: {} }));
    else {
      writeFileSync(join(run.folder, 'model.onnx'), 'm');
      run.finish(runOutcome(logLoss));
    }
    return run.id;
  });
  const runs = (command: string, ...argv: string[]): Promise<Run> =>
    cli(['runs', command, ...argv, '--runs', registry]);
  return { registry, ids, runs };
}

describe('runs list', () => {
  it('shows all, oldest first, with a score and that without skill', async () => {
    const { runs, ids } = made();
    const { status, out } = await runs('list');
    expect(status).toBe(0);
    const lines = out.trimEnd().split('\n').slice(2);
    expect(lines.map((line) => line.split(' ')[0])).toEqual(ids);
    expect(out).toMatch(/^run +state +model +target +trial of +took +test log-loss +no skill\n/);
    expect(lines[0]).toMatch(/finished +mlp +events:10 \(SIMULATED\) +s1:0 +13 s +1\.0000 +1\.0500$/);
    expect(lines[3]).toMatch(/failed .* — +—$/);
    expect(lines[4]).toMatch(/running/);
  });

  it('shows what a backtest earned beside what a model scored, each in a column of its own', async () => {
    const { runs, registry } = made();
    const figure = (value: number) => ({ value, low: null, high: null });
    const run = RunWriter.start(registry, runStart({ model: 'backtest' }), steppingClock(1_900_000_000_000));
    const baselines = { 'maker (none)': { net: figure(-3.5) }, 'buy and hold': { net: figure(1.25) } };
    run.finish(runOutcome(1, { metrics: { net: figure(-2.5) }, baselines }));
    const { out } = await runs('list');
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toMatch(/ test log-loss +no skill +net +no skill$/);
    expect(lines[2]).toMatch(/ mlp .* 1\.0000 +1\.0500 +— +—$/);
    expect(lines.find((line) => line.includes(' backtest '))).toMatch(/ — +— +-2\.5000 +1\.2500$/);
  });

  it('sorts by a metric, the better first, and chooses a study', async () => {
    const { runs, ids } = made();
    const first = async (...argv: string[]): Promise<string[]> =>
      (JSON.parse((await runs('list', '--json', ...argv)).out) as { id: string }[]).map(({ id }) => id);
    const [a, b, c, d, e] = ids;
    expect(await first('--sort', 'validation-log-loss')).toEqual([b, a, c, d, e]);
    expect(await first('--sort', 'test-mcc')).toEqual([b, a, c, d, e]);
    expect(await first('--study', 's1')).toEqual([a, b]);
    expect((await runs('list', '--sort', 'luck')).err).toContain(
      'no run has the metric "luck"; there are test-log-loss, test-macro-f1, test-mcc, validation-log-loss',
    );
    expect((await runs('list', '--study', 's9')).err).toContain('no run is of a study "s9"; there are s1');
  });

  it('tells what to do where there is none, and what is damaged', async () => {
    const { runs, registry, ids } = made();
    writeFileSync(join(registry, ids[0], 'run.json'), '{');
    const { err, status } = await runs('list');
    expect(status).toBe(0);
    expect(err).toMatch(/^note: .*run\.json cannot be read/);
    const empty = await cli(['runs', 'list', '--runs', join(registry, 'none')]);
    expect(empty.status).toBe(1);
    expect(empty.err).toMatch(/none holds no run yet; make one with "bookcast train --model logistic --data/);
  });
});

describe('runs show', () => {
  it('tells all of a run by the beginning of its id', async () => {
    const { runs, ids } = made();
    const { out, err } = await runs('show', ids[1].slice(0, 16));
    expect(err).toBe('');
    expect(out).toContain(`mlp ${ids[1]}\n`);
    for (const text of [
      'state     finished',
      '5,000 rows, SIMULATED, SHA-256 da7a',
      'trial of  s1:1',
      '5 runs of this registry on the same data and target',
      'wrote     model.onnx, 1 bytes, SHA-256 62c66a7a',
      '4,867 parameters, 4,704 multiply-adds a window',
      'last of 3 lines: epoch 3, step 30: validation log-loss 1.0333',
    ]) {
      expect(out).toContain(text);
    }
    expect(out).toMatch(/test log-loss +0\.9800 +\[0\.9680, 0\.9920\] +1\.0500/);
  });

  it('tells of a run that failed, of one without an end, and of a torn line', async () => {
    const { runs, registry, ids } = made();
    expect((await runs('show', ids[3])).out).toContain('state     failed: the loss is not finite');
    const attempts = join(registry, ids[4], 'attempts.jsonl');
    const line = JSON.parse(readFileSync(attempts, 'utf8'));
    writeFileSync(attempts, `${JSON.stringify({ ...line, host: 'another' })}\n`);
    appendFileSync(join(registry, ids[4], 'metrics.jsonl'), '{"t"');
    const { out, err } = await runs('show', ids[4]);
    expect(out).toContain('state     interrupted: its process is gone; it can be resumed');
    expect(err).toContain('note: the last line of metrics.jsonl was never finished (4 bytes)');
    const json = JSON.parse((await runs('show', ids[4], '--json')).out);
    expect(json).toMatchObject({
      state: 'interrupted',
      result: null,
      curve: [{ epoch: 1 }, { epoch: 2 }, { epoch: 3 }],
    });
  });

  it('suggests what is near to an id that there is not', async () => {
    const { runs, ids } = made();
    const wrong = `${ids[2].slice(0, -1)}x`;
    const { status, err } = await runs('show', wrong);
    expect(status).toBe(1);
    expect(err).toContain(`begins with "${wrong}"; the nearest: ${ids[2]}, `);
    expect((await runs('show', '2026')).status).toBe(2);
  });
});

describe('runs compare', () => {
  it('writes a page, prints the scores, and overwrites nothing', async () => {
    const { runs, registry, ids } = made();
    const out = join(registry, '..', 'c.html');
    const done = await runs('compare', ids[0], ids[1], ids[3], ids[0], '--out', out);
    expect(done.status, done.err).toBe(0);
    expect(done.err).toBe(`comparison: ${out}\n`);
    expect(done.out).toMatch(/no skill: class frequencies +1\.0500/);
    expect(readFileSync(out, 'utf8')).toContain('<h1>Comparison of 3 runs</h1>');
    const again = await runs('compare', ids[0], '--out', out);
    expect(again).toMatchObject({ status: 1, err: expect.stringContaining(`${out} exists; choose another name`) });
    const nowhere = join(registry, 'no', 'folder', 'c.html');
    expect((await runs('compare', ids[0], '--out', nowhere)).err).toContain(`cannot write ${nowhere}`);
    expect((await runs('compare', ids[4], '--out', `${out}2`)).out).toContain('none of these runs has ended');
    const unknown = join(registry, '..', 'd.html');
    expect((await runs('compare', ids[0], 'x', '--out', unknown)).err).toContain('the nearest');
    expect(existsSync(unknown)).toBe(false);
    expect((await runs('compare', ids[0])).status).toBe(2);
  });
});

describe('runs query', () => {
  it('answers the example of its own help', async () => {
    const { runs, ids } = made();
    const help = await cli(['runs', 'query', '--help']);
    expect(help.status).toBe(0);
    const [, example] = /For example:\n(SELECT[\s\S]+)$/.exec(help.out)!;
    const { out, err } = await runs('query', example.trim());
    expect(err).toBe('');
    expect(JSON.parse(out).map(({ id }: { id: string }) => id)).toEqual([ids[1], ids[0], ids[2]]);
    expect((await runs('query', 'SELECT')).status).toBe(2);
  });
});
