import { describe, expect, it } from 'vitest';
import { AttentionReader, attentionRollout } from '../../../src/models/explain/attention.ts';
import { NETS } from '../../../src/models/nets/index.ts';
import { createDataset } from '../../../src/models/training.ts';
import { createPredictor } from '../../../src/nn/index.ts';
import { layoutOf } from '../../../src/nn/net-builder.ts';
import { SMALL, shapeOf } from '../nets/support.ts';
import { signalMatrix } from '../training/signal-matrix.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const LENGTH = 12;
const BATCH = 5;
const target = { kind: 'events', horizon: 1, classes: ['down', 'flat', 'up'] } as const;
const data = createDataset({ matrix: signalMatrix(600, 0.5, 1, NAMES), target, length: LENGTH });

describe.each(['attention-lstm', 'transformer', 'tlob'])('attention maps of %s', (name) => {
  const shape = shapeOf(name, SMALL[name], NAMES.length);
  const weights = layoutOf(shape)
    .initialise(3)
    .map((w) => 2 * w);

  it('are weights that add up to 1, beside the very forecasts of the net', async () => {
    const reader = (await AttentionReader.open({ ...shape, weights }, BATCH))!;
    const { probabilities, maps } = await reader.read(data.test, 7);
    await reader.close();
    expect(maps.length).toBeGreaterThan(0);
    for (const { weights: map, heads, queries, keys } of maps) {
      expect(map.length).toBe(BATCH * heads * queries * keys);
      for (let at = 0; at < map.length; at += keys)
        expect(map.subarray(at, at + keys).reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 5);
    }
    const predictor = await createPredictor({ ...shape, batch: BATCH, weights, activation: 'softmax' });
    const x = new Float32Array(LENGTH * BATCH * NAMES.length);
    data.test.fill(null, 7, BATCH, x, BATCH, new Int32Array(BATCH));
    const said = new Float64Array(BATCH * 3);
    await predictor.predict(x, BATCH, said);
    await predictor.close();
    said.forEach((p, i) => {
      expect(probabilities[i]).toBeCloseTo(p, 5);
    });
    const rolled = attentionRollout(maps, 2)!;
    expect(rolled.length % LENGTH).toBe(0);
    for (let at = 0; at < rolled.length; at += LENGTH)
      expect(rolled.subarray(at, at + LENGTH).reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 5);
  });

  it('matter where the net depends on them, and are said to explain nothing where it does not', async () => {
    const reader = (await AttentionReader.open({ ...shape, weights }, BATCH))!;
    const checks = await reader.shuffleCheck(data.test, 0, 4, 1);
    expect(await reader.shuffleCheck(data.test, 0, 4, 1)).toEqual(checks);
    await reader.close();
    for (const { change, switched } of checks) {
      expect(change).toBeGreaterThan(0);
      expect(switched).toBeGreaterThanOrEqual(0);
    }
    // A head of zeros says the same whatever was looked at.
    const deaf = weights.slice();
    const head = layoutOf(shape).specs.findLast(({ shape: of }) => of.length === 2)!;
    deaf.fill(0, head.offset, head.offset + head.shape[0] * head.shape[1]);
    const other = (await AttentionReader.open({ ...shape, weights: deaf }, BATCH))!;
    for (const check of await other.shuffleCheck(data.test, 0, 2, 1)) {
      expect(check).toMatchObject({ change: 0, switched: 0, explains: false });
      expect(check.verdict).toContain('explains nothing');
    }
    await other.close();
  });
});

it('says that a map explains where forecasts depend on it', async () => {
  const shape = shapeOf('attention-lstm', SMALL['attention-lstm'], NAMES.length);
  const weights = layoutOf(shape)
    .initialise(3)
    .map((w) => 6 * w);
  const reader = (await AttentionReader.open({ ...shape, weights }, BATCH))!;
  const [check] = await reader.shuffleCheck(data.test, 0, 8, 1);
  await reader.close();
  expect(check.explains).toBe(true);
  expect(check.verdict).toContain('depend on where it looks');
});

it.each(NETS.map((net) => net.name).filter((name) => !['attention-lstm', 'transformer', 'tlob'].includes(name)))(
  '%s has no maps to read',
  async (name) => {
    const shape = shapeOf(name, SMALL[name], NAMES.length);
    expect(await AttentionReader.open({ ...shape, weights: layoutOf(shape).initialise(1) }, 1)).toBeNull();
  },
);

describe('attentionRollout', () => {
  const map = (weights: readonly number[], queries: number, keys: number, over: 'rows' | 'columns' = 'rows') => ({
    name: 'm',
    over,
    heads: 1,
    queries,
    keys,
    weights: Float32Array.from(weights),
  });

  it('multiplies maps, each half itself and half the residual connection', () => {
    // Half of (0 1; 1 0) and half of 1 is ½ everywhere, and half of (1 0; 1 0) and half of 1 is (1 0; ½ ½).
    const rolled = attentionRollout([map([0, 1, 1, 0], 2, 2), map([9], 1, 1, 'columns'), map([1, 0, 1, 0], 2, 2)], 0);
    expect([...rolled!]).toEqual([0.5, 0.5, 0.5, 0.5]);
    const other = attentionRollout([map([1, 0, 1, 0], 2, 2), map([0.25, 0.75], 1, 2)], 0);
    expect([...other!]).toEqual([0.25 + 0.75 / 2, 0.75 / 2]);
  });

  it('is null without maps over rows', () => {
    expect(attentionRollout([map([1], 1, 1, 'columns')], 0)).toBeNull();
  });
});
