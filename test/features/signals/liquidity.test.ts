import { describe, expect, it } from 'vitest';
import { FeatureEngine, type SignalDefinition } from '../../../src/features/index.ts';
import { convexity } from '../../../src/features/signals/liquidity/convexity.ts';
import { depth } from '../../../src/features/signals/liquidity/depth.ts';
import { depthWithin } from '../../../src/features/signals/liquidity/depth-within.ts';
import { entropy } from '../../../src/features/signals/liquidity/entropy.ts';
import { herfindahl } from '../../../src/features/signals/liquidity/herfindahl.ts';
import { imbalance } from '../../../src/features/signals/liquidity/imbalance.ts';
import { imbalanceWithin } from '../../../src/features/signals/liquidity/imbalance-within.ts';
import { levelGap } from '../../../src/features/signals/liquidity/level-gap.ts';
import { resiliency } from '../../../src/features/signals/liquidity/resiliency.ts';
import { Reversion } from '../../../src/features/signals/liquidity/reversion.ts';
import { slope } from '../../../src/features/signals/liquidity/slope.ts';
import { spread } from '../../../src/features/signals/liquidity/spread.ts';
import { spreadRelative } from '../../../src/features/signals/liquidity/spread-relative.ts';
import { topShare } from '../../../src/features/signals/liquidity/top-share.ts';
import { tradeCost } from '../../../src/features/signals/liquidity/trade-cost.ts';
import { ask, bid, delta, instrumentOf, type Message, play, snapshot } from '../random-market.ts';

const { NaN: nan } = Number;

/** For every message, the signal's columns. */
function values(signal: SignalDefinition, messages: readonly Message[], depthLimit: number | null = null): number[][] {
  const instrument = instrumentOf({ depthLimit });
  return play(new FeatureEngine(instrument, { signals: [signal] }), instrument, messages).map((row) => [...row]);
}
const last = (signal: SignalDefinition, messages: readonly Message[], depthLimit: number | null = null): number[] =>
  values(signal, messages, depthLimit).at(-1)!;

function expectValues(got: readonly number[], want: readonly number[]): void {
  expect(got.length).toBe(want.length);
  want.forEach((x, c) => {
    if (Number.isNaN(x)) expect(got[c]).toBeNaN();
    else expect(got[c]).toBeCloseTo(x, 12);
  });
}

/** Bids 100 × 8 and 99 × 4, asks 102 × 2 and 104 × 6: mid 101, spread 2, average level 5 lots. */
const small = snapshot(0, [bid(100, 8), bid(99, 4), ask(102, 2), ask(104, 6)]);
/** Ten bid lots, sixteen ask lots, mid 101.5, average level 26 / 6 = 13/3 lots. */
const book = snapshot(0, [bid(100, 2), bid(98, 3), bid(97, 5), ask(103, 4), ask(104, 4), ask(108, 8)]);
const noBids = delta(1, [bid(100, 0), bid(98, 0), bid(97, 0)]);
const thinAsks = delta(1, [ask(108, 0)]);

describe('spreads', () => {
  it('quoted: the distance of the best prices', () => {
    expect(last(spread, [small])).toEqual([2]);
    expect(last(spread, [small, delta(1, [bid(100, 0), bid(99, 0)])])).toEqual([nan]);
    // A locked book is a lost one.
    expect(last(spread, [small, delta(1, [ask(102, 0), ask(104, 0), ask(100, 1)])])).toEqual([nan]);
  });

  it('relative: in basis points of the mid', () => {
    expectValues(last(spreadRelative, [book]), [30_000 / 101.5]);
    expectValues(last(spreadRelative, [book, noBids]), [nan]);
  });
});

describe('depth', () => {
  it('is counted in average levels', () => {
    expectValues(last(depth, [book]), [6 / 13, 12 / 13, nan, nan]);
    const levels = [1, 2, 3, 4, 5, 6].flatMap((m) => [bid(100 - m, m), ask(100 + m, 2 * m)]);
    // 21 + 42 lots on 12 levels: Q = 5.25; 15 and 30 lots on the best five.
    expectValues(last(depth, [snapshot(0, levels)]), [1 / 5.25, 2 / 5.25, 15 / 5.25, 30 / 5.25]);
    expectValues(last(depth, [book, noBids]).slice(0, 1), [nan]);
  });

  it('within a distance takes the levels at that very distance, and not those of a view that ends before', () => {
    const near = [bid(19_999, 5), bid(19_990, 7), bid(19_980, 1), ask(20_001, 2), ask(20_010, 3), ask(20_011, 4)];
    // Mid 20 000: half a basis point is a tick, five are ten. Q = 22 / 6.
    const q = 22 / 6;
    expectValues(last(depthWithin, [snapshot(0, near)]), [5 / q, 2 / q, 12 / q, 5 / q]);
    expectValues(last(imbalanceWithin, [snapshot(0, near)]), [3 / 7, 7 / 17]);
    // The venue reports two levels a side, and both asks are near: behind them there may be more.
    const two = snapshot(0, [...near.slice(0, 2), ...near.slice(3, 5)]);
    expectValues(last(imbalanceWithin, [two], 2), [3 / 7, nan]);
    expectValues(last(depthWithin, [two], 2).slice(2), [nan, nan]);
    // A book that is shown whole has nothing behind.
    expectValues(last(imbalanceWithin, [two]), [3 / 7, 7 / 17]);
    // Nothing near: no lots, and no imbalance.
    const far = snapshot(0, [bid(19_998, 5), ask(20_002, 2)]);
    expectValues(last(depthWithin, [far]).slice(0, 2), [0, 0]);
    expectValues(last(imbalanceWithin, [far]), [nan, 3 / 7]);
    expectValues(last(depthWithin, [book, noBids]), [nan, nan, nan, nan]);
    expectValues(last(imbalanceWithin, [book, noBids]), [nan, nan]);
  });

  it('within a distance follows the book when it changes, either way', () => {
    const messages = [
      snapshot(0, [bid(19_999, 5), bid(19_990, 7), ask(20_001, 2), ask(20_010, 3)]),
      // Mid 20 001: 19 990 lies 11 ticks away now, 20 010 nine.
      delta(1, [ask(20_001, 0), ask(20_003, 2)]),
      delta(2, [ask(20_003, 0), ask(20_001, 2)]),
    ];
    expect(values(imbalanceWithin, messages).map((row) => row[1])).toEqual([7 / 17, 0, 7 / 17]);
  });

  it('gives the imbalance by rank', () => {
    const names = (depthLimit: number): readonly string[] =>
      new FeatureEngine(instrumentOf({ depthLimit }), { signals: [imbalance] }).schema.names;
    expect(names(3)).toEqual(['imbalance_1', 'imbalance_3']);
    // (8 − 2) / 10; three levels are not there.
    expectValues(last(imbalance, [small]), [0.6, nan, nan, nan]);
    // (2 − 4) / 6; (10 − 16) / 26.
    expectValues(last(imbalance, [book]), [-1 / 3, -3 / 13, nan, nan]);
  });
});

describe('the shape of the book', () => {
  it('share of the best level: 2 / 10 and 4 / 16', () => {
    expectValues(last(topShare, [book]), [0.2, 0.25]);
  });

  it('Herfindahl: (4 + 9 + 25) / 100 and (16 + 16 + 64) / 256', () => {
    expectValues(last(herfindahl, [book]), [0.38, 0.375]);
  });

  it('entropy: of 0.2, 0.3, 0.5 and of 1/4, 1/4, 1/2, over ln 3', () => {
    const ln = Math.log;
    const bids = -(0.2 * ln(0.2) + 0.3 * ln(0.3) + 0.5 * ln(0.5));
    expectValues(last(entropy, [book]), [bids / ln(3), (1.5 * ln(2)) / ln(3)]);
    const even = snapshot(
      0,
      [1, 2, 3].flatMap((m) => [bid(100 - m, 7), ask(100 + m, 3)]),
    );
    expectValues(last(entropy, [even]), [1, 1]);
  });

  it('slope: the regression of 0.2, 0.5, 1 on 0, 2, 3 and of 1/4, 1/2, 1 on 0, 1, 5', () => {
    // Σ d D − Σ d Σ D / 3 = 4 − 5 · 1.7 / 3 = 3.5 / 3 over Σ d² − (Σ d)² / 3 = 13 − 25 / 3 = 14 / 3.
    // 5.5 − 6 · 1.75 / 3 = 2 over 26 − 36 / 3 = 14.
    expectValues(last(slope, [book]), [0.25, 1 / 7]);
  });

  it('convexity: mean distances (3 · 2 + 5 · 3) / 10 of 3 and (4 · 1 + 8 · 5) / 16 of 5', () => {
    expectValues(last(convexity, [book]), [0.4, 0.1]);
  });

  it('gap: from the best price to the second', () => {
    expectValues(last(levelGap, [book]), [2, 1]);
    expectValues(last(levelGap, [small, delta(1, [ask(104, 0)])]), [1, nan]);
  });

  it.each([topShare, herfindahl, entropy, slope, convexity])(
    '$name is of one side: NaN where that has fewer than three levels, and as it was once they are back',
    (signal) => {
      const rows = values(signal, [book, noBids, thinAsks, book, delta(2, [ask(103, 4), ask(104, 4)])]);
      expect(rows[1]).toEqual([nan, rows[0][1]]);
      expect(rows[2]).toEqual([nan, nan]);
      expect(rows[3]).toEqual(rows[0]);
      expect(rows[4]).toEqual(rows[0]);
      const { names } = new FeatureEngine(instrumentOf({ depthLimit: 2 }), { signals: [signal, spread] }).schema;
      expect(names).toEqual(['spread']);
      expectValues(last(signal, [small], 2), []);
    },
  );

  it('is worked out anew where levels shift, come and go', () => {
    const messages = [
      book,
      delta(1, [bid(99, 7)]),
      delta(2, [bid(101, 7), ask(103, 0)]),
      delta(3, [bid(98, 0), ask(104, 9), ask(109, 8)]),
    ];
    const bids = [
      [2, 3, 5],
      [2, 7, 3, 5],
      [7, 2, 7, 3, 5],
      [7, 2, 7, 5],
    ];
    const rows = values(entropy, messages);
    bids.forEach((lots, n) => {
      const sum = lots.reduce((a, b) => a + b);
      const h = -lots.reduce((a, q) => a + (q / sum) * Math.log(q / sum), 0);
      expect(rows[n][0]).toBeCloseTo(h / Math.log(lots.length), 12);
    });
  });
});

describe('the cost to trade', () => {
  it('walks the book for so many average levels', () => {
    // Q = 13/3. Selling: 2 at 1.5 from the mid and 7/3 at 3.5, 67/6 ticks × lots. Buying: 4 at 1.5 and 1/3 at 2.5, 41/6.
    // Three average levels are 13 lots: 4 at 1.5, 4 at 2.5 and 5 at 6.5 to buy, and no bids for so many.
    expectValues(last(tradeCost, [book]), [41 / 26, 67 / 26, 97 / 26, nan]);
  });

  it('takes exactly what is there', () => {
    const even = Array.from({ length: 3 }, (_, m) => [bid(100 - m, 3), ask(101 + m, 3)]).flat();
    // All three levels of three lots: half a tick and 0, 1 or 2 more.
    expectValues(last(tradeCost, [snapshot(0, even)]), [0.5, 0.5, 1.5, 1.5]);
  });

  it('goes on from where the walk before ended', () => {
    // The first walk ends at the second bid, the next one at the first, and the last at the second again.
    const rows = values(tradeCost, [book, delta(1, [bid(100, 9)]), delta(2, [bid(100, 2)])]);
    expect(rows[1][1]).toBeCloseTo(1.5, 12);
    // Q of 26/6, 33/6 and 26/6, weighted.
    const weight = 1 - 1 / 500;
    const size = ((26 / 6) * weight ** 2 + (33 / 6) * weight + 26 / 6) / (weight ** 2 + weight + 1);
    expect(rows[2][1]).toBeCloseTo((2 * 1.5 + (size - 2) * 3.5) / size, 12);
    // A side that loses its levels, and has them back.
    const thin = values(tradeCost, [book, delta(1, [ask(104, 0), ask(108, 0)]), delta(2, [ask(104, 4), ask(108, 8)])]);
    expect(thin[1][2]).toBeNaN();
    // Q of 26/6, 14/4 and 26/6, weighted.
    const lots = (3 * ((26 / 6) * weight ** 2 + 3.5 * weight + 26 / 6)) / (weight ** 2 + weight + 1);
    expect(thin[2][2]).toBeCloseTo((4 * 1.5 + 4 * 2.5 + (lots - 8) * 6.5) / lots, 12);
  });

  it('is NaN where a side is empty', () => {
    expectValues(last(tradeCost, [book, noBids]), [nan, nan, nan, nan]);
  });
});

describe('resiliency', () => {
  it('is the weighted slope of changes on values before, turned round', () => {
    // Values 0, 1, 3, 2 with a memory of two: weights ¼, ½, 1. x = 0, 1, 3 with mean 2; y = 1, 2, −1 with mean 1/7.
    // Σ w (x − 2)² = 1 + ½ + 1 = 5/2; Σ w (x − 2)(y − 1/7) = −3/7 − 13/14 − 8/7 = −5/2.
    const reversion = new Reversion(2, 3);
    const speed = (): number => {
      const out = new Float64Array(1);
      reversion.write(out, 0);
      return out[0];
    };
    reversion.add(0, 1);
    reversion.add(1, 3);
    expect(speed()).toBeNaN();
    reversion.add(3, 2);
    expect(speed()).toBeCloseTo(1, 12);
    reversion.reset();
    for (const x of [7, 7, 7]) reversion.add(x, 7);
    expect(speed()).toBeNaN();
  });

  it('is 2 where depth swings from end to end, and NaN where the spread never moved', () => {
    // 10 and 14 lots at the touch in turn: the change is 24 less twice the value.
    const turns = Array.from({ length: 50 }, (_, n) => delta(n, [bid(100, n % 2 === 0 ? 12 : 8)]));
    expectValues(last(resiliency, [small, ...turns]), [nan, 2]);
    expectValues(last(resiliency, [small, ...turns.slice(1)]), [nan, nan]);
    expectValues(last(resiliency, [small, ...turns, delta(60, [bid(100, 0), bid(99, 0)])]), [nan, nan]);
  });

  it('is 1 where the spread is back at the next message', () => {
    // Spread 2, and one message in five 4: from 4 it falls by 2, from 2 it rises by 2 with a chance that does not depend on it.
    const turns = Array.from({ length: 60 }, (_, n) =>
      delta(n, n % 5 === 0 ? [ask(102, 0)] : n % 5 === 1 ? [ask(102, 2)] : [bid(90, n)]),
    );
    const spreads = [2, ...turns.map((_, n) => (n % 5 === 0 ? 4 : 2))];
    const weights = turns.map((_, n) => 0.995 ** (59 - n));
    const total = weights.reduce((a, b) => a + b);
    const mean = (f: (n: number) => number): number => weights.reduce((sum, w, n) => sum + w * f(n), 0) / total;
    const [mx, my] = [mean((n) => spreads[n]), mean((n) => spreads[n + 1] - spreads[n])];
    const cov = mean((n) => (spreads[n] - mx) * (spreads[n + 1] - spreads[n] - my));
    const want = -cov / mean((n) => (spreads[n] - mx) ** 2);
    expect(last(resiliency, [small, ...turns])[0]).toBeCloseTo(want, 12);
    expect(want).toBeGreaterThan(1);
  });
});
