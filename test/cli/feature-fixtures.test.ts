import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { analyseFeatures } from '../../src/evaluate/index.ts';
import { parseFit } from '../../src/features/index.ts';
import { openTable } from '../../src/store/index.ts';

const FIXTURES = resolve(import.meta.dirname, '../fixtures');
const holding = (name: string): string[] =>
  readdirSync(FIXTURES).filter((version) => existsSync(join(FIXTURES, version, name)));

/** What an earlier version wrote is read for ever, or refused with a reason; never read as something else. */
describe('files of every version', () => {
  it('are there', () => {
    expect(holding('fit.json')).toContain('v0.0.3');
    expect(holding('rows.parquet')).toContain('v0.0.3');
  });

  it.each(holding('fit.json'))('the fit of %s reads, and its hash still holds', (version) => {
    const path = join(FIXTURES, version, 'fit.json');
    const fit = parseFit(JSON.parse(readFileSync(path, 'utf8')), path);
    expect(fit.instrument).toBe('sim:REALISTIC-4');
    expect(fit.microprice.fair.length).toBeGreaterThan(0);
  });

  it.each(holding('rows.parquet'))(
    'the rows of %s read, and their schema hash is that of their columns',
    async (version) => {
      const table = await openTable(join(FIXTURES, version, 'rows.parquet'));
      const { metadata, columns } = table.schema;
      expect(metadata['bookcast.origin']).toBe('simulated');
      expect(metadata['bookcast.fit']).toMatch(/^[0-9a-f]{16}$/);
      expect(columns.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['time', 'mid_ticks', 'ofi_1', 'mid_age']),
      );
      const { facts } = await analyseFeatures(table, { file: 'rows.parquet' });
      expect(facts.rows).toBe(table.rows);
      expect(facts.schemaHash).toBe(metadata['bookcast.schema_hash']);
      await table.close();
    },
  );
});
