import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { solvePositive } from '../../../src/models/linear/cholesky.ts';
import type { FittedLinear } from '../../../src/models/linear/fitted-linear.ts';
import { minimise } from '../../../src/models/linear/lbfgs.ts';
import { logistic } from '../../../src/models/linear/logistic.ts';
import { leastSquares, ridge } from '../../../src/models/linear/ridge.ts';
import { meanLogLoss, type ScaledRows, scaledRows } from '../../../src/models/linear/scaled-rows.ts';
import { fitSharpness } from '../../../src/models/linear/sharpness.ts';
import { softmaxLoss } from '../../../src/models/linear/softmax-loss.ts';
import { readConfig } from '../../../src/models/training/training-config-reader.ts';
import type { ModelKind } from '../../../src/models/training.ts';
import { openSession, readModel } from '../../../src/nn/index.ts';
import { ONNX_PYTHON, openInPython } from '../../nn/support/rivals.ts';
import { quietly, toldDataset } from '../trees/support.ts';

const PYTHON = resolve(import.meta.dirname, '../../../.venv/bin/python');
const hasPython = existsSync(PYTHON) && spawnSync(PYTHON, ['-c', 'import sklearn']).status === 0;

function configOf<C>(kind: ModelKind<C>, given: Partial<C> = {}): C {
  return readConfig(kind.config, given) as C;
}

function randomRows(rows: number, width: number, classes: number, seed = 1): ScaledRows {
  const random = new Random(seed);
  const x = Float32Array.from({ length: rows * width }, () => random.normal());
  const labels = Int32Array.from({ length: rows }, (_, i) =>
    x[i * width] + random.normal() > 0.5 ? classes - 1 : random.below(classes),
  );
  return { x, rows, width, classes, labels };
}

/** Weights and intercepts of scikit-learn, which minimises Σ log-loss + squared weights / (2 C). */
function bySklearn({ x, rows, width, labels }: ScaledRows, l2: number): number[] {
  const code = `import json, sys, numpy
from sklearn.linear_model import LogisticRegression
d = json.load(sys.stdin)
m = LogisticRegression(C=d['c'], tol=1e-12, max_iter=10000).fit(numpy.array(d['x']).reshape(d['rows'], -1), d['y'])
print(json.dumps(m.coef_.T.ravel().tolist() + m.intercept_.tolist()))`;
  const input = JSON.stringify({ x: [...x], y: [...labels], rows, width, c: 1 / (l2 * rows) });
  const { stdout, stderr, status } = spawnSync(PYTHON, ['-c', code], { input, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

describe('softmaxLoss', () => {
  it('has the gradient that central differences have', () => {
    const rows = randomRows(50, 4, 3);
    const loss = softmaxLoss(rows, 0.3);
    const random = new Random(2);
    const at = Float64Array.from({ length: 15 }, () => random.normal());
    const gradient = new Float64Array(15);
    const none = new Float64Array(15);
    loss(at, gradient);
    for (let i = 0; i < 15; i++) {
      const [up, down] = [1e-5, -1e-5].map((step) =>
        loss(
          at.map((w, j) => (i === j ? w + step : w)),
          none,
        ),
      );
      expect(gradient[i]).toBeCloseTo((up - down) / 2e-5, 8);
    }
  });
});

describe('logistic', () => {
  it.skipIf(!hasPython)('finds the minimum that scikit-learn finds (skipped where .venv has none)', async () => {
    const rows = randomRows(400, 5, 3);
    const options = { memory: 10, flat: 1e-9, steps: 1000, onStep: async () => {} };
    const { point } = await minimise(softmaxLoss(rows, 0.01), new Float64Array(18), options);
    const reference = bySklearn(rows, 0.01);
    // Softmax does not tell a shift of all intercepts; both begin at 0 but may drift.
    const centre = (w: ArrayLike<number>): number[] => {
      const mean = (w[15] + w[16] + w[17]) / 3;
      return Array.from({ length: 18 }, (_, i) => (i < 15 ? w[i] : w[i] - mean));
    };
    const theirs = centre(reference);
    const ours = centre(point);
    for (let i = 0; i < 18; i++) expect(ours[i]).toBeCloseTo(theirs[i], 5);
  });

  it('is drawn to the shares by a heavy penalty', async () => {
    const data = toldDataset(900);
    const model = await logistic.fit(data, configOf(logistic, { l2: 1e6 }), quietly());
    const p = await model.predict(data.test);
    for (let i = 0; i < p.length; i++) expect(p[i]).toBeCloseTo(data.prior[i % 3], 4);
  });

  it('says when it was not let to the minimum, and stops when asked', async () => {
    const data = toldDataset(600);
    const options = quietly();
    await logistic.fit(data, configOf(logistic, { steps: 2 }), options);
    expect(options.events).toContainEqual({
      kind: 'note',
      text: expect.stringMatching(/^not at the minimum after 2 steps/),
    });
    const stop = new AbortController();
    stop.abort();
    const aborted = { ...options, signal: stop.signal };
    await expect(logistic.fit(data, configOf(logistic), aborted)).rejects.toThrow('stopped after 1 of 500 steps');
    await expect(ridge.fit(data, configOf(ridge), aborted)).rejects.toThrow('stopped before');
  });
});

describe('ridge', () => {
  it('solves the normal equations with a free intercept', () => {
    const rows = randomRows(300, 4, 3);
    const prior = new Float64Array(3);
    for (const label of rows.labels) prior[label] += 1 / rows.rows;
    const l2 = 0.05;
    const w = leastSquares(rows, prior, l2);
    // The gradient of mean squared error + λ × squared weights, by its definition, is 0 there.
    for (let k = 0; k < 3; k++) {
      const gradient = new Float64Array(5);
      for (let i = 0; i < rows.rows; i++) {
        const z = [...rows.x.subarray(4 * i, 4 * i + 4), 1];
        const error = z.reduce((sum, x, f) => sum + x * w[3 * f + k], 0) - (rows.labels[i] === k ? 1 : 0);
        z.forEach((x, f) => {
          gradient[f] += (error * x) / rows.rows;
        });
      }
      for (let f = 0; f < 5; f++) expect(gradient[f] + (f < 4 ? l2 * w[3 * f + k] : 0)).toBeCloseTo(0, 9);
    }
  });

  it('fits the temperature that suits best, by trying others', () => {
    const random = new Random(1);
    const prior = Float64Array.of(0.2, 0.5, 0.3);
    const labels = Int32Array.from({ length: 400 }, () => random.below(3));
    const told = Float64Array.from(
      { length: 1200 },
      (_, i) => (labels[Math.floor(i / 3)] === i % 3 ? 0.1 : 0) + 0.1 * random.normal(),
    );
    const loss = (beta: number): number => {
      const p = told.map((d, i) => prior[i % 3] * Math.exp(beta * d));
      for (let i = 0; i < p.length; i += 3) {
        const sum = p[i] + p[i + 1] + p[i + 2];
        for (let k = 0; k < 3; k++) p[i + k] /= sum;
      }
      return meanLogLoss(p, labels);
    };
    const best = fitSharpness(told, labels, prior);
    for (const factor of [0.5, 0.9, 0.99, 1.01, 1.1, 2]) expect(loss(best)).toBeLessThan(loss(best * factor));
    expect(
      fitSharpness(
        told.map((d) => -d),
        labels,
        prior,
      ),
    ).toBe(0);
    const certain = Float64Array.from({ length: 1200 }, (_, i) => (labels[Math.floor(i / 3)] === i % 3 ? 1e-7 : 0));
    expect(fitSharpness(certain, labels, prior)).toBe(1e6);
  });

  it('refuses a matrix that is not positive definite', () => {
    expect(() => solvePositive(Float64Array.of(1, 0, 2, 1), 2, new Float64Array(2), 1)).toThrow('positive definite');
  });

  it('notes what it has to do without', async () => {
    const data = toldDataset(600);
    const none = new Int32Array(0);
    const changed: typeof data = {
      ...data,
      validation: { ...data.validation, count: 0, rows: none, labels: none },
      withLength: () => changed,
    };
    const options = quietly();
    await ridge.fit(changed, configOf(ridge), options);
    expect(options.events[0]).toEqual({ kind: 'note', text: expect.stringMatching(/^there are no validation rows/) });
  });
});

describe.each([logistic, ridge] as ModelKind<never>[])('$name', (kind) => {
  it('beats the shares, and is an ONNX file that says the same of unscaled rows', async () => {
    const data = toldDataset(3000);
    const options = quietly();
    const model = (await kind.fit(data, configOf(kind), options)) as FittedLinear;
    const own = await model.predict(data.test);
    const { prior, test } = data;
    const shares = -test.labels.reduce((sum, k) => sum + Math.log(prior[k]), 0) / test.count;
    expect(meanLogLoss(own, test.labels)).toBeLessThan(shares - 0.05);
    const told = options.events.findLast((event) => event.kind === 'epoch');
    expect(told?.metrics['validation-log-loss']).toBeLessThan(shares);
    expect([model.length, model.parameters, model.multiplyAdds]).toEqual([1, 15, 12]);
    const file = model.toOnnx({ model: kind.name });
    expect(readModel(file, 'a model').metadata).toEqual({ model: kind.name });
    const { data: numbers } = data.matrix;
    const x = Float32Array.from({ length: 4 * test.count }, (_, i) => numbers[test.rows[i >> 2] * 4 + (i & 3)]);
    const session = await openSession(file);
    const { probabilities } = await session.run({ input: session.tensor(x, [test.count, 1, 4]) }, ['probabilities']);
    const theirs = probabilities.data as Float32Array;
    expect(theirs.length).toBe(own.length);
    for (let i = 0; i < own.length; i++) expect(Math.abs(own[i] - theirs[i])).toBeLessThan(1e-6);
    await session.close();
    await model.close();
    if (ONNX_PYTHON !== null) {
      const seen = openInPython(file, { input: { shape: [test.count, 1, 4], data: x } });
      expect(seen.metadata).toEqual({ model: kind.name });
      seen.outputs.probabilities.data.forEach((p, i) => {
        expect(Math.abs(p - own[i])).toBeLessThan(1e-6);
      });
    }
    expect(((await kind.fit(data, configOf(kind), quietly())) as FittedLinear).weights).toEqual(model.weights);
  });

  it('refuses signals that never vary', async () => {
    const data = toldDataset(600);
    const still = { ...data.matrix, data: data.matrix.data.map(() => 1) };
    const changed: typeof data = {
      ...data,
      matrix: still,
      train: { ...data.train, matrix: still },
      withLength: () => changed,
    };
    await expect(kind.fit(changed, configOf(kind), quietly())).rejects.toThrow('none of the 4 signals varies');
  });
});

describe('scaledRows', () => {
  it('are the windows’ own', () => {
    const data = toldDataset(600);
    const { x, rows } = scaledRows(data.train, 3);
    expect(rows).toBe(data.train.count);
    const means = [0, 1, 2, 3].map((f) => x.filter((_, i) => i % 4 === f).reduce((sum, z) => sum + z, 0) / rows);
    for (const mean of means) expect(Math.abs(mean)).toBeLessThan(0.05);
  });
});
