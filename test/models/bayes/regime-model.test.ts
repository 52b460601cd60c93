import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { LogisticModel, parseTarget, RegimeModel, surpriseOf } from '../../../src/models/index.ts';
import { drivenWalk, lossesOf } from './models.ts';

const learner = (forgetting: number, target = parseTarget('next-change')): LogisticModel =>
  new LogisticModel({ name: 'l', target, featureCount: 6, schemaHash: 'test', forgetting });

describe('RegimeModel', () => {
  it('does better after a switch than the same learner without it, with and without forgetting, on every seed', () => {
    const target = parseTarget('next-change');
    for (const forgetting of [1, 0.9999]) {
      for (let seed = 0; seed < 5; seed++) {
        const steps = drivenWalk(seed, 5000, 6, (t) => (t < 3000 ? [0.8, 0.4] : [-0.8, 0.4]));
        const model = new RegimeModel({ learner: learner(forgetting) });
        const [ours, without] = lossesOf(target, [model, learner(forgetting)], steps, 3000, 5000);
        expect(without - ours).toBeGreaterThan(0.1);
        expect(model.changes).toBeGreaterThanOrEqual(1);
      }
    }
  });

  it('costs little where nothing changes', () => {
    const target = parseTarget('next-change');
    let [changes, cost] = [0, 0];
    const seeds = 10;
    for (let seed = 0; seed < seeds; seed++) {
      const steps = drivenWalk(100 + seed, 4000, 6, () => [0.8, 0.4]);
      const model = new RegimeModel({ learner: learner(1) });
      const [ours, without] = lossesOf(target, [model, learner(1)], steps, 0, 4000);
      changes += model.changes;
      cost += (ours - without) / seeds;
    }
    // 40,000 labels: 1 change when this was written.
    expect(changes).toBeLessThan(5);
    expect(cost).toBeLessThan(0.001);
  });

  it('takes one observation a stretch: ten labels that do not overlap, a hundred of which ten do', () => {
    const target = parseTarget('events:10');
    const steps = drivenWalk(5, 3000, 6, () => [0.8]);
    const model = new RegimeModel({ learner: learner(1, target), name: 'named' });
    lossesOf(target, [model], steps, 0, 3000);
    expect(model.name).toBe('named');
    expect(model.detector.observed).toBe(29);
  });

  it('hands on what it is told', () => {
    const inner = learner(1);
    const model = new RegimeModel({ learner: inner });
    lossesOf(
      parseTarget('next-change'),
      [model],
      drivenWalk(6, 500, 6, () => [1]),
      0,
      500,
    );
    const before = inner.save();
    model.inflate(2);
    expect(inner.save()).not.toEqual(before);
    model.reset();
    expect(model.name).toBe('l-regime');
    expect(model.schemaHash).toBe('test');
    expect(() => new RegimeModel({ learner: inner, refractory: 1 })).toThrow('refractory');
    expect(() => new RegimeModel({ learner: inner, factor: 1 })).toThrow('factor');
  });
});

describe('surpriseOf', () => {
  it('has mean 0 and variance 1 under the forecast itself, and says nothing of equal chances', () => {
    const random = new Random(1);
    for (let i = 0; i < 100; i++) {
      const p = Float64Array.from({ length: 3 }, () => 0.15 + random.float());
      const sum = p.reduce((a, b) => a + b);
      let [mean, square] = [0, 0];
      for (let k = 0; k < 3; k++) p[k] /= sum;
      for (let k = 0; k < 3; k++) {
        mean += p[k] * surpriseOf(p, k);
        square += p[k] * surpriseOf(p, k) ** 2;
      }
      expect(mean).toBeCloseTo(0, 6);
      expect(square).toBeCloseTo(1, 6);
    }
    expect(surpriseOf(Float64Array.of(0.5, 0.5), 0)).toBe(0);
    expect(surpriseOf(Float64Array.of(1e-9, 1 - 1e-9), 0)).toBe(4);
    expect(surpriseOf(Float64Array.of(0, 1), 1)).toBe(0);
  });
});
