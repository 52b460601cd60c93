import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { SoftmaxFilter } from '../../../src/models/index.ts';

function filter(classes: number, variances: number[], forgetting = 1): SoftmaxFilter {
  return new SoftmaxFilter({ classes, priorVariance: Float64Array.from(variances), forgetting });
}

function softmax(logits: readonly number[]): number[] {
  const sum = logits.reduce((a, z) => a + Math.exp(z), 0);
  return logits.map((z) => Math.exp(z) / sum);
}

function draw(random: Random, p: readonly number[]): number {
  let u = random.float();
  for (let k = 0; k < p.length - 1; k++) {
    u -= p[k];
    if (u < 0) return k;
  }
  return p.length - 1;
}

/** The same filter with a dense covariance, by the formulas of its docstring. */
class DenseFilter {
  readonly means: number[][];
  readonly cov: number[][];
  readonly temper: number;

  constructor(classes: number, prior: number[], temper: number) {
    this.temper = temper;
    this.means = Array.from({ length: classes }, () => prior.map(() => 0));
    this.cov = prior.map((v, i) => prior.map((_, j) => (i === j ? v : 0)));
  }

  update(x: number[], label: number): void {
    const p = softmax(this.means.map((m) => dot(m, x)));
    const c = (1 - dot(p, p)) / (p.length - 1);
    const px = this.cov.map((row) => dot(row, x));
    const shrink = (this.temper * c) / (1 + this.temper * c * dot(px, x));
    for (let i = 0; i < x.length; i++) for (let j = 0; j < x.length; j++) this.cov[i][j] -= shrink * px[i] * px[j];
    const after = this.cov.map((row) => dot(row, x));
    this.means.forEach((m, k) => {
      for (let i = 0; i < x.length; i++) m[i] += this.temper * after[i] * ((k === label ? 1 : 0) - p[k]);
    });
  }

  predict(x: number[]): number[] {
    const s2 =
      2 *
      dot(
        x,
        this.cov.map((row) => dot(row, x)),
      );
    return softmax(this.means.map((m) => dot(m, x) / Math.sqrt(1 + (Math.PI * s2) / 8)));
  }
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, v, i) => sum + v * b[i], 0);
}

describe('SoftmaxFilter', () => {
  it.each([2, 3])('is the dense filter, for %i classes', (classes) => {
    const random = new Random(1);
    const prior = [4, 0.5, 0.1, 0.02];
    const ours = filter(classes, prior);
    const dense = new DenseFilter(classes, prior, 0.3);
    const out = new Float64Array(classes);
    for (let t = 0; t < 2000; t++) {
      const x = [1, random.normal(), random.normal() * 3, random.bernoulli(0.1) ? 4 : 0];
      const label = draw(random, softmax(Array.from({ length: classes }, (_, k) => k * x[1] * 0.7)));
      ours.predict(Float64Array.from(x), out);
      const expected = dense.predict(x);
      expected.forEach((p, k) => {
        expect(out[k]).toBeCloseTo(p, 9);
      });
      ours.update(Float64Array.from(x), label, 0.3);
      dense.update(x, label);
    }
  });

  it('recovers known coefficients', () => {
    const random = new Random(2);
    const truth = [
      [0.5, 1, -0.5, 0],
      [0, 0, 0, 0],
      [-0.5, -1, 0.5, 0],
    ];
    const ours = filter(3, [4, 4, 4, 4]);
    for (let t = 0; t < 30_000; t++) {
      const x = [1, random.normal(), random.normal(), random.normal()];
      ours.update(Float64Array.from(x), draw(random, softmax(truth.map((m) => dot(m, x)))));
    }
    truth.forEach((row, k) => {
      row.forEach((value, i) => {
        expect(Math.abs(ours.weight(k, i) - value)).toBeLessThan(0.06);
      });
    });
  });

  it('knows how unsure it is: the estimates lie within the posterior of the truth', () => {
    // Two classes with weights ±β/2: the difference of the two weights has variance 2 P.
    let within = 0;
    const seeds = 200;
    for (let seed = 0; seed < seeds; seed++) {
      const random = new Random(seed);
      const ours = filter(2, [1, 1]);
      for (let t = 0; t < 400; t++) {
        const x = [1, random.normal()];
        ours.update(Float64Array.from(x), random.bernoulli(1 / (1 + Math.exp(-0.8 * x[1]))) ? 1 : 0);
      }
      const estimate = ours.weight(1, 1) - ours.weight(0, 1);
      const sd = Math.sqrt(2 * ours.variance(Float64Array.of(0, 1)));
      if (Math.abs(estimate - 0.8) < 1.96 * sd) within++;
    }
    expect(within / seeds).toBeGreaterThan(0.9);
    expect(within / seeds).toBeLessThan(0.99);
  });

  it('tracks a switch where it forgets, and is slow where it does not', () => {
    const loss = (forgetting: number): number => {
      const random = new Random(3);
      const ours = filter(2, [1, 1], forgetting);
      const out = new Float64Array(2);
      let sum = 0;
      for (let t = 0; t < 20_000; t++) {
        const x = Float64Array.of(1, random.normal());
        const slope = t < 10_000 ? 1.5 : -1.5;
        const label = random.bernoulli(1 / (1 + Math.exp(-slope * x[1]))) ? 1 : 0;
        ours.predict(x, out);
        if (t >= 11_000) sum -= Math.log(out[label]) / 9000;
        ours.update(x, label);
      }
      return sum;
    };
    const forgetful = loss(0.995);
    // The entropy of the labels given the true slope is about 0.50; a coin has ln 2 = 0.69.
    expect(forgetful).toBeLessThan(0.53);
    expect(loss(1)).toBeGreaterThan(forgetful + 0.1);
  });

  it('returns to its prior where the data say nothing more', () => {
    const ours = filter(3, [1, 0.25], 0.99);
    for (let t = 0; t < 200; t++) ours.update(Float64Array.of(0, 1), 2);
    expect(ours.weight(2, 1)).toBeGreaterThan(0.5);
    const unit = Float64Array.of(0, 1);
    expect(ours.variance(unit)).toBeLessThan(0.15);
    for (let t = 0; t < 3000; t++) ours.update(Float64Array.of(1, 0), t % 3);
    expect(Math.abs(ours.weight(2, 1))).toBeLessThan(0.02);
    expect(ours.variance(unit)).toBeGreaterThan(0.15);
    expect(ours.variance(unit)).toBeLessThan(0.35);
  });

  it('keeps its covariance positive over a million updates with collinear and constant inputs', () => {
    const random = new Random(4);
    const n = 6;
    const ours = filter(3, [4, 1, 1, 1, 1, 1], 0.999);
    const x = new Float64Array(n);
    const probe = new Float64Array(n);
    const out = new Float64Array(3);
    x[0] = 1;
    for (let t = 1; t <= 1_000_000; t++) {
      // Two inputs are equal, one is their near copy, one hardly ever moves, and all is silent now and then.
      const z = Math.floor(t / 100_000) % 2 === 0 ? 8 * (random.float() - 0.5) : 0;
      x[1] = z;
      x[2] = z;
      x[3] = z + 1e-9 * random.float();
      x[4] = t % 1000 === 0 ? 4 : 0;
      x[5] = random.float();
      ours.update(x, z + random.float() > 0.5 ? 2 : t % 2, 0.5);
      if (t % 10_000 !== 0) continue;
      for (let trial = 0; trial < 20; trial++) {
        for (let i = 0; i < n; i++) probe[i] = random.normal();
        // The direction in which two equal inputs differ is never seen: its variance must stay near the prior's.
        if (trial === 0) probe.set([0, 1, -1, 0, 0, 0]);
        const variance = ours.variance(probe);
        expect(variance).toBeGreaterThan(0);
        expect(variance).toBeLessThan(60);
      }
      ours.predict(x, out);
      expect(Math.abs(out[0] + out[1] + out[2] - 1)).toBeLessThan(1e-12);
    }
  });

  it('stays finite when one class is all there is', () => {
    const ours = filter(3, [4, 0.5], 0.9999);
    const x = Float64Array.of(1, 1);
    const out = new Float64Array(3);
    for (let t = 0; t < 50_000; t++) ours.update(x, 1);
    ours.predict(x, out);
    expect(out[1]).toBeGreaterThan(0.99);
    expect(out[0]).toBeGreaterThan(0);
  });

  it('attributes the logit to its inputs, with the spread of each under the posterior', () => {
    const random = new Random(5);
    const ours = filter(3, [4, 1, 0.5, 0.1], 0.999);
    const draws = (): Float64Array => Float64Array.of(1, random.normal(), random.normal(), random.normal());
    for (let t = 0; t < 3000; t++) {
      const x = draws();
      ours.update(x, x[1] + random.normal() > 0 ? 2 : random.below(2));
    }
    const [x, parts, sds, unit] = [draws(), new Float64Array(4), new Float64Array(4), new Float64Array(4)];
    const logits = [0, 1, 2].map((k) => {
      ours.attribute(x, k, parts, sds);
      parts.forEach((part, i) => {
        expect(part).toBe(ours.weight(k, i) * x[i]);
        unit.fill(0);
        unit[i] = x[i];
        expect(sds[i]).toBeCloseTo(Math.sqrt(ours.variance(unit)), 12);
      });
      return parts.reduce((a, b) => a + b);
    });
    const out = new Float64Array(3);
    ours.predict(x, out);
    softmax(logits.map((z) => z / Math.sqrt(1 + (Math.PI / 4) * ours.variance(x)))).forEach((p, k) => {
      expect(out[k]).toBeCloseTo(p, 12);
    });
  });

  it('says what the offset says while it knows nothing, and learns what that leaves', () => {
    const random = new Random(6);
    const [certain, ours] = [filter(2, [1e-12, 1e-12]), filter(2, [1, 1])];
    const out = new Float64Array(2);
    const offset = Float64Array.of(Math.log(0.2), Math.log(0.8));
    certain.predict(Float64Array.of(1, 3), out, offset);
    expect(out[1]).toBeCloseTo(0.8, 9);
    // The truth is a logit of x more than the offset says, so half of it for either class.
    for (let t = 0; t < 20_000; t++) {
      const x = Float64Array.of(1, random.normal());
      const up = random.normal();
      const p = 1 / (1 + Math.exp(-(2 * up + x[1])));
      ours.update(x, random.bernoulli(p) ? 1 : 0, 1, Float64Array.of(-up, up));
    }
    expect(Math.abs(ours.weight(1, 1) - 0.5)).toBeLessThan(0.05);
    expect(Math.abs(ours.weight(1, 0))).toBeLessThan(0.05);
  });

  it('is widened as its precision matrix says: P⁻¹ / f + (1 − 1 / f) P₀⁻¹', () => {
    const random = new Random(7);
    const ours = filter(3, [4, 0.5]);
    for (let t = 0; t < 300; t++) ours.update(Float64Array.of(1, random.normal()), random.below(2) * 2);
    const elements = (): [number, number, number] => {
      const [a, c] = [ours.variance(Float64Array.of(1, 0)), ours.variance(Float64Array.of(0, 1))];
      return [a, (ours.variance(Float64Array.of(1, 1)) - a - c) / 2, c];
    };
    const inverse = ([a, b, c]: readonly number[]): [number, number, number] => {
      const det = a * c - b * b;
      return [c / det, -b / det, a / det];
    };
    const before = inverse(elements());
    const means = [ours.weight(2, 0), ours.weight(2, 1)];
    ours.inflate(5);
    const expected = [before[0] / 5 + 0.8 / 4, before[1] / 5, before[2] / 5 + 0.8 / 0.5] as const;
    const after = elements();
    inverse(expected).forEach((value, i) => {
      expect(after[i]).toBeCloseTo(value, 12);
    });
    const pull = [0, 1].map((i) => (before[i] * means[0] + before[i + 1] * means[1]) / 5);
    const covariance = inverse(expected);
    expect(ours.weight(2, 0)).toBeCloseTo(covariance[0] * pull[0] + covariance[1] * pull[1], 12);
    expect(ours.weight(2, 1)).toBeCloseTo(covariance[1] * pull[0] + covariance[2] * pull[1], 12);
    // Without end it is the prior again.
    ours.inflate(1e12);
    expect(ours.variance(Float64Array.of(1, 0))).toBeCloseTo(4, 6);
    expect(ours.weight(2, 1)).toBeCloseTo(0, 6);
    expect(() => ours.inflate(0.5)).toThrow('at least 1');
  });

  it('refuses options that are no distribution', () => {
    expect(() => filter(1, [1])).toThrow('two classes');
    expect(() => filter(2, [])).toThrow('an input');
    expect(() => filter(2, [0])).toThrow('positive');
    expect(() => filter(2, [1], 0)).toThrow('forgetting');
  });
});
