import { describe, expect, it } from 'vitest';
import { FeatureEngine, type Signal } from '../../src/features/index.ts';
import { EventRate, MidAge, TradeRate } from '../../src/features/signals/activity.ts';
import { DepthMid, WeightedMid } from '../../src/features/signals/fair-value.ts';
import { Imbalance, Spread } from '../../src/features/signals/liquidity.ts';
import { Microprice } from '../../src/features/signals/microprice.ts';
import { MeanOrderFlowImbalance, OrderFlowImbalance } from '../../src/features/signals/order-flow.ts';
import { Returns } from '../../src/features/signals/returns.ts';
import { TradeCountImbalance, TradeFlow } from '../../src/features/signals/trade-flow.ts';
import { RealisedVolatility } from '../../src/features/signals/volatility.ts';
import { EventFlag, Side } from '../../src/market/index.ts';
import { ask, bid, delta, execute, instrumentOf, type Message, other, play, snapshot, trade } from './random-market.ts';

const SECOND = 1e9;
const { BID, ASK, NONE } = Side;

/** Plays a market of two levels a side and gives, for every message, the signal's columns. */
function values(signal: Signal, messages: readonly Message[]): number[][] {
  const instrument = instrumentOf({ depthLimit: 2 });
  return play(new FeatureEngine(instrument, [signal]), instrument, messages).map((row) => [...row]);
}
const last = (signal: Signal, messages: readonly Message[]): number[] => values(signal, messages).at(-1)!;

/** Bids 100 × 8 and 99 × 4, asks 102 × 2 and 104 × 6: mid 101, spread 2, average level 20 / 4 = 5 lots. */
const start = snapshot(0, [bid(100, 8), bid(99, 4), ask(102, 2), ask(104, 6)]);

/** The average level after the first book (5 lots) and others: weights fade by 1 − 1/500 a book message. */
const average = (...means: number[]): number => {
  const weights = means.map((_, n) => (1 - 1 / 500) ** (means.length - 1 - n));
  return means.reduce((sum, x, n) => sum + x * weights[n], 0) / weights.reduce((a, b) => a + b, 0);
};

describe('order flow imbalance', () => {
  const flow = (message: Message): number[] => {
    // With a memory of one message the first change after the book is the value itself, times Q.
    const [ofi1, ofi2] = last(new OrderFlowImbalance(2, 1), [start, message]);
    return [ofi1, ofi2];
  };
  const expectFlow = (message: Message, e: readonly number[], levels: number, lots: number): void => {
    const q = average(5, lots / levels);
    flow(message).forEach((x, m) => {
      expect(x).toBeCloseTo(e[m] / q, 12);
    });
  };

  it('is the change of size where the price stays', () => {
    // Bid 1: 8 → 11, prices equal: e₁ = 11 − 8 = 3. Level 2 is untouched: 4 − 4 − 6 + 6 = 0.
    expectFlow(delta(1, [bid(100, 11)]), [3, 0], 4, 23);
    // Ask 1: 2 → 1: e₁ = −1 + 2 = 1: what leaves the ask counts as buying.
    expectFlow(delta(1, [ask(102, 1)]), [1, 0], 4, 19);
  });

  it('is the whole new queue where a side improves', () => {
    // A bid of 5 at 101. Level 1 rises 100 → 101: e₁ = +5. Level 2 rises 99 → 100: e₂ = +8. The bid at 99 leaves the view.
    expectFlow(delta(1, [bid(101, 5)]), [5, 8], 4, 5 + 8 + 2 + 6);
  });

  it('is the whole old queue, taken away, where a side retreats', () => {
    // Ask 102 goes. Level 1 rises 102 → 104: e₁ = +2. Level 2 goes from 104 to nothing, infinitely far: e₂ = +6.
    // The second ask is absent now, so the column is NaN though the flow counted.
    const [ofi1, ofi2] = flow(delta(1, [ask(102, 0)]));
    expect(ofi1).toBeCloseTo(2 / average(5, 18 / 3), 12);
    expect(ofi2).toBeNaN();
  });

  it('fades by exp(−1 / memory) a book message, and waits for as many', () => {
    const messages = [start, delta(1, [bid(100, 11)]), delta(2, [bid(100, 10)]), delta(3, [ask(102, 4)])];
    const rows = values(new OrderFlowImbalance(1, 3), messages);
    expect(rows.slice(0, 3).flat().every(Number.isNaN)).toBe(true);
    // e = 3, −1, −2; the average level is (8+4+2+6, 23, 22, 24) / 4 = 5, 5.75, 5.5, 6.
    const k = Math.exp(-1 / 3);
    expect(rows[3][0]).toBeCloseTo((3 * k * k - 1 * k - 2) / average(5, 5.75, 5.5, 6), 12);
  });

  it('averages the levels in its slow form', () => {
    // As above, a bid of 5 at 101: e = (5, 8), mean 6.5.
    const messages = [start, delta(1, [bid(101, 5)])];
    expect(last(new MeanOrderFlowImbalance(2, 1), messages)[0]).toBeCloseTo(6.5 / average(5, 21 / 4), 12);
    expect(last(new MeanOrderFlowImbalance(2, 2), messages)[0]).toBeNaN();
  });
});

describe('the state of the book', () => {
  it('gives the imbalance at each depth', () => {
    // (8 − 2) / 10; (12 − 8) / 20.
    expect(last(new Imbalance([1, 2]), [start])).toEqual([0.6, 0.2]);
    // A second ask that is not there: NaN at depth 2 only.
    expect(last(new Imbalance([1, 2]), [start, delta(1, [ask(104, 0)])])).toEqual([0.6, Number.NaN]);
  });

  it('gives the spread', () => {
    expect(last(new Spread(), [start])).toEqual([2]);
    expect(last(new Spread(), [start, delta(1, [bid(100, 0), bid(99, 0)])])).toEqual([Number.NaN]);
  });

  it('gives the weighted mid’s distance', () => {
    // (102 · 8 + 100 · 2) / 10 = 101.6; the mid is 101.
    expect(last(new WeightedMid(), [start])[0]).toBeCloseTo(0.6, 12);
  });

  it('gives the distance of the middle of both sides’ average prices', () => {
    // Bids (100 · 8 + 99 · 4) / 12 = 99⅔, asks (102 · 2 + 104 · 6) / 8 = 103.5; the middle is 101.58333.
    expect(last(new DepthMid([1, 2]), [start])[0]).toBe(0);
    expect(last(new DepthMid([1, 2]), [start])[1]).toBeCloseTo((99 + 2 / 3 + 103.5) / 2 - 101, 12);
    // Without the second ask: asks 102.
    expect(last(new DepthMid([2]), [start, delta(1, [ask(104, 0)])])[0]).toBeCloseTo((99 + 2 / 3 + 102) / 2 - 101, 12);
  });
});

describe('trades', () => {
  const e = Math.exp;

  it('flow: lots bought less lots sold, by age, in average levels', () => {
    const messages = [
      start,
      other(1 * SECOND, [trade(BID, 102, 10)]),
      // Two lots of the resting bid are hit: the aggressor sells. The book is now 18 / 4 = 4.5 lots a level on average.
      delta(2 * SECOND, [execute(BID, 100, 2)]),
      other(3 * SECOND, [trade(NONE, 101, 7)]),
    ];
    // The trade at the mid of nobody's side does not count.
    expect(last(new TradeFlow([1]), messages)[0]).toBeCloseTo((10 * e(-2) - 2 * e(-1)) / average(5, 4.5), 12);
  });

  it('a trade of unknown side is signed by the mid', () => {
    const run = (price: number): number => last(new TradeFlow([1]), [start, other(SECOND, [trade(NONE, price, 5)])])[0];
    expect(run(102)).toBeCloseTo(1, 12);
    expect(run(100)).toBeCloseTo(-1, 12);
    expect(run(101)).toBe(0);
  });

  it('count imbalance: buys less sells over their number plus one', () => {
    const messages = [
      start,
      other(1 * SECOND, [trade(BID, 102, 100)]),
      other(1 * SECOND, [trade(BID, 102, 1), trade(ASK, 100, 1)]),
      other(2 * SECOND, [trade(ASK, 100, 1)]),
    ];
    // At 2 s: two buys and a sell of one second ago, a sell of now. B = 2 e⁻¹, S = e⁻¹ + 1.
    const b = 2 * e(-1);
    const s = e(-1) + 1;
    expect(last(new TradeCountImbalance([1]), messages)[0]).toBeCloseTo((b - s) / (b + s + 1), 12);
  });

  it('nothing, 0, once the decay time has passed without a trade; NaN before', () => {
    const messages = [start, delta(0.99 * SECOND, [bid(99, 5)]), delta(1 * SECOND, [bid(99, 4)])];
    expect(values(new TradeFlow([1]), messages).flat()).toEqual([Number.NaN, Number.NaN, 0]);
    expect(values(new TradeCountImbalance([1]), messages).flat()).toEqual([Number.NaN, Number.NaN, 0]);
  });

  it('rate: ln(1 + trades a second), those of unknown side included', () => {
    const messages = [start, other(1 * SECOND, [trade(NONE, 101, 1)]), other(2 * SECOND, [trade(ASK, 100, 3)])];
    // (e⁻¹ + 1) / ∫₀² e^(−(2 − s)) ds = (e⁻¹ + 1) / (1 − e⁻²).
    expect(last(new TradeRate([1]), messages)[0]).toBeCloseTo(Math.log(1 + (e(-1) + 1) / (1 - e(-2))), 12);
  });
});

describe('a decay time', () => {
  it('is one that the view works out', () => {
    expect(() => new TradeFlow([3])).toThrow('a decay time');
  });
});

describe('returns and volatility', () => {
  const bidAt = (tsNs: number, price: number): Message => delta(tsNs, [bid(price, 1)]);
  const gone = (tsNs: number, price: number): Message => delta(tsNs, [bid(price, 0)]);

  it('returns run from burst end to burst end', () => {
    // Mids 101 | 101.5, then in the same burst 101 | 101.5: bursts end at 101, at 101, and now it is 101.5.
    const messages = [start, bidAt(1, 101), gone(1, 101), bidAt(2, 101)];
    expect(values(new Returns([1, 2]), messages)).toEqual([
      [Number.NaN, Number.NaN],
      [0.5, Number.NaN],
      [0, Number.NaN],
      [0.5, 0.5],
    ]);
  });

  it('a ring of returns remembers no more than the longest lag', () => {
    const messages = [start, bidAt(1, 101), gone(2, 101), bidAt(3, 101), gone(4, 101), other(5, [trade(BID, 102, 1)])];
    // Burst ends: 101, 101.5, 101, 101.5, 101; now 101.
    expect(last(new Returns([1, 2, 4]), messages)).toEqual([0, -0.5, -0.5]);
  });

  it('volatility: root of squared moves a second', () => {
    const messages = [start, bidAt(1 * SECOND, 101), gone(2 * SECOND, 101)];
    // Moves of ½ one second ago and −½ now: ¼ (e⁻¹ + 1) / (1 − e⁻²).
    const rows = values(new RealisedVolatility([1]), messages).flat();
    expect(rows[0]).toBeNaN();
    expect(rows[2]).toBeCloseTo(Math.sqrt((0.25 * (Math.exp(-1) + 1)) / (1 - Math.exp(-2))), 12);
  });

  it('volatility counts the move across a moment without a bid', () => {
    const messages = [start, delta(1, [bid(100, 0), bid(99, 0)]), delta(1 * SECOND, [bid(98, 1)])];
    // Mid 101 → none → 100: one move of −1, now.
    expect(last(new RealisedVolatility([1]), messages)[0]).toBeCloseTo(Math.sqrt(1 / (1 - Math.exp(-1))), 12);
  });
});

describe('activity', () => {
  it('event rate: ln(1 + book events a second), the venue’s bookkeeping left out', () => {
    const revealed = { ...bid(98, 1), flags: EventFlag.REVEALED };
    const messages = [start, delta(1 * SECOND, [bid(100, 7), ask(102, 3), revealed]), delta(2 * SECOND, [bid(100, 8)])];
    // Two events a second ago and one now: (2 e⁻¹ + 1) / (1 − e⁻²).
    const rate = (2 * Math.exp(-1) + 1) / (1 - Math.exp(-2));
    expect(last(new EventRate([1]), messages)[0]).toBeCloseTo(Math.log(1 + rate), 12);
  });

  it('mid age: ln(1 + ms) since the last move, NaN before the first', () => {
    const messages = [start, delta(5e6, [bid(100, 7)]), delta(7e6, [bid(101, 1)]), other(10e6, [trade(BID, 102, 1)])];
    const ages = values(new MidAge(), messages).flat();
    expect(ages.slice(0, 3)).toEqual([Number.NaN, Number.NaN, 0]);
    expect(ages[3]).toBeCloseTo(Math.log(4), 12);
  });

  it('time that goes back stands still', () => {
    const messages = [start, delta(7e6, [bid(101, 1)]), delta(3e6, [bid(101, 2)]), delta(4e6, [bid(101, 3)])];
    expect(last(new MidAge(), messages)[0]).toBeCloseTo(Math.log(2), 12);
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
    const rows = values(new Microprice(), messages).flat();
    // The first fit takes 50 steps, which end with the 51st burst: seen when message 51 arrives. Half of them are moves.
    expect(rows.findIndex((x) => !Number.isNaN(x))).toBe(51);
    // (50 + 1) g = 25 · 1 + 25 g − 25 g, so g = 25 / 51, the prior's one step included; below the mid where asks are heavy.
    expect(Math.abs(rows[51])).toBeCloseTo(25 / 51, 12);
    // Bid-heavy above the mid, ask-heavy below, equal queues at it.
    expect(Math.sign(rows.at(-1)!)).toBe(1);
    change(1, 9);
    expect(Math.sign(last(new Microprice(), messages)[0])).toBe(-1);
    change(5, 5);
    expect(last(new Microprice(), messages)[0]).toBe(0);
  });
});
