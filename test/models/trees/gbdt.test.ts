import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/models/training/training-config-reader.ts';
import type { FittedModel, Windows } from '../../../src/models/training.ts';
import { Booster } from '../../../src/models/trees/booster.ts';
import type { GbdtConfig } from '../../../src/models/trees/config.ts';
import { gbdt } from '../../../src/models/trees/gbdt.ts';
import { encodeTrees } from '../../../src/models/trees/onnx.ts';
import { openSession, readModel } from '../../../src/nn/index.ts';
import { GROWING, quietly, randomRows, toldDataset } from './support.ts';

const PYTHON = resolve(import.meta.dirname, '../../../.venv/bin/python');
const hasPython = existsSync(PYTHON) && spawnSync(PYTHON, ['-c', 'import onnxruntime']).status === 0;

const config = (given: Partial<GbdtConfig> = {}): GbdtConfig =>
  readConfig(gbdt.config, { rounds: 40, minSamples: 20, patience: 5, learningRate: 0.2, ...given }) as GbdtConfig;

function rowsFrom({ matrix, rows }: Windows): Float32Array {
  return Float32Array.from(
    { length: rows.length * matrix.width },
    (_, i) => matrix.data[rows[Math.floor(i / matrix.width)] * matrix.width + (i % matrix.width)],
  );
}

async function byRuntime(model: Uint8Array, x: Float32Array, width: number): Promise<ArrayLike<number>> {
  const session = await openSession(model);
  try {
    const tensor = session.tensor(x, [x.length / width, 1, width]);
    return (await session.run({ input: tensor }, ['probabilities'])).probabilities.data as Float32Array;
  } finally {
    await session.close();
  }
}

function byPython(model: Uint8Array, x: Float32Array, width: number): ArrayLike<number> {
  const folder = mkdtempSync(join(tmpdir(), 'bookcast-trees-'));
  try {
    writeFileSync(join(folder, 'm.onnx'), model);
    writeFileSync(join(folder, 'x.bin'), new Uint8Array(x.buffer));
    const code = `import numpy, onnxruntime, sys
s = onnxruntime.InferenceSession(sys.argv[1] + '/m.onnx', providers=['CPUExecutionProvider'])
x = numpy.fromfile(sys.argv[1] + '/x.bin', '<f4').reshape(-1, 1, ${width})
s.run(['probabilities'], {'input': x})[0].astype('<f4').tofile(sys.argv[1] + '/p.bin')`;
    const { status, stderr } = spawnSync(PYTHON, ['-c', code, folder], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const bytes = readFileSync(join(folder, 'p.bin'));
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]));
  return most;
}

function logLoss(p: Float64Array, { labels }: Windows): number {
  const classes = p.length / labels.length;
  return -labels.reduce((sum, label, i) => sum + Math.log(p[i * classes + label]), 0) / labels.length;
}

describe('gbdt', () => {
  it('beats the shares on rows that it has not seen, stops early and keeps the best round', async () => {
    const data = toldDataset(3000);
    const options = quietly();
    const model = await gbdt.fit(data, config({ rounds: 200 }), options);
    const told = options.events.filter((event) => event.kind === 'epoch');
    const losses = told.map(({ metrics }) => metrics['validation-log-loss']);
    const best = losses.indexOf(Math.min(...losses));
    expect(told.length).toBe(best + 1 + 5);
    expect(told.length).toBeLessThan(200);
    expect(logLoss(await model.predict(data.validation), data.validation)).toBeCloseTo(losses[best], 9);
    const shares = -data.test.labels.reduce((sum, k) => sum + Math.log(data.prior[k]), 0) / data.test.count;
    expect(logLoss(await model.predict(data.test), data.test)).toBeLessThan(shares - 0.15);
    expect(options.events).toContainEqual({ kind: 'note', text: expect.stringMatching(/^kept \d+ of \d+ rounds/) });
    expect(model.length).toBe(1);
    expect(model.parameters).toBeGreaterThan(3);
    expect(model.multiplyAdds).toBeGreaterThan(3);
    await model.close();
  });

  it('is an ONNX file that says the same, missing numbers included', async () => {
    const data = toldDataset(2000);
    const model = await gbdt.fit(data, config(), quietly());
    const file = model.toOnnx({ target: 'events:1' });
    const described = readModel(file, 'a model');
    expect(described.metadata).toEqual({ target: 'events:1' });
    expect(described.inputs).toEqual([{ name: 'input', shape: [-1, 1, 4], type: 1 }]);
    const own = await model.predict(data.test);
    const x = rowsFrom(data.test);
    expect(x.some(Number.isNaN)).toBe(true);
    expect(furthest(own, await byRuntime(file, x, 4))).toBeLessThan(1e-6);
    expect(model.toOnnx({ target: 'events:1' })).toEqual(file);
  });

  it.each([2, 3, 5])(
    'takes the very same branches as ONNX Runtime on thresholds themselves, %i classes',
    async (classes) => {
      const source = randomRows({ seed: classes, rows: 800, width: 4, classes });
      const booster = new Booster(source, { ...GROWING, classes, monotone: new Int8Array(4) });
      for (let round = 0; round < 10; round++) booster.round();
      const { ensemble } = booster;
      const x = source.data.slice();
      // Rows that stand on the edges.
      for (let i = 0; i < x.length; i += 3) {
        const node = i % ensemble.nodes;
        if (ensemble.feature[node] >= 0) x[4 * Math.floor(i / 4) + ensemble.feature[node]] = ensemble.threshold[node];
      }
      const own = ensemble.predict(x, 4, source.rows);
      expect(furthest(own, await byRuntime(encodeTrees(ensemble, {}), x, 4))).toBeLessThan(1e-6);
    },
  );

  it.skipIf(!hasPython)('says the same in Python (skipped where .venv has no onnxruntime)', async () => {
    const data = toldDataset(2000);
    const model = await gbdt.fit(data, config(), quietly());
    const x = rowsFrom(data.test);
    expect(furthest(await model.predict(data.test), byPython(model.toOnnx({}), x, 4))).toBeLessThan(1e-6);
  });

  it('goes on from a checkpoint to the very same bytes', async () => {
    const data = toldDataset(1500);
    const settings = config({ rounds: 30, patience: 100, rowShare: 0.7, featureShare: 0.6 });
    const whole = (await gbdt.fit(data, settings, quietly())).toOnnx({});
    let kept: Uint8Array | null = null;
    const checkpoints = {
      save: (bytes: Uint8Array): void => {
        kept = bytes;
      },
      load: () => kept,
    };
    const stop = new AbortController();
    const options = quietly();
    const half = gbdt.fit(data, settings, {
      ...options,
      checkpoints,
      signal: stop.signal,
      onEvent: (event) => {
        if (event.kind === 'step' && event.step === 12) stop.abort();
      },
    });
    await expect(half).rejects.toThrow('stopped after 12 of 30 rounds');
    const resumed: FittedModel = await gbdt.fit(data, settings, { ...options, checkpoints });
    expect(options.events[0]).toEqual({ kind: 'note', text: 'going on after 12 of 30 rounds' });
    expect(resumed.toOnnx({})).toEqual(whole);
    const other = gbdt.fit(data, config({ rounds: 31 }), { ...options, checkpoints });
    await expect(other).rejects.toThrow('checkpoint is of another fit');
  });

  it('refuses what it cannot learn from before it grows anything', async () => {
    const data = toldDataset(1000);
    const fitted = (given: typeof data, settings = config()) => gbdt.fit(given, settings, quietly());
    const withTrain = (train: Partial<Windows>): typeof data => {
      const changed = { ...data, train: { ...data.train, ...train }, withLength: () => changed };
      return changed;
    };
    const none = new Int32Array(0);
    await expect(fitted(withTrain({ count: 0, rows: none, labels: none }))).rejects.toThrow('no training rows');
    const flat = withTrain({ labels: new Int32Array(data.train.count).fill(1) });
    await expect(fitted(flat)).rejects.toThrow('no training row has the class "down" or "up"');
    const matrix = (change: (x: number, i: number) => number) =>
      withTrain({ matrix: { ...data.matrix, data: data.matrix.data.map(change) } });
    await expect(fitted(matrix((x, i) => (i === 4 * data.train.rows[5] + 2 ? Infinity : x)))).rejects.toThrow(
      /row \d+: the signal "x_2" is Infinity/,
    );
    await expect(fitted(matrix(() => 3))).rejects.toThrow('none of the 4 signals varies');
    await expect(fitted(data, config({ monotone: { nothing: 1 } }))).rejects.toThrow(
      'the rows have no signal "nothing"',
    );
    expect(() => config({ leaves: 1 })).toThrow(/leaves/);
  });

  it('notes signals that never vary, and grows on without validation rows', async () => {
    const data = toldDataset(600);
    const matrix = { ...data.matrix, data: data.matrix.data.map((x, i) => (i % 4 === 3 ? 1 : x)) };
    const none = new Int32Array(0);
    const changed: typeof data = {
      ...data,
      matrix,
      train: { ...data.train, matrix },
      validation: { ...data.validation, matrix, count: 0, rows: none, labels: none },
      withLength: () => changed,
    };
    const options = quietly();
    await gbdt.fit(changed, config({ rounds: 3, monotone: { x_0: 1 } }), options);
    const notes = options.events.flatMap((event) => (event.kind === 'note' ? [event.text] : []));
    expect(notes).toEqual([
      'no tree splits x_3: alike in all training rows',
      'there are no validation rows: all 3 rounds are kept',
    ]);
    const idle = quietly();
    const model = await gbdt.fit(changed, config({ rounds: 3, minGain: 1e9 }), idle);
    expect(idle.events.at(-1)).toEqual({ kind: 'note', text: 'stopped after round 1: no split gains anything' });
    const p = await byRuntime(model.toOnnx({}), rowsFrom(data.test), 4);
    expect(
      furthest(
        Array.from(p),
        Array.from(p, (_, i) => data.prior[i % 3]),
      ),
    ).toBeLessThan(1e-6);
  });
});
