import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { centredRanks, correlationOf, PairSums, sortOrder } from '../../../src/evaluate/analysis/ranks.ts';

const X = Float64Array.of(3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8);
const Y = Float64Array.of(2, 7, 1, 8, 2, 8, 1, 8, 2, 8, 4, 5);

/** Few different values, so that ties are common, beside any double. */
const number = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, 0, -0, 1, -1, 5e-324, -5e-324, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
);

describe('sortOrder', () => {
  it('sorts as a comparing sort does, without what is NaN, and keeps the order of equal values', () => {
    fc.assert(
      fc.property(fc.array(number, { maxLength: 60 }), (list) => {
        const values = Float64Array.from(list);
        const order = [...sortOrder(values)];
        const known = list.map((_, i) => i).filter((i) => !Number.isNaN(list[i]));
        // −0 and 0 are equal, but have bits of their own: the bits may decide between them.
        const naive = known.sort(
          (a, b) => list[a] - list[b] || (Object.is(list[a], list[b]) ? a - b : Object.is(list[a], -0) ? -1 : 1) || 0,
        );
        const infinite = (i: number): boolean => !Number.isFinite(list[i]);
        expect(order.map((i) => list[i])).toEqual(naive.map((i) => list[i]));
        expect(order.filter((i) => !infinite(i))).toEqual(naive.filter((i) => !infinite(i)));
      }),
    );
  });

  it('reads a view that begins in the middle of a buffer', () => {
    const whole = Float64Array.of(9, 9, 2, -1, Number.NaN, 0);
    expect([...sortOrder(whole.subarray(2))]).toEqual([1, 3, 0]);
  });
});

describe('centredRanks', () => {
  it('shares the mean rank between equal values (scipy.stats.rankdata)', () => {
    const expected = [4.5, 1.5, 6, 1.5, 8, 12, 3, 10, 8, 4.5, 8, 11].map((rank) => rank - 6.5);
    const { ranks, count, squares } = centredRanks(X);
    expect([...ranks]).toEqual(expected);
    expect(count).toBe(12);
    expect(squares).toBeCloseTo(
      expected.reduce((sum, rank) => sum + rank * rank, 0),
      12,
    );
  });

  it('gives a missing value no rank, and centres those that there are', () => {
    const { ranks, present } = centredRanks(Float64Array.of(Number.NaN, 7, 5, Number.NaN, 6));
    expect([...ranks]).toEqual([0, 1, -1, 0, 0]);
    expect([...present]).toEqual([0, 1, 1, 0, 1]);
  });
});

describe('correlationOf', () => {
  it("is Spearman's ρ (scipy.stats.spearmanr)", () => {
    expect(correlationOf(centredRanks(X), centredRanks(Y))).toBeCloseTo(0.1415796863640157, 14);
  });

  it('is NaN where either does not vary, and for fewer than three pairs', () => {
    const flat = centredRanks(new Float64Array(12).fill(3));
    expect(correlationOf(flat, centredRanks(Y))).toBeNaN();
    expect(correlationOf(centredRanks(X.subarray(0, 2)), centredRanks(Y.subarray(0, 2)))).toBeNaN();
  });

  it('takes the rows that both have, as a naive Pearson correlation of their ranks does', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number), { minLength: 3, maxLength: 40 }), (pairs) => {
        const finite = (value: number): number => (Number.isFinite(value) ? value : Number.NaN);
        const x = centredRanks(Float64Array.from(pairs, ([a]) => finite(a)));
        const y = centredRanks(Float64Array.from(pairs, ([, b]) => finite(b)));
        const found = correlationOf(x, y);
        const naive = naivePearson(
          pairs
            .map((_, i) => i)
            .filter((i) => x.present[i] === 1 && y.present[i] === 1)
            .map((i) => [x.ranks[i], y.ranks[i]]),
        );
        if (Number.isNaN(naive)) expect(found).toBeNaN();
        else expect(found).toBeCloseTo(naive, 10);
      }),
    );
  });
});

function naivePearson(pairs: number[][]): number {
  if (pairs.length < 3) return Number.NaN;
  const mean = (k: number): number => pairs.reduce((sum, pair) => sum + pair[k], 0) / pairs.length;
  const [mx, my] = [mean(0), mean(1)];
  const moment = (f: (pair: number[]) => number): number => pairs.reduce((sum, pair) => sum + f(pair), 0);
  const xx = moment(([x]) => (x - mx) ** 2);
  const yy = moment(([, y]) => (y - my) ** 2);
  return xx < 1e-9 || yy < 1e-9 ? Number.NaN : moment(([x, y]) => (x - mx) * (y - my)) / Math.sqrt(xx * yy);
}

describe('sums', () => {
  it('pairs each row with one some rows later', () => {
    const x = centredRanks(Float64Array.of(1, 2, 3, 4));
    const sums = new PairSums();
    sums.addRows(x, x, 0, 3, 1);
    // Ranks are −1.5 … 1.5: −1.5·−0.5 + −0.5·0.5 + 0.5·1.5 = 1.25.
    expect(sums).toMatchObject({ n: 3, xy: 1.25 });
  });
});
