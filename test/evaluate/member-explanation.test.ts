import { describe, expect, it } from 'vitest';
import { explainMember, MeanAttribution, spread } from '../../src/evaluate/index.ts';
import { Attribution } from '../../src/models/index.ts';
import { createDataset, findKind } from '../../src/models/training.ts';
import { configured } from '../models/nets/support.ts';
import { signalMatrix } from '../models/training/signal-matrix.ts';
import { quietly } from '../models/trees/support.ts';

/** The first column decides which way the mid moves next; the others are noise. */
const NAMES = ['tell', 'noise_1', 'noise_2', 'noise_3', 'noise_4'];
const INPUTS = NAMES.map((name, i) => ({ name, family: i === 0 ? 'told' : i < 3 ? 'left' : 'right' }));
const target = { kind: 'events', horizon: 1, classes: ['down', 'flat', 'up'] } as const;
const training = { epochs: 8, batch: 64, rate: 0.01 };

async function explained(name: string, keys: Record<string, unknown>, seed: number, stop = false) {
  const kind = findKind(name);
  const data = createDataset({ matrix: signalMatrix(1500, 0.7, seed, NAMES), target, length: 1, reach: 12 });
  const model = await kind.fit(data, configured(kind.config, keys), { ...quietly(), seed });
  const signal = stop ? AbortSignal.abort() : new AbortController().signal;
  try {
    const options = { member: name, model, data, inputs: INPUTS, span: 1, seed, signal };
    return { once: await explainMember(options), again: await explainMember(options) };
  } finally {
    await model.close();
  }
}

describe.each([
  ['logistic', 'linear', { linear: {} }],
  ['gbdt', 'tree-shap', { trees: { rounds: 15, minSamples: 20 } }],
  ['mlp', 'integrated-gradients', { net: { length: 2, hidden: [12] }, training }],
] as const)('explainMember, %s', (name, method, keys) => {
  it.each([1, 2, 3, 4, 5])(
    'ranks the planted signal and its family first, seed %i',
    { timeout: 60_000 },
    async (seed) => {
      const { once, again } = await explained(name, keys, seed);
      expect(again).toEqual(once);
      const { attributions, permutation, shapley, attention } = once;
      expect(attributions?.method).toBe(method);
      expect(attributions?.signals[0].name).toBe('tell');
      expect(attributions?.families[0].family).toBe('told');
      expect(attributions?.unaccounted).toBeLessThan(method === 'integrated-gradients' ? 0.01 : 1e-9);
      expect(permutation?.families[0]).toMatchObject({ family: 'told' });
      expect(permutation?.families[0].interval?.low).toBeGreaterThan(0);
      expect(shapley?.families[0].family).toBe('told');
      expect(attention).toBeNull();
    },
  );
});

it('reads the attention of a net that has some, with its shuffle check', { timeout: 60_000 }, async () => {
  const net = { length: 6, hidden: 8, attention: 4 };
  const { once } = await explained('attention-lstm', { net, training: { ...training, epochs: 2 } }, 1);
  expect(once.attention?.checks).toHaveLength(1);
  expect(once.attention?.rows).toHaveLength(6);
  expect(once.attention?.rows?.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
});

it('stops where it is asked to', async () => {
  const { once } = await explained('gbdt', { trees: { rounds: 3 } }, 1, true);
  expect(once).toEqual({ member: 'gbdt', attributions: null, permutation: null, shapley: null, attention: null });
});

describe('MeanAttribution', () => {
  it('means sizes by signal, and sums by family before it takes their size', () => {
    const mean = new MeanAttribution([
      { name: 'a', family: 'f' },
      { name: 'b', family: 'f' },
      { name: 'c', family: 'g' },
    ]);
    expect(mean.summary()).toBeNull();
    const out = new Attribution(2, 3);
    out.values.set([1, -1, 0.25, 1, -1, 0.25]);
    out.baseline = 1;
    out.value = 1.75;
    mean.add(out);
    out.values.set([3, 0, 0, 0, 0, 0]);
    out.value = 4;
    mean.add(out);
    expect(mean.summary()).toEqual({
      method: 'linear',
      forecasts: 2,
      signals: [
        { name: 'a', family: 'f', mean: 2.5 },
        { name: 'b', family: 'f', mean: 1 },
        { name: 'c', family: 'g', mean: 0.25 },
      ],
      families: [
        { family: 'f', mean: 1.5 },
        { family: 'g', mean: 0.25 },
      ],
      unaccounted: 0.25 / 3.75,
    });
  });
});

it('spreads so many evenly', () => {
  expect([...spread(10, 3)]).toEqual([1, 5, 8]);
  expect([...spread(2, 5)]).toEqual([0, 1]);
  expect([...spread(0, 5)]).toEqual([]);
});
