import { describe, expect, it } from 'vitest';
import { NO_PRICE } from '../../../src/core/index.ts';
import { Side } from '../../../src/market/index.ts';
import { bid, delta, type Message, other, trade } from '../random-market.ts';
import { lastOf, orders, SECOND, START, valuesOf } from './trades-market.ts';

const { BID, ASK, NONE } = Side;
const e = Math.exp;

describe('the run of one aggressor', () => {
  it('counts orders, not their fills, and adds up their lots', () => {
    const messages = [
      START,
      // One order in two fills, in two messages of one time, and another one.
      other(1, [trade(BID, 102, 5)]),
      other(1, [trade(BID, 104, 6)]),
      other(2, [trade(BID, 104, 2)]),
      // Nobody's side neither lengthens nor ends the run, not even between two fills of one order.
      other(3, [trade(BID, 104, 1), trade(NONE, NO_PRICE, 9), trade(BID, 104, 1)]),
      other(3, [trade(ASK, 100, 3)]),
      // The same side and time again, but not following on: another order.
      other(3, [trade(BID, 104, 4)]),
    ];
    const rows = valuesOf('run_length', messages);
    expect(rows.map(([length]) => length)).toEqual([Number.NaN, 1, 1, 2, 3, -1, 1]);
    const lots = [5, 11, 13, 15, -3, 4];
    expect(rows[0][1]).toBeNaN();
    for (const [k, x] of lots.entries()) expect(rows[k + 1][1]).toBeCloseTo(x / 5, 12);
  });
});

describe('autocorrelation of signs', () => {
  const of = (signs: string): number => lastOf('sign_autocorrelation', [START, ...orders(signs)])[0];

  it('is −1 where sides take turns and 0 where they take turns in pairs', () => {
    expect(of(`${'+-'.repeat(16)}+`)).toBe(-1);
    expect(of(`${'++--'.repeat(8)}+`)).toBe(0);
  });

  it('takes the mean off', () => {
    // Of four pairs ++ ++ -+ +- the mean product is 0 and both means are ½: (0 − ¼) / (1 − ¼).
    expect(of(`${'+++-'.repeat(8)}+`)).toBeCloseTo(-1 / 3, 12);
  });

  it('counts an order once, however often it is filled', () => {
    const fills = orders(`${'+++-'.repeat(8)}+`).flatMap((message) => [message, message]);
    expect(lastOf('sign_autocorrelation', [START, ...fills])[0]).toBeCloseTo(-1 / 3, 12);
  });

  it('is NaN before 32 pairs and where one side alone trades, and forgets what lies 128 pairs back', () => {
    expect(of('+-'.repeat(16))).toBeNaN();
    expect(of('+'.repeat(60))).toBeNaN();
    expect(of(`${'+-'.repeat(20)}${'++--'.repeat(32)}+`)).toBe(0);
  });
});

describe('sweeps', () => {
  it('count the levels that an order walks through beyond its first', () => {
    const messages = [
      START,
      // 102, 102, 104: one level further. Between ticks: on no level. 104 again: not further. 106: further.
      other(1 * SECOND, [trade(BID, 102, 1), trade(BID, 102, 1), trade(BID, 104, 1)]),
      other(1 * SECOND, [trade(BID, NO_PRICE, 1), trade(BID, 104, 1), trade(BID, 106, 1)]),
      other(2 * SECOND, [trade(ASK, 100, 1), trade(ASK, 99, 1)]),
      delta(11 * SECOND, [bid(99, 5)]),
    ];
    const rows = valuesOf('sweep', messages);
    expect(rows[1]).toEqual([1, Number.NaN]);
    expect(rows[2]).toEqual([2, Number.NaN]);
    expect(rows[3][0]).toBeCloseTo(2 * e(-1) - 1, 12);
    expect(rows[4][0]).toBeCloseTo(2 * e(-10) - e(-9), 12);
    expect(rows[4][1]).toBeCloseTo(2 * e(-1) - e(-0.9), 12);
  });

  it('are not orders that follow each other at worse prices', () => {
    const messages = [START, other(SECOND, [trade(BID, 102, 1)]), other(SECOND + 1, [trade(BID, 104, 1)])];
    expect(lastOf('sweep', messages)[0]).toBe(0);
    // Nor one that gets better prices.
    expect(lastOf('sweep', [START, other(SECOND, [trade(ASK, 99, 1), trade(ASK, 100, 1)])])[0]).toBe(0);
  });

  it('are known from the second level on, whose fill between ticks came first', () => {
    const fills = [trade(BID, NO_PRICE, 1), trade(BID, 102, 1), trade(BID, 104, 1)];
    expect(valuesOf('sweep', [START, other(SECOND, fills.slice(0, 2))])[1][0]).toBe(0);
    expect(lastOf('sweep', [START, other(SECOND, fills)])[0]).toBe(1);
  });
});

/** Buys at these prices, a millisecond apart. */
const paid = (prices: readonly number[]): Message[] =>
  prices.map((price, k) => other((k + 1) * 1e6, [trade(BID, price, 1)]));

describe('the trend of trade prices', () => {
  it('is the slope of the least squares line', () => {
    const rows = valuesOf('trade_price_slope', [START, ...paid(Array.from({ length: 32 }, (_, n) => 100 + 3 * n))]);
    expect(rows.slice(0, 32).flat().every(Number.isNaN)).toBe(true);
    expect(rows[32]).toEqual([3]);
    // Up and down again.
    const tent = Array.from({ length: 32 }, (_, n) => 100 + Math.min(n, 31 - n));
    expect(lastOf('trade_price_slope', [START, ...paid(tent)])).toEqual([0]);
  });

  it('is of the last 32 orders, each by its first price that is one', () => {
    // All at 100 but the last, 31 above: 12 · 15.5 · 31 / (32 · 1023).
    const flat = [7, 900, 55, ...Array<number>(31).fill(100)];
    const messages = [
      START,
      ...paid(flat),
      other(SECOND, [trade(ASK, NO_PRICE, 1), trade(ASK, 50, 1)]),
      other(2 * SECOND, [trade(BID, 131, 1), trade(BID, 200, 1)]),
    ];
    expect(lastOf('trade_price_slope', messages)[0]).toBeCloseTo((12 * 15.5 * 31) / (32 * 1023), 12);
  });
});

describe('Roll’s spread', () => {
  const of = (signs: string): number => lastOf('roll', [START, ...orders(signs)])[0];

  it('is the spread where every run of sides is as frequent as chance would have it', () => {
    // In a de Bruijn sequence each of the eight triples of sides comes once: the mean of (s₂ − s₁)(s₁ − s₀) is −1, and with prices
    // 101 ± 1 the spread is 2 √1 = 2, that of the book.
    expect(of(`${'---+-+++'.repeat(4)}--`)).toBe(2);
  });

  it('is twice the spread where sides take turns, and NaN where prices do not reverse', () => {
    // Changes of −2 and 2 in turn: the covariance is −4.
    expect(of('+-'.repeat(17))).toBe(4);
    // Only every other price differs from the one before: the covariance is 0.
    expect(of(`${'++--'.repeat(8)}++`)).toBeNaN();
    const trend = Array.from({ length: 60 }, (_, n) => 100 + n);
    expect(lastOf('roll', [START, ...paid(trend)])[0]).toBeNaN();
  });

  it('waits for 34 orders and passes over those without a price', () => {
    expect(of(`${'+-'.repeat(16)}+`)).toBeNaN();
    const between = orders('+-'.repeat(17)).flatMap((message) => [
      message,
      other(message.tsNs + 1, [trade(BID, NO_PRICE, 1)]),
    ]);
    expect(lastOf('roll', [START, ...between])[0]).toBe(4);
  });

  it('forgets what lies 128 pairs back', () => {
    expect(of(`${'++--'.repeat(20)}${'+-'.repeat(65)}`)).toBe(4);
  });
});
