import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fitBundle } from '../../src/cli/fit-bundle.ts';
import { readRecipe } from '../../src/cli/recipe.ts';
import { readBundle } from '../../src/forecast/index.ts';
import { usdmSession } from '../support/session.ts';
import { cli, tempFolder, testIo } from './support.ts';

it('fits, writes the same bytes again, and what it wrote can be served', { timeout: 120_000 }, async () => {
  const folder = tempFolder();
  const tapes = ['one.txt', 'two.txt'].map((name) => join(folder, name));
  for (const tape of tapes) writeFileSync(tape, usdmSession({ updates: 1200 }));
  const overrides = ['trained.gbdt=false', 'trained.ctabl=false', 'data.reach=2', 'data.split=60/20/20'];
  const recipe = readRecipe({ recipe: 'shipped', overrides });
  const lines: string[] = [];
  const made = (name: string): Promise<{ version: string }> =>
    fitBundle(
      { io: testIo(), version: '1.2.3' },
      {
        recordings: tapes.map((tape) => [tape]),
        recipe,
        name: 'made',
        folder: join(folder, name),
        seed: 1,
        threads: 1,
        log: (line) => void lines.push(line),
      },
    );
  const { version } = await made('first');
  expect((await made('second')).version).toBe(version);
  for (const file of readdirSync(join(folder, 'first'))) {
    expect(readFileSync(join(folder, 'second', file)), file).toEqual(readFileSync(join(folder, 'first', file)));
  }
  const { facts } = readBundle(join(folder, 'first'), version);
  expect(facts.createdBy).toBe('bookcast 1.2.3');
  expect(facts.members.map(({ name }) => name)).toEqual(['imbalance', 'bayes', 'bayes-slow', 'logistic']);
  expect(facts.learnt.instruments).toEqual(['binance:BTCUSDT/USDM']);
  expect(facts.learnt.spans.length).toBeGreaterThan(0);
  expect(lines.some((line) => line.startsWith('fitted     logistic'))).toBe(true);
  const { status, out, err } = await cli(['replay', tapes[0], '--bundle', join(folder, 'first'), '--json']);
  expect(status, err).toBe(0);
  // All of it was learnt from: no evidence of skill.
  const { scores } = JSON.parse(out) as { scores: { model: string; seen: number; n: number }[] };
  const served = scores.at(-1);
  expect(served?.model).toBe('ensemble-calibrated');
  expect(served?.seen).toBe(served?.n);
});
