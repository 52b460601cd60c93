import { describe, expect, it } from 'vitest';
import { FeatureEngine, findSignal } from '../../../src/features/index.ts';
import { Side } from '../../../src/market/index.ts';
import { ask, bid, delta, instrumentOf, type Message, other, play, snapshot, trade } from '../random-market.ts';

const SECOND = 1e9;
const { BID, ASK, NONE } = Side;
const exp = Math.exp;

/** Plays a market of five levels a side and gives, for every message, the signal's columns. */
function values(name: string, messages: readonly Message[], depthLimit = 5): number[][] {
  const instrument = instrumentOf({ depthLimit });
  return play(new FeatureEngine(instrument, { signals: [findSignal(name)] }), instrument, messages).map((row) => [
    ...row,
  ]);
}
const last = (name: string, messages: readonly Message[], depthLimit = 5): number[] =>
  values(name, messages, depthLimit).at(-1)!;

/** Bids 100 × 8 and 99 × 4, asks 102 × 2 and 104 × 6: mid 101, spread 2. */
const start = snapshot(0, [bid(100, 8), bid(99, 4), ask(102, 2), ask(104, 6)]);
const oneSided = (tsNs: number): Message => delta(tsNs, [bid(100, 0), bid(99, 0)]);

describe('prices of the book', () => {
  it('weighted_mid: (102 · 8 + 100 · 2) / 10 = 101.6', () => {
    expect(last('weighted_mid', [start])[0]).toBeCloseTo(0.6, 12);
  });

  it('weighted_mid_deep: (103½ · 12 + 99⅔ · 8) / 20', () => {
    // Bids (100 · 8 + 99 · 4) / 12 = 99⅔, asks (102 · 2 + 104 · 6) / 8 = 103.5.
    expect(last('weighted_mid_deep', [start])[0]).toBeCloseTo((103.5 * 12 + (99 + 2 / 3) * 8) / 20 - 101, 12);
  });

  it('depth_mid: the middle of 99⅔ and 103½', () => {
    expect(last('depth_mid', [start])[0]).toBeCloseTo((99 + 2 / 3 + 103.5) / 2 - 101, 12);
    // Without the second ask: asks 102.
    const thinner = [start, delta(1, [ask(104, 0)])];
    expect(last('depth_mid', thinner)[0]).toBeCloseTo((99 + 2 / 3 + 102) / 2 - 101, 12);
  });

  it('fair_deviation: the weighted mid in basis points; the microprice still unknown', () => {
    const [weighted, micro, spreads] = last('fair_deviation', [start]);
    expect(weighted).toBeCloseTo((1e4 * 0.6) / 101, 12);
    expect([micro, spreads]).toEqual([Number.NaN, Number.NaN]);
  });

  it('slope_mid: where the lines through the cumulated sides cross', () => {
    // Bids: 8 lots up to 1 below the mid, 12 up to 2: 4 + 4 d. Asks: 2 up to 1, 8 up to 3: −1 + 3 d. (4 + 1) / (4 + 3).
    expect(last('slope_mid', [start])[0]).toBeCloseTo(5 / 7, 12);
    // With 4 more asks at 105 (d = 4, 12 lots): slope (−5/3 · −16/3 + 1/3 · 2/3 + 4/3 · 14/3) / (42/9) = 23/7, at the mid
    // 22/3 − 23/7 · 8/3 = −10/7. (4 + 10/7) / (4 + 23/7) = 38/51.
    expect(last('slope_mid', [start, delta(1, [ask(105, 4)])])[0]).toBeCloseTo(38 / 51, 12);
    expect(last('slope_mid', [start, delta(1, [ask(104, 0)])])).toEqual([Number.NaN]);
  });

  it('notional_mid: half-way between the average prices for one and for three average levels', () => {
    // 50 lots on five levels: Q = 10. Ten are sold at 100, bought 4 at 102 and 6 at 104: 103.2. The middle is 101.6.
    const book = snapshot(0, [bid(100, 14), bid(99, 8), ask(102, 4), ask(104, 14), ask(105, 10)]);
    expect(last('notional_mid', [book])[0]).toBeCloseTo((100 + 103.2) / 2 - 101, 12);
    // The bids hold 22 lots, and three average levels are 30.
    expect(last('notional_mid', [book])[1]).toBeNaN();
    // 60 lots on six levels, 30 to trade: sold 14 at 100, 8 at 99, 8 at 97, bought 4 at 102, 14 at 104, 10 at 105, 2 at 109.
    const deep = snapshot(0, [
      bid(100, 14),
      bid(99, 8),
      bid(97, 28),
      ask(102, 4),
      ask(104, 14),
      ask(105, 10),
      ask(109, 2),
    ]);
    const six = [deep, delta(1, [bid(97, 8), ask(109, 2)])];
    // On average 80 / 7 lots at first, then 60 / 7: Q a little below 10, so that both prices end inside a level.
    const weight = 1 - 1 / 500;
    const size = (3 * ((80 / 7) * weight + 60 / 7)) / (weight + 1);
    const sold = (14 * 100 + 8 * 99 + (size - 22) * 97) / size;
    const bought = (4 * 102 + 14 * 104 + 10 * 105 + (size - 28) * 109) / size;
    expect(last('notional_mid', six)[1]).toBeCloseTo((sold + bought) / 2 - 101, 12);
  });

  it('are NaN without a bid', () => {
    for (const name of ['weighted_mid', 'weighted_mid_deep', 'depth_mid', 'slope_mid', 'notional_mid']) {
      expect(last(name, [start, oneSided(1)]).every(Number.isNaN), name).toBe(true);
    }
    expect(last('fair_deviation', [start, oneSided(1)])).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });

  it('leave out columns that the venue has no levels for', () => {
    const names = (name: string, depthLimit: number): readonly string[] =>
      new FeatureEngine(instrumentOf({ depthLimit }), { signals: [findSignal(name)] }).schema.names;
    expect(names('weighted_mid_deep', 10)).toEqual(['weighted_mid_deep_5', 'weighted_mid_deep_10']);
    expect(names('notional_mid', 10)).toEqual(['notional_mid_1', 'notional_mid_3']);
    for (const name of ['weighted_mid_deep', 'notional_mid', 'slope_mid']) expect(names(name, 1)).toEqual([]);
    expect(last('slope_mid', [start], 1)).toEqual([]);
  });
});

describe('traded prices', () => {
  const messages = [
    start,
    other(1 * SECOND, [trade(BID, 102, 10)]),
    other(2 * SECOND, [trade(ASK, 100, 5)]),
    other(3 * SECOND, [trade(NONE, 101, 1)]),
  ];

  it('trade_vwap: the mid above the fading average price', () => {
    const vwap = (tau: number): number => {
      const w = [10 * exp(-2 / tau), 5 * exp(-1 / tau), 1];
      return (102 * w[0] + 100 * w[1] + 101 * w[2]) / (w[0] + w[1] + w[2]);
    };
    const rows = values('trade_vwap', messages);
    expect(rows[0]).toEqual([Number.NaN, Number.NaN]);
    expect(rows[1]).toEqual([-1, -1]);
    expect(rows[3][0]).toBeCloseTo(101 - vwap(1), 12);
    expect(rows[3][1]).toBeCloseTo(101 - vwap(10), 12);
  });

  it('trade_vwap forgets after twenty decay times', () => {
    const later = (s: number): number[] => last('trade_vwap', [...messages, delta(s * SECOND, [bid(99, 5)])]);
    expect(later(23).some(Number.isNaN)).toBe(false);
    expect(later(23.1).map(Number.isNaN)).toEqual([true, false]);
    expect(later(203.1).map(Number.isNaN)).toEqual([true, true]);
  });

  it('last_trade: its price less the mid of now, and its side', () => {
    const rows = values('last_trade', [...messages.slice(0, 3), delta(3 * SECOND, [bid(101, 1)]), messages[3]]);
    expect(rows[0]).toEqual([Number.NaN, Number.NaN]);
    expect(rows[1]).toEqual([1, 1]);
    expect(rows[2]).toEqual([-1, -1]);
    // The mid rises to 101½; a trade at 101 is below it now and counts as sold.
    expect(rows[3]).toEqual([-1.5, -1]);
    expect(rows[4]).toEqual([-0.5, -1]);
  });

  it('are NaN without a bid', () => {
    for (const name of ['trade_vwap', 'last_trade']) {
      expect(last(name, [...messages, oneSided(3 * SECOND)])).toEqual([Number.NaN, Number.NaN]);
    }
  });
});

describe('mid_trend', () => {
  it('is the mid less its exponential average', () => {
    const messages = [start, delta(1 * SECOND, [bid(101, 1)]), delta(3 * SECOND, [bid(101, 2)])];
    const rows = values('mid_trend', messages);
    // At 1 s the mid steps up by ½: the average lags by as much, and by ½ e⁻² two seconds later.
    expect(rows[0]).toEqual([Number.NaN, Number.NaN]);
    expect(rows[1]).toEqual([0.5, Number.NaN]);
    expect(rows[2][0]).toBeCloseTo(0.5 * exp(-2), 12);
    const late = last('mid_trend', [...messages, delta(11 * SECOND, [bid(101, 3)])]);
    expect(late[1]).toBeCloseTo(0.5 * exp(-1), 12);
    expect(last('mid_trend', [...messages, delta(11 * SECOND, [bid(101, 0), bid(100, 0), bid(99, 0)])])).toEqual([
      Number.NaN,
      Number.NaN,
    ]);
  });
});

describe('microprice', () => {
  it('learns what imbalance announces: a chain whose answer is known', () => {
    // One-tick spread, sizes 9:1 or 1:9. From 9:1 the queues change to 1:9 (no move) or both prices rise by a tick and the
    // queues stay 9:1, in turn; mirrored from 1:9. g = ½ (0 − g) + ½ (1 + g) → g = ½: a half tick above the mid.
    const messages: Message[] = [snapshot(0, [bid(100, 9), ask(101, 1)])];
    let ts = 1;
    let price = 100;
    const move = (by: 1 | -1): void => {
      const [b, a] = by > 0 ? [9, 1] : [1, 9];
      messages.push(delta(ts++, [bid(price, 0), ask(price + 1, 0), bid(price + by, b), ask(price + by + 1, a)]));
      price += by;
    };
    const change = (b: number, a: number): void => {
      messages.push(delta(ts++, [bid(price, b), ask(price + 1, a)]));
    };
    for (let k = 0; k < 60; k++) {
      move(1);
      change(1, 9);
      move(-1);
      change(9, 1);
    }
    const rows = values('microprice', messages).flat();
    // The first fit takes 50 steps, which end with the 51st burst: seen when message 51 arrives. Half of them are moves.
    expect(rows.findIndex((x) => !Number.isNaN(x))).toBe(51);
    // (50 + 1) g = 25 · 1 + 25 g − 25 g, so g = 25 / 51, the prior's one step included; below the mid where asks are heavy.
    expect(Math.abs(rows[51])).toBeCloseTo(25 / 51, 12);
    // The same in basis points of the mid, and in spreads, which are one tick.
    const [, bps, spreads] = values('fair_deviation', messages)[51];
    expect(spreads).toBe(rows[51]);
    expect(bps / rows[51]).toBeCloseTo(1e4 / 100.5, 0);
    // Bid-heavy above the mid, ask-heavy below, equal queues at it.
    expect(Math.sign(rows.at(-1)!)).toBe(1);
    change(1, 9);
    expect(Math.sign(last('microprice', messages)[0])).toBe(-1);
    change(5, 5);
    expect(last('microprice', messages)[0]).toBe(0);
  });
});
