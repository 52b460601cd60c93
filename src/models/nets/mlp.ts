import { Type } from 'typebox';
import { dense, flattenWindow, ops } from '../../nn/index.ts';
import { dropoutKey, lengthKey } from './keys.ts';
import { defineNet } from './net.ts';

/**
 * Layers of ReLU units on a flattened window. The baseline of Tsantekidis, Passalis, Tefas, Kanniainen, Gabbouj and Iosifidis, "Using
 * deep learning to detect price change indications in financial markets", EUSIPCO 2017, has one layer of 128.
 */
export const mlp = defineNet({
  name: 'mlp',
  title: 'Multilayer perceptron on a flattened window (Tsantekidis et al. 2017, EUSIPCO)',
  config: Type.Object(
    {
      length: lengthKey(10),
      hidden: Type.Array(Type.Integer({ minimum: 1, maximum: 4096 }), {
        minItems: 1,
        maxItems: 16,
        default: [128, 64],
        description: 'units of each hidden layer',
      }),
      dropout: dropoutKey(0.1, 'after each hidden layer'),
    },
    { additionalProperties: false },
  ),
  streams: false,
  length: (config) => config.length,
  build: (config, _, outputs) => (net, x) => {
    let y = flattenWindow(x); // (B, T·F)
    config.hidden.forEach((units, i) => {
      y = ops.relu(dense(net, `hidden ${i + 1}`, y, units)); // (B, units)
      y = net.dropout(y, config.dropout);
    });
    return dense(net, 'head', y, outputs); // (B, outputs)
  },
});
