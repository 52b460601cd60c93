import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { autocorrelation, LAGS } from '../../../src/evaluate/analysis/autocorrelation.ts';
import { type Distribution, distributionOf } from '../../../src/evaluate/analysis/distribution.ts';
import { centredRanks, sortOrder } from '../../../src/evaluate/analysis/ranks.ts';

const X = Float64Array.of(3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8);

function of(values: ArrayLike<number>): Distribution {
  const column = Float64Array.from(values);
  return distributionOf(column, sortOrder(column));
}

describe('distributionOf', () => {
  it('has the moments and quantiles of numpy and scipy', () => {
    const found = of([...X, Number.NaN, Number.NaN, Number.NaN]);
    expect(found.count).toBe(12);
    expect(found.missing).toBeCloseTo(3 / 15, 15);
    expect(found.mean).toBeCloseTo(4.333333333333333, 14);
    expect(found.sd).toBeCloseTo(2.4267032964268394, 14);
    expect(found.skewness).toBeCloseTo(0.3783894780473325, 14);
    expect(found.excessKurtosis).toBeCloseTo(-0.7262370950516202, 14);
    expect(found.distinct).toBe(8);
    const quantiles = [1, 1, 1, 2.75, 4.5, 5.25, 8.45, 8.89, 9];
    found.quantiles.forEach((value, i) => void expect(value).toBeCloseTo(quantiles[i], 12));
  });

  it('counts every value once in the histogram, in its bin or beside it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 500 }),
        (list) => {
          const { low, high, counts, below, above } = of(list).histogram;
          expect(counts.reduce((sum, n) => sum + n, 0) + below + above).toBe(list.length);
          expect(below).toBe(list.filter((value) => value < low).length);
          expect(above).toBe(list.filter((value) => value > high).length);
          expect(low).toBeLessThan(high);
        },
      ),
    );
  });

  it('keeps heavy tails out of the histogram', () => {
    const values = Array.from({ length: 1000 }, (_, i) => (i === 0 ? 1e9 : i === 1 ? -1e9 : i / 1000));
    const { low, high, below, above } = of(values).histogram;
    expect(low).toBeGreaterThanOrEqual(0);
    expect(high).toBeLessThanOrEqual(1);
    expect([below, above]).toEqual([5, 5]);
  });

  it('says nothing of nothing, and of a constant that it is one', () => {
    const none = of([Number.NaN, Number.NaN]);
    expect(none).toMatchObject({ count: 0, missing: 1, mean: Number.NaN, zeros: Number.NaN, distinct: 0 });
    expect(none.histogram.counts).toEqual([]);
    expect(of([])).toMatchObject({ count: 0, missing: Number.NaN });
    const flat = of([0, -0, 0]);
    expect(flat).toMatchObject({ sd: 0, zeros: 1, distinct: 1, skewness: Number.NaN, excessKurtosis: Number.NaN });
    expect(flat.histogram).toMatchObject({ low: -0.5, high: 0.5, below: 0, above: 0 });
    const tiny = of([Number.MIN_VALUE]).histogram;
    expect(tiny.low).toBeLessThan(tiny.high);
    expect(tiny.counts.reduce((sum, n) => sum + n, 0)).toBe(1);
  });
});

describe('autocorrelation', () => {
  it('is the correlation of ranks with later ones (numpy.corrcoef of scipy ranks)', () => {
    const found = autocorrelation(centredRanks(X), [1, 2, 3, 5, 11, 20]);
    const expected = [-0.07062820346196627, -0.02774471610870428, 0.49128132798296376, 0.011734901187824042];
    expected.forEach((value, i) => void expect(found[i]).toBeCloseTo(value, 13));
    expect(found.slice(4)).toEqual([Number.NaN, Number.NaN]);
  });

  it('leaves out pairs of which one is missing', () => {
    // Ranks of 1, 2, 4, 5, 6 are −2 … 2; at lag 1 the pairs are (−2, −1), (0, 1) and (1, 2): a line.
    const found = autocorrelation(centredRanks(Float64Array.of(1, 2, Number.NaN, 4, 5, 6)), [1]);
    expect(found[0]).toBeCloseTo(1, 14);
  });

  it('reaches from one row to two hundred', () => {
    expect(LAGS[0]).toBe(1);
    expect(LAGS[LAGS.length - 1]).toBe(200);
  });
});
