import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import {
  Boa,
  type Combiner,
  type CombinerShape,
  ExponentialWeights,
  FixedShare,
  Squint,
  Uniform,
} from '../../../src/forecast/index.ts';
import { allAwake, bestExpert, draw, expertsOf, labelOf, play, type Round, randomForecast } from './streams.ts';

const SHAPE = { members: 3, classes: 3 };

function rounds(count: number, seed: number): Round[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const said = Array.from({ length: SHAPE.members }, () => randomForecast(random, SHAPE.classes));
    return { said, label: draw(random, said[0]) };
  });
}

/** What the experts gave to the classes that came true. */
function given({ said, label }: Round): number[] {
  return expertsOf(said).map((p) => p[label]);
}

function normalised(values: readonly number[]): number[] {
  const total = values.reduce((sum, value) => sum + value, 0);
  return values.map((value) => value / total);
}

function expectWeights(combiner: Combiner, expected: readonly number[]): void {
  expected.forEach((weight, i) => {
    expect(combiner.weights[i]).toBeCloseTo(weight, 10);
  });
}

/** Plays the same rounds through a combiner and an oracle that maps (weights, probabilities of the outcome) to the next weights. */
function compare(
  combiner: Combiner,
  next: (weights: number[], p: number[]) => number[],
  spans: readonly number[] = [1],
): void {
  let weights: number[] = Array.from({ length: SHAPE.members + 1 }, () => 1 / (SHAPE.members + 1));
  expectWeights(combiner, weights);
  rounds(120, 2).forEach((round, t) => {
    combiner.settle(round.said, allAwake(SHAPE.members), labelOf(round.label), spans[t % spans.length]);
    weights = next(weights, given(round));
    expectWeights(combiner, weights);
  });
}

describe('ExponentialWeights', () => {
  it('is the rule of Bayes at η = 1, and its power at less', () => {
    for (const learningRate of [1, 0.2]) {
      compare(new ExponentialWeights({ ...SHAPE, learningRate }), (weights, p) =>
        normalised(weights.map((weight, i) => weight * p[i] ** learningRate)),
      );
    }
  });

  it('learns at 1 over the mean span of the labels where no rate is given', () => {
    const spans = [10, 10, 4];
    let [sum, count] = [0, 0];
    const combiner = new ExponentialWeights(SHAPE);
    expect(combiner.learningRate).toBe(1);
    compare(
      combiner,
      (weights, p) => {
        sum += spans[count++ % spans.length];
        return normalised(weights.map((weight, i) => weight * p[i] ** (count / sum)));
      },
      spans,
    );
    expect(combiner.learningRate).toBeCloseTo(1 / 8, 12);
  });

  it('lets those that sleep rest: their weight stays, and they resume with it', () => {
    const combiner = new ExponentialWeights({ ...SHAPE, learningRate: 0.05 });
    const all = rounds(200, 3);
    for (const { said, label } of all.slice(0, 20)) combiner.settle(said, allAwake(3), labelOf(label));
    const before = combiner.weights.slice();
    for (const { said, label } of all.slice(20)) combiner.settle(said, Uint8Array.of(0, 1, 1), labelOf(label));
    expect(combiner.weights[0]).toBeCloseTo(before[0], 12);
    expect(Math.abs(combiner.weights[1] - before[1])).toBeGreaterThan(0.01);
    expect(before[0]).toBeGreaterThan(0.1);
  });

  it('pools those awake even where all their weight has gone below what a number can hold', () => {
    const combiner = new ExponentialWeights({ ...SHAPE, learningRate: 1 });
    const said = [Float64Array.of(1, 0, 0), Float64Array.of(0, 1, 0), Float64Array.of(0, 0.5, 0.5)];
    for (let t = 0; t < 1000; t++) combiner.settle(said, allAwake(3), labelOf(0));
    expect(combiner.weights[1]).toBe(0);
    const out = new Float64Array(3);
    combiner.combine(said, Uint8Array.of(0, 1, 0), out);
    expect(out[1]).toBeCloseTo(1 - 2e-4, 6);
  });

  it('refuses a rate that no bound holds for', () => {
    expect(() => new ExponentialWeights({ ...SHAPE, learningRate: 1.5 })).toThrow('lies in (0, 1]');
    expect(() => new ExponentialWeights({ members: 0, classes: 3 })).toThrow('has a member');
    expect(() => new ExponentialWeights({ members: 1, classes: 1 })).toThrow('two classes');
  });
});

describe('FixedShare', () => {
  it('is exponential weights of which each gives its share to each of the others', () => {
    compare(new FixedShare({ ...SHAPE, learningRate: 0.5, share: 0.05 }), (weights, p) => {
      const learnt = normalised(weights.map((weight, i) => weight * p[i] ** 0.5));
      return learnt.map((weight, i) =>
        learnt.reduce((sum, other, j) => sum + (i === j ? 0.95 * weight : (0.05 / SHAPE.members) * other), 0),
      );
    });
  });

  it('shares at every label that counts as one where labels overlap and no rate is given', () => {
    const share = 0.2 / 4;
    compare(
      new FixedShare({ ...SHAPE, share: 0.2 }),
      (weights, p) => {
        const learnt = normalised(weights.map((weight, i) => weight * p[i] ** 0.25));
        return learnt.map((weight) => (1 - share) * weight + (share / SHAPE.members) * (1 - weight));
      },
      [4],
    );
  });

  it('shares among those awake alone', () => {
    const combiner = new FixedShare({ ...SHAPE, share: 0.1 });
    const before = combiner.weights[2];
    for (const { said, label } of rounds(300, 4)) combiner.settle(said, Uint8Array.of(1, 1, 0), labelOf(label));
    expect(combiner.weights[2]).toBeCloseTo(before, 12);
    expect(() => new FixedShare({ ...SHAPE, share: 1 })).toThrow('lies in [0, 1)');
  });

  it('is better than every member where it changes who knows', () => {
    const shape: CombinerShape = { members: 4, classes: 3 };
    for (let seed = 1; seed <= 5; seed++) {
      const random = new Random(seed);
      const base = Float64Array.of(0.3, 0.4, 0.3);
      const { pool, experts } = play(new FixedShare(shape), 20_000, 9, (t) => {
        // In turn, one knows what is drawn from; the others' opinions are worth nothing.
        const said = Array.from({ length: 4 }, () => mixed(randomForecast(random, 3, 0.8), base));
        return { said, label: draw(random, said[Math.floor(t / 2500) % 4]) };
      });
      expect(pool).toBeLessThan(bestExpert(experts));
    }
  });
});

function mixed(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, k) => (value + b[k]) / 2);
}

describe('Boa', () => {
  it('weighs by η exp(η Σ (r − η r²)), with a rate of its own for each expert', () => {
    const state = Array.from({ length: 4 }, () => ({ largest: 1, squares: 0, regret: 0 }));
    compare(new Boa(SHAPE), (weights, p) => {
      const pool = weights.reduce((sum, weight, i) => sum + weight * p[i], 0);
      return normalised(
        state.map((expert, i) => {
          const r = p[i] / pool - 1;
          expert.largest = Math.max(expert.largest, Math.abs(r));
          expert.squares += r ** 2;
          const rate = Math.min(1 / (2 * expert.largest), Math.sqrt(Math.log(4) / expert.squares));
          expert.regret += r - rate * r ** 2;
          return rate * Math.exp(rate * expert.regret);
        }),
      );
    });
  });
});

describe('Squint', () => {
  it('weighs by all rates at once, each by its evidence, up to half the inverse of the largest regret', () => {
    const state = Array.from({ length: 4 }, () => ({ largest: 1, squares: 0, regret: 0 }));
    compare(new Squint(SHAPE), (weights, p) => {
      const pool = weights.reduce((sum, weight, i) => sum + weight * p[i], 0);
      return normalised(
        state.map((expert, i) => {
          const full = p[i] / pool - 1;
          const r = Math.max(-expert.largest, Math.min(expert.largest, full));
          expert.largest = Math.max(expert.largest, Math.abs(full));
          expert.regret += r;
          expert.squares += r ** 2;
          return Array.from({ length: 24 }, (_, j) => 2 ** -(j + 1))
            .filter((rate) => rate <= 1 / (2 * expert.largest))
            .reduce((sum, rate) => sum + rate * Math.exp(rate * expert.regret - rate ** 2 * expert.squares), 0);
        }),
      );
    });
  });
});

describe('convex combinations', () => {
  /** The truth is a mixture of two members; the third knows nothing, so the equal pool is worse too. */
  function mixture(combiner: Combiner): { pool: number; oracle: number; best: number } {
    const random = new Random(12);
    let oracle = 0;
    const { pool, experts } = play(combiner, 20_000, 0, () => {
      const said = Array.from({ length: 3 }, () => randomForecast(random, 3, 2));
      const truth = said[0].map((p, k) => 0.7 * p + 0.3 * said[1][k]);
      const label = draw(random, truth);
      oracle -= Math.log(truth[label]);
      return { said, label };
    });
    return { pool, oracle, best: bestExpert(experts) };
  }

  it.each([
    ['Boa', () => new Boa(SHAPE)],
    ['Squint', () => new Squint(SHAPE)],
  ] as const)('%s comes close to the best of them, which is better than every expert', (_, make) => {
    const { pool, oracle, best } = mixture(make());
    const uniform = mixture(new Uniform(SHAPE)).pool;
    expect(best - oracle).toBeGreaterThan(500);
    expect(uniform - oracle).toBeGreaterThan(500);
    expect(pool - oracle).toBeLessThan(0.1 * (best - oracle));
  });
});
