import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { instrumentKey } from '../../src/market/index.ts';
import { openTape, readOrderIds } from '../../src/tape/index.ts';
import { collect } from '../support/batches.ts';
import { digest, FIXTURE_IDS, fixtureBatches, type TapeDigest } from './make-fixture.ts';
import { readAll } from './support.ts';

const FIXTURES = resolve(import.meta.dirname, '../fixtures');
const versions = readdirSync(FIXTURES).filter((version) => existsSync(join(FIXTURES, version, 'tape')));

describe('tapes of every version', () => {
  it('are there', () => {
    expect(versions).toEqual(expect.arrayContaining(['v0.0.1', 'v0.0.2']));
  });

  it.each(versions)('%s reads as it was written', async (version) => {
    const folder = join(FIXTURES, version, 'tape');
    const expected = JSON.parse(readFileSync(`${folder}.json`, 'utf8')) as TapeDigest;
    const tape = await openTape(folder);
    const batches = await readAll(tape);
    expect(digest(instrumentKey(tape.instrument), tape.origin, batches)).toEqual(expected);
    expect(tape.notes).toEqual([]);
    const size = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    expect(size).toBeLessThan(50_000);
  });

  it('of version 2 carry ids of orders', async () => {
    expect(await collect(readOrderIds(join(FIXTURES, 'v0.0.2/tape')))).toEqual([FIXTURE_IDS]);
    expect(await collect(readOrderIds(join(FIXTURES, 'v0.0.1/tape')))).toEqual([]);
  });

  it('of this version are what the fixture maker makes', () => {
    const made = digest('sim:FIXTURE', 'simulated', fixtureBatches());
    expect(made).toEqual(JSON.parse(readFileSync(join(FIXTURES, 'v0.0.1/tape.json'), 'utf8')));
  });
});
