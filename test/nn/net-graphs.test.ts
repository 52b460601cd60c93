import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/index.ts';
import {
  createPredictor,
  createTrainer,
  type NetFunction,
  openSession,
  readModel,
  type ServeSpec,
  type Session,
  serveGraph,
} from '../../src/nn/index.ts';
import { leakyNet, smallNet } from './support/nets.ts';
import { needsOnnxPython, ONNX_PYTHON, openInPython } from './support/rivals.ts';

const [STEPS, FEATURES, CLASSES, BATCH] = [6, 4, 3, 5];
const SHAPE = { steps: STEPS, features: FEATURES, outputs: CLASSES };
const SCALER = {
  mean: Float32Array.of(1, -2, 0, 100),
  deviation: Float32Array.of(2, 0.5, 1, 30),
  clip: 3,
};

async function weightsOf(net: NetFunction): Promise<Float32Array> {
  const trainer = await createTrainer({
    ...{ ...SHAPE, net, batch: BATCH, seed: 3 },
    loss: { kind: 'cross-entropy' },
    optimiser: { kind: 'sgd' },
  });
  const weights = trainer.weights();
  await trainer.close();
  return weights;
}

async function specOf(net: NetFunction, changes: Partial<ServeSpec> = {}): Promise<ServeSpec> {
  return { ...SHAPE, net, weights: await weightsOf(net), activation: 'softmax', scaler: SCALER, ...changes };
}

/** Unscaled rows with what recordings hold: warming up, and far out. (batch, T, F) */
function rows(): Float32Array {
  const random = new Random(11);
  const x = Float32Array.from(
    { length: BATCH * STEPS * FEATURES },
    (_, i) => SCALER.mean[i % FEATURES] + SCALER.deviation[i % FEATURES] * random.normal(),
  );
  [x[0], x[7], x[30], x[31]] = [Number.NaN, Number.NaN, Number.POSITIVE_INFINITY, -1e30];
  return x;
}

/** (T, batch, F), scaled, NaN as 0: as the trainer sees them. */
function scaled(x: Float32Array): Float32Array {
  const out = new Float32Array(x.length);
  for (let b = 0; b < BATCH; b++)
    for (let t = 0; t < STEPS; t++)
      for (let f = 0; f < FEATURES; f++) {
        const z = (x[(b * STEPS + t) * FEATURES + f] - SCALER.mean[f]) / SCALER.deviation[f];
        const clipped = Math.min(Math.max(z, -SCALER.clip), SCALER.clip);
        out[(t * BATCH + b) * FEATURES + f] = Number.isNaN(clipped) ? 0 : clipped;
      }
  return out;
}

async function predicted(spec: ServeSpec): Promise<Float32Array> {
  const predictor = await createPredictor({ ...spec, batch: BATCH });
  const out = new Float32Array(BATCH * CLASSES);
  await predictor.predict(scaled(rows()), BATCH, out);
  await predictor.close();
  return out;
}

const near = (a: ArrayLike<number>, b: ArrayLike<number>): void => {
  expect(a.length).toBe(b.length);
  for (let i = 0; i < a.length; i++) expect(Math.abs(a[i] - b[i]), `output ${i}`).toBeLessThan(2e-6);
};

const zeros = (session: Session, shape: readonly number[]) =>
  session.tensor(new Float32Array(shape.reduce((n, axis) => n * axis, 1)), shape);

describe('the file that serves', () => {
  it.each([
    ['softmax', 'probabilities'],
    ['none', 'outputs'],
  ] as const)('gives with %s what the trained net gives, for batches of any size', async (activation, name) => {
    const spec = await specOf(smallNet(CLASSES, 0.5), { activation });
    const expected = await predicted(spec);
    const session = await openSession(serveGraph(spec));
    const x = rows();
    for (const batch of [BATCH, 1, 2]) {
      const few = x.subarray(0, batch * STEPS * FEATURES);
      const found = await session.run({ input: session.tensor(few, [batch, STEPS, FEATURES]) }, [name]);
      expect(found[name].dims).toEqual([batch, CLASSES]);
      near(found[name].data as Float32Array, expected.subarray(0, batch * CLASSES));
    }
    await session.close();
  });

  it('takes rows as they are where there is no scaler', async () => {
    const spec = await specOf(smallNet(CLASSES));
    const expected = await predicted(spec);
    const session = await openSession(serveGraph({ ...spec, scaler: null }));
    const turned = new Float32Array(BATCH * STEPS * FEATURES);
    scaled(rows()).forEach((x, i) => {
      const [t, b, f] = [Math.floor(i / FEATURES / BATCH), Math.floor(i / FEATURES) % BATCH, i % FEATURES];
      turned[(b * STEPS + t) * FEATURES + f] = x;
    });
    const feeds = { input: session.tensor(turned, [BATCH, STEPS, FEATURES]) };
    near((await session.run(feeds, ['probabilities'])).probabilities.data as Float32Array, expected);
    await session.close();
  });

  it('as a stream gives after the last row of a window what the window gives', async () => {
    const spec = await specOf(leakyNet(CLASSES));
    const expected = await predicted(spec);
    const stream = serveGraph({ ...spec, steps: 1, streaming: true });
    expect(readModel(stream, 'stream.onnx').inputs.map(({ name }) => name)).toEqual(['input', 'state.leaky/h']);
    const session = await openSession(stream);
    const x = rows();
    for (let b = 0; b < BATCH; b++) {
      let state = zeros(session, [1, 4]);
      let probabilities = new Float32Array(0);
      for (let t = 0; t < STEPS; t++) {
        const row = x.subarray((b * STEPS + t) * FEATURES, (b * STEPS + t + 1) * FEATURES);
        const feeds = { input: session.tensor(row, [1, 1, FEATURES]), 'state.leaky/h': state };
        const found = await session.run(feeds, ['probabilities', 'next.leaky/h']);
        state = found['next.leaky/h'];
        probabilities = found.probabilities.data as Float32Array<ArrayBuffer>;
      }
      near(probabilities, expected.subarray(b * CLASSES, (b + 1) * CLASSES));
    }
    await session.close();
  });

  it('refuses weights and scalers of another net', async () => {
    const spec = await specOf(smallNet(CLASSES));
    expect(() => serveGraph({ ...spec, weights: new Float32Array(5) })).toThrow(
      'there are 5 weights, and the net has 64: they are of another net',
    );
    expect(() => serveGraph({ ...spec, scaler: { ...SCALER, mean: new Float32Array(9) } })).toThrow(
      'the scaler is for 9 columns, and the net reads 4',
    );
  });

  it.skipIf(ONNX_PYTHON === null)(`gives the same in Python${needsOnnxPython}`, async () => {
    const spec = await specOf(smallNet(CLASSES, 0.2));
    const expected = await predicted(spec);
    const x = rows();
    // JSON has no NaN and no infinity.
    x.forEach((value, i) => {
      if (!Number.isFinite(value)) x[i] = Number.isNaN(value) ? SCALER.mean[i % FEATURES] : 1e30;
    });
    const file = serveGraph(spec, { metadata: { target: 'mid' } });
    const found = openInPython(file, { input: { shape: [BATCH, STEPS, FEATURES], data: x } });
    expect(found.inputs).toEqual({ input: ['batch', STEPS, FEATURES] });
    expect(found.metadata).toEqual({ target: 'mid' });
    expect(found.outputs.probabilities.shape).toEqual([BATCH, CLASSES]);
    near(found.outputs.probabilities.data, expected);
    const stream = serveGraph({ ...(await specOf(leakyNet(CLASSES))), steps: 1, streaming: true });
    const streamed = openInPython(stream, {
      input: { shape: [1, 1, FEATURES], data: x.subarray(0, FEATURES) },
      'state.leaky/h': { shape: [1, 4], data: [0, 0, 0, 0] },
    });
    expect(streamed.outputs['next.leaky/h'].shape).toEqual([1, 4]);
  });
});
