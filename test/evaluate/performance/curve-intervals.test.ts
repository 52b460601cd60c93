import { describe, expect, it } from 'vitest';
import {
  breakEvenCost,
  capacityCurve,
  curveDifference,
  equitySeries,
  meanInterval,
  monotoneSweep,
  ratioInterval,
  sharpeInterval,
  turnoverOf,
} from '../../../src/evaluate/index.ts';
import { curveOf, normalSteps, plainAutoregression } from './made-curves.ts';

const resampling = { seed: 1, draws: 500 };

describe('intervals of a curve', () => {
  it('hold the truth about as often as they say, also where steps depend on each other', () => {
    let [plain, dependent, ratio] = [0, 0, 0];
    const seeds = 150;
    for (let seed = 1; seed <= seeds; seed++) {
      const draw = { seed, draws: 200 };
      const holds = (found: { interval: { low: number; high: number } | null }, truth: number): number =>
        found.interval !== null && found.interval.low <= truth && truth <= found.interval.high ? 1 : 0;
      plain += holds(meanInterval(normalSteps(seed, 400, 0.3), 2e9, draw), 0.15) / seeds;
      dependent += holds(meanInterval(plainAutoregression(seed, 800, 0.5), 1e9, draw), 0) / seeds;
      ratio += holds(sharpeInterval(normalSteps(seed, 400, 0.3), draw), 0.3) / seeds;
    }
    for (const share of [plain, dependent, ratio]) expect(share).toBeGreaterThan(0.86);
    for (const share of [plain, dependent, ratio]) expect(share).toBeLessThan(0.995);
  });

  it('are the same for the same seed, scale with money, and say why there is none', () => {
    const steps = normalSteps(3, 300, 0.1);
    const found = meanInterval(steps, 1e9, resampling);
    expect(meanInterval(steps, 1e9, resampling)).toEqual(found);
    const scaled = meanInterval(
      steps.map((value) => 1000 * value),
      1e9,
      resampling,
    );
    expect(scaled.interval!.low / found.interval!.low).toBeCloseTo(1000, 6);
    const ratio = sharpeInterval(steps, resampling);
    const small = sharpeInterval(
      steps.map((value) => 1e-9 * value),
      resampling,
    );
    expect(small.interval!.high).toBeCloseTo(ratio.interval!.high, 9);
    expect(meanInterval(steps.slice(0, 30), 1e9, { ...resampling, blockLength: 3 })).toMatchObject({
      interval: null,
      reason: '30 steps are 10 blocks of 3; an interval needs 20',
    });
    expect(sharpeInterval(new Float64Array(50), resampling).reason).toContain('never moved');
  });

  it('of a paired difference is far narrower than those of its parts', () => {
    const common = normalSteps(1, 500, 0, 5);
    const own = common.map((value, i) => value + 0.2 + normalSteps(2, 500, 0, 0.1)[i]);
    const found = curveDifference(own, common, 1e9, resampling);
    expect(found.mean.interval!.low).toBeGreaterThan(0.15);
    expect(found.mean.interval!.high).toBeLessThan(0.25);
    expect(found.sharpe.value).toBeCloseTo(
      sharpeInterval(own, resampling).value - sharpeInterval(common, resampling).value,
      9,
    );
    expect(found.sharpe.interval!.low).toBeGreaterThan(0);
    const alone = meanInterval(own, 1e9, resampling).interval!;
    expect(alone.high - alone.low).toBeGreaterThan(0.5);
    expect(curveDifference(own, new Float64Array(500), 1e9, resampling).sharpe.reason).toContain('never moved');
  });
});

describe('break-even cost', () => {
  it('is what was gained before costs over what was traded, in basis points', () => {
    // Four steps of one second from 5 s on; gross 1 a step and in all 4, traded 8,000 in all: 4 / 8,000 = 5 bps.
    const series = equitySeries(curveOf([0, 0, 0, 0], 1e9, 1));
    const trades = [
      { ns: 5e9, notional: 1000 },
      { ns: 6e9, notional: -3000 },
      { ns: 6e9 + 1, notional: 2000 },
      { ns: 9e9, notional: 2000 },
      { ns: 9e9 + 1, notional: 7 },
      { ns: 1e9, notional: 7 },
    ];
    const turnover = turnoverOf(series, 5e9, trades);
    expect([...turnover]).toEqual([4000, 2000, 0, 2000]);
    expect(breakEvenCost(series, turnover, resampling).value).toBeCloseTo(5, 12);
    expect(breakEvenCost(series, new Float64Array(4), resampling)).toMatchObject({
      interval: null,
      reason: 'nothing was traded',
    });
  });

  it('has an interval around the true one', () => {
    const turnover = normalSteps(1, 600).map((x) => (x > 0.5 ? 1000 : 0));
    const noise = normalSteps(2, 600, 0, 0.5);
    const series = equitySeries(curveOf(turnover.map((traded, i) => traded * 3e-4 + noise[i])));
    const found = breakEvenCost(series, turnover, resampling);
    expect(found.interval!.low).toBeLessThan(3);
    expect(found.interval!.high).toBeGreaterThan(3);
    expect(found.interval!.high - found.interval!.low).toBeLessThan(10);
    // Where nearly every draw has no trade, the interval is still made of numbers.
    const once = Float64Array.from({ length: 100 }, (_, i) => (i === 50 ? 1 : 0));
    expect(ratioInterval(once, once, resampling).interval).toEqual({ low: 1, high: 1 });
  });
});

describe('capacity curve', () => {
  it('tells the best size, the largest that pays, and whether more was possible', () => {
    const noise = normalSteps(1, 400, 0, 0.2);
    const run = (size: number, gain: number) => ({ size, series: equitySeries(curveOf(noise.map((x) => x + gain))) });
    const found = capacityCurve([run(4, 1.5), run(1, 1), run(2, 1.8), run(8, -2)], resampling);
    expect(found.points.map(({ size }) => size)).toEqual([1, 2, 4, 8]);
    expect(found).toMatchObject({ best: 2, largestProfitable: 4, open: false });
    expect(found.points[2].netPerSize).toBeCloseTo(found.points[2].net / 4, 9);
    expect(capacityCurve([run(1, 1), run(2, 2)], resampling).open).toBe(true);
    expect(capacityCurve([run(1, -1)], resampling).largestProfitable).toBeNull();
  });
});

describe('monotone sweep', () => {
  const points = (...values: number[]) => values.map((value, at) => ({ at, value }));

  it('names the neighbours that go the wrong way', () => {
    expect(monotoneSweep(points(5, 3, 3, 1), 'falls')).toMatchObject({ holds: true, breaks: [] });
    const found = monotoneSweep([...points(5, 3, 4, 1)].reverse(), 'falls');
    expect(found).toMatchObject({ holds: false, breaks: [{ from: { at: 1 }, to: { at: 2 }, by: 1 }] });
    expect(monotoneSweep(points(5, 3, 4, 1), 'falls', 1).holds).toBe(true);
    expect(monotoneSweep(points(1, 2), 'rises').holds).toBe(true);
    expect(monotoneSweep(points(1, Number.NaN), 'falls').holds).toBe(false);
    expect(() => monotoneSweep([...points(1), ...points(2)], 'falls')).toThrow('same place');
  });

  it('has Kendall’s τ-b', () => {
    expect(monotoneSweep(points(4, 3, 2, 1), 'falls').kendall).toBe(-1);
    expect(monotoneSweep(points(1, 1), 'falls').kendall).toBeNaN();
    // 1 3 2: two pairs rise, one falls: 1/3. 1 1 2: two rise, one is tied: 2 / √(2 · 3).
    expect(monotoneSweep(points(1, 3, 2), 'rises').kendall).toBeCloseTo(1 / 3, 12);
    expect(monotoneSweep(points(1, 1, 2), 'rises').kendall).toBeCloseTo(2 / Math.sqrt(6), 12);
  });
});
