import { Type } from 'typebox';
import {
  addPositions,
  dense,
  feedForward,
  lastStep,
  layerNorm,
  type NetBuilder,
  ops,
  selfAttention,
  type Value,
} from '../../nn/index.ts';
import { dropoutKey, layersKey, lengthKey, widthKey } from './keys.ts';
import { defineNet } from './net.ts';

const config = Type.Object(
  {
    length: lengthKey(100),
    width: widthKey(64, 'numbers that describe a row inside; even, and a multiple of heads'),
    heads: layersKey(4, 'heads of each attention'),
    layers: layersKey(2, 'encoder layers'),
    inner: widthKey(256, 'units between the two maps of each feed-forward part'),
    dropout: dropoutKey(0.1, 'after positions are added and after each part of a layer'),
    readout: Type.Union([Type.Literal('last'), Type.Literal('mean')], {
      default: 'last',
      description: 'what the head reads: the last row, or the mean of all',
    }),
  },
  { additionalProperties: false },
);

/**
 * The encoder of Vaswani et al., "Attention is all you need", NeurIPS 2017: sinusoidal positions, each part followed by dropout, the
 * residual sum and layer norm (sections 3.1 and 5.4), ReLU between the maps of the feed-forward part (3.3). Every row of a window attends to
 * every other: all of them are past.
 */
export const transformer = defineNet({
  name: 'transformer',
  title: 'Transformer encoder (Vaswani et al. 2017, NeurIPS)',
  config,
  streams: false,
  length: ({ length }) => length,
  build: ({ width, heads, layers, inner, dropout, readout }, _, outputs) => {
    const part = (net: NetBuilder, place: string, x: Value, build: (x: Value) => Value): Value =>
      net.within(place, () => layerNorm(net, 'norm', ops.add(x, net.dropout(build(x), dropout)))); // (T, B, width)
    return (net, x) => {
      const rows = dense(net, 'embedding', x, width); // (T, B, width)
      let h = net.dropout(addPositions(net, rows), dropout);
      for (let i = 1; i <= layers; i++) {
        h = part(net, `attention ${i}`, h, (y) => selfAttention(net, 'heads', y, heads));
        h = part(net, `feed-forward ${i}`, h, (y) => feedForward(net, 'maps', y, inner, width, ops.relu));
      }
      const read = readout === 'last' ? lastStep(h) : ops.mean(h, [0]); // (B, width)
      return dense(net, 'head', read, outputs); // (B, outputs)
    };
  },
});
