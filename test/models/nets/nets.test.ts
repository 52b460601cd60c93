import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { NETS } from '../../../src/models/nets/index.ts';
import { createPredictor, type NetShape, openSession, serveGraph } from '../../../src/nn/index.ts';
import { layoutOf } from '../../../src/nn/net-builder.ts';
import { needsOnnxPython, ONNX_PYTHON, openInPython } from '../../nn/support/rivals.ts';
import { relativeError } from '../../nn/support/run.ts';
import { configured, netCalled, noise, SMALL, shapeOf } from './support.ts';

/** (T, B, F) to (B, T, F). */
function windowMajor(x: Float32Array, steps: number, batch: number, features: number): Float32Array {
  const y = new Float32Array(x.length);
  for (let t = 0; t < steps; t++)
    for (let b = 0; b < batch; b++)
      y.set(x.subarray((t * batch + b) * features, (t * batch + b + 1) * features), (b * steps + t) * features);
  return y;
}

async function evaluated(
  shape: NetShape,
  weights: Float32Array,
  x: Float32Array,
  batch: number,
): Promise<Float64Array> {
  const out = new Float64Array(batch * shape.outputs);
  const predictor = await createPredictor({ ...shape, batch, weights, activation: 'none' }, { threads: 1 });
  await predictor.predict(x, batch, out);
  await predictor.close();
  return out;
}

async function served(shape: NetShape, weights: Float32Array, x: Float32Array, batch: number): Promise<Float32Array> {
  const file = serveGraph({ ...shape, weights, activation: 'none', scaler: null });
  const session = await openSession(file, { threads: 1 });
  const input = session.tensor(windowMajor(x, shape.steps, batch, shape.features), [
    batch,
    shape.steps,
    shape.features,
  ]);
  const { outputs } = await session.run({ input }, ['outputs']);
  await session.close();
  return outputs.data as Float32Array;
}

/** What the last of `steps` rows, given one by one, leads to. */
async function streamed(shape: NetShape, weights: Float32Array, x: Float32Array): Promise<Float32Array> {
  const file = serveGraph({ ...shape, steps: 1, weights, activation: 'none', scaler: null, streaming: true });
  const session = await openSession(file, { threads: 1 });
  const states = session.inputNames.filter((name) => name.startsWith('state.'));
  const hidden = (layoutOf(shape).specs[1].shape as number[])[1];
  const carried = Object.fromEntries(
    states.map((name) => [name, session.tensor(new Float32Array(hidden), [1, 1, hidden])]),
  );
  let last = new Float32Array();
  for (let t = 0; t < shape.steps; t++) {
    const row = x.slice(t * shape.features, (t + 1) * shape.features);
    const feeds = { ...carried, input: session.tensor(row, [1, 1, shape.features]) };
    const found = await session.run(feeds, session.outputNames);
    for (const name of states) carried[name] = found[name.replace('state.', 'next.')];
    last = Float32Array.from(found.outputs.data as Float32Array);
  }
  await session.close();
  return last;
}

describe.each(NETS.map((net) => [net.name, net] as const))('%s', (name, net) => {
  it('describes every key and has a default that its schema takes', () => {
    const keys = Object.entries((net.config as unknown as { properties: object }).properties);
    for (const [key, schema] of keys) {
      expect(schema.description, key).toMatch(/\w/);
      expect(schema.default, key).toBeDefined();
    }
    expect(Value.Check(net.config, configured(net.config, {}))).toBe(true);
    expect(Value.Check(net.config, { ...(configured(net.config, {}) as object), wdith: 3 })).toBe(false);
    expect(net.title.length).toBeGreaterThan(20);
  });

  it('says the same where it serves as where it evaluates, in batches of any size', async () => {
    const shape = shapeOf(name, SMALL[name], 8);
    const weights = layoutOf(shape).initialise(5);
    for (const batch of [1, 3]) {
      const x = noise(shape.steps * batch * shape.features, 6);
      const expected = await evaluated(shape, weights, x, batch);
      expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(0.01);
      expect(relativeError(await served(shape, weights, x, batch), expected)).toBeLessThan(1e-5);
    }
  });

  it.skipIf(ONNX_PYTHON === null)(`says the same in Python${needsOnnxPython}`, { timeout: 60_000 }, async () => {
    const shape = shapeOf(name, SMALL[name], 8);
    const weights = layoutOf(shape).initialise(5);
    const x = noise(shape.steps * 2 * shape.features, 6);
    const file = serveGraph({ ...shape, weights, activation: 'none', scaler: null });
    const input = { shape: [2, shape.steps, 8], data: windowMajor(x, shape.steps, 2, 8) };
    const { outputs } = openInPython(file, { input });
    expect(relativeError(outputs.outputs.data, await evaluated(shape, weights, x, 2))).toBeLessThan(1e-5);
  });

  it('stays finite on rows that never change', async () => {
    const shape = shapeOf(name, SMALL[name], 8);
    const weights = layoutOf(shape).initialise(5);
    for (const constant of [0, 4, -10])
      for (const outcome of await evaluated(shape, weights, new Float32Array(shape.steps * 8).fill(constant), 1))
        expect(outcome).toSatisfy(Number.isFinite);
  });
});

describe('a net that streams', () => {
  it.each(NETS.filter((net) => net.streams).map((net) => net.name))(
    '%s says the same row by row as for the whole window',
    async (name) => {
      const shape = shapeOf(name, SMALL[name], 8);
      const weights = layoutOf(shape).initialise(5);
      const x = noise(shape.steps * shape.features, 7);
      const whole = await evaluated(shape, weights, x, 1);
      expect(relativeError(await streamed(shape, weights, x), whole)).toBeLessThan(1e-5);
    },
  );
});

describe('a configuration that does not fit', () => {
  it.each([
    [
      'transformer',
      { width: 64, heads: 3 },
      /attention 1 \/ heads: self-attention: 3 heads do not share the 64 features/,
    ],
    ['transformer', { width: 33, heads: 3 }, /positions: axis 2 of \(100, 1, 33\) is odd/],
    ['tlob', { width: 20, heads: 3 }, /temporal 1 \/ attention: self-attention: 3 heads/],
    ['ctabl', { steps2: 1 }, /tabl: TABL: \(1, 1, 120\) has one step on axis 0/],
    ['bin-ctabl', { length: 1 }, /norm: BiN: \(1, 1, 40\) has 1 steps on axis 0/],
  ] as const)('%s with %o is refused when it is built', (name, keys, message) => {
    expect(() => layoutOf(shapeOf(name, keys, 40))).toThrow(message);
  });

  it.each([
    ['lstm', { length: 1 }],
    ['deeplob', { length: 18 }],
    ['mlplob', { width: 3 }],
    ['tlob', { length: 2 }],
    ['mlp', { hidden: [] }],
    ['gru', { dropout: 1 }],
  ])('%s with %o is refused by its schema', (name, keys) => {
    const { config } = netCalled(name);
    expect(Value.Check(config, configured(config, keys))).toBe(false);
  });
});

it('deeplob reads rows whose columns are no multiple of four', async () => {
  const shape = shapeOf('deeplob', SMALL.deeplob, 6);
  const weights = layoutOf(shape).initialise(5);
  const x = noise(shape.steps * shape.features, 7);
  expect(relativeError(await served(shape, weights, x, 1), await evaluated(shape, weights, x, 1))).toBeLessThan(1e-5);
});

/** Numbers in all parameters. Published ones where there is one, derived by hand elsewhere. */
const PARAMETERS: readonly [name: string, keys: Record<string, unknown>, features: number, parameters: number][] = [
  ['linear', {}, 40, 400 * 3 + 3],
  ['mlp', {}, 40, 400 * 128 + 128 + 128 * 64 + 64 + 64 * 3 + 3],
  ['lstm', {}, 40, 4 * 128 * (40 + 128 + 2) + 4 * 128 * (128 + 128 + 2) + 128 * 3 + 3],
  ['gru', {}, 40, 3 * 128 * (40 + 128 + 2) + 3 * 128 * (128 + 128 + 2) + 128 * 3 + 3],
  ['attention-lstm', {}, 40, 4 * 64 * (40 + 64 + 2) + 64 * 32 + 32 + 32 + 128 * 3 + 3],
  ['transformer', {}, 40, 40 * 64 + 64 + 2 * (4 * 64 * 65 + 64 * 256 + 256 + 256 * 64 + 64 + 4 * 64) + 64 * 3 + 3],
  // The authors' code has 143,907 with its batch norms (and two biases in the LSTM).
  ['deeplob', {}, 40, 143_907],
  // 11,446 in the benchmark LOBCAST (Prata et al. 2024); C(TABL) is that less 2 · 10 + 2 · 40 + 2 for the norm.
  ['bin-ctabl', {}, 40, 11_446],
  ['ctabl', {}, 40, 11_446 - 102],
  // The authors' code has 6,327,908 for FI-2010, with 3 for the kinds of orders, which that data does not have.
  ['mlplob', { length: 384, width: 144 }, 144, 6_327_908 - 3],
];

describe('parameters', () => {
  it.each(PARAMETERS)('of %s %o on %i columns', (name, keys, features, parameters) => {
    expect(layoutOf(shapeOf(name, keys, features)).size).toBe(parameters);
  });
});
