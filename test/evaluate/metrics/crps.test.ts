import { describe, expect, it } from 'vitest';
import { studentCrps } from '../../../src/evaluate/index.ts';
import { studentTCdf } from '../../../src/models/index.ts';

/** ∫ (F(x) − 1{x ≥ y})² dx by the midpoint rule. */
function integrated(y: number, location: number, scale: number, freedom: number): number {
  const [from, to, steps] = [-4000, 4000, 1_600_000];
  const width = (to - from) / steps;
  let sum = 0;
  for (let i = 0; i < steps; i++) {
    const x = from + (i + 0.5) * width;
    const gap = studentTCdf((x - location) / scale, freedom) - (x >= y ? 1 : 0);
    sum += gap * gap * width;
  }
  return sum;
}

describe('studentCrps', () => {
  it.each([
    [0, 0, 1, 5],
    [1.5, -0.5, 0.7, 3],
    [-2, 1, 2, 40],
  ])(
    'is the integral that it stands for: y %d, location %d, scale %d, %d degrees of freedom',
    (y, location, scale, freedom) => {
      expect(studentCrps(y, location, scale, freedom)).toBeCloseTo(integrated(y, location, scale, freedom), 4);
    },
  );

  it('is that of a normal forecast where there are many degrees of freedom, and the absolute error of a point', () => {
    // Gneiting and Raftery 2007: σ (√2 − 1) / √π at the mean of a normal forecast.
    expect(studentCrps(0, 0, 1, 1e6)).toBeCloseTo((Math.SQRT2 - 1) / Math.sqrt(Math.PI), 5);
    expect(studentCrps(3, 1, 1e-9, 10)).toBeCloseTo(2, 6);
  });
});
