import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RowRing } from '../../../src/models/served/ring.ts';

describe('RowRing', () => {
  it('holds the last rows in order, as an array that is cut does', () => {
    const action = fc.oneof(
      { weight: 12, arbitrary: fc.array(fc.float({ noNaN: true }), { minLength: 3, maxLength: 3 }) },
      fc.constant(null),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), fc.array(action, { maxLength: 40 }), (length, actions) => {
        const ring = new RowRing(length, 3);
        let rows: number[][] = [];
        for (const row of actions) {
          if (row === null) {
            ring.clear();
            rows = [];
          } else {
            ring.push(Float64Array.from(row));
            rows = [...rows, row].slice(-length);
          }
          expect(ring.count).toBe(rows.length);
          expect(ring.full).toBe(rows.length === length);
          const out = new Float32Array(length * 3);
          ring.copyTo(out);
          expect([...out.subarray(0, 3 * ring.count)]).toEqual(rows.flat());
        }
      }),
    );
  });

  it('takes rows of its width alone', () => {
    expect(() => new RowRing(2, 3).push(new Float64Array(2))).toThrow(/as many columns/);
    expect(() => new RowRing(0, 3)).toThrow(/rows and columns/);
  });
});
