import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OnlineScaler } from '../../src/models/index.ts';

const scaled = (scaler: OnlineScaler, values: number[]): number[] => {
  const out = new Float64Array(values.length);
  scaler.scale(Float64Array.from(values), out);
  return [...out];
};

describe('OnlineScaler', () => {
  it('standardises by mean and variance of the rows added', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 2, maxLength: 80 }),
        (values) => {
          const mean = values.reduce((a, b) => a + b) / values.length;
          const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
          fc.pre(variance > 1e-6);
          const scaler = new OnlineScaler(1, 1000, 100);
          for (const value of values) scaler.add(Float64Array.of(value));
          expect(scaled(scaler, [mean + 3])[0]).toBeCloseTo(Math.min(100, 3 / Math.sqrt(variance)), 6);
        },
      ),
    );
  });

  it('limits what it gives, and says nothing of what is missing or has never varied', () => {
    const scaler = new OnlineScaler(3, 100, 4);
    for (const x of [-1, 1, -1, 1]) scaler.add(Float64Array.of(x, Number.NaN, 5));
    expect(scaled(scaler, [100, 1, 5])).toEqual([4, 0, 0]);
    expect(scaled(scaler, [-100, Number.NaN, 6])).toEqual([-4, 0, 0]);
    expect(scaled(scaler, [Number.POSITIVE_INFINITY, 0, Number.NaN])).toEqual([0, 0, 0]);
  });

  it('leaves out missing values, not the row', () => {
    const gaps = new OnlineScaler(2, 100, 4);
    const whole = new OnlineScaler(1, 100, 4);
    [1, Number.NaN, 2, 4, Number.NEGATIVE_INFINITY, 8].forEach((x) => {
      gaps.add(Float64Array.of(x, 0));
      if (Number.isFinite(x)) whole.add(Float64Array.of(x));
    });
    expect(scaled(gaps, [3, 0])[0]).toBe(scaled(whole, [3])[0]);
  });

  it('follows a change of level after about its memory', () => {
    const scaler = new OnlineScaler(1, 50, 4);
    for (let i = 0; i < 500; i++) scaler.add(Float64Array.of(i % 2));
    for (let i = 0; i < 500; i++) scaler.add(Float64Array.of(1000 + (i % 2)));
    expect(Math.abs(scaled(scaler, [1000.5])[0])).toBeLessThan(0.1);
  });
});
