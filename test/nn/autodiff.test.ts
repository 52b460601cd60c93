import { describe, expect, it } from 'vitest';
import { gradients } from '../../src/nn/autodiff.ts';
import { Graph, type Value } from '../../src/nn/graph.ts';
import * as ops from '../../src/nn/ops/index.ts';
import { differences, interpret } from './support/interpreter.ts';
import { relativeError, runGraph } from './support/run.ts';
import { make, type Tensor } from './support/tensor.ts';

const opsOf = (graph: Graph, from = 0): string[] => graph.nodes.slice(from).map(({ op }) => op);
const wave = (shape: number[], phase: number): Tensor => {
  let n = 0;
  return make(shape, () => Math.fround(Math.sin(phase + 1.7 * n++)));
};

describe('gradients', () => {
  it('adds up what comes back along several ways', () => {
    const graph = new Graph();
    const x = graph.input('x', [2]);
    const y = ops.exp(x);
    graph.output('g', gradients(ops.sum(ops.add(ops.mul(y, y), ops.mul(y, x))), [x])[0]);
    const { g } = interpret(graph, { x: { shape: [2], data: Float64Array.of(0.5, -1) } });
    const slope = (t: number): number => 2 * Math.exp(2 * t) + Math.exp(t) * (t + 1);
    expect(relativeError(g.data, [slope(0.5), slope(-1)])).toBeLessThan(1e-12);
  });

  it('gives zeros where no way leads to the loss', async () => {
    const graph = new Graph();
    const [x, aside, behind] = ['x', 'aside', 'behind'].map((name) => graph.input(name, [2, 3]));
    const loss = ops.mean(ops.square(x));
    ops.mul(loss, behind);
    const [g, none, after] = gradients(loss, [x, aside, behind]);
    graph.output('g', g);
    graph.output('none', none);
    graph.output('after', after);
    const found = await runGraph(graph, { x: wave([2, 3], 0), aside: wave([2, 3], 1), behind: wave([2, 3], 2) });
    expect([...found.none.data, ...found.after.data]).toEqual(Array(12).fill(0));
    expect(found.none.shape).toEqual([2, 3]);
    expect(
      relativeError(
        found.g.data,
        wave([2, 3], 0).data.map((x) => x / 3),
      ),
    ).toBeLessThan(1e-6);
  });

  it('stops where it is told, and at comparisons', () => {
    const graph = new Graph();
    const x = graph.input('x', [3]);
    const fixed = ops.stopGradient(ops.square(x));
    const mask = ops.cast(ops.greater(x, graph.scalar(0)), 'float32');
    graph.output('g', gradients(ops.sum(ops.mul(ops.mul(x, fixed), mask)), [x])[0]);
    const { g } = interpret(graph, { x: { shape: [3], data: Float64Array.of(2, -3, 0.5) } });
    expect([...g.data]).toEqual([4, 0, 0.25]);
  });

  it('takes what lies in the middle of a net as well', () => {
    const graph = new Graph();
    const x = graph.input('x', [2]);
    const y = ops.mul(x, graph.scalar(3));
    const loss = ops.sum(ops.square(y));
    const [ofX, ofY, ofLoss] = gradients(loss, [x, y, loss]);
    graph.output('x', ofX);
    graph.output('y', ofY);
    graph.output('loss', ofLoss);
    const found = interpret(graph, { x: { shape: [2], data: Float64Array.of(1, -2) } });
    expect([...found.x.data]).toEqual([18, -36]);
    expect([...found.y.data]).toEqual([6, -12]);
    expect([...found.loss.data]).toEqual([1]);
  });

  it('refuses a loss that is not one number', () => {
    const graph = new Graph();
    const x = graph.input('x', [2]);
    expect(() => gradients(ops.square(x), [x])).toThrow(
      'the loss is float32 (2); it must be one float32: take its mean or sum',
    );
  });
});

describe('nodes of gradients', () => {
  it('come for what is asked alone', () => {
    const graph = new Graph();
    const [x, weights] = [graph.input('x', [5, 4]), graph.input('w', [4, 3])];
    const loss = ops.sum(ops.matmul(x, weights));
    const before = graph.nodes.length;
    gradients(loss, [weights]);
    expect(opsOf(graph, before)).toEqual(['Expand', 'Gemm']);
  });

  it('leave out branches that do not lead to what is asked', () => {
    const graph = new Graph();
    const [x, y] = [graph.input('x', [3]), graph.input('y', [3])];
    const loss = ops.sum(ops.add(ops.tanh(ops.exp(y)), ops.neg(x)));
    const before = graph.nodes.length;
    gradients(loss, [x]);
    expect(opsOf(graph, before)).toEqual(['Expand', 'Neg']);
  });

  it('end at what is asked', () => {
    const graph = new Graph();
    const middle = ops.tanh(graph.input('x', [3]));
    const loss = ops.sum(ops.neg(middle));
    const before = graph.nodes.length;
    gradients(loss, [middle]);
    expect(opsOf(graph, before)).toEqual(['Expand', 'Neg']);
  });

  it('use products without transposes', () => {
    const graph = new Graph();
    const [x, weights, bias] = [graph.input('x', [5, 4]), graph.input('w', [4, 3]), graph.input('b', [3])];
    const loss = ops.sum(ops.square(ops.gemm(x, weights, { bias })));
    const before = graph.nodes.length;
    gradients(loss, [x, weights, bias]);
    expect(opsOf(graph, before).sort()).toEqual(['Expand', 'Gemm', 'Gemm', 'Mul', 'Mul', 'ReduceSum']);
  });

  it('sum biases of many rows by a product', async () => {
    const graph = new Graph();
    const [x, bias, rows] = [graph.input('x', [3, 12, 9]), graph.input('b', [9]), graph.input('r', [3, 1, 9])];
    const loss = ops.sum(ops.square(ops.add(ops.mul(x, rows), bias)));
    const before = graph.nodes.length;
    const [ofBias, ofRows] = gradients(loss, [bias, rows]);
    expect(opsOf(graph, before).filter((op) => op === 'Gemm' || op === 'ReduceSum')).toEqual(['Gemm', 'ReduceSum']);
    graph.output('bias', ofBias);
    graph.output('rows', ofRows);
    const feeds = { x: wave([3, 12, 9], 0), b: wave([9], 1), r: wave([3, 1, 9], 2) };
    const [exact, fast] = [interpret(graph, feeds), await runGraph(graph, feeds)];
    const expected = make([9], ([j]) => {
      let total = 0;
      for (let i = 0; i < 36; i++)
        total += 2 * (feeds.x.data[i * 9 + j] * feeds.r.data[Math.floor(i / 12) * 9 + j] + feeds.b.data[j]);
      return total;
    });
    expect(relativeError(exact.bias.data, expected.data)).toBeLessThan(1e-12);
    expect(relativeError(fast.bias.data, expected.data)).toBeLessThan(1e-5);
    expect(relativeError(fast.rows.data, exact.rows.data)).toBeLessThan(1e-5);
  });

  it('sum over axes in the middle, however many rows there are', () => {
    const graph = new Graph();
    const [x, factors] = [graph.input('x', [40, 3, 9]), graph.input('f', [40, 1, 9])];
    graph.output('g', gradients(ops.sum(ops.mul(x, factors)), [factors])[0]);
    const feed = wave([40, 3, 9], 0);
    const { g } = interpret(graph, { x: feed, f: wave([40, 1, 9], 1) });
    const sums = make([40, 1, 9], ([i, , j]) =>
      [0, 1, 2].reduce((total, k) => total + feed.data[(i * 3 + k) * 9 + j], 0),
    );
    expect(relativeError(g.data, sums.data)).toBeLessThan(1e-12);
  });

  it('are not differentiated themselves', () => {
    const graph = new Graph();
    const x = graph.input('x', [3]);
    const loss = ops.sum(ops.gelu(x));
    const before = graph.steps.length;
    gradients(loss, [x]);
    expect(graph.steps).toHaveLength(before);
  });
});

/** Every smooth operator, in nets of a few layers. */
const NETS: Record<string, { inputs: Record<string, number[]>; net: (x: Record<string, Value>) => Value }> = {
  'a layer of each activation': {
    inputs: { x: [4, 3], w: [3, 5], b: [5] },
    net: ({ x, w, b }) => {
      const h = ops.add(ops.matmul(x, w), b);
      return [ops.gelu, ops.tanh, ops.sigmoid, ops.softplus, ops.exp].map((f) => ops.mean(f(h))).reduce(ops.mul);
    },
  },
  'roots, powers and logarithms': {
    inputs: { x: [2, 3], y: [3] },
    net: ({ x, y }) => {
      const positive = ops.add(ops.square(x), x.graph.scalar(1));
      const parts = [ops.sqrt(positive), ops.log(positive), ops.reciprocal(positive), ops.pow(positive, 1.5)];
      return ops.mean(ops.div(ops.sub(parts.reduce(ops.add), ops.neg(y)), positive));
    },
  },
  'attention between norms': {
    inputs: { x: [2, 3, 4], gain: [4], bias: [4], w: [4, 12] },
    net: ({ x, gain, bias, w }) => {
      const normal = ops.layerNorm(x, gain, bias);
      const heads = ops.split(ops.matmul(normal, w), -1, [4, 4, 4]).map((part) => {
        return ops.transpose(ops.reshape(part, [2, 3, 2, 2]), [0, 2, 1, 3]);
      });
      const mixed = ops.transpose(ops.attention(heads[0], heads[1], heads[2]), [0, 2, 1, 3]);
      const y = ops.layerNorm(ops.add(x, ops.reshape(mixed, [2, 3, 4])), gain, bias, { epsilon: 0.1 });
      return ops.mean(ops.mul(ops.logSoftmax(y), ops.softmax(x, 1)));
    },
  },
  'convolutions and cuts': {
    inputs: { x: [2, 1, 6, 4], w: [2, 1, 3, 2], b: [2] },
    net: ({ x, w, b }) => {
      const y = ops.tanh(ops.conv(x, w, { bias: b, strides: [2, 1], pads: [1, 0, 1, 1] })); // (2, 2, 3, 4)
      const rows = ops.concat([ops.slice(y, 2, 0, 2), ops.pad(ops.slice(y, 2, 2), [0, 0, 1, 0], [0, 0, 0, 0], 0.5)], 3);
      const picked = ops.gather(rows, x.graph.integers([3, 0, 3]), 3);
      return ops.mean(ops.square(ops.sub(ops.broadcastTo(ops.sum(picked, [1], true), [2, 2, 2, 3]), picked)));
    },
  },
};

describe('central differences', () => {
  it.each(Object.entries(NETS))('agree with %s', async (_, { inputs, net }) => {
    const graph = new Graph();
    const values = Object.fromEntries(Object.entries(inputs).map(([name, shape]) => [name, graph.input(name, shape)]));
    const feeds = Object.fromEntries(Object.entries(inputs).map(([name, shape], i) => [name, wave(shape, i)]));
    const loss = net(values);
    const forward = graph.nodes.length;
    graph.output('loss', loss);
    const names = Object.keys(inputs);
    gradients(loss, Object.values(values)).forEach((g, i) => {
      graph.output(`d ${names[i]}`, g);
    });
    const exact = interpret(graph, feeds);
    const fast = await runGraph(graph, feeds);
    const ahead = Object.assign(new Graph(), graph, {
      nodes: graph.nodes.slice(0, forward),
      outputs: graph.outputs.slice(0, 1),
    });
    expect(relativeError(fast.loss.data, exact.loss.data)).toBeLessThan(1e-5);
    for (const name of names) {
      const slopes = differences(ahead, feeds, 'loss', name);
      expect(relativeError(exact[`d ${name}`].data, slopes), `interpreter, by ${name}`).toBeLessThan(3e-7);
      expect(relativeError(fast[`d ${name}`].data, slopes), `ONNX Runtime, by ${name}`).toBeLessThan(1e-5);
    }
  });
});
