import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import {
  Boa,
  type Combiner,
  type CombinerShape,
  ExponentialWeights,
  FixedShare,
  Interleaved,
  Squint,
  Uniform,
} from '../../../src/forecast/index.ts';
import { allAwake, draw, expertsOf, labelOf, randomForecast } from './streams.ts';

/** Every combiner runs this suite. */
const COMBINERS: [string, (shape: CombinerShape) => Combiner][] = [
  ['Uniform', (shape) => new Uniform(shape)],
  ['ExponentialWeights', (shape) => new ExponentialWeights(shape)],
  ['ExponentialWeights with a rate', (shape) => new ExponentialWeights({ ...shape, learningRate: 0.3 })],
  ['FixedShare', (shape) => new FixedShare({ ...shape, share: 0.01 })],
  ['Boa', (shape) => new Boa(shape)],
  ['Squint', (shape) => new Squint(shape)],
  ['Interleaved', (shape) => new Interleaved(3, () => new ExponentialWeights(shape))],
];

const SHAPE = { members: 4, classes: 3 };

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** Teaches `rounds` labels that the first member knows most of; some members sleep, some are dead. */
function teach(combiner: Combiner, rounds: number, seed: number, { members, classes } = SHAPE): void {
  const random = new Random(seed);
  for (let t = 0; t < rounds; t++) {
    const said = Array.from({ length: members }, () => randomForecast(random, classes));
    const awake = Uint8Array.from(said, () => (random.bernoulli(0.9) ? 1 : 0));
    const label = draw(random, said[0]);
    if (random.bernoulli(0.1)) said[random.below(members)].fill(Number.NaN);
    combiner.settle(said, awake, labelOf(label), 1 + random.below(5));
  }
}

describe.each(COMBINERS)('%s', (_, make) => {
  it('has weights on the simplex, one a member and one for the equal pool, whatever it is taught', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 2, max: 4 }),
        (seed, members, classes) => {
          const combiner = make({ members, classes });
          for (let part = 0; part < 4; part++) {
            expect(combiner.weights).toHaveLength(members + 1);
            expect(Math.min(...combiner.weights)).toBeGreaterThanOrEqual(0);
            expect(sum(combiner.weights)).toBeCloseTo(1, 12);
            teach(combiner, 60, seed + part, { members, classes });
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('forecasts the mean of its experts by its weights', () => {
    const random = new Random(8);
    const combiner = make(SHAPE);
    const out = new Float64Array(SHAPE.classes);
    for (let part = 0; part < 20; part++) {
      const said = Array.from({ length: SHAPE.members }, () => randomForecast(random, SHAPE.classes, 4));
      combiner.combine(said, allAwake(SHAPE.members), out);
      const experts = expertsOf(said);
      for (let k = 0; k < SHAPE.classes; k++) {
        expect(out[k]).toBeCloseTo(sum(experts.map((p, i) => combiner.weights[i] * p[k])), 12);
      }
      teach(combiner, 20, part);
    }
  });

  it('does not care in which order the members stand', () => {
    const order = [2, 0, 3, 1];
    const plain = make(SHAPE);
    const turned = make(SHAPE);
    const random = new Random(3);
    for (let t = 0; t < 400; t++) {
      const said = order.map(() => randomForecast(random, SHAPE.classes));
      const awake = Uint8Array.from(order, () => (random.bernoulli(0.8) ? 1 : 0));
      const label = labelOf(draw(random, said[1]));
      plain.settle(said, awake, label, 3);
      turned.settle(
        order.map((i) => said[i]),
        Uint8Array.from(order, (i) => awake[i]),
        label,
        3,
      );
    }
    for (let i = 0; i < order.length; i++) expect(turned.weights[i]).toBeCloseTo(plain.weights[order[i]], 9);
    expect(turned.weights[order.length]).toBeCloseTo(plain.weights[order.length], 9);
  });

  it('pools those awake as if nobody else were there, and takes numbers that are no probabilities for sleep', () => {
    const random = new Random(4);
    const asleep = make(SHAPE);
    const dead = make(SHAPE);
    const [a, b] = [new Float64Array(3), new Float64Array(3)];
    const wrong = [Number.NaN, Number.POSITIVE_INFINITY, -0.1];
    for (let t = 0; t < 300; t++) {
      const said = Array.from({ length: SHAPE.members }, () => randomForecast(random, SHAPE.classes));
      const broken = said.map((p, i) => (i === 2 ? Float64Array.of(0.5, 0.5, wrong[t % 3]) : p));
      const label = labelOf(draw(random, said[0]));
      const awake = Uint8Array.of(1, 1, 0, 1);
      asleep.combine(said, awake, a);
      dead.combine(broken, allAwake(SHAPE.members), b);
      expect(b).toEqual(a);
      const experts = expertsOf([said[0], said[1], said[3]]);
      const weights = [0, 1, 3, 4].map((i) => asleep.weights[i]);
      for (let k = 0; k < 3; k++) {
        expect(a[k]).toBeCloseTo(sum(experts.map((p, i) => weights[i] * p[k])) / sum(weights), 9);
      }
      asleep.settle(said, awake, label);
      dead.settle(broken, allAwake(SHAPE.members), label);
      expect(dead.weights).toEqual(asleep.weights);
    }
  });

  it('says nothing and learns nothing where all are asleep', () => {
    const combiner = make(SHAPE);
    teach(combiner, 100, 5);
    const out = new Float64Array(3);
    const said = Array.from({ length: SHAPE.members }, () => Float64Array.of(0.8, 0.1, 0.1));
    const zeros = said.map(() => new Float64Array(3));
    combiner.combine(said, new Uint8Array(SHAPE.members), out);
    expect([...out]).toEqual([1 / 3, 1 / 3, 1 / 3]);
    combiner.combine(zeros, allAwake(SHAPE.members), out);
    expect([...out]).toEqual([1 / 3, 1 / 3, 1 / 3]);
    const before = combiner.weights.slice();
    combiner.settle(said, new Uint8Array(SHAPE.members), labelOf(2));
    expect(combiner.weights).toEqual(before);
  });

  it('goes on bit for bit from what was saved in the middle of a stream', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 200 }), (seed, rounds) => {
        const whole = make(SHAPE);
        teach(whole, rounds, seed);
        const resumed = make(SHAPE);
        teach(resumed, 7, seed + 1);
        resumed.restore(whole.save());
        expect(resumed.weights).toEqual(whole.weights);
        teach(whole, 100, seed + 2);
        teach(resumed, 100, seed + 2);
        expect(resumed.weights).toEqual(whole.weights);
        expect(resumed.save()).toEqual(whole.save());
      }),
      { numRuns: 15 },
    );
  });

  it('refuses bytes of another kind or size, and is then as it was', () => {
    const combiner = make(SHAPE);
    teach(combiner, 50, 6);
    const before = combiner.save();
    const wider = make({ ...SHAPE, members: 5 }).save();
    const other = COMBINERS.map(([, build]) => build(SHAPE)).find(({ name }) => name !== combiner.name)!;
    for (const bytes of [wider, other.save(), before.slice(0, -1), new Uint8Array(3)]) {
      expect(() => combiner.restore(bytes)).toThrow(expect.objectContaining({ code: 'bad-input' }));
    }
    expect(combiner.save()).toEqual(before);
  });

  it('has finite weights after a million labels, from members that are certain and wrong as well', () => {
    const random = new Random(9);
    const combiner = make(SHAPE);
    const said = [
      Float64Array.of(1, 0, 0),
      Float64Array.of(0, 0, 1),
      Float64Array.of(0.2, 0.6, 0.2),
      new Float64Array(3),
    ];
    const awake = allAwake(SHAPE.members);
    const out = new Float64Array(3);
    for (let t = 0; t < 1e6; t++) {
      said[3] = t % 5 === 0 ? Float64Array.of(Number.NaN, 0, 1) : Float64Array.of(0.1, 0.8, 0.1);
      const label = t < 5e5 ? 0 : random.bernoulli(0.7) ? 1 : 2;
      combiner.settle(said, awake, labelOf(label), 10);
    }
    combiner.combine(said, awake, out);
    expect(sum(combiner.weights)).toBeCloseTo(1, 9);
    expect(sum(out)).toBeCloseTo(1, 9);
    expect(Math.min(...out)).toBeGreaterThan(0);
    // Whoever led may fall asleep: the others' pool is there, however little they weigh.
    for (let i = 0; i < SHAPE.members; i++) {
      combiner.combine(
        said,
        Uint8Array.from(awake, (_, j) => (i === j ? 1 : 0)),
        out,
      );
      const alone = expertsOf([said[i]])[0];
      for (let k = 0; k < 3; k++) expect(out[k]).toBeCloseTo(i === 3 ? [0.1, 0.8, 0.1][k] : alone[k], 9);
    }
  });

  it('cannot be taught anything but a label: this file does not compile otherwise', () => {
    const combiner = make(SHAPE);
    const said = Array.from({ length: SHAPE.members }, () => new Float64Array(3).fill(1 / 3));
    const neverCalled = (): void => {
      // @ts-expect-error A number that anyone could make up is no label.
      combiner.settle(said, allAwake(SHAPE.members), 1);
      // @ts-expect-error The outcome alone teaches nothing: what the members said at that decision belongs to it.
      combiner.settle(labelOf(1));
    };
    expect(neverCalled).toBeTypeOf('function');
    expect(() => combiner.settle(said, allAwake(SHAPE.members), labelOf(3))).toThrow('the index of a class');
    expect(() => combiner.settle(said.slice(1), allAwake(3), labelOf(1))).toThrow('a forecast a member');
  });
});
