import { describe, expect, it } from 'vitest';
import { EmbeddedModel, emptyDecision, LogisticModel, parseTarget } from '../../../src/models/index.ts';
import { labelOf } from '../support.ts';
import { drivenWalk, FrozenModel, lossesOf } from './models.ts';

const target = parseTarget('next-change');
const embedded = (inner: FrozenModel, featureCount = 0): EmbeddedModel =>
  new EmbeddedModel({ name: 'embedded', target, inner, featureCount, schemaHash: 'test' });

describe('EmbeddedModel', () => {
  it('costs next to nothing on a model that is right', () => {
    const steps = drivenWalk(1, 6000, 8, () => [1, 0.5]);
    const inner = new FrozenModel([1, 0.5]);
    const [ours, frozen] = lossesOf(target, [embedded(inner, 8), inner], steps, 0, 6000);
    expect(ours - frozen).toBeLessThan(0.004);
    const [early, truth] = lossesOf(target, [embedded(inner, 8), inner], steps, 0, 200);
    expect(early - truth).toBeLessThan(0.02);
  });

  it('corrects one that is too sure, one that misses a signal, and one whose embedding knows more than it says', () => {
    const steps = drivenWalk(2, 8000, 3, () => [0.8, 0.8, 0]);
    const cases: [FrozenModel, number][] = [
      [new FrozenModel([2.4, 2.4]), 0],
      [new FrozenModel([0.8]), 3],
      [new FrozenModel([0.8], [1, 2]), 0],
    ];
    const truth = new FrozenModel([0.8, 0.8]);
    for (const [inner, featureCount] of cases) {
      const [ours, frozen, best] = lossesOf(target, [embedded(inner, featureCount), inner, truth], steps, 3000, 8000);
      // Most of what the frozen model loses is won back.
      expect(ours - best).toBeLessThan(0.15 * (frozen - best));
    }
  });

  it('starts ahead of a learner that begins with nothing', () => {
    const steps = drivenWalk(3, 1500, 12, () => [0.9, 0.4]);
    const inner = new FrozenModel([0.8, 0.3]);
    const fresh = new LogisticModel({ name: 'l', target, featureCount: 12, schemaHash: 'test' });
    const [ours, anew] = lossesOf(target, [embedded(inner, 12), fresh], steps, 0, 1500);
    expect(ours).toBeLessThan(anew - 0.005);
  });

  it('leaves out labels of decisions that it did not see, and counts them', () => {
    const model = embedded(new FrozenModel([1]));
    const decision = emptyDecision(Float64Array.of(0.5));
    decision.index = 7;
    const before = model.save();
    model.update(decision, labelOf(1));
    expect(model.skipped).toBe(1);
    const out = new Float64Array(2);
    model.predict(decision, out);
    decision.span = 1;
    model.update(decision, labelOf(1));
    expect(model.skipped).toBe(1);
    expect(model.save()).not.toEqual(before);
    // Widened without end it says again what the inner model says.
    for (let i = 0; i < 3; i++) model.inflate(1e6);
    const told = new Float64Array(2);
    model.predict(decision, told);
    expect(Math.abs(told[1] - 1 / (1 + Math.exp(-1)))).toBeLessThan(0.02);
    model.reset();
  });

  it('is made for the rows of its inner model', () => {
    expect(
      () => new EmbeddedModel({ name: 'e', target, inner: new FrozenModel([1]), featureCount: 1, schemaHash: 'other' }),
    ).toThrow('same rows');
  });
});
