import { Type } from 'typebox';
import {
  biNorm,
  dense,
  denseOverTime,
  layerNorm,
  layerNormOverTime,
  type NetBuilder,
  ops,
  type Value,
} from '../../nn/index.ts';
import { layersKey, lengthKey, widthKey } from './keys.ts';
import { defineNet } from './net.ts';
import { pyramidHead } from './pyramid-head.ts';

const { add, gelu } = ops;

/** A perceptron of two maps across the features of each row: residual sum where sizes allow, then norm, then GELU. */
export function featureMlp(net: NetBuilder, place: string, x: Value, inner: number, width: number): Value {
  return net.within(place, () => {
    const y = dense(net, 'down', gelu(dense(net, 'up', x, inner)), width); // (T, B, inner) → (T, B, width)
    return gelu(layerNorm(net, 'norm', width === x.shape[2] ? add(y, x) : y)); // (T, B, width)
  });
}

/** The same across the rows of each feature. */
export function timeMlp(net: NetBuilder, place: string, x: Value, inner: number, steps: number): Value {
  return net.within(place, () => {
    const y = denseOverTime(net, 'down', gelu(denseOverTime(net, 'up', x, inner)), steps); // (inner, B, F) → (steps, B, F)
    return gelu(layerNormOverTime(net, 'norm', steps === x.shape[0] ? add(y, x) : y)); // (steps, B, F)
  });
}

/**
 * Berti and Kasneci, "TLOB: A novel transformer model with dual attention for price trend prediction with limit order book data", arXiv
 * 2502.15757, 2025, section 4 and the authors' code: blocks of two perceptrons, one across features and one across time; the last block
 * narrows both to a quarter. The published net is 144 wide, reads 384 rows of FI-2010 and has three blocks.
 */
export const mlplob = defineNet({
  name: 'mlplob',
  title: 'MLPLOB: perceptrons across features and time in turn (Berti and Kasneci 2025, arXiv 2502.15757)',
  config: Type.Object(
    {
      length: lengthKey(128, 4),
      width: widthKey(64, 'numbers that describe a row inside, 4 or more', 4),
      blocks: layersKey(3, 'pairs of perceptrons, the last of which narrows'),
    },
    { additionalProperties: false },
  ),
  streams: false,
  length: (config) => config.length,
  build: ({ width, blocks }, _, outputs) => {
    return (net, x) => {
      const steps = x.shape[0];
      let h = gelu(dense(net, 'embedding', biNorm(net, 'norm', x), width)); // (T, B, width)
      for (let i = 1; i <= blocks; i++) {
        const last = i === blocks;
        h = featureMlp(net, `features ${i}`, h, width * (last ? 2 : 4), last ? width >> 2 : width);
        h = timeMlp(net, `time ${i}`, h, steps * (last ? 2 : 4), last ? steps >> 2 : steps);
      }
      return pyramidHead(net, h, outputs); // (T/4, B, width/4) → (B, outputs)
    };
  },
});
