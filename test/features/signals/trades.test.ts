import { describe, expect, it } from 'vitest';
import { NO_PRICE } from '../../../src/core/index.ts';
import { Side } from '../../../src/market/index.ts';
import { bid, delta, execute, other, trade } from '../random-market.ts';
import { geometric, lastOf, SECOND, START, trades, valuesOf } from './trades-market.ts';

const { BID, ASK, NONE } = Side;
const e = Math.exp;

/** The average level after books whose levels have these means: weights fade by 1 − 1/500 a book message. */
const average = (...means: number[]): number => {
  const weights = means.map((_, n) => (1 - 1 / 500) ** (means.length - 1 - n));
  return means.reduce((sum, x, n) => sum + x * weights[n], 0) / weights.reduce((a, b) => a + b, 0);
};

describe('flow', () => {
  it('is lots bought less lots sold, by age, in average levels', () => {
    const messages = [
      START,
      other(1 * SECOND, [trade(BID, 102, 10)]),
      // Two lots of the resting bid are hit: the aggressor sells. The book is now 18 / 4 = 4.5 lots a level on average.
      delta(2 * SECOND, [execute(BID, 100, 2)]),
      other(3 * SECOND, [trade(NONE, 101, 7)]),
    ];
    // The trade at the mid of nobody's side does not count.
    const [over100ms, over1s] = lastOf('trade_flow', messages);
    expect(over1s).toBeCloseTo((10 * e(-2) - 2 * e(-1)) / average(5, 4.5), 12);
    expect(over100ms).toBeCloseTo((10 * e(-20) - 2 * e(-10)) / average(5, 4.5), 12);
  });

  it('signs a trade of unknown side by the mid, and one between ticks not at all', () => {
    const run = (price: number): number => lastOf('trade_flow', [START, other(SECOND, [trade(NONE, price, 5)])])[1];
    expect(run(102)).toBeCloseTo(1, 12);
    expect(run(100)).toBeCloseTo(-1, 12);
    expect(run(101)).toBe(0);
    expect(run(NO_PRICE)).toBe(0);
  });

  it('by count is buys less sells over their number plus one', () => {
    const messages = [
      START,
      other(1 * SECOND, [trade(BID, 102, 100)]),
      other(1 * SECOND, [trade(BID, 102, 1), trade(ASK, 100, 1)]),
      other(2 * SECOND, [trade(ASK, 100, 1)]),
    ];
    // At 2 s: two buys and a sell of one second ago, a sell of now. B = 2 e⁻¹, S = e⁻¹ + 1; ten seconds are not over.
    const [over100ms, over1s, over10s] = lastOf('trade_count_imbalance', messages);
    const imbalance = (b: number, s: number): number => (b - s) / (b + s + 1);
    expect(over1s).toBeCloseTo(imbalance(2 * e(-1), e(-1) + 1), 12);
    expect(over100ms).toBeCloseTo(imbalance(2 * e(-10), e(-10) + 1), 12);
    expect(over10s).toBeNaN();
  });

  it('is 0 once the decay time has passed without a trade, NaN before', () => {
    const messages = [START, delta(0.99 * SECOND, [bid(99, 5)]), delta(1 * SECOND, [bid(99, 4)])];
    for (const name of ['trade_flow', 'trade_count_imbalance']) {
      expect(valuesOf(name, messages).map(([, over1s]) => over1s)).toEqual([Number.NaN, Number.NaN, 0]);
    }
  });

  it('of the last 64 trades with a side: net over all lots, however old', () => {
    // 63 buys of one lot, a trade of nobody's side, and a sale of nine: (63 − 9) / 72.
    const first = [...trades(Array<number>(63).fill(1)), other(1 * SECOND, [trade(NONE, 101, 50)])];
    const messages = [START, ...first, ...trades([-9], 100 * SECOND), ...trades([3], 200 * SECOND)];
    const rows = valuesOf('trade_volume_imbalance', messages).flat();
    expect(rows.slice(0, 65).every(Number.isNaN)).toBe(true);
    expect(rows[65]).toBeCloseTo(54 / 72, 12);
    // The next buy, of three, drives the first one out.
    expect(rows[66]).toBeCloseTo((62 + 3 - 9) / (62 + 3 + 9), 12);
  });
});

describe('activity', () => {
  it('rate: ln(1 + trades a second), those of unknown side included', () => {
    const messages = [START, other(1 * SECOND, [trade(NONE, 101, 1)]), other(2 * SECOND, [trade(ASK, 100, 3)])];
    // (e⁻¹ + 1) / ∫₀² e^(−(2 − s)) ds = (e⁻¹ + 1) / (1 − e⁻²).
    expect(lastOf('trade_rate', messages)[0]).toBeCloseTo(Math.log(1 + (e(-1) + 1) / (1 - e(-2))), 12);
  });

  /** Ten lots at the start, five of nobody's side after ten seconds. */
  const ten = [START, other(0, [trade(ASK, 100, 10)]), other(10 * SECOND, [trade(NONE, 101, 5)])];
  const perSecond = (10 * e(-1) + 5) / (10 * (1 - e(-1)));

  it('volume rate: average levels a second', () => {
    const rows = valuesOf('volume_rate', ten).flat();
    expect(rows.slice(0, 2)).toEqual([Number.NaN, Number.NaN]);
    expect(rows[2]).toBeCloseTo(perSecond / 5, 12);
  });

  it('age: seconds since the last trade, NaN before the first', () => {
    const messages = [
      START,
      delta(1e6, [bid(99, 5)]),
      other(2e6, [trade(NONE, NO_PRICE, 1)]),
      delta(5e6, [bid(99, 4)]),
    ];
    const rows = valuesOf('trade_age', messages).flat();
    expect(rows.slice(0, 3)).toEqual([Number.NaN, Number.NaN, 0]);
    expect(rows[3]).toBeCloseTo(0.003, 12);
  });
});

describe('size', () => {
  it('is the mean of the last trades, weights fading by e^(−1/20) a trade, in average levels', () => {
    // Nineteen trades of four lots, then one of ten.
    const rows = valuesOf('trade_size', [START, ...trades([...Array<number>(19).fill(-4), 10])]);
    const f = e(-1 / 20);
    expect(rows.slice(0, 20).flat().every(Number.isNaN)).toBe(true);
    expect(rows[20][0]).toBeCloseTo((10 + 4 * (geometric(f, 20) - 1)) / geometric(f, 20) / 5, 12);
    expect(rows[20][1]).toBeNaN();
  });

  it('of buys against sells needs enough of both', () => {
    // Buys of six and sells of two, in turn: (6 − 2) / (6 + 2).
    const sizes = Array.from({ length: 40 }, (_, k) => (k % 2 === 0 ? 6 : -2));
    const skew = valuesOf('trade_size', [START, ...trades(sizes)]).map((row) => row[1]);
    expect(skew[39]).toBeNaN();
    expect(skew[40]).toBeCloseTo(0.5, 12);
  });

  it('share of large trades: volume in trades of more than twice the usual size', () => {
    // Twenty trades of four lots make the usual size, eighteen more are judged against it; twelve is more than twice four, and
    // eight is not more than twice the mean that has seen the twelve.
    const usual = Array<number>(38).fill(4);
    const f = e(-1 / 50);
    const all = 8 + 12 * f + 4 * (geometric(f, 20) - 1 - f);
    for (const sign of [1, -1]) {
      const rows = valuesOf('large_trade_share', [START, ...trades([...usual, sign * 12, 8])]);
      expect(rows.slice(0, 40).flat().every(Number.isNaN)).toBe(true);
      expect(rows[40][0]).toBeCloseTo((12 * f) / all, 12);
      expect(rows[40][1]).toBeCloseTo((sign * 12 * f) / all, 12);
    }
    // Exactly twice the usual size is not large.
    expect(lastOf('large_trade_share', [START, ...trades([...usual, 4, 8])])).toEqual([0, 0]);
  });
});
