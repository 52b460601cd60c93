import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import {
  Boa,
  type Combiner,
  ExponentialWeights,
  FixedShare,
  Interleaved,
  Squint,
} from '../../../src/forecast/index.ts';
import { bestExpert, bestSwitching, draw, expertsOf, type Losses, type Next, play, randomForecast } from './streams.ts';

const MEMBERS = 4;
const CLASSES = 3;
const SHAPE = { members: MEMBERS, classes: CLASSES };
/** The equal pool is an expert too. */
const EXPERTS = MEMBERS + 1;
const ROUNDS = 1500;
/** For rounding. */
const SLACK = 1e-9;

function indexOfLeast(values: ArrayLike<number>): number {
  let at = 0;
  for (let i = 1; i < values.length; i++) if (values[i] < values[at]) at = i;
  return at;
}

function randomSaid(random: Random): Float64Array[] {
  return Array.from({ length: MEMBERS }, () => randomForecast(random, CLASSES));
}

/** Each says one class is all but certain. */
function stubborn(): Float64Array[] {
  return Array.from({ length: MEMBERS }, (_, i) => {
    const p = new Float64Array(CLASSES).fill(0.02);
    p[i % CLASSES] = 0.96;
    return p;
  });
}

/** Sequences made without looking, and by adversaries that see the weights or the pool's forecast before they choose. */
const SEQUENCES: [string, (random: Random) => Next][] = [
  [
    'one member knows',
    (random) => () => {
      const said = randomSaid(random);
      return { said, label: draw(random, said[1]) };
    },
  ],
  ['nobody knows', (random) => () => ({ said: randomSaid(random), label: random.below(CLASSES) })],
  [
    'who knows changes',
    (random) => (t) => {
      const said = randomSaid(random);
      return { said, label: draw(random, said[Math.floor(t / 200) % MEMBERS]) };
    },
  ],
  [
    'always the class that the pool holds least likely',
    (random) =>
      (_, { weights }) => {
        const said = randomSaid(random);
        const experts = expertsOf(said);
        const pool = Float64Array.from({ length: CLASSES }, (_, k) =>
          experts.reduce((sum, p, i) => sum + weights[i] * p[k], 0),
        );
        return { said, label: indexOfLeast(pool) };
      },
  ],
  [
    'the leader is certain and wrong',
    () =>
      (_, { weights }) => {
        const leader = indexOfLeast(weights.map((weight) => -weight));
        const said = stubborn();
        for (let i = 0; i < MEMBERS; i++) if (i === leader) said[i] = Float64Array.of(0, 0, 1);
        return { said, label: 0 };
      },
  ],
  [
    'members are certain, and right in turn',
    () => (t) => ({ said: stubborn(), label: [0, 1, 0, 2][Math.floor(t / 7) % 4] }),
  ],
  [
    'a member is certain and right until it is wrong once',
    (random) => (t) => {
      const said = randomSaid(random);
      said[0] = Float64Array.of(1, 0, 0);
      return { said, label: t === ROUNDS - 1 ? 1 : 0 };
    },
  ],
];

/** What fixed-share with share α may lose to the best sequence with `m` switches, by Herbster and Warmuth's theorem. */
function fixedShareBound(m: number, rounds: number, share: number, rate: number): number {
  const stays = rounds - 1 - m;
  const switched = m === 0 ? 0 : m * (Math.log(EXPERTS - 1) - Math.log(share));
  return (Math.log(EXPERTS) + switched - stays * Math.log(1 - share)) / rate;
}

function entropy(p: number): number {
  return p === 0 || p === 1 ? 0 : -p * Math.log(p) - (1 - p) * Math.log(1 - p);
}

function run(combiner: Combiner, delay: number, sequence: (random: Random) => Next, seed = 1): Losses {
  return play(combiner, ROUNDS, delay, sequence(new Random(seed)));
}

describe.each(SEQUENCES)('regret where %s', (_, sequence) => {
  it.each([1, 0.5, 0.1])('of exponential weights with η = %f is at most ln N / η', (learningRate) => {
    for (let seed = 1; seed <= 3; seed++) {
      const { pool, experts } = run(new ExponentialWeights({ ...SHAPE, learningRate }), 0, sequence, seed);
      expect(pool - bestExpert(experts)).toBeLessThanOrEqual(Math.log(EXPERTS) / learningRate + SLACK);
    }
  });

  it.each([2, 10])('of %i copies for as many labels under way is at most so many times ln N / η', (copies) => {
    for (const learningRate of [1, 0.5]) {
      const combiner = new Interleaved(copies, () => new ExponentialWeights({ ...SHAPE, learningRate }));
      const { pool, experts } = run(combiner, copies - 1, sequence);
      expect(pool - bestExpert(experts)).toBeLessThanOrEqual((copies * Math.log(EXPERTS)) / learningRate + SLACK);
    }
  });

  it.each([0, 1, 4, 16])('of fixed-share to the best sequence with %i switches is at most its bound', (m) => {
    for (const learningRate of [1, 0.3]) {
      const share = m === 0 ? 0.01 : m / (ROUNDS - 1);
      const { pool, experts } = run(new FixedShare({ ...SHAPE, learningRate, share }), 0, sequence);
      const regret = pool - bestSwitching(experts, m);
      expect(regret).toBeLessThanOrEqual(fixedShareBound(m, ROUNDS, share, learningRate) + SLACK);
      const simple = (m + 1) * Math.log(EXPERTS) + (ROUNDS - 1) * entropy(m / (ROUNDS - 1));
      if (m > 0) expect(regret).toBeLessThanOrEqual(simple / learningRate + SLACK);
    }
  });

  it.each([1, 4])(
    'of copies of fixed-share, with labels under way, to %i switches is at most the sum of theirs',
    (m) => {
      const copies = 5;
      const share = m / (ROUNDS / copies - 1);
      const combiner = new Interleaved(copies, () => new FixedShare({ ...SHAPE, learningRate: 1, share }));
      const { pool, experts } = run(combiner, copies - 1, sequence);
      // Every copy meets at most all the switches.
      const bound = copies * fixedShareBound(m, ROUNDS / copies, share, 1);
      expect(pool - bestSwitching(experts, m)).toBeLessThanOrEqual(bound + SLACK);
    },
  );

  it.each([
    ['Boa', () => new Boa(SHAPE)],
    ['Squint', () => new Squint(SHAPE)],
  ] as const)('of %s to every expert is of the order of the root of its variance', (_, make) => {
    const variance = new Float64Array(EXPERTS);
    const largest = new Float64Array(EXPERTS).fill(1);
    const next = sequence(new Random(1));
    const { pool, experts } = play(make(), ROUNDS, 0, (t, combiner) => {
      const round = next(t, combiner);
      const p = expertsOf(round.said).map((q) => q[round.label]);
      const pooled = p.reduce((sum, value, i) => sum + combiner.weights[i] * value, 0);
      p.forEach((value, i) => {
        const r = value / pooled - 1;
        variance[i] += r * r;
        largest[i] = Math.max(largest[i], Math.abs(r));
      });
      return round;
    });
    for (let i = 0; i < EXPERTS; i++) {
      const regret = pool - experts.reduce((sum, row) => sum + row[i], 0);
      const entropyOfPrior = Math.log(EXPERTS) + Math.log(Math.log(ROUNDS));
      expect(regret).toBeLessThan(3 * Math.sqrt(variance[i] * entropyOfPrior) + 5 * largest[i] * entropyOfPrior);
    }
  });
});

describe('one copy that learns late, from all labels', () => {
  const sequenceOf = (name: string): ((random: Random) => Next) => SEQUENCES.find(([other]) => other === name)![1];
  const late = (h: number, name: string): { regret: number; bound: number } => {
    const { pool, experts } = run(new ExponentialWeights(SHAPE), h - 1, sequenceOf(name));
    return { regret: pool - bestExpert(experts), bound: h * Math.log(EXPERTS) };
  };

  it.each(['one member knows', 'nobody knows', 'who knows changes'])(
    'stays within the bound of as many copies where nobody plays against it: %s',
    (name) => {
      for (const h of [2, 5, 10]) {
        const { regret, bound } = late(h, name);
        expect(regret).toBeLessThan(bound);
      }
    },
  );

  it('has no such bound: members that are right in turn, faster than it learns, beat it', () => {
    const { regret, bound } = late(2, 'members are certain, and right in turn');
    expect(regret).toBeGreaterThan(bound);
  });
});
