import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { leastSquares, mean, outOfSampleR2 } from '../../../src/evaluate/analysis/least-squares.ts';

const X1 = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const X2 = Float64Array.of(2, 1, 5, 3, 8, 2, 7, 1);
const Y = Float64Array.of(3.1, 2.9, 7.2, 6.1, 12.3, 5.8, 13.9, 6.2);

describe('leastSquares', () => {
  it('has the coefficients and R² of numpy.linalg.lstsq', () => {
    const fit = leastSquares([X1, X2], Y);
    expect(fit.intercept).toBeCloseTo(-0.15140052669380222, 12);
    expect(fit.slopes[0]).toBeCloseTo(0.665974383528849, 12);
    expect(fit.slopes[1]).toBeCloseTo(1.1977974622935124, 12);
    expect(fit.r2).toBeCloseTo(0.9804432935421463, 12);
    expect(fit.adjustedR2).toBeCloseTo(0.9726206109590049, 12);
    const one = leastSquares([X1], Y);
    expect(one.intercept).toBeCloseTo(2.9714285714285675, 12);
    expect(one.slopes[0]).toBeCloseTo(0.9369047619047618, 12);
    expect(one.r2).toBeCloseTo(0.3340366034856095, 12);
  });

  it('gives nothing to a regressor that others tell already, and does not count it', () => {
    const twice = X1.map((value) => 2 * value + 7);
    const fit = leastSquares([X1, twice, X2], Y);
    expect(fit.slopes[1]).toBe(0);
    expect(fit.r2).toBeCloseTo(0.9804432935421463, 12);
    expect(fit.adjustedR2).toBeCloseTo(0.9726206109590049, 12);
    expect(leastSquares([new Float64Array(8).fill(3)], Y).slopes).toEqual([0]);
  });

  it('finds a plane through nearly collinear regressors again', () => {
    const random = new Random(1);
    const a = Float64Array.from({ length: 400 }, () => random.normal());
    const b = a.map((value) => value + 1e-5 * random.normal());
    const y = a.map((value, i) => 3 + 2 * value - b[i]);
    const fit = leastSquares([a, b], y);
    expect(fit.slopes[0]).toBeCloseTo(2, 5);
    expect(fit.slopes[1]).toBeCloseTo(-1, 5);
    expect(fit.r2).toBeCloseTo(1, 12);
  });

  it('has no R² where nothing varies, and wants more points than regressors', () => {
    expect(leastSquares([X1], new Float64Array(8).fill(2)).r2).toBeNaN();
    expect(() => leastSquares([X1.subarray(0, 2)], Y.subarray(0, 2))).toThrow('more points than regressors');
  });
});

describe('outOfSampleR2', () => {
  it('holds new points against the mean of the old (numpy)', () => {
    const train = leastSquares([X1.subarray(0, 6), X2.subarray(0, 6)], Y.subarray(0, 6));
    const meanY = mean(Y.subarray(0, 6));
    expect(meanY).toBeCloseTo(6.233333333333333, 14);
    const r2 = outOfSampleR2(train, [X1.subarray(6), X2.subarray(6)], Y.subarray(6), meanY);
    expect(r2).toBeCloseTo(0.9420996537618636, 11);
  });

  it('is below zero for a fit that does worse than the mean', () => {
    const wrong = { intercept: 100, slopes: [0], n: 3, r2: 0, adjustedR2: 0 };
    expect(outOfSampleR2(wrong, [X1], Y, mean(Y))).toBeLessThan(0);
    expect(outOfSampleR2(wrong, [X1], new Float64Array(8).fill(2), 2)).toBeNaN();
  });
});
