import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/index.ts';
import { createPredictor, createTrainer, type PredictorSpec } from '../../src/nn/index.ts';
import { smallNet } from './support/nets.ts';

const SHAPE = { net: smallNet(3, 0.5), steps: 4, features: 5, outputs: 3 };

async function weightsOf(seed: number): Promise<Float32Array> {
  const trainer = await createTrainer({
    ...SHAPE,
    batch: 2,
    loss: { kind: 'brier' },
    optimiser: { kind: 'sgd' },
    seed,
  });
  const weights = trainer.weights();
  await trainer.close();
  return weights;
}

const spec = async (changes: Partial<PredictorSpec> = {}): Promise<PredictorSpec> => ({
  ...{ ...SHAPE, batch: 6, weights: await weightsOf(3), activation: 'softmax' as const },
  ...changes,
});

const random = new Random(2);
const x = Float32Array.from({ length: 4 * 6 * 5 }, () => random.normal());

describe('a predictor', () => {
  it('gives probabilities, without dropout, of each window alone', async () => {
    const predictor = await createPredictor(await spec());
    const all = new Float64Array(18);
    await predictor.predict(x, 6, all);
    for (let i = 0; i < 6; i++) expect(all[3 * i] + all[3 * i + 1] + all[3 * i + 2]).toBeCloseTo(1, 6);
    const again = new Float64Array(18);
    await predictor.predict(x, 6, again);
    expect(again).toEqual(all);
    const other = x.slice();
    // Windows 2 to 5 become something else: the first two must not notice.
    for (let i = 0; i < other.length; i++) if (Math.floor(i / 5) % 6 >= 2) other[i] = Number.NaN;
    const few = new Float64Array(18).fill(-1);
    await predictor.predict(other, 2, few);
    expect(few.subarray(0, 6)).toEqual(all.subarray(0, 6));
    expect(few.subarray(6)).toEqual(new Float64Array(12).fill(-1));
    await predictor.close();
  });

  it('gives the bare outputs where no activation is asked for', async () => {
    const [bare, soft] = [
      await createPredictor(await spec({ activation: 'none' })),
      await createPredictor(await spec()),
    ];
    const [outputs, probabilities] = [new Float32Array(18), new Float32Array(18)];
    await bare.predict(x, 6, outputs);
    await soft.predict(x, 6, probabilities);
    const total = Math.exp(outputs[0]) + Math.exp(outputs[1]) + Math.exp(outputs[2]);
    for (let i = 0; i < 3; i++) expect(probabilities[i]).toBeCloseTo(Math.exp(outputs[i]) / total, 6);
    await Promise.all([bare.close(), soft.close()]);
  });

  it('takes other weights, and refuses those of another net', async () => {
    const predictor = await createPredictor(await spec());
    const other = await createPredictor(await spec({ weights: await weightsOf(4) }));
    predictor.load(await weightsOf(4));
    const [a, b] = [new Float64Array(18), new Float64Array(18)];
    await predictor.predict(x, 6, a);
    await other.predict(x, 6, b);
    expect(a).toEqual(b);
    expect(() => predictor.load(new Float32Array(3))).toThrow('there are 3 weights, and the net has 72');
    await expect(createPredictor(await spec({ weights: new Float32Array(1) }))).rejects.toThrow('another net');
    await Promise.all([predictor.close(), other.close()]);
  });
});
