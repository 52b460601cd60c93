import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { ExponentialWeights, Forecaster, HorizonAdapter } from '../../../src/forecast/index.ts';
import {
  createModels,
  type Decision,
  emptyDecision,
  type Label,
  type Model,
  parseTarget,
  SoftmaxFilter,
  TargetStream,
} from '../../../src/models/index.ts';
import { openSim } from '../../../src/venues/sim/index.ts';
import { collect } from '../../support/batches.ts';

const NEAR = parseTarget('events:2');
const FAR = parseTarget('events:6');

/** A price that goes on as it went with a chance of 0.9; the signal is where it goes. */
class Walk {
  readonly #random: Random;
  #mid = 1000;
  #step = 1;
  #index = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  next(decision: Decision): void {
    this.#mid += this.#step;
    if (this.#random.bernoulli(0.1)) this.#step = -this.#step;
    decision.index = this.#index++;
    decision.tsNs = decision.index * 1e6;
    decision.midTicks = this.#mid;
    decision.row[0] = this.#step;
  }
}

/** Knows the step, and says where it leads in six; notes what it is taught. */
class Far implements Model {
  readonly name = 'far';
  readonly baseline = false;
  readonly schemaHash = 'of rows';
  readonly version?: string;
  readonly taught: { index: number; label: number; said: number[] }[] = [];
  resets = 0;
  silent = false;

  constructor(version?: string) {
    if (version !== undefined) this.version = version;
  }

  predict({ row, index }: Decision, out: Float64Array): void {
    const up = this.silent ? Number.NaN : 0.5 + 0.3 * row[0] + 0.01 * (index % 3);
    out.set([0.95 - up, 0.05, up]);
  }

  update({ index }: Decision, label: Label, said: Float64Array): void {
    this.taught.push({ index, label, said: [...said] });
  }

  reset(): void {
    this.resets++;
  }
}

/** Runs a model of the near target as a forecaster does; gives its log-loss in nats a label over the last half, and what it said. */
function run(model: Model, seed: number, decisions = 4000): { loss: number; said: Float64Array[] } {
  const stream = new TargetStream(NEAR);
  const walk = new Walk(seed);
  const decision = emptyDecision(new Float64Array(1));
  const pending: Float64Array[] = [];
  const said: Float64Array[] = [];
  let [loss, count] = [0, 0];
  for (let t = 0; t < decisions; t++) {
    walk.next(decision);
    const slot = stream.onDecision(decision, (at, earlier, label) => {
      model.update(earlier, label, pending[at]);
      if (t < decisions / 2) return;
      loss -= Math.log(pending[at][label]);
      count++;
    });
    const before = decision.lastLabel;
    const out = new Float64Array(3);
    model.predict(decision, out);
    expect(decision.lastLabel).toBe(before);
    pending[slot] = out;
    said.push(out);
  }
  return { loss: loss / count, said };
}

describe('HorizonAdapter', () => {
  it('makes a forecast of one horizon of a forecast of another', () => {
    const { loss, said } = run(new HorizonAdapter({ member: new Far(), from: FAR, to: NEAR }), 1);
    // The first step of two is known; the second goes on with 0.9, else back to where it was.
    const entropy = -(0.9 * Math.log(0.9) + 0.1 * Math.log(0.1));
    expect(loss).toBeLessThan(entropy + 0.02);
    for (const p of said) expect(p[0] + p[1] + p[2]).toBeCloseTo(1, 12);
  });

  it('learns the map of what the member said at the decision of the label, however late it comes', () => {
    const { said } = run(new HorizonAdapter({ member: new Far('of a file'), from: FAR, to: NEAR }), 5, 200);
    const filter = new SoftmaxFilter({ classes: 3, priorVariance: new Float64Array(4).fill(1), forgetting: 0.99997 });
    const walk = new Walk(5);
    const decision = emptyDecision(new Float64Array(1));
    const mids: number[] = [];
    const inputs: Float64Array[] = [];
    const out = new Float64Array(3);
    for (let t = 0; t < 200; t++) {
      walk.next(decision);
      mids.push(decision.midTicks);
      if (t >= 2) filter.update(inputs[t - 2], 1 + Math.sign(mids[t] - mids[t - 2]), 1 / 2);
      new Far().predict(decision, out);
      const logs = out.map(Math.log);
      const mean = (logs[0] + logs[1] + logs[2]) / 3;
      inputs.push(Float64Array.of(1, logs[0] - mean, logs[1] - mean, logs[2] - mean));
      filter.predict(inputs[t], out);
      for (let k = 0; k < 3; k++) expect(said[t][k]).toBeCloseTo(out[k], 9);
    }
  });

  it('says nothing of the near target while it knows nothing', () => {
    const { said } = run(new HorizonAdapter({ member: new Far(), from: FAR, to: NEAR }), 1, 2);
    for (const p of said) expect([...p]).toEqual([1 / 3, 1 / 3, 1 / 3]);
  });

  it("teaches an online member its own target's labels, once they exist, with what it said then", () => {
    const member = new Far();
    run(new HorizonAdapter({ member, from: FAR, to: NEAR }), 2, 300);
    expect(member.taught).toHaveLength(300 - FAR.horizon);
    const walk = new Walk(2);
    const decision = emptyDecision(new Float64Array(1));
    const mids: number[] = [];
    const steps: number[] = [];
    for (let t = 0; t < 300; t++) {
      walk.next(decision);
      mids.push(decision.midTicks);
      steps.push(decision.row[0]);
    }
    member.taught.forEach(({ index, label, said }, i) => {
      expect(index).toBe(i);
      expect(label).toBe(1 + Math.sign(mids[i + FAR.horizon] - mids[i]));
      expect(said[2]).toBeCloseTo(0.5 + 0.3 * steps[i] + 0.01 * (i % 3), 12);
    });
  });

  it('teaches a trained member nothing', () => {
    const member = new Far('of a file');
    const { loss } = run(new HorizonAdapter({ member, from: FAR, to: NEAR }), 1);
    expect(member.taught).toEqual([]);
    expect(loss).toBeLessThan(0.35);
  });

  it('abstains with its member and learns nothing of what was not said', () => {
    const member = new Far();
    const adapter = new HorizonAdapter({ member, from: FAR, to: NEAR });
    expect([adapter.name, adapter.schemaHash]).toEqual(['far@events:6', 'of rows']);
    member.silent = true;
    const { said } = run(adapter, 3, 50);
    for (const p of said) expect([...p].every(Number.isNaN)).toBe(true);
    member.silent = false;
    expect(run(adapter, 3, 1).said[0]).toEqual(new Float64Array(3).fill(1 / 3));
    adapter.reset();
    expect(member.resets).toBe(1);
  });

  it('takes part in an ensemble', async () => {
    const source = openSim({ mode: 'realistic', seed: 2, messages: 3000 });
    const near = parseTarget('events:10');
    const far = parseTarget('events:50');
    const { schema } = new Forecaster(source.instrument, near).features;
    const models = [
      ...createModels(near, schema),
      new HorizonAdapter({ member: createModels(far, schema).at(-1)!, from: far, to: near }),
    ];
    const combiner = new ExponentialWeights({ members: models.length, classes: 3 });
    const forecaster = new Forecaster(source.instrument, near, {}, { models, combiner });
    for (const batch of await collect(source.batches())) forecaster.apply(batch);
    expect(forecaster.decisions).toBeGreaterThan(1000);
    expect([...forecaster.last.awake]).toEqual(Array.from({ length: models.length + 1 }, () => 1));
    const [, p] = forecaster.last.probabilities.slice(-2);
    expect(p[0] + p[1] + p[2]).toBeCloseTo(1, 12);
  });
});
