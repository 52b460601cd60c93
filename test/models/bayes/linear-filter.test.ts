import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { LinearFilter, studentTCdf } from '../../../src/models/index.ts';

/** Solves a x = b by Gaussian elimination with pivoting. */
function solve(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = a.map((row, i) => [...row, b[i]]);
  for (let j = 0; j < b.length; j++) {
    const pivot = rows
      .slice(j)
      .reduce((best, row, i) => (Math.abs(row[j]) > Math.abs(rows[best][j]) ? i + j : best), j);
    [rows[j], rows[pivot]] = [rows[pivot], rows[j]];
    for (let i = 0; i < b.length; i++) {
      if (i === j) continue;
      const factor = rows[i][j] / rows[j][j];
      for (let k = j; k <= b.length; k++) rows[i][k] -= factor * rows[j][k];
    }
  }
  return rows.map((row, i) => row[b.length] / row[i]);
}

interface Observation {
  x: number[];
  y: number;
  weight: number;
}

/** Every 32nd update forgets; then one weight, each in its turn, is told its prior for all. */
const EVERY = 32;

/**
 * The posterior by the batch formula: every observation, and every share of the prior, with the weight that is left of it at the end. Λ = Σ w x xᵀ + prior
 * precision, m = Λ⁻¹ Σ w x y, b = b₀'s + ½ (Σ w y² − mᵀ Λ m).
 */
function batch(data: readonly Observation[], prior: readonly number[], lambda: number, a0: number, b0: number) {
  const n = prior.length;
  const kept = lambda ** EVERY;
  const times = Math.floor(data.length / EVERY);
  const left = (t: number): number => (lambda === 1 ? 1 : kept ** (times - Math.floor(t / EVERY)));
  const first = lambda === 1 ? 1 : kept ** times;
  const precision = prior.map((v, i) => prior.map((_, j) => (i === j ? first / v : 0)));
  let [a, b, squares] = [first * a0, first * b0, 0];
  if (lambda < 1) {
    for (let f = 1; f <= times; f++) {
      const j = f % n;
      precision[j][j] += (kept ** (times - f) * (1 - kept) * n) / prior[j];
      a += kept ** (times - f) * (1 - kept) * a0;
      b += kept ** (times - f) * (1 - kept) * b0;
    }
  }
  const products = prior.map(() => 0);
  data.forEach(({ x, y, weight }, t) => {
    const w = weight * left(t);
    x.forEach((v, i) => {
      products[i] += w * v * y;
      x.forEach((u, j) => {
        precision[i][j] += w * v * u;
      });
    });
    squares += w * y * y;
    a += w / 2;
  });
  const mean = solve(precision, products);
  b += (squares - mean.reduce((sum, m, i) => sum + m * products[i], 0)) / 2;
  const forecast = (x: number[]): [number, number, number] => {
    const spread = solve(precision, x).reduce((sum, v, i) => sum + v * x[i], 0);
    return [mean.reduce((sum, m, i) => sum + m * x[i], 0), Math.sqrt((b / a) * (1 + spread)), 2 * a];
  };
  return { mean, forecast };
}

function near(found: number, expected: number): void {
  expect(Math.abs(found - expected)).toBeLessThan(1e-9 * Math.max(1, Math.abs(expected)));
}

describe('LinearFilter', () => {
  it('is the batch formula, with forgetting and weights, to 1e-9', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 0, max: 300 }),
        fc.constantFrom(1, 0.999, 0.97),
        (seed, n, length, forgetting) => {
          const random = new Random(seed);
          const prior = Array.from({ length: n }, () => 0.1 + random.exponential(1));
          const draw = (): number[] => prior.map((_, i) => (i === 0 ? 1 : random.normal() * 2));
          const data = Array.from({ length }, () => {
            const x = draw();
            return { x, y: x.reduce((sum, v, i) => sum + v * i, 0) + random.normal() * 3, weight: 1 - random.float() };
          });
          const ours = new LinearFilter({
            priorVariance: Float64Array.from(prior),
            forgetting,
            shape: 2,
            scale: 3,
          });
          for (const { x, y, weight } of data) ours.update(Float64Array.from(x), y, weight);
          const oracle = batch(data, prior, forgetting, 2, 3);
          oracle.mean.forEach((value, i) => {
            near(ours.weight(i), value);
          });
          const x = draw();
          const out = new Float64Array(3);
          ours.predict(Float64Array.from(x), out);
          oracle.forecast(x).forEach((value, i) => {
            near(out[i], value);
          });
        },
      ),
    );
  });

  it('is calibrated: the probability-integral transform of its forecasts is uniform, from the first one on', () => {
    // Targets of the very model: variance and weights drawn from the prior anew in each stream.
    const random = new Random(2);
    const bins = 20;
    const counts = new Float64Array(bins);
    const out = new Float64Array(3);
    const x = new Float64Array(3);
    let late = 0;
    const [streams, length] = [400, 30];
    for (let s = 0; s < streams; s++) {
      // Inverse gamma of shape 3 and scale 2: 2 over a sum of three exponentials.
      const sigma = Math.sqrt(2 / (random.exponential(1) + random.exponential(1) + random.exponential(1)));
      const truth = [1, 0.5, 0.25].map((v) => sigma * Math.sqrt(v) * random.normal());
      const ours = new LinearFilter({
        priorVariance: Float64Array.of(1, 0.5, 0.25),
        forgetting: 1,
        shape: 3,
        scale: 2,
      });
      for (let t = 0; t < length; t++) {
        for (let i = 0; i < 3; i++) x[i] = i === 0 ? 1 : random.normal();
        const y = truth.reduce((sum, w, i) => sum + w * x[i], 0) + sigma * random.normal();
        ours.predict(x, out);
        const u = studentTCdf((y - out[0]) / out[1], out[2]);
        counts[Math.min(bins - 1, Math.floor(u * bins))]++;
        if (t >= length / 2) late += u / (streams * (length / 2));
        ours.update(x, y);
      }
    }
    // The transforms are independent: 19 degrees of freedom, mean 19; 43.8 is exceeded once in a thousand.
    const expected = (streams * length) / bins;
    expect(counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)).toBeLessThan(43.8);
    expect(Math.abs(late - 0.5)).toBeLessThan(0.015);
  });

  it('follows a drifting relation only where it forgets, and then errs on the wide side', () => {
    const run = (forgetting: number): { squares: number; outside: number } => {
      const random = new Random(3);
      const ours = new LinearFilter({ priorVariance: Float64Array.of(100, 100), forgetting });
      const [x, out] = [new Float64Array(2), new Float64Array(3)];
      let [slope, squares, outside] = [0, 0, 0];
      for (let t = 0; t < 5000; t++) {
        slope += 0.02 * random.normal();
        x.set([1, random.normal()]);
        const y = slope * x[1] + 0.5 * random.normal();
        ours.predict(x, out);
        if (t >= 1000) {
          squares += (y - out[0]) ** 2 / 4000;
          const u = studentTCdf((y - out[0]) / out[1], out[2]);
          if (u < 0.05 || u > 0.95) outside += 1 / 4000;
        }
        ours.update(x, y);
      }
      return { squares, outside };
    };
    const [forgetful, stubborn] = [run(0.97), run(1)];
    expect(forgetful.squares).toBeLessThan(0.29);
    expect(stubborn.squares).toBeGreaterThan(1.3 * forgetful.squares);
    // A tenth lies outside by its word: 7.5 % did when this was written.
    expect(forgetful.outside).toBeLessThan(0.1);
    expect(forgetful.outside).toBeGreaterThan(0.05);
  });

  it('keeps its covariance positive over a million updates with collinear and silent inputs', () => {
    const random = new Random(4);
    const ours = new LinearFilter({ priorVariance: Float64Array.of(1, 1, 1, 1), forgetting: 0.999 });
    const [x, probe, out] = [new Float64Array(4), new Float64Array(4), new Float64Array(3)];
    for (let t = 1; t <= 1_000_000; t++) {
      const z = Math.floor(t / 100_000) % 2 === 0 ? 100 * (random.float() - 0.5) : 0;
      x.set([1, z, z + 1e-9 * random.float(), z]);
      ours.update(x, z + random.float(), 0.5);
      if (t % 20_000 !== 0) continue;
      for (let i = 0; i < 4; i++) probe[i] = random.normal();
      if (t % 40_000 === 0) probe.set([0, 1, -1, 0]);
      expect(ours.variance(probe)).toBeGreaterThan(0);
      expect(ours.variance(probe)).toBeLessThan(50);
      ours.predict(probe, out);
      expect(out[1]).toBeGreaterThan(0);
      expect(Number.isFinite(out[0])).toBe(true);
    }
  });

  it('attributes the location to its inputs, and is its prior again where it is widened without end', () => {
    const random = new Random(5);
    const ours = new LinearFilter({ priorVariance: Float64Array.of(1, 2), forgetting: 1, shape: 2, scale: 4 });
    const x = Float64Array.of(1, 0.7);
    for (let t = 0; t < 500; t++) ours.update(Float64Array.of(1, random.normal()), random.normal() + 3);
    const [parts, sds, out] = [new Float64Array(2), new Float64Array(2), new Float64Array(3)];
    ours.attribute(x, parts, sds);
    ours.predict(x, out);
    expect(parts[0] + parts[1]).toBeCloseTo(out[0], 12);
    const noise = out[1] ** 2 / (1 + ours.variance(x));
    expect(sds[1]).toBeCloseTo(Math.sqrt(noise * ours.variance(Float64Array.of(0, 0.7))), 12);
    ours.inflate(1);
    expect(ours.weight(0)).toBe(parts[0]);
    ours.inflate(1e13);
    ours.predict(x, out);
    expect(out[0]).toBeCloseTo(0, 6);
    expect(out[1]).toBeCloseTo(Math.sqrt(2 * (1 + 1 + 2 * 0.49)), 6);
    expect(out[2]).toBeCloseTo(4, 6);
  });

  it('refuses options that are no distribution', () => {
    const make = (shape: number, variance: number): LinearFilter =>
      new LinearFilter({ priorVariance: Float64Array.of(variance), forgetting: 1, shape });
    expect(() => make(0, 1)).toThrow('prior of the variance');
    expect(() => make(1, -1)).toThrow('positive');
  });
});
