import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdIndex, NO_SLOT } from '../../src/market/id-index.ts';

describe('IdIndex', () => {
  it('equals a Map, with ids that collide, wrap around the table and use all 53 bits', () => {
    const id = fc.oneof(
      fc.integer({ min: -20, max: 20 }),
      fc.maxSafeInteger(),
      fc.integer({ min: 0, max: 50 }).map((n) => n * 2 ** 32),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), id), { maxLength: 200 }), (steps) => {
        const index = new IdIndex(1);
        const oracle = new Map<number, number>();
        steps.forEach(([adds, key], i) => {
          expect(index.find(key)).toBe(oracle.get(key) ?? NO_SLOT);
          if (!adds) {
            expect(index.remove(key)).toBe(oracle.get(key) ?? NO_SLOT);
            oracle.delete(key);
          } else if (!oracle.has(key)) {
            index.insert(key, i);
            oracle.set(key, i);
          }
          expect(index.size).toBe(oracle.size);
        });
        for (const [key, slot] of oracle) expect(index.find(key)).toBe(slot);
        index.clear();
        for (const key of oracle.keys()) expect(index.find(key)).toBe(NO_SLOT);
      }),
      { seed: 53, numRuns: 300 },
    );
  });

  it('refuses a size that no table can have', () => {
    expect(() => new IdIndex(0)).toThrow('expects 1 to 2^28 ids');
  });
});
