import { describe, expect, it } from 'vitest';
import { gaussLegendre } from '../../../src/core/index.ts';
import { Attribution } from '../../../src/models/explain/attribution.ts';
import { type ExplainRun, IntegratedGradients } from '../../../src/models/explain/integrated-gradients.ts';
import { openNetExplainer } from '../../../src/models/explain/net-explainer.ts';
import { NETS } from '../../../src/models/nets/index.ts';
import {
  createPredictor,
  explainGraph,
  explainLayout,
  type NetShape,
  POINTS,
  STRETCHES,
} from '../../../src/nn/index.ts';
import { layoutOf } from '../../../src/nn/net-builder.ts';
import { noise, SMALL, shapeOf } from '../nets/support.ts';

const FEATURES = 8;
/** Weights as of a net that has learnt something: the first ones grown and moved. */
function grownWeights(shape: NetShape, seed: number): Float32Array {
  const moved = noise(layoutOf(shape).size, seed + 1000);
  return layoutOf(shape)
    .initialise(seed)
    .map((w, i) => 1.5 * w + 0.02 * moved[i]);
}

function open(shape: NetShape, weights: Float32Array): Promise<IntegratedGradients> {
  const sizes = { rows: shape.steps, inputs: shape.features, classes: shape.outputs };
  return openNetExplainer(explainGraph({ ...shape, weights, scaler: null }), sizes);
}

/** What the net says of windows that come one after the other, against the mean of all classes. */
async function logits(shape: NetShape, weights: Float32Array, windows: Float32Array[], k: number): Promise<number[]> {
  const { steps, features, outputs } = shape;
  const batch = windows.length;
  const x = new Float32Array(steps * batch * features);
  windows.forEach((window, b) => {
    for (let t = 0; t < steps; t++)
      x.set(window.subarray(t * features, (t + 1) * features), (t * batch + b) * features);
  });
  const predictor = await createPredictor({ ...shape, batch, weights, activation: 'none' });
  const out = new Float64Array(batch * outputs);
  await predictor.predict(x, batch, out);
  await predictor.close();
  return windows.map((_, b) => {
    const of = out.subarray(b * outputs, (b + 1) * outputs);
    return of[k] - of.reduce((sum, logit) => sum + logit / outputs, 0);
  });
}

describe.each(NETS.map((net) => net.name))('integrated gradients of %s', (name) => {
  it('add up to what the net moved by within 1 %', { timeout: 120_000 }, async () => {
    const shape = shapeOf(name, SMALL[name], FEATURES);
    // DeepLOB's norms over six channels turn at every step of a path; its third seed jumps by a hundred times what it moves in all.
    for (const seed of name === 'deeplob' ? [1, 2, 3] : [1, 2]) {
      const weights = grownWeights(shape, seed);
      const window = noise(shape.steps * FEATURES, seed + 10);
      const explainer = await open(shape, weights);
      const out = new Attribution(shape.steps, FEATURES);
      explainer.explain(window, 1, out);
      await explainer.close();
      const [said] = await logits(shape, weights, [window], 1);
      expect(out.value).toBeCloseTo(said, 4);
      expect(Math.abs(out.value - out.baseline)).toBeGreaterThan(1e-4);
      expect(Math.abs(out.remainder)).toBeLessThan(0.01 * Math.abs(out.value - out.baseline));
    }
  });
});

it('integrated gradients are the integral of numerical gradients along the path', async () => {
  const shape = shapeOf('gru', { length: 4, hidden: 6, layers: 1 }, 3);
  const weights = grownWeights(shape, 3).map((w) => 3 * w);
  const window = noise(12, 4);
  const explainer = await open(shape, weights);
  const out = new Attribution(4, 3);
  explainer.explain(window, 2, out);
  await explainer.close();
  const [points, step] = [50, 1e-2];
  for (let i = 0; i < window.length; i++) {
    const asked = Array.from({ length: points }, (_, p) => {
      const at = window.map((x) => (x * (p + 0.5)) / points);
      return [at.map((x, j) => (j === i ? x + step : x)), at.map((x, j) => (j === i ? x - step : x))];
    }).flat();
    const said = await logits(shape, weights, asked, 2);
    let sum = 0;
    for (let p = 0; p < points; p++) sum += (said[2 * p] - said[2 * p + 1]) / (2 * step) / points;
    expect(out.values[i]).toBeCloseTo(window[i] * sum, 3);
  }
});

it('scales rows as the served model does, and explains every class', async () => {
  const shape = shapeOf('mlp', SMALL.mlp, FEATURES);
  const weights = grownWeights(shape, 5);
  const scaled = noise(shape.steps * FEATURES, 6);
  const scaler = {
    mean: Float32Array.from({ length: FEATURES }, (_, f) => f),
    deviation: Float32Array.from({ length: FEATURES }, (_, f) => 1 + f),
    clip: 10,
  };
  const raw = scaled.map((z, i) => z * (1 + (i % FEATURES)) + (i % FEATURES));
  raw[3] = Number.NaN;
  scaled[3] = 0;
  const sizes = { rows: shape.steps, inputs: FEATURES, classes: 3 };
  const own = await open(shape, weights);
  const served = await openNetExplainer(explainGraph({ ...shape, weights, scaler }), sizes);
  const [a, b] = [new Attribution(shape.steps, FEATURES), new Attribution(shape.steps, FEATURES)];
  let sum = 0;
  for (let k = 0; k < 3; k++) {
    own.explain(scaled, k, a);
    served.explain(raw, k, b);
    a.values.forEach((value, i) => {
      expect(b.values[i]).toBeCloseTo(value, 3);
    });
    expect(b.values[3]).toBe(0);
    sum += b.value;
  }
  expect(sum).toBeCloseTo(0, 5);
  await own.close();
  await served.close();
});

/** What `explainGraph` would say of a function of the place on the path: its value and what each of two inputs adds a step. */
function pathRun(f: (alpha: number) => number, slopes: (alpha: number) => readonly [number, number]): ExplainRun {
  const layout = explainLayout({ steps: 1, features: 2, outputs: 2 });
  const input = new Float32Array(layout.input);
  const output = new Float32Array(layout.output);
  const { nodes } = gaussLegendre(POINTS);
  const run = (): void => {
    for (let s = 0; s < STRETCHES; s++) {
      const [from, to] = [input[layout.from + s], input[layout.to + s]];
      nodes.forEach((node, q) => {
        output.set(slopes(from + (to - from) * node), (s * POINTS + q) * 2);
      });
      output.set([f(from), f(to)], layout.ends + 2 * s);
    }
  };
  return { input, output, run, close: async () => {} };
}

describe('a path', () => {
  const explained = (run: ExplainRun) => {
    const explainer = new IntegratedGradients(run, 1, 2, 2);
    const out = new Attribution(1, 2);
    explainer.explain(new Float32Array(2), 0, out);
    return { values: [...out.values], remainder: out.remainder, runs: explainer.runs };
  };

  it('with a kink is integrated exactly, input by input, without being cut', () => {
    // Slopes of 1 and 2 up to 0.3, then of 5 and −1.
    const { values, remainder, runs } = explained(
      pathRun(
        (a) => (a < 0.3 ? 3 * a : 0.9 + 4 * (a - 0.3)),
        (a) => (a < 0.3 ? [1, 2] : [5, -1]),
      ),
    );
    expect(runs).toBe(1);
    expect(Math.abs(remainder)).toBeLessThan(1e-6);
    expect(values[0]).toBeCloseTo(0.3 * 1 + 0.7 * 5, 5);
    expect(values[1]).toBeCloseTo(0.3 * 2 - 0.7 * 1, 5);
  });

  it('with a turn between two points is cut until it is seen', () => {
    const width = 1e-3;
    const turned = (a: number): number => Math.tanh((a - 0.61) / width);
    const { values, remainder, runs } = explained(pathRun(turned, (a) => [(1 - turned(a) ** 2) / width, 0]));
    expect(runs).toBeGreaterThan(1);
    expect(Math.abs(remainder)).toBeLessThan(0.01 * 2);
    expect(values[0]).toBeCloseTo(2, 1);
    expect(values[1]).toBe(0);
  });

  it('that jumps leaves the jump as a remainder, after as many runs as there may be', () => {
    const { values, remainder } = explained(
      pathRun(
        (a) => (a < 0.5 ? a : a + 1),
        () => [1, 0],
      ),
    );
    expect(values[1]).toBe(0);
    expect(values[0]).toBeCloseTo(1, 3);
    expect(remainder).toBeCloseTo(1, 3);
  });

  it('that goes nowhere adds nothing', () => {
    expect(
      explained(
        pathRun(
          () => 2,
          () => [0, 0],
        ),
      ),
    ).toEqual({ values: [0, 0], remainder: 0, runs: 1 });
  });
});

it('refuses weights of another net', () => {
  const shape = shapeOf('mlp', SMALL.mlp, FEATURES);
  expect(() => explainGraph({ ...shape, weights: new Float32Array(3), scaler: null })).toThrow('of another net');
});
