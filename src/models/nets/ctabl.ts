import { type Static, Type } from 'typebox';
import { bilinear, biNorm, lastStep, type NetBuilder, ops, tabl, type Value } from '../../nn/index.ts';
import { dropoutKey, lengthKey, widthKey } from './keys.ts';
import { defineNet } from './net.ts';

const config = Type.Object(
  {
    length: lengthKey(10),
    features1: widthKey(60, 'features after the first bilinear layer'),
    steps1: widthKey(10, 'steps after the first bilinear layer'),
    features2: widthKey(120, 'features after the second bilinear layer'),
    steps2: widthKey(5, 'steps after the second bilinear layer'),
    dropout: dropoutKey(0.1, 'after each bilinear layer'),
  },
  { additionalProperties: false },
);

/** Two bilinear layers with ReLU and one with attention that ends in one step and a feature for each output. */
function layers(net: NetBuilder, x: Value, c: Static<typeof config>, outputs: number): Value {
  const first = net.dropout(ops.relu(bilinear(net, 'bilinear 1', x, c.features1, c.steps1)), c.dropout); // (steps1, B, features1)
  const second = net.dropout(ops.relu(bilinear(net, 'bilinear 2', first, c.features2, c.steps2)), c.dropout); // (steps2, B, features2)
  return lastStep(tabl(net, 'tabl', second, outputs, 1)); // (1, B, outputs) → (B, outputs)
}

/**
 * Tran, Iosifidis, Kanniainen and Gabbouj, "Temporal attention-augmented bilinear network for financial time-series data analysis", IEEE
 * Transactions on Neural Networks and Learning Systems 30, 2019, section IV: topology C, 60 × 10 – 120 × 5 – 3 × 1.
 */
export const ctabl = defineNet({
  name: 'ctabl',
  title: 'C(TABL): bilinear layers with temporal attention (Tran et al. 2019, IEEE TNNLS 30)',
  config,
  streams: false,
  length: ({ length }) => length,
  build: (c, _, outputs) => (net, x) => layers(net, x, c, outputs),
});

/**
 * C(TABL) on rows normalised window by window: Tran, Kanniainen, Gabbouj and Iosifidis, "Data normalization for bilinear structures in
 * high-frequency financial time-series", ICPR 2020. With 10 rows of 40 numbers and three classes it has 11,446 parameters.
 */
export const binCtabl = defineNet({
  name: 'bin-ctabl',
  title: 'BiN-C(TABL): C(TABL) after bilinear input normalisation (Tran et al. 2020, ICPR)',
  config,
  streams: false,
  length: ({ length }) => length,
  build: (c, _, outputs) => (net, x) => layers(net, biNorm(net, 'norm', x), c, outputs),
});
