import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { Attribution, familiesOf, logitOf, topClass } from '../../../src/models/explain/attribution.ts';
import { LinearExplainer } from '../../../src/models/explain/linear-explainer.ts';
import { emptyDecision, LogisticModel, OnlineExplainer } from '../../../src/models/index.ts';
import { findKind } from '../../../src/models/training.ts';
import { configured } from '../nets/support.ts';
import { prequential } from '../support.ts';
import { quietly, toldDataset } from '../trees/support.ts';

describe('Attribution', () => {
  it('sums over rows and by family, and says what is left', () => {
    const out = new Attribution(2, 3);
    out.values.set([1, 2, 3, 10, 20, 30]);
    out.baseline = 4;
    out.value = 71;
    expect(out.remainder).toBe(1);
    const signals = new Float64Array(3);
    out.sumOverRows(signals);
    expect([...signals]).toEqual([11, 22, 33]);
    const families = familiesOf(['book', 'flow', 'book']);
    expect(families).toEqual({ names: ['book', 'flow'], of: Int32Array.of(0, 1, 0) });
    const sums = new Float64Array(2);
    out.sumByFamily(families, sums);
    expect([...sums]).toEqual([44, 22]);
  });

  it('has a unit that does not change with what all classes share', () => {
    const p = Float64Array.of(0.2, 0.3, 0.5);
    expect(logitOf(p, 2)).toBeCloseTo(Math.log(0.5) - Math.log(0.2 * 0.3 * 0.5) / 3, 14);
    expect(logitOf(p, 0) + logitOf(p, 1) + logitOf(p, 2)).toBeCloseTo(0, 14);
    expect(logitOf(Float64Array.of(0.25, 0.75), 1)).toBeCloseTo(Math.log(3) / 2, 14);
    expect(topClass(p)).toBe(2);
    expect(topClass(Float64Array.of(0.4, 0.4, 0.2))).toBe(0);
  });
});

describe('LinearExplainer', () => {
  it.each(['logistic', 'ridge'])('explains what %s forecasts, to the last digit of its weights', async (name) => {
    const data = toldDataset(800);
    const kind = findKind(name);
    const model = await kind.fit(data, configured(kind.config, { linear: {} }), quietly());
    const said = await model.predict(data.test);
    const explainer = await model.explainer!();
    expect(explainer.method).toBe('linear');
    const out = new Attribution(1, 4);
    for (let i = 0; i < 30; i++) {
      const row = data.matrix.data.slice(data.test.rows[i] * 4, data.test.rows[i] * 4 + 4);
      explainer.explain(row, i % 3, out);
      expect(out.value).toBeCloseTo(logitOf(said.slice(3 * i, 3 * i + 3), i % 3), 5);
      expect(Math.abs(out.remainder)).toBeLessThan(1e-12);
      row.forEach((x, f) => {
        if (Number.isNaN(x)) expect(out.values[f]).toBe(0);
      });
    }
    await explainer.close();
  });

  it('gives weight × scaled input, cut as in training', () => {
    const scaling = { mean: Float32Array.of(1, 0), deviation: Float32Array.of(2, 1), clip: 3 };
    const explainer = new LinearExplainer(Float64Array.of(1, -1, 2, 0, 0.5, 0.25), 2, scaling);
    const out = new Attribution(1, 2);
    explainer.explain(Float32Array.of(5, 100), 0, out);
    expect([...out.values]).toEqual([2 * 1, 3 * 1]);
    expect(out.baseline).toBe(0.125);
    expect(() => explainer.explain(Float32Array.of(5, 100), 2, out)).toThrow('one of them');
  });
});

describe('OnlineExplainer', () => {
  it('adds up to the moderated logit, surer the more was seen', () => {
    const target = { kind: 'events', horizon: 1, classes: ['down', 'flat', 'up'] } as const;
    const model = new LogisticModel({ name: 'm', target, featureCount: 2, schemaHash: 'test' });
    const explainer = new OnlineExplainer(model);
    const out = new Attribution(1, explainer.inputs);
    const decision = { ...emptyDecision(Float64Array.of(0.5, -1)), midTicks: 100, spreadTicks: 1, imbalance: 0.4 };
    const said = new Float64Array(3);
    const look = (): number => {
      model.predict(decision, said);
      explainer.explain(decision, said, 2, out);
      expect(out.value).toBeCloseTo(logitOf(said, 2), 9);
      expect(Math.abs(out.remainder)).toBeLessThan(1e-9);
      return out.deviations[3];
    };
    look();
    expect([...out.values]).toEqual([0, 0, 0, 0, 0]);
    const random = new Random(1);
    const walk = (n: number, from: number) => {
      let midTicks = 1000;
      return Array.from({ length: n }, (_, i) => {
        const row = [random.normal(), random.normal()];
        const step = { tsNs: (from + i) * 1e6, midTicks, row, imbalance: random.normal() / 3 };
        midTicks += row[0] > 0.3 ? 0.5 : row[0] < -0.3 ? -0.5 : 0;
        return step;
      });
    };
    prequential(target, [model], walk(200, 0), () => {});
    const early = look();
    prequential(target, [model], walk(2000, 200), () => {});
    expect(look()).toBeLessThan(early);
    expect(out.values[3]).toBeGreaterThan(5 * out.deviations[3]);
    expect(Math.abs(out.values[4])).toBeLessThan(out.values[3]);
  });
});
