import { Type } from 'typebox';
import { dense, flattenWindow } from '../../nn/index.ts';
import { lengthKey } from './keys.ts';
import { defineNet } from './net.ts';

/** The no-frills baseline of every table of nets: whatever a deeper net adds, it adds to this. */
export const linear = defineNet({
  name: 'linear',
  title: 'Multinomial logistic regression on a flattened window, trained as a net (Cox 1958, J. R. Stat. Soc. B 20)',
  config: Type.Object({ length: lengthKey(10) }, { additionalProperties: false }),
  streams: false,
  length: (config) => config.length,
  build: (_, __, outputs) => (net, x) => {
    const flat = flattenWindow(x); // (B, T·F)
    return dense(net, 'head', flat, outputs); // (B, outputs)
  },
});
