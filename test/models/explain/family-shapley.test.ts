import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { familiesOf } from '../../../src/models/explain/attribution.ts';
import { addShapley } from '../../../src/models/explain/exact-shapley.ts';
import { familyShapley } from '../../../src/models/explain/family-shapley.ts';
import type { Dataset, FittedModel, Windows } from '../../../src/models/training.ts';
import { findKind } from '../../../src/models/training.ts';
import { configured } from '../nets/support.ts';
import { quietly, toldDataset } from '../trees/support.ts';

/** A model of windows of two rows whose probability of the last class is a squashed function of the scaled window. */
function modelOf(score: (window: Float32Array) => number, length = 2): FittedModel {
  return {
    kind: 'test',
    length,
    parameters: 0,
    multiplyAdds: 0,
    async predict(windows: Windows): Promise<Float64Array> {
      const { count, matrix } = windows;
      const x = new Float32Array(count * length * matrix.width);
      windows.fill(null, 0, count, x, count, new Int32Array(count));
      return Float64Array.from({ length: 3 * count }, (_, i) => {
        const b = Math.floor(i / 3);
        const window = new Float32Array(length * matrix.width);
        for (let t = 0; t < length; t++)
          window.set(x.subarray((t * count + b) * matrix.width, (t * count + b + 1) * matrix.width), t * matrix.width);
        const p = 1 / (1 + Math.exp(-score(window)));
        return i % 3 === 2 ? p : (1 - p) / 2;
      });
    },
    toOnnx: () => new Uint8Array(),
    close: async () => {},
  };
}

function explained(model: FittedModel, data: Dataset, families: readonly string[], background: number, seed = 3) {
  const windows = data.withLength(model.length).test;
  return familyShapley({
    model,
    data,
    windows,
    which: Int32Array.of(0, 5, 9),
    classIndexes: Int32Array.of(2, 1, 0),
    families: familiesOf(families),
    background,
    seed,
    unit: 'logit',
  });
}

describe('addShapley', () => {
  it('gives what the order of joining gives on average, as the definition by permutations says', () => {
    const random = new Random(1);
    const worth = Float64Array.from({ length: 16 }, () => random.normal());
    const out = new Float64Array(4);
    addShapley(worth, out);
    const means = new Float64Array(4);
    const orders: number[][] = [];
    const permute = (done: number[], rest: number[]): void => {
      if (rest.length === 0) orders.push(done);
      for (const next of rest)
        permute(
          [...done, next],
          rest.filter((x) => x !== next),
        );
    };
    permute([], [0, 1, 2, 3]);
    for (const order of orders) {
      let there = 0;
      for (const player of order) {
        means[player] += (worth[there | (1 << player)] - worth[there]) / orders.length;
        there |= 1 << player;
      }
    }
    out.forEach((value, i) => {
      expect(value).toBeCloseTo(means[i], 12);
    });
  });

  it('shares twelve players’ worth out to the last digit', () => {
    const random = new Random(2);
    const worth = Float64Array.from({ length: 1 << 12 }, () => random.normal());
    const out = new Float64Array(12);
    addShapley(worth, out);
    expect(out.reduce((sum, x) => sum + x, 0)).toBeCloseTo(worth[(1 << 12) - 1] - worth[0], 10);
  });
});

describe('familyShapley', () => {
  const data = toldDataset(600, 1, 6);
  const families = ['a', 'b', 'c', 'a', 'd', 'd'];

  it.each([0, 4])('is efficient to 1e-9, with a background of %i windows', async (background) => {
    const model = modelOf((x) => x[0] * x[7] + Math.abs(x[2]) - 0.5 * x[10] * x[4]);
    for (const { values, baseline, value } of await explained(model, data, families, background)) {
      const sum = values.reduce((total, x) => total + x, 0);
      expect(Math.abs(baseline + sum - value)).toBeLessThan(1e-9);
      expect(Math.abs(sum)).toBeGreaterThan(1e-6);
    }
  });

  it('gives nothing to a family that the model does not read, and alike to two that it reads alike', async () => {
    // Families b and c in the same places of a function that does not tell them apart, and d nowhere.
    const twin = { ...data.matrix, data: data.matrix.data.slice() };
    for (let row = 0; row < twin.rows; row++) twin.data[row * 6 + 2] = twin.data[row * 6 + 1];
    const mean = data.scaler.mean.slice();
    const deviation = data.scaler.deviation.slice();
    [mean[2], deviation[2]] = [mean[1], deviation[1]];
    const { createWindows } = await import('../../../src/models/training/windows.ts');
    const windows = createWindows(twin, { ...data.scaler, mean, deviation }, 2, data.withLength(2).test);
    const train = createWindows(twin, { ...data.scaler, mean, deviation }, 2, data.withLength(2).train);
    const model = modelOf((x) => x[7] + x[8] + x[7] * x[8] + x[0]);
    const [one] = await familyShapley({
      model,
      data: { ...data, matrix: twin, scaler: { ...data.scaler, mean, deviation }, train },
      windows,
      which: Int32Array.of(4),
      classIndexes: Int32Array.of(2),
      families: familiesOf(families),
      background: 3,
      seed: 1,
      unit: 'probability',
    });
    expect(one.values[3]).toBe(0);
    expect(one.values[1]).toBeCloseTo(one.values[2], 12);
    expect(Math.abs(one.values[1])).toBeGreaterThan(1e-6);
  });

  it('agrees with the weights of a linear model, whose Shapley values they are', async () => {
    const kind = findKind('logistic');
    const model = await kind.fit(data, configured(kind.config, { linear: {} }), quietly());
    const explainer = await model.explainer!();
    const { Attribution } = await import('../../../src/models/explain/attribution.ts');
    const own = new Attribution(1, 6);
    const outcomes = await explained(model, data, families, 0);
    outcomes.forEach(({ values, classIndex }, i) => {
      const row = data.test.rows[[0, 5, 9][i]];
      explainer.explain(data.matrix.data.slice(row * 6, row * 6 + 6), classIndex, own);
      const sums = new Float64Array(4);
      own.sumByFamily(familiesOf(families), sums);
      sums.forEach((sum, f) => {
        expect(values[f]).toBeCloseTo(sum, 5);
      });
    });
  });

  it('draws the same background from the same seed, and refuses thirteen families', async () => {
    const model = modelOf((x) => x[0] * x[7] + x[2]);
    const [a] = await explained(model, data, families, 2, 7);
    const [b] = await explained(model, data, families, 2, 7);
    const [c] = await explained(model, data, families, 2, 8);
    expect(a).toEqual(b);
    expect(a.baseline).not.toBe(c.baseline);
    const many = toldDataset(400, 1, 13);
    const names = many.matrix.names.map((name) => name);
    await expect(explained(model, many, names, 0)).rejects.toThrow('13 families');
  });
});
