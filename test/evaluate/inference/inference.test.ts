import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import {
  bootstrapInterval,
  dieboldMariano,
  effectiveSize,
  longRunVariance,
  modelConfidenceSet,
  type ResamplingOptions,
} from '../../../src/evaluate/index.ts';
import { BlockResampler, prefixSums } from '../../../src/evaluate/inference/block-resampler.ts';
import {
  kolmogorovTail,
  normalCdf,
  normalQuantile,
  studentCdf,
  studentTwoSided,
} from '../../../src/evaluate/inference/distributions.ts';
import { confusionScores } from '../../../src/evaluate/scoreboard.ts';
import { overlappingNoise } from '../made-forecasts.ts';
import { REFERENCE } from '../reference-scores.ts';

function options(seed: number, blockLength: number, more: Partial<ResamplingOptions> = {}): ResamplingOptions {
  return { blockLength, kind: 'stationary', draws: 300, seed, ...more };
}

describe(`distribution functions are those of ${REFERENCE.source}`, () => {
  const functions: Record<string, { of: (...args: number[]) => number; within: number }> = {
    normalCdf: { of: normalCdf, within: 1e-11 },
    normalQuantile: { of: normalQuantile, within: 2e-9 },
    studentCdf: { of: studentCdf, within: 1e-10 },
    studentTwoSided: { of: studentTwoSided, within: 1e-10 },
    kolmogorovTail: { of: kolmogorovTail, within: 1e-12 },
  };

  it.each(Object.entries(functions))('%s', (name, { of, within }) => {
    expect(REFERENCE.functions[name].length).toBeGreaterThan(5);
    for (const row of REFERENCE.functions[name]) {
      const expected = row.at(-1) as number;
      const found = of(...row.slice(0, -1));
      expect(Math.abs(found - expected), `${row}: ${found}`).toBeLessThanOrEqual(within * Math.abs(expected) + 1e-300);
    }
  });

  it('have their ends', () => {
    expect(normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(normalQuantile(1)).toBe(Number.POSITIVE_INFINITY);
    expect(normalQuantile(Number.NaN)).toBeNaN();
    expect(kolmogorovTail(0)).toBe(1);
    expect(studentTwoSided(0, 5)).toBe(1);
  });
});

describe('long-run variance and effective size', () => {
  it('of independent rows is about the variance, of overlapping ones more', () => {
    const plain = overlappingNoise(new Random(1), 20_000, 1);
    expect(effectiveSize(plain, 1, 20).byAutocorrelation).toBeGreaterThan(18_000);
    const overlapping = overlappingNoise(new Random(1), 20_000, 10);
    const size = effectiveSize(overlapping, 10, 60);
    expect(size).toMatchObject({ n: 20_000, byHorizon: 2000 });
    // Bartlett's weights take a little of the autocorrelations away.
    expect(size.byAutocorrelation).toBeGreaterThan(1700);
    expect(size.byAutocorrelation).toBeLessThan(2800);
  });

  it('never counts on more rows than there are', () => {
    const turns = Float64Array.from({ length: 100 }, (_, row) => (row % 2 === 0 ? 1 : -1));
    expect(effectiveSize(turns, 1, 3).byAutocorrelation).toBe(100);
    expect(effectiveSize(new Float64Array(50), 5).byAutocorrelation).toBe(50);
    expect(longRunVariance(turns, 1)).toBeCloseTo(0.01, 12);
    expect(longRunVariance(Float64Array.of(1, 2), 9)).toBeGreaterThanOrEqual(0);
  });
});

describe('Diebold–Mariano', () => {
  it.each(REFERENCE.dieboldMariano)('is that of NumPy at horizon $horizon and lag $lag', (expected) => {
    const [own, other] = [Float64Array.from(expected.own), Float64Array.from(expected.other)];
    const found = dieboldMariano(own, other, expected.horizon, expected.lag);
    expect(found.statistic).toBeCloseTo(expected.statistic, 10);
    expect(found.pValue).toBeCloseTo(expected.pValue, 10);
    expect(found.error ** 2 * own.length).toBeCloseTo(expected.variance, 10);
    const turned = dieboldMariano(other, own, expected.horizon, expected.lag);
    expect(turned.statistic).toBeCloseTo(-expected.statistic, 10);
    expect(turned.pValue).toBeCloseTo(found.pValue, 12);
  });

  it('rejects equal forecasts about as seldom as it says, where labels overlap', () => {
    let rejected = 0;
    let careless = 0;
    const seeds = 300;
    for (let seed = 0; seed < seeds; seed++) {
      const difference = overlappingNoise(new Random(seed), 1000, 5);
      const none = new Float64Array(1000);
      if (dieboldMariano(none, difference, 5, 20).pValue < 0.05) rejected++;
      if (dieboldMariano(none, difference, 1, 0).pValue < 0.05) careless++;
    }
    expect(rejected / seeds).toBeLessThan(0.11);
    expect(rejected / seeds).toBeGreaterThan(0.01);
    // Were overlap not taken into account, it would find a difference in every third pair or more.
    expect(careless / seeds).toBeGreaterThan(0.3);
  });

  it('says so where the difference never varies, and needs rows', () => {
    const one = new Float64Array(10).fill(1);
    expect(dieboldMariano(one, one, 1)).toMatchObject({ gain: 0, statistic: null, pValue: 1 });
    expect(dieboldMariano(one, new Float64Array(10).fill(2), 1)).toMatchObject({ statistic: null, pValue: 0 });
    expect(() => dieboldMariano(one, one, 5)).toThrow('more rows than two horizons');
  });
});

describe('block bootstrap', () => {
  it.each(['moving', 'stationary'] as const)('draws as many rows as there are, in runs (%s)', (kind) => {
    const n = 97;
    // Each row has a series of its own, so that the sums say how often it was drawn.
    const prefix = prefixSums(
      Array.from({ length: n }, (_, row) => Float64Array.from({ length: n }, (__, i) => (i === row ? 1 : 0))),
    );
    const resampler = new BlockResampler(n, { blockLength: 10, kind, seed: 3 });
    const times = new Float64Array(n);
    const all = new Float64Array(n);
    let broken = 0;
    for (let d = 0; d < 400; d++) {
      resampler.next();
      resampler.sums(prefix, times);
      expect(times.reduce((sum, count) => sum + count)).toBe(n);
      for (let row = 0; row < n; row++) {
        all[row] += times[row] / 400;
        if (times[row] !== times[(row + 1) % n]) broken++;
      }
    }
    for (const mean of all) expect(Math.abs(mean - 1)).toBeLessThan(0.3);
    // Neighbours part at the ends of blocks alone: about 10 starts and 10 ends a draw, fewer where ends meet.
    expect(broken / 400).toBeLessThan(22);
    expect(broken / 400).toBeGreaterThan(10);
  });

  it.each(['moving', 'stationary'] as const)('holds the true mean about 95 times in 100 (%s)', (kind) => {
    let covered = 0;
    let careless = 0;
    const seeds = 200;
    const mean = (sums: Float64Array, n: number): number => sums[0] / n;
    for (let seed = 0; seed < seeds; seed++) {
      const series = [overlappingNoise(new Random(seed), 2000, 10).map((noise) => noise + 0.3)];
      const interval = bootstrapInterval(series, mean, options(seed, 40, { kind }));
      if (interval !== null && interval.low <= 0.3 && interval.high >= 0.3) covered++;
      const narrow = bootstrapInterval(series, mean, options(seed, 1, { kind, draws: 100 }));
      if (narrow !== null && narrow.low <= 0.3 && narrow.high >= 0.3) careless++;
    }
    expect(covered / seeds).toBeGreaterThan(0.88);
    expect(covered / seeds).toBeLessThan(0.99);
    expect(careless / seeds).toBeLessThan(0.6);
  });

  it('gives intervals of ratios such as the MCC, and none where there are too few blocks', () => {
    const random = new Random(6);
    const n = 4000;
    const cells = Array.from({ length: 4 }, () => new Uint8Array(n));
    for (let row = 0; row < n; row++) {
      const actual = random.below(2);
      const predicted = random.bernoulli(0.75) ? actual : 1 - actual;
      cells[actual * 2 + predicted][row] = 1;
    }
    const mcc = (sums: Float64Array): number => confusionScores(sums, 2).mcc;
    const interval = bootstrapInterval(cells, mcc, options(1, 20));
    expect(interval).not.toBeNull();
    expect(interval?.low).toBeLessThan(0.5);
    expect(interval?.high).toBeGreaterThan(0.5);
    // With even classes the MCC is twice the accuracy less 1, whose standard error is 2 √(0.75 · 0.25 / 4000): an interval of 0.054.
    expect((interval?.high ?? 0) - (interval?.low ?? 0)).toBeGreaterThan(0.035);
    expect((interval?.high ?? 0) - (interval?.low ?? 0)).toBeLessThan(0.075);
    expect(bootstrapInterval(cells, mcc, options(1, 20))).toEqual(interval);
    expect(bootstrapInterval(cells, mcc, options(2, 20))).not.toEqual(interval);
    expect(bootstrapInterval(cells, mcc, options(1, 201))).toBeNull();
    expect(() => new BlockResampler(10, options(1, 11))).toThrow('a block is from 1 to all rows');
  });
});

describe('model confidence set', () => {
  /** Losses of models that share the noise of the market and add their own, both overlapping. */
  function losses(seed: number, means: readonly number[], rows = 1000): Float64Array[] {
    const random = new Random(seed);
    const market = overlappingNoise(random, rows, 5);
    return means.map((mean) => overlappingNoise(random, rows, 5).map((noise, row) => mean + 0.3 * noise + market[row]));
  }

  it('holds all of equally good models about as often as it says', () => {
    let [held90, held75] = [0, 0];
    const seeds = 200;
    for (let seed = 0; seed < seeds; seed++) {
      const members = modelConfidenceSet(losses(seed, [1, 1, 1, 1, 1]), options(seed + 500, 25));
      if (members.every(({ pValue }) => pValue > 0.1)) held90++;
      if (members.every(({ pValue }) => pValue > 0.25)) held75++;
    }
    expect(held90 / seeds).toBeGreaterThan(0.83);
    expect(held90 / seeds).toBeLessThan(0.98);
    expect(held75 / seeds).toBeGreaterThan(0.64);
    expect(held75 / seeds).toBeLessThan(0.87);
  });

  it('drops what is worse, the worst first, and keeps the best', () => {
    let kept = 0;
    for (let seed = 0; seed < 40; seed++) {
      const members = modelConfidenceSet(losses(seed, [1.3, 1, 1.6, 1]), options(seed, 25));
      expect(members.slice(0, 2)).toMatchObject([{ model: 2 }, { model: 0 }]);
      expect(members[1].pValue).toBeLessThan(0.05);
      expect(members.at(-1)?.pValue).toBe(1);
      for (let i = 1; i < 4; i++) expect(members[i].pValue).toBeGreaterThanOrEqual(members[i - 1].pValue);
      if (members[2].pValue > 0.1) kept++;
    }
    expect(kept).toBeGreaterThan(30);
  });

  it('takes equal losses for equal, and losses that differ by a constant for surely different', () => {
    const [one] = losses(1, [1]);
    expect(modelConfidenceSet([one, one], options(1, 25))).toMatchObject([{ pValue: 1 }, { pValue: 1 }]);
    const members = modelConfidenceSet([one, one.map((loss) => loss + 0.1)], options(1, 25));
    expect(members[0].model).toBe(1);
    expect(members[0].pValue).toBeCloseTo(1 / 301, 12);
    expect(modelConfidenceSet([one], options(1, 25))).toEqual([{ model: 0, pValue: 1 }]);
  });
});
