import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  deflatedSharpe,
  effectiveTrials,
  equitySeries,
  expectedMaximumSharpe,
  minimumTrackRecord,
  probabilisticSharpe,
  trialCount,
} from '../../../src/evaluate/index.ts';
import { needsPython, PYTHON, runPython } from '../../support/python.ts';
import { curveOf, normalSteps } from './made-curves.ts';

describe('probabilistic Sharpe ratio', () => {
  it('is that of the worked example of Bailey and López de Prado (2012)', () => {
    // Section 4: 24 months of Sharpe ratio 0.458 a month with skewness −2.448 and kurtosis 10.164. Taken for normal, PSR(0) = 0.982; as it is, 0.913.
    const monthly = { perStep: 0.458, n: 24 };
    expect(probabilisticSharpe({ ...monthly, skewness: 0, kurtosis: 3 }, 0)).toBeCloseTo(0.982, 3);
    expect(probabilisticSharpe({ ...monthly, skewness: -2.448, kurtosis: 10.164 }, 0)).toBeCloseTo(0.913, 3);
  });

  it('takes raw kurtosis: excess kurtosis gives another, wrong number', () => {
    const monthly = { perStep: 0.458, n: 24, skewness: -2.448 };
    // 0.458 √23 / √(1 + 2.448 · 0.458 + (10.164 − 1) / 4 · 0.458²) = 2.1965 / 1.6131 = 1.3617 → 0.9134;
    // with 7.164 in the place of 10.164: 2.1965 / 1.5635 = 1.4048 → 0.9200.
    expect(probabilisticSharpe({ ...monthly, kurtosis: 10.164 }, 0)).toBeCloseTo(0.9134, 4);
    expect(probabilisticSharpe({ ...monthly, kurtosis: 7.164 }, 0)).toBeCloseTo(0.92, 4);
    // A normal's kurtosis is 3: its excess, 0, is no kurtosis at all and is refused.
    expect(() => probabilisticSharpe({ perStep: 0.1, n: 100, skewness: 0, kurtosis: 0 }, 0)).toThrow('raw');
  });

  it('rises with the ratio and with the steps, and is one half at the benchmark', () => {
    const measured = fc.record({
      perStep: fc.double({ min: 0.01, max: 1, noNaN: true }),
      n: fc.integer({ min: 3, max: 10_000 }),
    });
    fc.assert(
      fc.property(measured, ({ perStep, n }) => {
        const normal = { perStep, n, skewness: 0, kurtosis: 3 };
        expect(probabilisticSharpe(normal, perStep)).toBeCloseTo(0.5, 12);
        expect(probabilisticSharpe({ ...normal, n: n + 10 }, 0)).toBeGreaterThanOrEqual(probabilisticSharpe(normal, 0));
        expect(probabilisticSharpe(normal, 0)).toBeGreaterThanOrEqual(probabilisticSharpe(normal, perStep / 2));
      }),
    );
  });
});

describe('deflated Sharpe ratio', () => {
  // Bailey and López de Prado (2014), "A numerical example": the best of 100 trials has 2.5 a year over five years of 250 days, skewness −3 and
  // kurtosis 10; the trials' ratios have variance 1/2 a year.
  const measured = { perStep: 2.5 / Math.sqrt(250), n: 1250, skewness: -3, kurtosis: 10 };
  const variance = 0.5 / 250;

  it('is that of the worked example of Bailey and López de Prado (2014)', () => {
    expect(expectedMaximumSharpe(100, variance)).toBeCloseTo(0.1132, 4);
    expect(deflatedSharpe(measured, 100, variance)).toBeCloseTo(0.9004, 4);
    // "Should the strategist have made his discovery after running only N = 46 independent trials": 0.9505.
    expect(deflatedSharpe(measured, 46, variance)).toBeCloseTo(0.9505, 4);
  });

  it('refuses the excess kurtosis of that example: no numbers of skewness −3 have a raw one of 7', () => {
    expect(() => deflatedSharpe({ ...measured, kurtosis: 7 }, 100, variance)).toThrow('kurtosis is raw');
  });

  it('is the probabilistic one after a single trial, and falls with every trial', () => {
    expect(deflatedSharpe(measured, 1, variance)).toBe(probabilisticSharpe(measured, 0));
    let last = 1;
    for (const trials of [1, 1.5, 2, 3, 10, 100, 1000]) {
      const now = deflatedSharpe(measured, trials, variance);
      expect(now).toBeLessThan(last);
      last = now;
    }
  });

  it('expects of many trials about the largest of as many normals', () => {
    let sum = 0;
    for (let seed = 0; seed < 400; seed++) sum += Math.max(...normalSteps(seed, 50, 0, 2)) / 400;
    expect(Math.abs(sum - expectedMaximumSharpe(50, 4))).toBeLessThan(0.15);
  });
});

describe(`against the Python standard library${needsPython}`, () => {
  it.skipIf(PYTHON === null)('expected maximum and PSR are the same', () => {
    const program = `
import json, math
from statistics import NormalDist
N = NormalDist()
g = 0.5772156649015329
out = []
for n in (2, 5, 40, 1000):
    e = (1-g)*N.inv_cdf(1-1/n) + g*N.inv_cdf(1-1/(n*math.e))
    sr, t, s, k = 0.11, 700, -0.8, 6.5
    out.append([n, e, N.cdf((sr-e*0.03)*math.sqrt(t-1)/math.sqrt(1-s*sr+(k-1)/4*sr*sr))])
print(json.dumps(out))`;
    const rows = JSON.parse(runPython(program, '.')) as [number, number, number][];
    for (const [trials, largest, probability] of rows) {
      expect(expectedMaximumSharpe(trials, 1)).toBeCloseTo(largest, 7);
      const measured = { perStep: 0.11, n: 700, skewness: -0.8, kurtosis: 6.5 };
      expect(deflatedSharpe(measured, trials, 0.03 ** 2)).toBeCloseTo(probability, 7);
    }
  });
});

describe('minimum track record length', () => {
  it('is that of the worked example of Bailey and López de Prado (2012)', () => {
    // Section 5: a normal ratio of 2 a year is above 1 at 95 % after 2.73 years of days, 2.83 of weeks, 3.24 of months.
    for (const [steps, years] of [
      [250, 2.73],
      [52, 2.83],
      [12, 3.24],
    ]) {
      const measured = { perStep: 2 / Math.sqrt(steps), skewness: 0, kurtosis: 3 };
      expect(minimumTrackRecord(measured, 1 / Math.sqrt(steps)) / steps).toBeCloseTo(years, 2);
    }
  });

  it('is where the probabilistic ratio reaches the confidence', () => {
    const moments = { perStep: 0.1, skewness: -1, kurtosis: 8 };
    const n = minimumTrackRecord(moments, 0.02, 0.99);
    expect(probabilisticSharpe({ ...moments, n }, 0.02)).toBeCloseTo(0.99, 7);
    expect(minimumTrackRecord(moments, 0.1)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('effective trials', () => {
  it('of equal curves is one, of unrelated ones about their number', () => {
    const one = normalSteps(1, 500);
    expect(effectiveTrials([one, one.map((x) => 3 * x), one]).trials).toBeCloseTo(1, 9);
    expect(effectiveTrials([one]).trials).toBe(1);
    const many = Array.from({ length: 20 }, (_, k) => normalSteps(k, 2000));
    expect(effectiveTrials(many).trials).toBeGreaterThan(19);
    expect(effectiveTrials([one, one.map((x) => -x)])).toMatchObject({ trials: 2, correlation: expect.closeTo(-1, 9) });
  });

  it('has the mean of all pairs’ correlations, one by one', () => {
    const curves = Array.from({ length: 4 }, (_, k) => normalSteps(k, 60).map((x, i) => x + normalSteps(99, 60)[i]));
    const correlation = (x: Float64Array, y: Float64Array): number => {
      const [mx, my] = [x, y].map((v) => v.reduce((s, a) => s + a, 0) / v.length);
      let [xy, xx, yy] = [0, 0, 0];
      x.forEach((a, i) => {
        xy += (a - mx) * (y[i] - my);
        xx += (a - mx) ** 2;
        yy += (y[i] - my) ** 2;
      });
      return xy / Math.sqrt(xx * yy);
    };
    let mean = 0;
    for (let i = 0; i < 4; i++) for (let j = 0; j < i; j++) mean += correlation(curves[i], curves[j]) / 6;
    const found = effectiveTrials(curves);
    expect(found.correlation).toBeCloseTo(mean, 10);
    expect(found.trials).toBeCloseTo(mean + (1 - mean) * 4, 10);
  });

  it('counts all that were tried, also those whose curves are gone', () => {
    const series = (seed: number) => equitySeries(curveOf(normalSteps(seed, 400), 2e9));
    const found = trialCount([series(1), series(2), series(3)], 50);
    expect(found.counted).toBe(50);
    expect(found.effective).toBeGreaterThan(45);
    // Two-second steps without skill: the ratio's variance is about 1/400 a step, 1/800 a second.
    expect(found.sharpeVariance).toBeLessThan(0.01);
    expect(found.sharpeVariance).toBeGreaterThan(0);
    expect(trialCount([series(1)], 7)).toEqual({ counted: 7 });
    const still = equitySeries(curveOf(new Float64Array(400), 2e9));
    expect(trialCount([still, still]).sharpeVariance).toBe(0);
  });
});
