import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WeightHistory } from '../../../src/forecast/index.ts';

describe('WeightHistory', () => {
  it('keeps the forecasts that its stride divides, evenly over the whole stream, in the places it has', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 3000 }), (half, forecasts) => {
        const history = new WeightHistory(2, 2 * half);
        for (let index = 0; index < forecasts; index++) history.add(index, Float64Array.of(index, -index));
        const { indices, weights } = history.series();
        const expected = Array.from({ length: Math.ceil(forecasts / history.stride) }, (_, i) => i * history.stride);
        expect([...indices]).toEqual(expected);
        expect([...weights[0]]).toEqual(expected);
        expect([...weights[1]]).toEqual(expected.map((index) => -index));
        expect(history.length).toBeLessThanOrEqual(history.capacity);
        // No coarser than it must be.
        if (history.stride > 1) expect(forecasts).toBeGreaterThan((history.capacity * history.stride) / 2);
      }),
    );
  });

  it('goes on where forecasts are missing, and gives copies', () => {
    const history = new WeightHistory(1, 4);
    const weights = Float64Array.of(0);
    for (const index of [0, 1, 3, 7, 8, 16, 18, 24, 40, 48, 1000, 1008]) {
      weights[0] = index;
      history.add(index, weights);
    }
    const { indices, weights: kept } = history.series();
    expect([...kept[0]]).toEqual([...indices]);
    expect([...indices].every((index) => index % history.stride === 0)).toBe(true);
    indices.fill(-1);
    expect(history.series().indices[0]).toBe(0);
  });

  it('refuses an odd number of places', () => {
    expect(() => new WeightHistory(1, 3)).toThrow('an even number of entries');
    expect(() => new WeightHistory(0)).toThrow('holds one or more');
  });
});
