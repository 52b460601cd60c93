import { describe, expect, it } from 'vitest';
import type { Value } from '../../../src/nn/graph.ts';
import {
  addPositions,
  bilinear,
  biNorm,
  convBlock,
  flattenWindow,
  gru,
  lastStep,
  layerNormOverChannels,
  lstm,
  type NetBuilder,
  ops,
  selfAttention,
  tabl,
} from '../../../src/nn/index.ts';
import { LayerBuilder } from './layer-builder.ts';

const CASES: readonly [what: string, shape: number[], layer: (net: NetBuilder, x: Value) => Value, message: RegExp][] =
  [
    ['a matrix for an LSTM', [5, 4], (net, x) => lstm(net, 'core', x, 8), /core: lstm reads \(T, B, F\).*\(5, 4\)/],
    ['a matrix for a GRU', [5, 4], (net, x) => gru(net, 'core', x, 8), /core: gru reads \(T, B, F\).*\(5, 4\)/],
    [
      'four axes for BiN',
      [5, 4, 3, 2],
      (net, x) => biNorm(net, 'norm', x),
      /norm: BiN reads \(T, B, F\).*\(5, 4, 3, 2\)/,
    ],
    ['one step for BiN', [1, 4, 3], (net, x) => biNorm(net, 'norm', x), /norm: BiN: \(1, 4, 3\) has 1 steps on axis 0/],
    [
      'one step for TABL',
      [1, 4, 3],
      (net, x) => tabl(net, 't', x, 3, 1),
      /t: TABL: \(1, 4, 3\) has one step on axis 0/,
    ],
    ['a matrix for a bilinear layer', [5, 4], (net, x) => bilinear(net, 'b', x, 3, 1), /b: bilinear reads \(T, B, F\)/],
    [
      'heads that do not share the width',
      [5, 2, 10],
      (net, x) => selfAttention(net, 'encoder', x, 4),
      /encoder: self-attention: 4 heads do not share the 10 features on axis 2/,
    ],
    ['an odd width for positions', [5, 2, 7], addPositions, /positions: axis 2 of \(5, 2, 7\) is odd/],
    [
      'columns that do not fill groups',
      [5, 2, 7, 9],
      (net, x) => convBlock(net, 'c', x, { steps: 1, columns: 2, channels: 2, bend: ops.relu }),
      /c: convolution: groups of 2 columns do not fill the 9 on axis 3/,
    ],
    [
      'a window shorter than a filter',
      [5, 2, 3, 9],
      (net, x) => convBlock(net, 'c', x, { steps: 4, columns: 1, channels: 2, bend: ops.relu }),
      /c: conv: \(5, 2, 3, 9\) with weights \(2, 2, 4, 1\): the kernel is larger/,
    ],
    [
      'an even filter that keeps the rows',
      [5, 2, 7, 9],
      (net, x) => convBlock(net, 'c', x, { steps: 4, columns: 1, channels: 2, same: true, bend: ops.relu }),
      /c: convolution: 4 steps on axis 2 have no middle/,
    ],
    [
      'a window for a norm over channels',
      [5, 2, 3],
      (net, x) => layerNormOverChannels(net, 'n', x),
      /n: .*\(B, C, H, W\)/,
    ],
    ['a matrix for the last step', [5, 4], (_, x) => lastStep(x), /lastStep reads \(T, B, F\)/],
    ['a matrix to flatten', [5, 4], (_, x) => flattenWindow(x), /flattenWindow reads \(T, B, F\)/],
  ];

describe('a shape that does not fit', () => {
  it.each(CASES)('%s is refused, with the layer and the axes', (_, shape, layer, message) => {
    const net = new LayerBuilder('train', 4);
    const x = net.graph.input('x', shape);
    expect(() => layer(net, x)).toThrow(message);
  });
});
