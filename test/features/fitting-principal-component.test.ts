import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/index.ts';
import { principalComponent } from '../../src/features/fitting/principal-component.ts';

describe('the principal component', () => {
  it('of a matrix worked out by hand', () => {
    // Eigenvalues 3 with (1, 1) and 1 with (1, −1).
    const { vector, explained } = principalComponent(Float64Array.of(2, 1, 1, 2), 2);
    expect(vector[0]).toBeCloseTo(Math.SQRT1_2, 14);
    expect(vector[1]).toBeCloseTo(Math.SQRT1_2, 14);
    expect(explained).toBeCloseTo(3 / 4, 14);
    // Diagonal: the largest axis.
    expect(principalComponent(Float64Array.of(1, 0, 0, 0, 5, 0, 0, 0, 2), 3).vector).toEqual(Float64Array.of(0, 1, 0));
    expect(principalComponent(Float64Array.of(4), 1)).toEqual({ vector: Float64Array.of(1), explained: 1 });
  });

  it('is an eigenvector, and no direction varies more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 1, max: 10 }), (seed, n) => {
        const random = new Random(seed);
        const rows = Array.from({ length: 1 + random.below(30) }, () =>
          Array.from({ length: n }, () => random.float() - 0.3),
        );
        const a = Float64Array.from({ length: n * n }, (_, k) =>
          rows.reduce((sum, x) => sum + x[Math.floor(k / n)] * x[k % n], 0),
        );
        const times = (x: ArrayLike<number>): number[] =>
          Array.from({ length: n }, (_, i) => Array.from(x).reduce((sum, v, j) => sum + a[i * n + j] * v, 0));
        const dot = (x: ArrayLike<number>, y: ArrayLike<number>): number =>
          Array.from(x).reduce((sum, v, i) => sum + v * y[i], 0);
        const { vector, explained } = principalComponent(a, n);
        const trace = Array.from({ length: n }, (_, i) => a[i * n + i]).reduce((sum, x) => sum + x, 0);
        const value = explained * trace;
        expect(dot(vector, vector)).toBeCloseTo(1, 12);
        expect(vector.reduce((sum, x) => sum + x, 0)).toBeGreaterThanOrEqual(0);
        times(vector).forEach((x, i) => {
          expect(Math.abs(x - value * vector[i])).toBeLessThan(1e-12 * trace);
        });
        for (let k = 0; k < 5; k++) {
          const x = Array.from({ length: n }, () => random.float() - 0.5);
          expect(dot(x, times(x)) / dot(x, x)).toBeLessThanOrEqual(value * (1 + 1e-12));
        }
      }),
      { numRuns: 100, seed: 3 },
    );
  });

  it('needs something that varies', () => {
    expect(() => principalComponent(new Float64Array(4), 2)).toThrow('something varies');
  });
});
