import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const FIXTURES = resolve(import.meta.dirname, '../fixtures');
const versions = readdirSync(FIXTURES).filter((version) => existsSync(join(FIXTURES, version, 'rows.csv')));

/** `bookcast features` writes for other tools: what every version wrote must stay what they learnt to read. */
describe('rows written by every version', () => {
  it('are there', () => {
    expect(versions).toContain('v0.0.1');
  });

  it.each(versions)('%s: decision, time and mid, then one number a signal', (version) => {
    const [head, ...rows] = readFileSync(join(FIXTURES, version, 'rows.csv'), 'utf8')
      .trimEnd()
      .split('\n');
    const names = head.split(',');
    expect(names.slice(0, 3)).toEqual(['decision', 'time', 'midTicks']);
    expect(new Set(names).size).toBe(names.length);
    expect(rows.length).toBeGreaterThan(10);
    for (const row of rows) {
      const cells = row.split(',');
      expect(cells).toHaveLength(names.length);
      expect(cells[1]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
      for (const cell of [cells[0], ...cells.slice(2)])
        expect(cell === 'NaN' || Number.isFinite(Number(cell)), cell).toBe(true);
    }
  });
});
