import { Type } from 'typebox';
import {
  addPositions,
  biNorm,
  dense,
  layerNorm,
  layerNormOverTime,
  type NetBuilder,
  ops,
  selfAttention,
  selfAttentionOverFeatures,
  type Value,
} from '../../nn/index.ts';
import { layersKey, lengthKey, widthKey } from './keys.ts';
import { featureMlp, timeMlp } from './mlplob.ts';
import { defineNet } from './net.ts';
import { pyramidHead } from './pyramid-head.ts';

const { add } = ops;

/** Rows attend to rows; then a perceptron across features, as wide as `width`. */
function temporal(net: NetBuilder, place: string, x: Value, heads: number, width: number): Value {
  return net.within(place, () => {
    const attended = layerNorm(net, 'norm', add(selfAttention(net, 'attention', x, heads), x)); // (T, B, F)
    const y = featureMlp(net, 'mlp', attended, 4 * x.shape[2], width); // (T, B, width)
    return width === x.shape[2] ? add(y, x) : y;
  });
}

/** Features attend to features, each told by its T numbers; then a perceptron across time. */
function spatial(net: NetBuilder, place: string, x: Value, steps: number): Value {
  return net.within(place, () => {
    const attended = layerNormOverTime(net, 'norm', add(selfAttentionOverFeatures(net, 'attention', x), x)); // (T, B, F)
    const y = timeMlp(net, 'mlp', attended, 4 * x.shape[0], steps); // (steps, B, F)
    return steps === x.shape[0] ? add(y, x) : y;
  });
}

/**
 * Berti and Kasneci, "TLOB: A novel transformer model with dual attention for price trend prediction with limit order book data", arXiv
 * 2502.15757, 2025, section 4 and the authors' code. The code maps queries, keys and values twice in a row with nothing between, and the
 * outcome of attention likewise; each such pair is one map here, which can do the same with fewer parameters. The published net is 144
 * wide, reads 128 rows and has four layers.
 */
export const tlob = defineNet({
  name: 'tlob',
  title: 'TLOB: attention across time and across features in turn (Berti and Kasneci 2025, arXiv 2502.15757)',
  config: Type.Object(
    {
      length: lengthKey(128, 4),
      width: widthKey(40, 'numbers that describe a row inside, 4 or more; even, and a multiple of heads', 4),
      heads: layersKey(1, 'heads of the attention across time'),
      layers: layersKey(4, 'pairs of attention, the last of which narrows'),
    },
    { additionalProperties: false },
  ),
  streams: false,
  length: (config) => config.length,
  build: ({ width, heads, layers }, _, outputs) => {
    return (net, x) => {
      const steps = x.shape[0];
      let h = addPositions(net, dense(net, 'embedding', biNorm(net, 'norm', x), width)); // (T, B, width)
      for (let i = 1; i <= layers; i++) {
        const last = i === layers;
        h = temporal(net, `temporal ${i}`, h, heads, last ? width >> 2 : width);
        h = spatial(net, `spatial ${i}`, h, last ? steps >> 2 : steps);
      }
      return pyramidHead(net, h, outputs); // (T/4, B, width/4) → (B, outputs)
    };
  },
});
