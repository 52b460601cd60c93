import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RollingRanks } from '../../../src/forecast/conformal/rolling-ranks.ts';

describe('RollingRanks', () => {
  it('is a sorted copy of the last numbers, ties included', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.double({ noNaN: true })), { maxLength: 120 }),
        (capacity, numbers) => {
          const ranks = new RollingRanks(capacity);
          numbers.forEach((x, i) => {
            ranks.push(x);
            const last = numbers.slice(Math.max(0, i + 1 - capacity), i + 1);
            const sorted = [...last].sort((a, b) => a - b);
            expect(ranks.size).toBe(last.length);
            expect([...ranks.values()]).toEqual(last);
            expect(sorted.map((_, r) => ranks.at(r) + 0)).toEqual(sorted.map((v) => v + 0));
            for (const y of [x, x + 1, x - 0.5]) {
              expect(ranks.countAtLeast(y)).toBe(last.filter((v) => v >= y).length);
            }
          });
        },
      ),
    );
  });

  it('works at the size it is used at, in rising, falling and equal order', () => {
    for (const order of [(i: number) => i, (i: number) => -i, () => 1]) {
      const ranks = new RollingRanks(2000);
      for (let i = 0; i < 10_000; i++) ranks.push(order(i));
      const last = Array.from({ length: 2000 }, (_, i) => order(8000 + i)).sort((a, b) => a - b);
      expect(last.every((x, r) => ranks.at(r) === x)).toBe(true);
    }
  });

  it('refuses what has no rank', () => {
    const ranks = new RollingRanks(3);
    expect(() => ranks.push(Number.NaN)).toThrow(/no rank/);
    expect(() => ranks.at(0)).toThrow(/among the numbers held/);
    ranks.push(1);
    ranks.clear();
    expect(ranks.countAtLeast(0)).toBe(0);
  });
});
