import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import type { ColumnSchema } from '../../../src/features/index.ts';
import {
  AveragedModel,
  type AveragingOptions,
  emptyDecision,
  familySubsets,
  MartingaleModel,
  parseTarget,
} from '../../../src/models/index.ts';
import { labelOf } from '../support.ts';
import { drivenWalk, lossesOf } from './models.ts';

const target = parseTarget('next-change');
const SUBSETS = [
  { name: 'none', columns: [] },
  { name: 'first', columns: [0, 1] },
  { name: 'last', columns: [2, 3] },
  { name: 'all', columns: [0, 1, 2, 3] },
];

function averaged(options: Partial<AveragingOptions> = {}): AveragedModel {
  return new AveragedModel({ target, featureCount: 4, schemaHash: 'test', subsets: SUBSETS, ...options });
}

/** Probability of the members with a property. */
function share(model: AveragedModel, has: (member: AveragedModel['members'][number]) => boolean): number {
  return model.weights.reduce((sum, weight, m) => sum + (has(model.members[m]) ? weight : 0), 0);
}

describe('AveragedModel', () => {
  it('trusts the members that look at the signals that matter', () => {
    const model = averaged();
    expect(model.members.length).toBe(16);
    lossesOf(
      target,
      [model],
      drivenWalk(1, 3000, 4, () => [0.6, 0.6]),
      0,
      3000,
    );
    expect(share(model, ({ subset }) => subset === 'first' || subset === 'all')).toBeGreaterThan(0.95);
    expect(model.weights.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    for (const weight of model.weights) expect(weight).toBeGreaterThanOrEqual(1e-3 / 16);
  });

  it('goes over to members that forget when the relation turns around, and does better than those that do not', () => {
    const steps = drivenWalk(2, 8000, 4, (t) => (Math.floor(t / 1000) % 2 === 0 ? [1, 0] : [-1, 0]));
    const subsets = [SUBSETS[3]];
    const model = averaged({ subsets, forgettings: [1, 0.99] });
    const never = averaged({ subsets, forgettings: [1] });
    const [ours, stubborn] = lossesOf(target, [model, never], steps, 1000, 8000);
    expect(ours).toBeLessThan(stubborn - 0.05);
    expect(share(model, ({ forgetting }) => forgetting === 0.99)).toBeGreaterThan(0.5);
  });

  it('is no worse than the best of its members chosen afterwards, but for little', () => {
    const steps = drivenWalk(3, 4000, 4, () => [0, 0, 0.7, 0.2]);
    const singles = SUBSETS.map((subset) => averaged({ subsets: [subset], forgettings: [1], name: subset.name }));
    const [ours, ...each] = lossesOf(target, [averaged({ forgettings: [1] }), ...singles], steps, 0, 4000);
    expect(ours - Math.min(...each)).toBeLessThan(0.003);
  });

  it('weighs by what was said at the decision: π ← (π p^(1/h))^(α^(1/h)), with the floor', () => {
    const events = parseTarget('events:5');
    const options = {
      target: events,
      subsets: SUBSETS,
      featureCount: 4,
      forgettings: [1, 0.9],
      switching: 0.8,
      floor: 0.02,
    };
    const model = averaged(options);
    // Members alone say what the members of the average say.
    const alone = model.members.map(({ subset, forgetting }) =>
      averaged({ ...options, subsets: SUBSETS.filter(({ name }) => name === subset), forgettings: [forgetting] }),
    );
    const random = new Random(4);
    const expected = Float64Array.from({ length: 8 }, () => 1 / 8);
    const pending: { row: Float64Array; index: number; said: Float64Array[] }[] = [];
    for (let t = 0; t < 200; t++) {
      const decision = emptyDecision(Float64Array.from({ length: 4 }, () => random.normal()));
      decision.index = t;
      decision.imbalance = random.normal();
      if (pending.length === 5) {
        const { row, index, said } = pending.shift()!;
        const past = { ...emptyDecision(row), index, span: 5 };
        const label = labelOf(random.below(3));
        const raised = expected.map((w, m) => (w * said[m][label] ** (1 / 5)) ** (0.8 ** (1 / 5)));
        const sum = raised.reduce((a, b) => a + b);
        raised.forEach((value, m) => {
          expected[m] = 0.02 / 8 + (0.98 * value) / sum;
        });
        for (const each of [model, ...alone]) each.update(past, label);
      }
      const said = alone.map((each) => {
        const out = new Float64Array(3);
        each.predict(decision, out);
        return out;
      });
      const out = new Float64Array(3);
      model.predict(decision, out);
      for (let k = 0; k < 3; k++) {
        expect(out[k]).toBeCloseTo(
          said.reduce((sum, p, m) => sum + expected[m] * p[k], 0),
          12,
        );
      }
      for (let m = 0; m < 8; m++) expect(model.weights[m]).toBeCloseTo(expected[m], 12);
      pending.push({ row: decision.row, index: t, said });
    }
    expect(model.skipped).toBe(0);
  });

  it('learns nothing from a random walk: hardly worse than the martingale', () => {
    const steps = drivenWalk(5, 4000, 4, () => []);
    const [ours, martingale] = lossesOf(target, [averaged(), new MartingaleModel(target)], steps, 0, 4000);
    expect(ours).toBeGreaterThan(martingale - 0.001);
    expect(ours - martingale).toBeLessThan(0.01);
  });

  it('flattens the probabilities of its members where it is widened, and counts labels of decisions that it did not see', () => {
    const model = averaged();
    lossesOf(
      target,
      [model],
      drivenWalk(1, 1000, 4, () => [1]),
      0,
      1000,
    );
    const before = Math.max(...model.weights);
    model.inflate(100);
    expect(Math.max(...model.weights)).toBeLessThan(before);
    const decision = emptyDecision(new Float64Array(4));
    decision.index = 123_456_789;
    decision.span = 1;
    model.update(decision, labelOf(1));
    expect(model.skipped).toBe(1);
  });

  it('refuses an average of nothing, and subsets of other rows', () => {
    expect(() => averaged({ subsets: [] })).toThrow('members');
    expect(() => averaged({ subsets: [{ name: 'x', columns: [4] }] })).toThrow('columns of the row');
    expect(() => averaged({ switching: 0 })).toThrow('switching');
  });
});

describe('familySubsets', () => {
  it('makes none, each family and all', () => {
    const columns = ['queue', 'trades', 'queue'].map((family) => ({ family }) as ColumnSchema);
    expect(familySubsets({ columns })).toEqual([
      { name: 'none', columns: [] },
      { name: 'queue', columns: [0, 2] },
      { name: 'trades', columns: [1] },
      { name: 'all', columns: [0, 1, 2] },
    ]);
    expect(familySubsets({ columns: columns.slice(0, 1) }).map(({ name }) => name)).toEqual(['none', 'all']);
    expect(familySubsets({ columns: [] }).map(({ name }) => name)).toEqual(['none']);
  });
});
