import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  annualisation,
  CRYPTO_CALENDAR,
  drawdownOf,
  equitySeries,
  joinSteps,
  neededSpan,
  performanceOf,
  STOCK_CALENDAR,
  sharpeRatio,
  spanText,
  timeAggregation,
  verdict,
} from '../../../src/evaluate/index.ts';
import { downsideDeviation } from '../../../src/evaluate/performance/drawdown.ts';
import { coarsened } from '../../../src/evaluate/performance/equity-series.ts';
import { stepMoments } from '../../../src/evaluate/performance/step-moments.ts';
import { curveOf, normalSteps, plainAutoregression } from './made-curves.ts';

const HOUR = 3600e9;
const options = { calendar: CRYPTO_CALENDAR, seed: 1, draws: 400 };

describe('equity series', () => {
  it('an annualised per-tick Sharpe is not offered: points that are not equally far apart in time are refused', () => {
    const ticks = curveOf([1, 2, -1, 3]).map((point, i) => ({ ...point, ns: point.ns + (i === 2 ? 7e8 : 0) }));
    expect(() => equitySeries(ticks)).toThrow('not one a tick or a trade');
    expect(() => performanceOf(ticks, options)).toThrow('grid of time');
  });

  it('the annual Sharpe ratio does not depend on how fine the grid of time is', () => {
    const fine = normalSteps(1, 40 * 24 * 60, 0.01);
    const minutes = performanceOf(curveOf(fine, 60e9), options);
    const hours = performanceOf(curveOf(joinSteps(equitySeries(curveOf(fine, 60e9)), 60).net, HOUR), options);
    expect(minutes.annual).not.toBeNull();
    const off = Math.abs(minutes.annual!.sharpe / hours.annual!.sharpe - 1);
    expect(off).toBeLessThan(0.15);
    // 0.01 a minute of deviation 1: √(365 · 24 · 60) / 100 = 7.25 a year, within three standard errors.
    expect(Math.abs(minutes.annual!.sharpe - 7.25)).toBeLessThan(3 * minutes.annual!.sharpeError);
  });

  it('leaves a shorter last step out, and refuses what is no number or too short', () => {
    const points = curveOf([1, 2, 3]);
    const short = [...points, { ...points[3], ns: points[3].ns + 4e8, net: 9, gross: 9 }];
    expect([...equitySeries(short).net]).toEqual([1, 2, 3]);
    expect([...equitySeries(curveOf([1, 2], 1e9, 0.5)).gross]).toEqual([1.5, 2.5]);
    expect(() => equitySeries(curveOf([1, Number.NaN, 1]))).toThrow('both must be numbers');
    expect(() => equitySeries(curveOf([1]))).toThrow('no two steps');
    expect(() => equitySeries([...points, { ...points[3] }])).toThrow('0 ns after');
  });

  it('joins steps, and never has more than 20,000', () => {
    const series = equitySeries(curveOf([1, 2, 3, 4, 5]));
    expect(joinSteps(series, 2)).toMatchObject({ stepNs: 2e9, net: Float64Array.of(3, 7) });
    expect(joinSteps(series, 1)).toBe(series);
    expect(coarsened(equitySeries(curveOf(new Float64Array(50_000)))).net.length).toBe(16_666);
  });
});

describe('Sharpe ratio', () => {
  it('has raw moments: a kurtosis of 3 for a normal, 1 for a coin', () => {
    expect(stepMoments(normalSteps(1, 50_000)).kurtosis).toBeCloseTo(3, 0);
    expect(stepMoments([1, -1, 1, -1])).toMatchObject({ mean: 0, deviation: 1, skewness: 0, kurtosis: 1 });
    // 0, 0, 0, 4: mean 1, deviations −1, −1, −1, 3; second moment 12/4 = 3, third 24/4 = 6, fourth 84/4 = 21.
    expect(stepMoments([0, 0, 0, 4])).toMatchObject({
      mean: 1,
      skewness: expect.closeTo(6 / 3 ** 1.5),
      kurtosis: expect.closeTo(21 / 9),
    });
  });

  it('its error of independent steps is Mertens’s, and Lo’s of normal ones', () => {
    const found = sharpeRatio(normalSteps(3, 500, 0.4), 0)!;
    const { perStep, skewness, kurtosis, n } = found;
    const variance = 1 - skewness * perStep + ((kurtosis - 1) / 4) * perStep ** 2;
    expect(found.iidError).toBeCloseTo(Math.sqrt(variance / n), 10);
    expect(found.iidError).toBeCloseTo(Math.sqrt((1 + perStep ** 2 / 2) / n), 2);
    expect(found).toMatchObject({ error: found.iidError, effectiveSteps: n });
    expect(sharpeRatio(new Float64Array(9).fill(0.1))).toBeNull();
  });

  it('its error is larger where steps depend on each other, and right', () => {
    // Spread of the ratio over many curves of one kind, against the mean of their own errors.
    const found = Array.from({ length: 150 }, (_, seed) => {
      const steps = plainAutoregression(seed + 1, 800, 0.5).map((value) => value + 0.1);
      return sharpeRatio(steps, 20)!;
    });
    const spread = stepMoments(found.map(({ perStep }) => perStep)).deviation;
    const mean = (of: (one: (typeof found)[0]) => number) =>
      found.reduce((sum, one) => sum + of(one) / found.length, 0);
    expect(Math.abs(mean(({ error }) => error) / spread - 1)).toBeLessThan(0.25);
    expect(mean(({ iidError }) => iidError) / spread).toBeLessThan(0.75);
    expect(mean(({ effectiveSteps }) => effectiveSteps)).toBeLessThan(450);
  });

  it('of many steps is √q times that of one where they are independent, less where gains follow gains (Lo 2002)', () => {
    expect(timeAggregation(normalSteps(5, 20_000), 250, 5) / Math.sqrt(250)).toBeCloseTo(1, 1);
    const trending = timeAggregation(plainAutoregression(5, 20_000, 0.5), 250, 40) / Math.sqrt(250);
    // Of φ = ½ the long-run variance is (1 + φ) / (1 − φ) = 3 times the variance.
    expect(trending).toBeGreaterThan(1 / Math.sqrt(3) - 0.03);
    expect(trending).toBeLessThan(1 / Math.sqrt(3) + 0.06);
  });
});

describe('drawdown', () => {
  it('is worked out by hand', () => {
    // 0 2 1 3 0 1 3 4 2 3: the deepest fall is 3 → 0 (steps 3 to 4), made good at step 6, three steps after the high; at the end two steps below 4.
    const found = drawdownOf([2, -1, 2, -3, 1, 2, 1, -2, 1], 1e9);
    expect(found).toEqual({
      depth: 3,
      peakStep: 3,
      troughStep: 4,
      recoveredStep: 6,
      longestUnderWaterNs: 3e9,
      underWaterAtEnd: false,
      shareUnderWater: 5 / 9,
    });
    expect(drawdownOf([-1, -1], 1e9)).toMatchObject({
      depth: 2,
      peakStep: 0,
      troughStep: 2,
      recoveredStep: null,
      underWaterAtEnd: true,
    });
    expect(drawdownOf([1, 1], 1e9)).toMatchObject({ depth: 0, longestUnderWaterNs: 0, underWaterAtEnd: false });
    expect(downsideDeviation([3, -3, 4, -4])).toBe(2.5);
  });

  it('is the largest difference of any earlier and later point', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 40 }), (steps) => {
        const equity = [0];
        for (const step of steps) equity.push(equity.at(-1)! + step);
        let depth = 0;
        equity.forEach((from, i) => {
          for (const to of equity.slice(i)) depth = Math.max(depth, from - to);
        });
        const found = drawdownOf(steps, 1);
        expect(found.depth).toBe(depth);
        expect(equity[found.peakStep] - equity[found.troughStep]).toBe(depth);
        if (depth > 0) {
          const again = equity.findIndex((value, i) => i > found.troughStep && value >= equity[found.peakStep]);
          expect(found.recoveredStep).toBe(again === -1 ? null : again);
        }
      }),
    );
  });
});

describe('performance', () => {
  it('is not annualised where the recording is too short, and says why', () => {
    const short = performanceOf(curveOf(normalSteps(1, 300, 1)), options);
    expect(short.annual).toBeNull();
    expect(annualisation(short)).toBe(
      'not annualised: 5 minutes are too short to speak of a year: it takes 20 days (365 days of 24 hours a year)',
    );
    const stocks = performanceOf(curveOf(normalSteps(1, 30 * 13, 0.1), HOUR / 2), {
      ...options,
      calendar: STOCK_CALENDAR,
    });
    expect(annualisation(stocks)).toBe('annualised by time from 30 trading days: 252 days of 6.5 hours a year');
    const { annual, drawdown, sharpe, sortino } = stocks;
    // A year has 252 · 13 half hours.
    expect(annual!.net).toBeCloseTo(sharpe!.mean * 252 * 13, 6);
    expect(annual!.calmar).toBeCloseTo(annual!.net / drawdown.depth, 9);
    expect(annual!.sortino / sortino!).toBeCloseTo(annual!.sharpe / sharpe!.perStep, 9);
  });

  it('has no ratio that would divide by nothing', () => {
    const still = performanceOf(curveOf(new Float64Array(100)), options);
    expect(still).toMatchObject({
      sharpe: null,
      sortino: null,
      annual: null,
      net: 0,
      neededNs: Number.POSITIVE_INFINITY,
    });
    const rising = performanceOf(
      curveOf(
        Array.from({ length: 800 }, (_, i) => 1 + (i % 2)),
        HOUR,
      ),
      options,
    );
    expect(rising.annual).toMatchObject({ sortino: Number.POSITIVE_INFINITY, calmar: Number.POSITIVE_INFINITY });
    expect(performanceOf(curveOf(new Float64Array(800), HOUR), options).annualReason).toBe('the equity never moved');
  });

  it('needs a recording longer by the square of what is missing', () => {
    expect(neededSpan(10, 1, 3)).toBe(90);
    expect(neededSpan(10, -2, 2)).toBe(10);
    const found = performanceOf(curveOf(normalSteps(4, 2000, 0.001)), options);
    const { value, interval } = found.netPerSecond;
    const reach = value >= 0 ? value - interval!.low : interval!.high - value;
    expect(found.neededNs).toBeCloseTo(2000e9 * (reach / value) ** 2, -3);
    expect(found.neededNs).toBeGreaterThan(found.spanNs);
    expect(found.netError).toBeGreaterThanOrEqual(found.sharpe!.deviation / Math.sqrt(2000) - 1e-12);
  });
});

describe('spans of trading time', () => {
  it.each([
    [45e9, '45 seconds'],
    [1e9, '1 second'],
    [0.5e9, '0.5 seconds'],
    [300e9, '5 minutes'],
    [2.5 * HOUR, '2.5 hours'],
    [197 * 24 * HOUR, '197 days'],
    [730 * 24 * HOUR, '2 years'],
    [1e6 * 24 * 365 * HOUR, 'more than 1000 years'],
  ])('%d ns are %s', (ns, text) => {
    expect(spanText(ns, CRYPTO_CALENDAR)).toBe(text);
  });

  it('counts the days of the calendar', () => {
    expect(spanText(65 * HOUR, STOCK_CALENDAR)).toBe('10 trading days');
  });
});

describe('verdict', () => {
  const judge = (steps: ArrayLike<number>, stepNs = 1e9, trials = 1) =>
    verdict(performanceOf(curveOf(steps, stepNs), options), { currency: 'USDT', trials: { counted: trials } });

  it('says that five minutes of noise are not distinguishable from zero, and how long it would take', () => {
    const found = judge(normalSteps(2, 300, 0.001));
    expect(found.kind).toBe('undecided');
    expect(found.sentence).toMatch(/^not distinguishable from zero: 5 minutes of data; would need [\d.]+ \w+$/);
    expect(found).toMatchObject({ sharpeSupported: false });
    expect(found.sharpeClaim).toMatch(
      /^a Sharpe ratio above 1.5 is not supported: 5 minutes are too short to speak of a year/,
    );
  });

  it('says so of too little data for an interval, of nothing, and of a mean of zero', () => {
    expect(judge(normalSteps(2, 8, 5)).sentence).toMatch(
      /^not distinguishable from zero: 8 seconds of data, too few for an interval/,
    );
    expect(judge(new Float64Array(40))).toMatchObject({
      kind: 'idle',
      sentence: 'nothing to judge: the equity never moved in 40 seconds of data',
      deflatedSharpe: null,
    });
    expect(judge(Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 1 : -1))).sentence).toContain(
      'no recording would be long enough',
    );
  });

  it('says what loses and what gains, with the interval', () => {
    const loss = judge(normalSteps(2, 3600, -1));
    expect(loss.kind).toBe('loses');
    expect(loss.sentence).toMatch(/^loses: -3\d\d0 USDT an hour, 95 % interval -\d+ to -\d+, 60 minutes of data$/);
    const gain = judge(normalSteps(2, 3600, 1));
    expect(gain.kind).toBe('gains');
    expect(gain.sentence).toMatch(
      /^gains: 3\d\d0 USDT an hour, .* with 1 trial counted the deflated Sharpe ratio is above 0.99$/,
    );
    // However good, an hour says nothing of a year.
    expect(gain.sharpeSupported).toBe(false);
  });

  it('calls unproven what luck among so many trials would bring', () => {
    const steps = normalSteps(7, 1000, 0.1);
    expect(judge(steps).kind).toBe('gains');
    const found = judge(steps, 1e9, 10_000);
    expect(found.kind).toBe('unproven');
    expect(found.sentence).toMatch(/with 10000 trials counted the deflated Sharpe ratio is 0\.\d\d, below 0\.95$/);
    expect(found.deflatedSharpe!).toBeLessThan(found.probabilisticSharpe!);
    // The trials' own spread, of one second: far from each other, they make a larger maximum.
    const wide = verdict(performanceOf(curveOf(steps), options), {
      currency: 'BTC',
      trials: { counted: 40, effective: 20, sharpeVariance: 0.01 },
    });
    expect(wide.kind).toBe('unproven');
    expect(wide.deflatedSharpe!).toBeLessThan(0.1);
  });

  it('supports a Sharpe ratio above 1.5 only where a long recording does', () => {
    const hours = 300 * 24;
    // 0.08 an hour of deviation 1 is √8760 · 0.08 = 7.5 a year; 0.02 is 1.9 ± 1.1.
    const good = judge(normalSteps(1, hours, 0.08), HOUR);
    expect(good).toMatchObject({ sharpeSupported: true, kind: 'gains' });
    expect(good.sharpeClaim).toMatch(/^a Sharpe ratio above 1.5 is supported: \d\.\d\d ± 1\.\d\d a year/);
    const fair = judge(normalSteps(1, hours, 0.02), HOUR);
    expect(fair.sharpeSupported).toBe(false);
    expect(fair.sharpeClaim).toContain('the probability that it is above is');
  });
});
