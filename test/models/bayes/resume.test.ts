import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BookcastError, Random } from '../../../src/core/index.ts';
import {
  AveragedModel,
  ChangeDetector,
  type Decision,
  EmbeddedModel,
  emptyDecision,
  type Label,
  LinearFilter,
  LogisticModel,
  type Model,
  OnlineScaler,
  parseTarget,
  RegimeModel,
  SoftmaxFilter,
} from '../../../src/models/index.ts';
import { labelOf } from '../support.ts';

/** Anything that learns from a stream: `step` takes item `t` and appends all that it says to `said`. */
interface Learner {
  step(t: number, random: Random, said: number[]): void;
  save(): Uint8Array;
  restore(bytes: Uint8Array): void;
}

const WIDTH = 5;
const HORIZON = 4;
const target = parseTarget(`events:${HORIZON}`);

/** What a net would be: its embedding, and probabilities of the last two rows, which it cannot be asked for again. */
class LastRows implements Model {
  readonly name = 'last-rows';
  readonly baseline = false;
  readonly schemaHash = 'test';
  readonly embedding = new Float64Array(2);

  predict(decision: Decision, out: Float64Array): void {
    this.embedding[1] = this.embedding[0];
    this.embedding[0] = Number.isNaN(decision.row[0]) ? 0 : decision.row[0];
    const up = 1 / (1 + Math.exp(-this.embedding[0] - this.embedding[1]));
    out.set([0.7 * (1 - up), 0.3, 0.7 * up]);
  }

  update(): void {}
}

/** The rows of a stream are made of its random numbers; labels come a horizon late. */
class ModelLearner implements Learner {
  readonly #model: Model;
  readonly #pending: { decision: Decision; said: Float64Array }[];

  constructor(model: Model, pending: { decision: Decision; said: Float64Array }[]) {
    this.#model = model;
    this.#pending = pending;
  }

  step(t: number, random: Random, said: number[]): void {
    const decision = emptyDecision(new Float64Array(WIDTH));
    decision.index = t;
    decision.imbalance = 2 * random.float() - 1;
    decision.spreadTicks = 1 + random.below(3);
    for (let i = 0; i < WIDTH; i++) decision.row[i] = random.bernoulli(0.05) ? Number.NaN : random.normal();
    if (this.#pending.length === HORIZON) {
      const { decision: past, said: then } = this.#pending.shift()!;
      past.span = HORIZON;
      this.#model.update(past, labelOf(random.below(3)) as Label, then);
    }
    const out = new Float64Array(3);
    this.#model.predict(decision, out);
    this.#pending.push({ decision, said: out });
    said.push(...out);
  }

  save(): Uint8Array {
    return this.#model.save!();
  }

  restore(bytes: Uint8Array): void {
    this.#model.restore!(bytes);
  }
}

const logistic = (forgetting = 0.99): LogisticModel =>
  new LogisticModel({ name: 'l', target, featureCount: WIDTH, schemaHash: 'test', forgetting, memory: 50 });
const softmax = (forgetting = 0.97): SoftmaxFilter =>
  new SoftmaxFilter({ classes: 3, priorVariance: Float64Array.of(1, 0.5, 0.2), forgetting });
const averaged = (switching = 0.9): AveragedModel =>
  new AveragedModel({
    target,
    featureCount: WIDTH,
    schemaHash: 'test',
    switching,
    forgettings: [1, 0.98],
    subsets: [
      { name: 'none', columns: [] },
      { name: 'some', columns: [4, 1] },
    ],
  });
const embedded = (inner: Model, temper = 1): EmbeddedModel =>
  new EmbeddedModel({ name: 'e', target, inner, featureCount: WIDTH, schemaHash: 'test', forgetting: 0.98, temper });
const regime = (threshold = 0.02): RegimeModel =>
  new RegimeModel({
    learner: logistic(1),
    stretch: 1,
    threshold,
    window: 5,
    refractory: 5,
    detector: { hazard: 0.05, kept: 8 },
  });

type Pending = { decision: Decision; said: Float64Array }[];
const vector = (random: Random): Float64Array => Float64Array.of(1, random.normal(), random.normal());

/** By name: a new learner (those of a target share what is pending, which is the stream's, not theirs), and one with another setting. */
const LEARNERS: Record<string, { make: (pending: Pending) => Learner; other: () => Learner }> = {
  OnlineScaler: scalerLearner(),
  SoftmaxFilter: {
    make: () => softmaxLearner(softmax()),
    other: () => softmaxLearner(softmax(0.96)),
  },
  LinearFilter: {
    make: () => linearLearner(0.97),
    other: () => linearLearner(1),
  },
  ChangeDetector: {
    make: () => detectorLearner(20),
    other: () => detectorLearner(21),
  },
  LogisticModel: modelLearner(logistic, () => logistic(0.98)),
  EmbeddedModel: modelLearner(
    () => embedded(logistic()),
    () => embedded(logistic(), 2),
  ),
  AveragedModel: modelLearner(averaged, () => averaged(0.8)),
  RegimeModel: modelLearner(regime, () => regime(0.4)),
};

function modelLearner(make: () => Model, other: () => Model): (typeof LEARNERS)[string] {
  return { make: (pending) => new ModelLearner(make(), pending), other: () => new ModelLearner(other(), []) };
}

function scalerLearner(): (typeof LEARNERS)[string] {
  const make = (clip: number): Learner => {
    const scaler = new OnlineScaler(3, 20, clip);
    return {
      step: (_t, random, said) => {
        const raw = vector(random);
        const out = new Float64Array(3);
        scaler.scale(raw, out);
        scaler.add(raw);
        said.push(...out);
      },
      save: () => scaler.save(),
      restore: (bytes) => scaler.restore(bytes),
    };
  };
  return { make: () => make(3), other: () => make(4) };
}

function softmaxLearner(filter: SoftmaxFilter): Learner {
  return {
    step: (t, random, said) => {
      const x = vector(random);
      const out = new Float64Array(3);
      filter.predict(x, out);
      if (t % 50 === 49) filter.inflate(3);
      filter.update(x, random.below(3), 0.5);
      said.push(...out);
    },
    save: () => filter.save(),
    restore: (bytes) => filter.restore(bytes),
  };
}

function linearLearner(forgetting: number): Learner {
  const filter = new LinearFilter({ priorVariance: Float64Array.of(1, 2, 3), forgetting });
  return {
    step: (t, random, said) => {
      const x = vector(random);
      const out = new Float64Array(3);
      filter.predict(x, out);
      if (t % 50 === 49) filter.inflate(3);
      filter.update(x, x[1] + random.normal(), 0.5);
      said.push(...out);
    },
    save: () => filter.save(),
    restore: (bytes) => filter.restore(bytes),
  };
}

function detectorLearner(kept: number): Learner {
  const detector = new ChangeDetector({ hazard: 0.01, kept });
  return {
    step: (t, random, said) => {
      detector.observe(random.normal() + (t > 60 ? 3 : 0));
      said.push(detector.changeWithin(10), detector.likeliestRun, detector.meanRun, detector.runs, detector.observed);
    },
    save: () => detector.save(),
    restore: (bytes) => detector.restore(bytes),
  };
}

describe.each(Object.entries(LEARNERS))('%s', (_name, { make, other }) => {
  it('goes on bit for bit wherever it is cut', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 150 }), (seed, cut) => {
        const steps = 160;
        const whole: number[] = [];
        const random = new Random(seed);
        const learner = make([]);
        for (let t = 0; t < steps; t++) learner.step(t, random, whole);

        const again = new Random(seed);
        const pending: Pending = [];
        const first = make(pending);
        const parts: number[] = [];
        for (let t = 0; t < cut; t++) first.step(t, again, parts);
        const bytes = first.save();
        const second = make(pending);
        second.restore(bytes);
        expect(second.save()).toEqual(bytes);
        for (let t = cut; t < steps; t++) second.step(t, again, parts);
        expect(parts.findIndex((value, i) => !Object.is(value, whole[i]))).toBe(-1);
        expect(second.save()).toEqual(learner.save());
        // What was saved is a copy: the first one learning on would not change it.
        const copy = bytes.slice();
        first.step(cut, new Random(1), []);
        expect(bytes).toEqual(copy);
      }),
      { numRuns: 25 },
    );
  });

  it('refuses the state of one with other settings, and damaged bytes, and is as it was', () => {
    const random = new Random(3);
    const learner = make([]);
    for (let t = 0; t < 80; t++) learner.step(t, random, []);
    const before = learner.save();
    const foreign = other().save();
    const damaged = before.slice();
    damaged[damaged.length - 1] ^= 1;
    for (const bytes of [foreign, damaged, new Uint8Array(0)]) {
      expect(() => learner.restore(bytes)).toThrow(BookcastError);
      expect(learner.save()).toEqual(before);
    }
  });
});

describe('EmbeddedModel over a model that looks back', () => {
  it('goes on with its inner model where that one stands, although labels of before the cut are still to come', () => {
    const run = (cut: number): number[] => {
      const said: number[] = [];
      const random = new Random(11);
      const pending: Pending = [];
      const inner = new LastRows();
      let learner = new ModelLearner(embedded(inner), pending);
      for (let t = 0; t < 120; t++) {
        if (t === cut) {
          const bytes = learner.save();
          learner = new ModelLearner(embedded(inner), pending);
          learner.restore(bytes);
        }
        learner.step(t, random, said);
      }
      return said;
    };
    const whole = run(-1);
    for (const cut of [0, 1, 5, 63, 119]) expect(run(cut)).toEqual(whole);
  });
});
