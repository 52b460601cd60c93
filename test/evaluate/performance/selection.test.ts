import { describe, expect, it } from 'vitest';
import { backtestOverfitting, optimalBlockLength, superiorAbility } from '../../../src/evaluate/index.ts';
import { BlockResampler, prefixSums } from '../../../src/evaluate/inference/block-resampler.ts';
import { exactBlockLength } from '../../../src/evaluate/performance/block-length.ts';
import { normalSteps, plainAutoregression } from './made-curves.ts';

describe('optimal block length', () => {
  // optimal_block_length(x).stationary of the Python package arch 8.0.0 on the same numbers.
  it.each([
    [1, 200, 0, 0.3689880508579739],
    [2, 500, 0.3, 5.467900361722232],
    [3, 1000, 0.5, 10.853943569211186],
    [4, 1000, 0.9, 31.898541229615958],
    [5, 2000, -0.4, 13.652747535767235],
    [6, 300, 0.95, 24.888102365224402],
  ])('is that of arch (seed %i, %i steps, φ = %f)', (seed, n, phi, expected) => {
    const series = plainAutoregression(seed, n, phi);
    expect(exactBlockLength(series)).toBeCloseTo(expected, 6);
    expect(optimalBlockLength(series)).toBe(Math.ceil(expected));
  });

  it('is 1 of a series that never varies', () => {
    expect(optimalBlockLength(new Float64Array(50).fill(3))).toBe(1);
    expect(() => optimalBlockLength(new Float64Array(5))).toThrow('nine values');
  });
});

const plainCurves = [0.05, 0, -0.02, -0.5, 0.03].map((mean, k) =>
  plainAutoregression(10 + k, 400, 0.3).map((value) => value + mean),
);

describe('superior predictive ability', () => {
  it('has the p-values of arch 8.0.0', () => {
    // SPA(zeros, −curves / w, block_size=8, reps=20000, seed=7), with the curves' bootstrapped deviations w since its own statistic is not
    // standardised: lower 0.05765, consistent 0.0812, upper 0.13785. Without w, its upper one is White's reality check: 0.0896.
    const found = superiorAbility(plainCurves, null, { seed: 1, draws: 10_000, blockLength: 8 });
    expect(Math.abs(found.pLower - 0.05765)).toBeLessThan(0.012);
    expect(Math.abs(found.pConsistent - 0.0812)).toBeLessThan(0.012);
    expect(Math.abs(found.pUpper - 0.13785)).toBeLessThan(0.015);
    expect(Math.abs(found.realityCheck - 0.0896)).toBeLessThan(0.012);
  });

  it('is that of a naive program that draws row by row', () => {
    const [n, draws, blockLength, seed] = [400, 200, 8, 5];
    const means = plainCurves.map((curve) => curve.reduce((s, v) => s + v, 0) / n);
    // The rows of each draw: each row has a series of its own, whose sum says how often it was drawn.
    const rows = Array.from({ length: n }, (_, row) =>
      Float64Array.from({ length: n }, (__, i) => (i === row ? 1 : 0)),
    );
    const prefix = prefixSums(rows);
    const resampler = new BlockResampler(n, { blockLength, kind: 'stationary', seed });
    const drawn = Array.from({ length: draws }, () => {
      resampler.next();
      const times = new Float64Array(n);
      resampler.sums(prefix, times);
      return plainCurves.map((curve) => curve.reduce((s, v, i) => s + v * times[i], 0) / n);
    });
    const omega = means.map((m, k) => Math.sqrt(drawn.reduce((s, d) => s + n * (d[k] - m) ** 2, 0) / draws));
    const t = Math.max(0, ...means.map((m, k) => (Math.sqrt(n) * m) / omega[k]));
    const p = (centre: (m: number, k: number) => number): number => {
      const reached = drawn.filter(
        (d) => Math.max(0, ...d.map((v, k) => (Math.sqrt(n) * (v - centre(means[k], k))) / omega[k])) >= t,
      );
      return (1 + reached.length) / (1 + draws);
    };
    const bound = (k: number): number => -omega[k] * Math.sqrt((2 * Math.log(Math.log(n))) / n);
    const found = superiorAbility(plainCurves, null, { seed, draws, blockLength });
    expect(found.statistic).toBeCloseTo(t, 9);
    expect(means[found.best] / omega[found.best]).toBeCloseTo(t / Math.sqrt(n), 12);
    expect(found.pLower).toBeCloseTo(
      p((m) => Math.max(m, 0)),
      12,
    );
    expect(found.pConsistent).toBeCloseTo(
      p((m, k) => (m >= bound(k) ? m : 0)),
      12,
    );
    expect(found.pUpper).toBeCloseTo(
      p((m) => m),
      12,
    );
  });

  it('rejects about as seldom as it says where none is better, and its bounds are in order', () => {
    const seeds = 200;
    let [five, half, sum] = [0, 0, 0];
    for (let seed = 0; seed < seeds; seed++) {
      const curves = Array.from({ length: 5 }, (_, k) => normalSteps(1000 * seed + k, 150));
      const { pLower, pConsistent, pUpper } = superiorAbility(curves, null, { seed, draws: 200, blockLength: 1 });
      expect(pLower).toBeLessThanOrEqual(pConsistent);
      expect(pConsistent).toBeLessThanOrEqual(pUpper);
      if (pUpper < 0.05) five++;
      if (pUpper < 0.5) half++;
      sum += pUpper / seeds;
    }
    expect(five / seeds).toBeLessThan(0.1);
    expect(half / seeds).toBeGreaterThan(0.4);
    expect(half / seeds).toBeLessThan(0.62);
    expect(Math.abs(sum - 0.5)).toBeLessThan(0.08);
  });

  it('finds the one that is better, against any benchmark, and passes over what never differs', () => {
    const base = normalSteps(1, 400);
    const curves = [base, ...[2, 3].map((seed) => normalSteps(seed, 400)), base.map((x, i) => x + 0.3 + 0.1 * (i % 3))];
    const found = superiorAbility(curves, base, { seed: 2, draws: 300 });
    expect(found).toMatchObject({ best: 3, pConsistent: 1 / 301 });
    expect(superiorAbility([base], base, { seed: 1, draws: 100 })).toMatchObject({
      statistic: 0,
      pUpper: 1,
      realityCheck: 1,
    });
  });

  it('is not fooled by poor strategies beside a good one, as the reality check is', () => {
    const good = normalSteps(4, 400, 0.12);
    const poor = Array.from({ length: 30 }, (_, k) => normalSteps(50 + k, 400, -1, 4));
    const found = superiorAbility([good, ...poor], null, { seed: 3, draws: 500, blockLength: 1 });
    expect(found.pConsistent).toBeLessThan(0.05);
    expect(found.realityCheck).toBeGreaterThan(0.3);
  });
});

describe('probability of backtest overfitting', () => {
  it('is worked out by hand for two strategies and two parts', () => {
    // Halves [1, 3] and [−1, −3] of the first have the Sharpe ratios 2 / 1 = 2 and −2; [1, 2] and [2, 1] of the second 1.5 / 0.5 = 3 and 3. The
    // second is chosen in both halves and is best in the other: rank 2 of 2, ω = 2/3, logit ln 2.
    const found = backtestOverfitting([Float64Array.of(1, 3, -1, -3), Float64Array.of(1, 2, 2, 1)], { parts: 2 });
    expect(found.splits).toBe(2);
    expect([...found.logits]).toEqual([expect.closeTo(Math.log(2), 12), expect.closeTo(Math.log(2), 12)]);
    expect([...found.chosenIn, ...found.chosenOut]).toEqual(Array(4).fill(expect.closeTo(3, 9)));
    expect(found).toMatchObject({ probability: 0, lossProbability: 0 });
    // The first's halves change places: chosen for 2, it then has −2 and the lower rank, logit ln ½; intercept and slope: −2 = −2 + 0.
    const turned = backtestOverfitting([Float64Array.of(1, 3, -1, -3), Float64Array.of(-1, -3, 1, 3)], { parts: 2 });
    expect(turned).toMatchObject({ probability: 1, lossProbability: 1 });
    expect(turned.logits[0]).toBeCloseTo(-Math.log(2), 12);
    expect(turned.chosenOut[0]).toBeCloseTo(-2, 9);
  });

  it('is about one half for noise, and about 0 where one is truly better', () => {
    let mean = 0;
    for (let seed = 0; seed < 20; seed++) {
      const noise = Array.from({ length: 10 }, (_, k) => normalSteps(100 * seed + k, 400));
      mean += backtestOverfitting(noise, { parts: 8 }).probability / 20;
    }
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.12);
    const curves = Array.from({ length: 10 }, (_, k) => normalSteps(k, 400, k === 3 ? 0.5 : 0));
    const found = backtestOverfitting(curves);
    expect(found.splits).toBe(12_870);
    expect(found.probability).toBeLessThan(0.01);
    expect(found.lossProbability).toBeLessThan(0.01);
    // What is gained in one half is missing in the other: the better it looked, the worse it becomes.
    expect(found.degradationSlope).toBeLessThan(0);
    expect(found.degradationIntercept).toBeGreaterThan(0);
  });

  it('takes no part in units of money, and counts a strategy that never trades as 0', () => {
    const curves = Array.from({ length: 4 }, (_, k) => normalSteps(k, 160));
    const scaled = curves.map((curve, k) => curve.map((value) => value * 10 ** (k - 2)));
    expect(backtestOverfitting(scaled, { parts: 4 }).probability).toBe(
      backtestOverfitting(curves, { parts: 4 }).probability,
    );
    const still = backtestOverfitting([new Float64Array(16), new Float64Array(16)], { parts: 4 });
    // Both share rank 1.5 of 2: ω = ½, logit 0, which counts as not above the median.
    expect(still).toMatchObject({ probability: 1, lossProbability: 0, degradationSlope: Number.NaN });
  });

  it.each([
    [1, 40, 4, 'at least two'],
    [2, 40, 5, 'even number'],
    [2, 7, 4, 'too few'],
  ])('refuses %i strategies of %i steps in %i parts', (strategies, steps, parts, message) => {
    const curves = Array.from({ length: strategies }, () => new Float64Array(steps));
    expect(() => backtestOverfitting(curves, { parts })).toThrow(message);
    expect(() => backtestOverfitting([new Float64Array(40), new Float64Array(41)])).toThrow('same steps');
  });
});
