import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { gradients } from '../../../src/nn/autodiff.ts';
import { type Shape, sizeOf, type Value } from '../../../src/nn/graph.ts';
import {
  attentionPool,
  bilinear,
  biNorm,
  convBlock,
  dense,
  denseOverTime,
  feedForward,
  gru,
  inception,
  layerNorm,
  layerNormOverChannels,
  layerNormOverTime,
  leakyRelu,
  lstm,
  type NetBuilder,
  ops,
  selfAttention,
  selfAttentionOverFeatures,
  tabl,
} from '../../../src/nn/index.ts';
import { relativeError, runGraph } from '../support/run.ts';
import type { Tensor } from '../support/tensor.ts';
import { LayerBuilder } from './layer-builder.ts';

/** What PyTorch says in float64; made by `scripts/nn_reference_layers.py`, which also says how the numbers that go in are made. */
const REFERENCE: { cases: Record<string, { shape: number[]; outcome: number[]; gradients: number[][] }> } = JSON.parse(
  readFileSync(new URL('./reference.json', import.meta.url), 'utf8'),
);

const leaky = (x: Value): Value => leakyRelu(x, 0.01);

/** Each layer with the sizes of its reference. */
const LAYERS: Record<string, (net: NetBuilder, x: Value) => Value> = {
  dense: (net, x) => dense(net, 'a', x, 6),
  denseOverTime: (net, x) => denseOverTime(net, 'a', x, 6),
  layerNorm: (net, x) => layerNorm(net, 'a', x),
  layerNormOverTime: (net, x) => layerNormOverTime(net, 'a', x),
  lstm: (net, x) => lstm(net, 'a', x, 6),
  'lstm of 1 step': (net, x) => lstm(net, 'a', x, 6),
  'lstm of 2 layers': (net, x) => lstm(net, 'b', lstm(net, 'a', x, 6), 6),
  gru: (net, x) => gru(net, 'a', x, 6),
  'gru of 1 step': (net, x) => gru(net, 'a', x, 6),
  'gru of 2 layers': (net, x) => gru(net, 'b', gru(net, 'a', x, 6), 6),
  'attention of 2 heads': (net, x) => selfAttention(net, 'a', x, 2),
  'attention over features': (net, x) => selfAttentionOverFeatures(net, 'a', x),
  attentionPool: (net, x) => attentionPool(net, 'a', x, 6),
  feedForward: (net, x) => feedForward(net, 'a', x, 6, 4, ops.gelu),
  bin: (net, x) => biNorm(net, 'a', x),
  bilinear: (net, x) => bilinear(net, 'a', x, 6, 3),
  tabl: (net, x) => tabl(net, 'a', x, 6, 2),
  layerNormOverChannels: (net, x) => layerNormOverChannels(net, 'a', x),
  'convBlock over time': (net, x) => convBlock(net, 'a', x, { steps: 4, columns: 1, channels: 5, bend: leaky }),
  'convBlock over columns': (net, x) => convBlock(net, 'a', x, { steps: 1, columns: 2, channels: 5, bend: leaky }),
  inception: (net, x) => inception(net, 'a', x, 3, leaky),
};

/** Numbers that repeat nowhere soon, the same as the script's. */
function wave(shape: Shape, phase: number, scale: number): Tensor {
  const data = Float64Array.from({ length: sizeOf(shape) }, (_, k) =>
    Math.fround(Math.sin((k + 1) * (k + phase) * 0.37) * scale),
  );
  return { shape, data };
}

function feedsOf(net: LayerBuilder, x: Value): Record<string, Tensor> {
  const parameters = net.parameters.map((value, i) => [value.name, wave(value.shape, 2.5 + i, 0.6)] as const);
  return { x: wave(x.shape, 1.5, 1), ...Object.fromEntries(parameters) };
}

describe.each(Object.keys(REFERENCE.cases))('%s', (name) => {
  const { shape, outcome, gradients: wanted } = REFERENCE.cases[name];

  it('gives what PyTorch gives in float64, and its gradients', async () => {
    const net = new LayerBuilder('train', shape[1]);
    const x = net.graph.input('x', shape);
    const y = LAYERS[name](net, x);
    const direction = net.graph.input('direction', y.shape);
    const grads = gradients(ops.sum(ops.mul(y, direction)), [x, ...net.parameters]);
    net.graph.output('y', y);
    grads.forEach((grad, i) => {
      net.graph.output(`gradient ${i}`, grad);
    });
    const found = await runGraph(net.graph, { ...feedsOf(net, x), direction: wave(y.shape, 99.5, 1) });
    expect(relativeError(found.y.data, outcome)).toBeLessThan(1e-5);
    expect(grads).toHaveLength(wanted.length);
    for (const [i, grad] of wanted.entries())
      expect(relativeError(found[`gradient ${i}`].data, grad), `gradient ${i}`).toBeLessThan(1e-5);
  });

  it('gives the same where it evaluates', async () => {
    const net = new LayerBuilder('evaluate', shape[1]);
    const x = net.graph.input('x', shape);
    net.graph.output('y', LAYERS[name](net, x));
    const found = await runGraph(net.graph, feedsOf(net, x));
    expect(relativeError(found.y.data, outcome)).toBeLessThan(1e-5);
  });
});

it('has a reference for each layer', () => {
  expect(Object.keys(REFERENCE.cases)).toEqual(Object.keys(LAYERS));
});
