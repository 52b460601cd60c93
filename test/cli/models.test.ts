import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BundleShelf } from '../../src/cli/bundle-shelf.ts';
import type { ReplayReport } from '../../src/cli/replay.ts';
import { type MadeBundle, madeBundle } from '../forecast/bundle/made-bundle.ts';
import { cli, type Run, tempFile } from './support.ts';

const ROOT = resolve(import.meta.dirname, '../..');

interface Shelf extends MadeBundle {
  readonly shelf: string;
  models(...argv: string[]): Promise<Run>;
}

/** A shelf with one bundle, `mine`. */
async function shelved(): Promise<Shelf> {
  const made = await madeBundle();
  const shelf = join(made.folder, 'shelf');
  mkdirSync(shelf);
  cpSync(made.bundle, join(shelf, 'mine'), { recursive: true });
  return { ...made, shelf, models: (...argv) => cli(['models', ...argv, '--shelf', shelf]) };
}

function card(gain: number): string {
  const figure = { value: gain, interval: { low: gain - 0.01, high: gain + 0.01 } };
  const forecasts = [
    { name: 'majority', baseline: true, gain: { value: 0, interval: null } },
    { name: 'ensemble', baseline: false, gain: figure },
    { name: 'bayes', baseline: false, gain: figure },
  ];
  return JSON.stringify({ sections: [{ target: 'events:10', served: 'ensemble', scores: { rows: 500, forecasts } }] });
}

describe('models', () => {
  it('lists the shelf, shows a bundle and verifies it', async () => {
    const { models, version, shelf } = await shelved();
    const { out } = await models('list');
    expect(out).toMatch(new RegExp(`mine +${version.slice(0, 8)} +events:10 +3 +binance:BTCUSDT/USDM`));
    const listed = JSON.parse((await models('list', '--json')).out) as { name: string; facts: { version: string } }[];
    expect(listed.find(({ name }) => name === 'mine')?.facts.version).toBe(version);
    const shown = (await models('show', 'mine')).out;
    expect(shown).toContain('It has no card');
    expect(shown).toMatch(/member +net \(onnx\)/);
    expect((await models('verify', 'mine')).out).toMatch(
      new RegExp(`mine is whole: 8 files, \\d+ bytes, version ${version}`),
    );
    appendFileSync(join(shelf, 'mine', 'bayes.state'), 'x');
    const damaged = await models('verify', 'mine');
    expect(damaged.status).toBe(1);
    expect(damaged.err).toContain('bayes.state is damaged');
  });

  it('promotes one, and names what is near where there is none', async () => {
    const { models, shelf } = await shelved();
    expect((await models('promote', 'mine')).out).toContain('serves from now on; before: default');
    expect(new BundleShelf(shelf).promoted()).toBe('mine');
    expect((await models('list')).out).toMatch(/^\* +mine/m);
    const { status, err } = await models('promote', 'mime');
    expect(status).toBe(1);
    expect(err).toContain('there is no bundle "mime"; did you mean "mine"?');
    expect((await models('promote', '../mine')).err).toContain('is no name of the shelf');
    writeFileSync(join(shelf, 'promoted.json'), '{}');
    expect((await models('show', 'mine')).err).toContain('does not name a bundle; promote one again');
  });

  it('tells of damaged bundles and lists the others', async () => {
    const { models, shelf } = await shelved();
    mkdirSync(join(shelf, 'torn'));
    writeFileSync(join(shelf, 'torn', 'bundle.json'), '{');
    const { out, err } = await models('list');
    expect(err).toMatch(/note: torn: .*is not JSON/);
    expect(out).toContain('mine');
  });

  it('compares two cards side by side, baselines with them', async () => {
    const { models, shelf } = await shelved();
    cpSync(join(shelf, 'mine'), join(shelf, 'other'), { recursive: true });
    expect((await models('compare', 'mine', 'other')).err).toContain('has no card, so there is nothing to compare');
    writeFileSync(join(shelf, 'mine', 'card.json'), card(0.1));
    writeFileSync(join(shelf, 'other', 'card.json'), card(0.2));
    const { out } = await models('compare', 'mine', 'other');
    expect(out).toMatch(/mine +majority \(no skill\)/);
    expect(out).toMatch(/other +ensemble .*0\.2000 \[0\.1900, 0\.2100\]/);
    expect(out).not.toContain('bayes');
    const json = JSON.parse((await models('compare', 'mine', 'other', '--json')).out) as { card: unknown[] }[];
    expect(json).toHaveLength(2);
    expect((await models('show', 'mine')).out).toContain('ensemble (served)');
    writeFileSync(join(shelf, 'mine', 'card.json'), '{"sections": 3}');
    expect((await models('compare', 'mine', 'other')).err).toContain('card.json is no card');
  });
});

describe('replay --bundle', () => {
  const replayed = async (...argv: string[]): Promise<ReplayReport> => {
    const { status, out, err } = await cli(['replay', ...argv, '--json']);
    expect(status, err).toBe(0);
    return JSON.parse(out) as ReplayReport;
  };

  it('serves its members, calibrated, the same bits in every run, and where it is promoted without a name', async () => {
    const { tape, bundle, shelf, models } = await shelved();
    const one = await replayed(tape, '--bundle', bundle);
    const names = one.scores.map(({ model }) => model);
    expect(names.slice(-5)).toEqual(['imbalance', 'bayes', 'net', 'ensemble', 'ensemble-calibrated']);
    const two = await replayed(tape, '--bundle', 'mine', '--shelf', shelf);
    expect(two.hash).toEqual(one.hash);
    const without = await replayed(tape, '--shelf', shelf);
    expect(without.hash.forecasts).not.toBe(one.hash.forecasts);
    await models('promote', 'mine');
    expect((await replayed(tape, '--shelf', shelf)).hash).toEqual(one.hash);
    expect((await replayed(tape, '--shelf', shelf, '--bundle', 'none')).hash).toEqual(without.hash);
  });

  it('refuses a named one for another target, and passes over a promoted one', async () => {
    const { tape, shelf, models } = await shelved();
    const other = ['replay', tape, '--target', 'events:5', '--shelf', shelf];
    expect((await cli([...other, '--bundle', 'mine'])).err).toContain('forecasts events:10, and events:5 is asked for');
    await models('promote', 'mine');
    const { status, err } = await cli(other);
    expect(status).toBe(0);
    expect(err).toMatch(/mine is passed over, and what learns live serves alone: .*events:5 is asked for/);
    expect((await cli([...other, '--bundle', 'mine', '--model', 'x.onnx'])).err).toContain('give one of them');
  });

  it('serves without ONNX Runtime, with its trained members asleep', { timeout: 60_000 }, async () => {
    const { tape, bundle } = await shelved();
    const without = tempFile(
      'without.mjs',
      `import { registerHooks } from 'node:module';
       registerHooks({ resolve(name, context, next) {
         if (name === 'onnxruntime-node') throw Object.assign(new Error('none'), { code: 'ERR_MODULE_NOT_FOUND' });
         return next(name, context);
       } });`,
    );
    const args = ['--import', without, join(ROOT, 'bin/bookcast.js'), 'replay', tape, '--bundle', bundle, '--json'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/model +net asleep: .*onnxruntime-node/);
    const { scores } = JSON.parse(stdout) as ReplayReport;
    expect(scores.at(-1)?.model).toBe('ensemble-calibrated');
    expect(scores.at(-1)?.n).toBeGreaterThan(0);
  });
});
