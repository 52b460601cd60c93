import { describe, expect, it } from 'vitest';
import { permutationImportance } from '../../../src/evaluate/permutation-importance.ts';
import { Attribution, emptyDecision, familiesOf, LogisticModel, OnlineExplainer } from '../../../src/models/index.ts';
import {
  createDataset,
  type Dataset,
  type FittedModel,
  familyShapley,
  findKind,
} from '../../../src/models/training.ts';
import { configured } from '../nets/support.ts';
import { prequential } from '../support.ts';
import { signalMatrix } from '../training/signal-matrix.ts';
import { quietly } from '../trees/support.ts';

/** The first column decides which way the mid moves next; the others are noise. */
const NAMES = ['tell', 'noise_1', 'noise_2', 'noise_3', 'noise_4'];
const WIDTH = NAMES.length;
const target = { kind: 'events', horizon: 1, classes: ['down', 'flat', 'up'] } as const;
const SEEDS = Array.from({ length: 10 }, (_, i) => i + 1);
const EXPLAINED = 24;
/** A model that has learnt what decides gains 0.2 nats and more here; one of too few steps, hardly any. */
const LEARNT = 0.15;

const training = { epochs: 8, batch: 64, rate: 0.01 };
const KINDS: readonly [kind: string, config: Record<string, unknown>][] = [
  ['logistic', { linear: {} }],
  ['ridge', { linear: {} }],
  ['gbdt', { trees: { rounds: 15, minSamples: 20 } }],
  ['mlp', { net: { length: 2, hidden: [12] }, training }],
  ['gru', { net: { length: 3, hidden: 8, layers: 1 }, training }],
];

/** Places of the columns by how much they count, the most first. */
function ranked(importance: ArrayLike<number>): number[] {
  return Array.from(importance, (_, i) => i).sort((a, b) => importance[b] - importance[a]);
}

/** Mean size of what each signal adds to the top class, over some test windows. */
async function byAttribution(model: FittedModel, data: Dataset): Promise<Float64Array> {
  const { test, matrix } = data.withLength(model.length);
  const explainer = await model.explainer!();
  const out = new Attribution(model.length, WIDTH);
  const sums = new Float64Array(WIDTH);
  const importance = new Float64Array(WIDTH);
  for (let i = 0; i < EXPLAINED; i++) {
    const last = test.rows[7 * i];
    explainer.explain(matrix.data.slice((last - model.length + 1) * WIDTH, (last + 1) * WIDTH), i % 3, out);
    out.sumOverRows(sums);
    sums.forEach((value, f) => {
      importance[f] += Math.abs(value) / EXPLAINED;
    });
  }
  await explainer.close();
  return importance;
}

async function byShapley(model: FittedModel, data: Dataset): Promise<Float64Array> {
  const importance = new Float64Array(WIDTH);
  const found = await familyShapley({
    model,
    data,
    windows: data.withLength(model.length).test,
    which: Int32Array.of(0, 11, 22, 33, 44, 55),
    classIndexes: Int32Array.of(0, 1, 2, 0, 1, 2),
    families: familiesOf(NAMES),
    background: 4,
    seed: 1,
    unit: 'probability',
  });
  for (const { values } of found) {
    values.forEach((value, f) => {
      importance[f] += Math.abs(value);
    });
  }
  return importance;
}

/** Nats a window below the entropy of the classes' shares, on the test part. */
async function gainOf(model: FittedModel, data: Dataset): Promise<number> {
  const { test, prior } = data.withLength(model.length);
  const said = await model.predict(test);
  const gains = Array.from(test.labels, (label, i) => Math.log(said[3 * i + label] / prior[label]));
  return gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
}

describe.each(KINDS)('a planted signal, %s', (name, keys) => {
  it.each(SEEDS)('is ranked first by every explainer, seed %i', { timeout: 30_000 }, async (seed) => {
    const kind = findKind(name);
    const data = createDataset({ matrix: signalMatrix(1500, 0.7, seed, NAMES), target, length: 1 });
    const model = await kind.fit(data, configured(kind.config, keys), { ...quietly(), seed });
    try {
      // What a model has not learnt, no explanation of it can find.
      expect(await gainOf(model, data)).toBeGreaterThan(LEARNT);
      expect(ranked(await byAttribution(model, data))[0]).toBe(0);
      expect(ranked(await byShapley(model, data))[0]).toBe(0);
      const permuted = await permutationImportance({
        model,
        data,
        families: familiesOf(NAMES),
        blockLength: 5,
        repeats: 1,
        seed,
        draws: 100,
      });
      expect(ranked(permuted.map(({ increase }) => increase))[0]).toBe(0);
      expect(permuted[0].interval!.low).toBeGreaterThan(0);
    } finally {
      await model.close();
    }
  });
});

describe('a planted signal, the online learner', () => {
  it.each(SEEDS)('is ranked first, and surer than noise, seed %i', (seed) => {
    const { data, rows, midTicks, timeNs } = signalMatrix(1500, 0.7, seed, NAMES);
    const model = new LogisticModel({ name: 'online', target, featureCount: WIDTH, schemaHash: 'test' });
    const steps = Array.from({ length: rows }, (_, i) => ({
      tsNs: timeNs[i],
      midTicks: midTicks[i],
      row: [...data.subarray(i * WIDTH, (i + 1) * WIDTH)],
    }));
    prequential(target, [model], steps, () => {});
    const explainer = new OnlineExplainer(model);
    const out = new Attribution(1, explainer.inputs);
    const importance = new Float64Array(explainer.inputs);
    const said = new Float64Array(3);
    for (let i = 0; i < EXPLAINED; i++) {
      const row = Float64Array.from(steps[rows - 1 - 7 * i].row);
      const decision = { ...emptyDecision(row), index: rows + i, midTicks: 1000, spreadTicks: 1 };
      model.predict(decision, said);
      explainer.explain(decision, said, i % 3, out);
      expect(Math.abs(out.remainder)).toBeLessThan(1e-9);
      out.values.forEach((value, f) => {
        importance[f] += Math.abs(value);
      });
    }
    // Imbalance, spread and their product stand first.
    expect(ranked(importance)[0]).toBe(3);
  });
});
