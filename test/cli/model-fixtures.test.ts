import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Random, systemClock } from '../../src/core/index.ts';
import { emptyDecision, openServedModel, parseTarget, readModelFile } from '../../src/models/index.ts';
import { listRuns, readCurve } from '../../src/store/index.ts';

const FIXTURES = resolve(import.meta.dirname, '../fixtures');
const versions = readdirSync(FIXTURES).filter((version) => existsSync(join(FIXTURES, version, 'runs')));

/** What the models of a run say of forty seeded rows, the last of each. */
async function forecasts(folder: string): Promise<Record<string, number[]>> {
  const said: Record<string, number[]> = {};
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.onnx'))) {
    const file = await readModelFile(join(folder, name));
    const { signals, schemaHash, target, kind } = file.metadata;
    const schema = { names: signals, hash: schemaHash };
    const served = await openServedModel(file, { target: parseTarget(target), schema, clock: systemClock });
    const random = new Random(3);
    const decision = emptyDecision(new Float64Array(signals.length));
    const out = new Float64Array(3);
    for (let i = 0; i < 40; i++) {
      decision.index = i;
      decision.row.forEach((_, k) => {
        decision.row[k] = random.normal();
      });
      served.predict(decision, out);
    }
    said[`${kind}/${name}`] = [...out];
    await served.close();
  }
  return said;
}

/** What an earlier version wrote is read for ever, or refused with a reason; never read as something else. */
describe('runs and models of every version', () => {
  it('are there', () => {
    expect(versions).toContain('v0.0.4');
  });

  it.each(versions)('the runs of %s are listed, with their curves', (version) => {
    const registry = join(FIXTURES, version, 'runs');
    const { runs, damaged } = listRuns(registry);
    expect(damaged).toEqual([]);
    expect(runs.map(({ record, state }) => `${record.model} ${state}`).sort()).toEqual([
      'gbdt finished',
      'gru finished',
    ]);
    for (const run of runs) expect(readCurve(run).lines.length).toBeGreaterThan(1);
  });

  it.each(versions)('the models of %s forecast what they forecast then', async (version) => {
    const registry = join(FIXTURES, version, 'runs');
    const path = join(FIXTURES, version, 'forecasts.json');
    const now: Record<string, number[]> = {};
    for (const id of readdirSync(registry)) Object.assign(now, await forecasts(join(registry, id)));
    if (process.env.BOOKCAST_MAKE_FIXTURES === version) writeFileSync(path, `${JSON.stringify(now, null, 2)}\n`);
    const then = JSON.parse(readFileSync(path, 'utf8')) as Record<string, number[]>;
    expect(Object.keys(now).sort()).toEqual(Object.keys(then).sort());
    for (const [name, probabilities] of Object.entries(then)) {
      for (const [k, p] of probabilities.entries()) expect(now[name][k], `${name}, class ${k}`).toBeCloseTo(p, 5);
    }
  });
});
