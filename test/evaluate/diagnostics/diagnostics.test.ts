import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import {
  type ClassLabels,
  categoricalPit,
  continuousPit,
  populationStability,
  predictiveCheck,
  signalReferences,
  uniformityTest,
} from '../../../src/evaluate/index.ts';
import { latentPath, SimulatedLabels } from '../../../src/evaluate/metrics/simulated-labels.ts';
import { overlappingNoise, perfectForecasts, sharpened } from '../made-forecasts.ts';

describe('probability integral transform', () => {
  it('lies where the label lies in the forecast', () => {
    const pit = categoricalPit(
      Int8Array.of(0, 1, 2),
      Float64Array.of(0.2, 0.3, 0.5, 0.2, 0.3, 0.5, 0.2, 0.3, 0.5),
      new Random(1),
    );
    [0.2, 0.5, 1].forEach((end, row) => {
      expect(pit[row]).toBeGreaterThanOrEqual([0, 0.2, 0.5][row]);
      expect(pit[row]).toBeLessThanOrEqual(end);
    });
  });

  it('is uniform for true forecasts, rejected about 5 times in 100, and not for false ones', () => {
    let [rejected, caught] = [0, 0];
    const seeds = 200;
    for (let seed = 0; seed < seeds; seed++) {
      const { labels, probabilities } = perfectForecasts(new Random(seed), 1000, 3);
      const random = new Random(seed + 7777);
      if (uniformityTest(categoricalPit(labels, probabilities, random), 0).pValue < 0.05) rejected++;
      const tilted = probabilities.map((p, i) => p * (i % 3 === 0 ? 1.5 : 1));
      if (uniformityTest(categoricalPit(labels, sharpened(tilted, 3, 1), random), 0).pValue < 0.05) caught++;
    }
    expect(rejected / seeds).toBeLessThan(0.1);
    expect(rejected / seeds).toBeGreaterThan(0.01);
    expect(caught / seeds).toBeGreaterThan(0.9);
  });

  it('of continuous forecasts is F(y)', () => {
    const locations = Float64Array.of(1, 1, 0);
    const scales = Float64Array.of(2, 2, 1);
    const normal = continuousPit(Float64Array.of(1, 3, -1.959963984540054), { locations, scales, freedom: null });
    expect(Array.from(normal, (u) => +u.toFixed(10))).toEqual([0.5, 0.8413447461, 0.025]);
    // Student's with one degree of freedom is Cauchy's: F(1) = 3/4.
    const student = continuousPit(Float64Array.of(1, 3, -1), { locations, scales, freedom: Float64Array.of(1, 1, 1) });
    [0.5, 0.75, 0.25].forEach((expected, row) => {
      expect(student[row]).toBeCloseTo(expected, 12);
    });
    expect(() => continuousPit(Float64Array.of(1), { locations, scales, freedom: null })).toThrow(
      'a forecast for each',
    );
    const flat = new Float64Array(3);
    expect(() => continuousPit(flat, { locations, scales: flat, freedom: null })).toThrow('is above 0');
  });

  it('of heavy tails is not that of a normal forecast', () => {
    const random = new Random(2);
    const values = Float64Array.from({ length: 4000 }, () => random.normal() / Math.sqrt(random.exponential(1)));
    const locations = new Float64Array(4000);
    const freedom = new Float64Array(4000).fill(2);
    // z / √(χ²₂ / 2) is Student's with two degrees of freedom, and χ²₂ / 2 is exponential.
    const scales = new Float64Array(4000).fill(1);
    expect(uniformityTest(continuousPit(values, { locations, scales, freedom }), 0).pValue).toBeGreaterThan(0.01);
    expect(uniformityTest(continuousPit(values, { locations, scales, freedom: null }), 0).pValue).toBeLessThan(1e-6);
  });

  it('counts overlapping rows for what they are worth', () => {
    let [rejected, careless] = [0, 0];
    const seeds = 150;
    for (let seed = 0; seed < seeds; seed++) {
      const values = overlappingNoise(new Random(seed), 2000, 10);
      const [locations, scales] = [new Float64Array(2000), new Float64Array(2000).fill(1)];
      const pit = continuousPit(values, { locations, scales, freedom: null });
      const test = uniformityTest(pit, 40);
      expect(test.effectiveN).toBeLessThan(500);
      if (test.pValue < 0.05) rejected++;
      if (uniformityTest(pit, 0).pValue < 0.05) careless++;
    }
    expect(rejected / seeds).toBeLessThan(0.1);
    expect(careless / seeds).toBeGreaterThan(0.5);
  });
});

describe('posterior predictive check', () => {
  const changes = (labels: ClassLabels): number => {
    let count = 0;
    for (let row = 1; row < labels.length; row++) if (labels[row] !== labels[row - 1]) count++;
    return count;
  };

  it('finds what true forecasts would not show', () => {
    const { labels, probabilities } = perfectForecasts(new Random(1), 2000, 3);
    const check = predictiveCheck(labels, probabilities, changes, { draws: 200, seed: 3, span: 1 });
    expect(check.pValue).toBeGreaterThan(0.05);
    expect(check.observed).toBeGreaterThanOrEqual(check.interval.low);
    expect(check.observed).toBeLessThanOrEqual(check.interval.high);
    expect(predictiveCheck(labels, probabilities, changes, { draws: 200, seed: 3, span: 1 })).toEqual(check);
    const sorted = predictiveCheck(labels.toSorted(), probabilities, changes, { draws: 200, seed: 3, span: 1 });
    expect(sorted.observed).toBe(2);
    expect(sorted.pValue).toBeCloseTo(2 / 201, 12);
  });

  it('draws labels that overlap where they do', () => {
    const { probabilities } = perfectForecasts(new Random(2), 2000, 3);
    const steady = probabilities.map((_, i) => [0.3, 0.4, 0.3][i % 3]);
    const latent = new Float64Array(2000);
    latentPath(new Random(5), 20, latent);
    const labels = new Int8Array(2000);
    new SimulatedLabels(steady, 3).draw(latent, labels);
    const options = { draws: 100, seed: 4 };
    expect(predictiveCheck(labels, steady, changes, { ...options, span: 20 }).pValue).toBeGreaterThan(0.05);
    expect(predictiveCheck(labels, steady, changes, { ...options, span: 1 }).pValue).toBeLessThan(0.03);
  });
});

describe('population stability index', () => {
  function rows(random: Random, n: number, shift: number, missing: number): Float64Array {
    return Float64Array.from({ length: 2 * n }, (_, i) =>
      i % 2 === 0 ? random.normal() + shift : random.bernoulli(missing) ? Number.NaN : random.below(3),
    );
  }
  const names = ['normal', 'few values'];
  const train = { data: rows(new Random(1), 5000, 0, 0.1), names };
  const references = signalReferences(train, [
    { from: 0, to: 2000 },
    { from: 2500, to: 5000 },
  ]);

  it('has deciles where values differ, and fewer bins where they do not', () => {
    const [normal, few] = references;
    expect(normal.edges).toHaveLength(9);
    expect(normal.rows).toBe(4500);
    normal.shares.slice(0, 10).forEach((share) => {
      expect(share).toBeCloseTo(0.1, 12);
    });
    expect(normal.shares[10]).toBe(0);
    expect(few.edges).toEqual([0, 1]);
    expect(few.shares).toHaveLength(4);
    expect(few.shares.at(-1)).toBeCloseTo(0.1, 1);
    expect(few.shares.reduce((sum, share) => sum + share)).toBeCloseTo(1, 12);
  });

  it('is what its definition says', () => {
    // Halves in training; live 3 in 4 above the edge, with half a row added to each of the three bins; none is missing on either side.
    const half = signalReferences({ data: Float64Array.of(1, 2, 3, 4), names: ['x'] }, [{ from: 0, to: 4 }], 2);
    expect(half[0]).toEqual({ name: 'x', edges: [2], shares: [0.5, 0.5, 0], rows: 4 });
    const [{ index, missing }] = populationStability(
      half,
      { data: Float64Array.of(1, 3, 4, 4), names: ['x'] },
      { from: 0, to: 4 },
    );
    const expected = [2.5, 2.5].map((count) => count / 5.5);
    const found = [1.5, 3.5].map((count) => count / 5.5);
    expect(index).toBeCloseTo(
      found.reduce((sum, a, b) => sum + (a - expected[b]) * Math.log(a / expected[b]), 0),
      12,
    );
    expect(missing).toBe(0);
  });

  it('stays below what chance gives about 95 times in 100, and grows with a shift', () => {
    let below = 0;
    for (let seed = 10; seed < 110; seed++) {
      const live = { data: rows(new Random(seed), 600, 0, 0.1), names };
      const [normal, few] = populationStability(references, live, { from: 100, to: 600 });
      if (normal.index < normal.chance) below++;
      if (few.index < few.chance) below++;
    }
    expect(below).toBeGreaterThan(175);
    expect(below).toBeLessThan(200);
    const moved = populationStability(
      references,
      { data: rows(new Random(3), 600, 1, 0.5), names },
      { from: 0, to: 600 },
    );
    expect(moved[0].index).toBeGreaterThan(0.5);
    expect(moved[1].missing).toBeGreaterThan(0.4);
    expect(moved[1].index).toBeGreaterThan(moved[1].missing);
    expect(moved[0].missing).toBe(0);
  });

  it('says what is missing where nothing was there to learn from', () => {
    const empty = signalReferences({ data: new Float64Array(3).fill(Number.NaN), names: ['x'] }, [{ from: 0, to: 3 }]);
    expect(empty).toEqual([{ name: 'x', edges: [], shares: [0, 1], rows: 3 }]);
    const [{ chance, index }] = populationStability(
      empty,
      { data: Float64Array.of(1, 2), names: ['x'] },
      { from: 0, to: 2 },
    );
    expect(chance).toBe(0);
    expect(index).toBeGreaterThan(1);
    expect(() =>
      populationStability(references, { data: Float64Array.of(1), names: ['x'] }, { from: 0, to: 1 }),
    ).toThrow('in order');
  });
});
