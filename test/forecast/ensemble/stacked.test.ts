import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { ExponentialWeights, Stacked } from '../../../src/forecast/index.ts';
import { allAwake, draw, labelOf, randomForecast } from './streams.ts';

const SHAPE = { members: 3, classes: 3 };

/** p ∝ exp(Σ of the evidence), each member having seen one part of it: none knows what the pool can know. */
function parts(random: Random): { said: Float64Array[]; truth: Float64Array } {
  const normal = (logs: readonly number[]): Float64Array => {
    const p = Float64Array.from(logs, Math.exp);
    const total = p.reduce((sum, value) => sum + value, 0);
    return p.map((value) => value / total);
  };
  const evidence = Array.from({ length: 3 }, () => Array.from({ length: 3 }, () => 0.6 * random.normal()));
  return { said: evidence.map(normal), truth: normal([0, 1, 2].map((k) => evidence.reduce((s, e) => s + e[k], 0))) };
}

interface Tried {
  readonly pool: number;
  readonly linear: number;
  readonly best: number;
  readonly truth: number;
}

/** Mean log-losses over rounds whose labels come `delay` forecasts late. */
function trial(seed: number, rounds: number, delay: number): Tried {
  const random = new Random(seed);
  const stacked = new Stacked({ ...SHAPE, share: 1e-4 });
  const linear = new ExponentialWeights(SHAPE);
  const awake = allAwake(3);
  const out = new Float64Array(3);
  const losses = { pool: 0, linear: 0, truth: 0 };
  const members = new Float64Array(3);
  const late: { said: Float64Array[]; label: number }[] = [];
  for (let t = 0; t < rounds; t++) {
    const { said, truth } = parts(random);
    const label = draw(random, truth);
    stacked.combine(said, awake, out);
    losses.pool -= Math.log(out[label]) / rounds;
    linear.combine(said, awake, out);
    losses.linear -= Math.log(out[label]) / rounds;
    losses.truth -= Math.log(truth[label]) / rounds;
    for (let i = 0; i < 3; i++) members[i] -= Math.log(said[i][label]) / rounds;
    late.push({ said, label });
    if (late.length <= delay) continue;
    const known = late.shift() as (typeof late)[number];
    stacked.settle(known.said, awake, labelOf(known.label), 1);
    linear.settle(known.said, awake, labelOf(known.label), 1);
  }
  return { ...losses, best: Math.min(...members) };
}

describe('the stacked combiner', () => {
  it.each([0, 10])('joins what its members know apart, which no mean of them does: labels %i late', (delay) => {
    for (const seed of [1, 2, 3]) {
      const { pool, linear, best, truth } = trial(seed, 6000, delay);
      expect(linear).toBeLessThan(best);
      // Nearly all that there is, and the mean of forecasts has not half of it.
      expect(best - pool).toBeGreaterThan(0.9 * (best - truth));
      expect(best - linear).toBeLessThan(0.6 * (best - truth));
    }
  });

  it('keeps to the best member where the others say nothing', () => {
    const random = new Random(4);
    const stacked = new Stacked({ ...SHAPE, share: 1e-4 });
    const out = new Float64Array(3);
    let excess = 0;
    for (let t = 0; t < 3000; t++) {
      const said = Array.from({ length: 3 }, () => randomForecast(random, 3));
      const label = draw(random, said[1]);
      stacked.combine(said, allAwake(3), out);
      excess += Math.log(said[1][label]) - Math.log(out[label]);
      stacked.settle(said, allAwake(3), labelOf(label));
    }
    // ln 5 for finding it, ln(1 / (1 − α)) a label for the share, and what clipping costs.
    expect(excess).toBeLessThan(Math.log(5) + 3000 * 2e-4);
    expect(stacked.weights[1]).toBeGreaterThan(0.9);
  });

  it('tells weights on the simplex, rests with who sleeps, and says nothing where all do', () => {
    const random = new Random(5);
    const stacked = new Stacked(SHAPE);
    const out = new Float64Array(3);
    const twin = new Stacked(SHAPE);
    const other = new Float64Array(3);
    for (let t = 0; t < 400; t++) {
      const said = Array.from({ length: 3 }, () => randomForecast(random, 3));
      const label = labelOf(draw(random, said[0]));
      const awake = Uint8Array.of(1, random.bernoulli(0.7) ? 1 : 0, 1);
      const broken = said.map((p, i) => (awake[i] === 1 ? p : Float64Array.of(Number.NaN, 0.5, 0.5)));
      stacked.combine(said, awake, out);
      twin.combine(broken, allAwake(3), other);
      expect(other).toEqual(out);
      expect(out.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
      stacked.settle(said, awake, label, 2);
      twin.settle(broken, allAwake(3), label, 2);
      expect(stacked.weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
      expect(Math.min(...stacked.weights)).toBeGreaterThanOrEqual(0);
    }
    const before = stacked.save();
    stacked.combine([out, out, out], new Uint8Array(3), other);
    expect([...other]).toEqual([1 / 3, 1 / 3, 1 / 3]);
    stacked.settle([out, out, out], new Uint8Array(3), labelOf(0));
    expect(stacked.save()).toEqual(before);
  });

  it('goes on bit for bit where it was saved', () => {
    const random = new Random(6);
    const first = new Stacked(SHAPE);
    const second = new Stacked(SHAPE);
    const [a, b] = [new Float64Array(3), new Float64Array(3)];
    for (let t = 0; t < 600; t++) {
      if (t === 300) second.restore(first.save());
      const { said, truth } = parts(random);
      const label = labelOf(draw(random, truth));
      first.settle(said, allAwake(3), label, 3);
      if (t < 300) continue;
      second.settle(said, allAwake(3), label, 3);
      first.combine(said, allAwake(3), a);
      second.combine(said, allAwake(3), b);
      expect(b).toEqual(a);
      expect(second.weights).toEqual(first.weights);
    }
    expect(() => first.restore(new ExponentialWeights(SHAPE).save())).toThrow(/combiner/);
  });
});
