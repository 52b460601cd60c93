import type { Value } from '../graph.ts';
import type { NetBuilder } from '../net.ts';
import { concat, conv, maxPool } from '../ops/index.ts';
import { layerNormOverChannels } from './layer-norm.ts';

export interface ConvBlockSpec {
  /** Rows and columns that one place looks at. Columns are taken in groups that do not overlap. */
  readonly steps: number;
  readonly columns: number;
  readonly channels: number;
  /** Keeps as many rows as there were, zeros beyond the ends; `steps` must be odd. Default: only rows that see whole windows. */
  readonly same?: boolean;
  readonly bend: (x: Value) => Value;
}

/**
 * A convolution over time and columns, a bend, and a norm over the channels of each place: (B, C, T, W) to (B, `channels`, T − steps + 1,
 * W / columns). Batch-first, unlike other layers, since that is how the runtime convolves. Begins as PyTorch's `Conv2d`.
 */
export function convBlock(net: NetBuilder, place: string, x: Value, spec: ConvBlockSpec): Value {
  return net.within(place, () => {
    const { steps, columns, channels, same = false, bend } = spec;
    const { graph } = x;
    if (same && steps % 2 === 0)
      graph.fail(`convolution: ${steps} steps on axis 2 have no middle, which "same" needs; make them odd`);
    if (x.shape[3] % columns !== 0)
      graph.fail(`convolution: groups of ${columns} columns do not fill the ${x.shape[3]} on axis 3; pad them`);
    const initial = { uniform: 1 / Math.sqrt(x.shape[1] * steps * columns) };
    const weight = net.parameter('weight', [channels, x.shape[1], steps, columns], initial);
    const bias = net.parameter('bias', [channels], initial, { decays: false });
    const beyond = same ? (steps - 1) / 2 : 0;
    const y = conv(x, weight, { bias, strides: [1, columns], pads: [beyond, 0, beyond, 0] });
    return layerNormOverChannels(net, 'norm', bend(y)); // (B, channels, T', W')
  });
}

/**
 * The inception module of DeepLOB (Zhang, Zohren and Roberts 2019, figure 4): looks of three and of five rows and the largest of three, each through
 * one map of channels, side by side: (B, C, T, W) to (B, 3 · `channels`, T, W).
 */
export function inception(
  net: NetBuilder,
  place: string,
  x: Value,
  channels: number,
  bend: (x: Value) => Value,
): Value {
  return net.within(place, () => {
    const one = { steps: 1, columns: 1, channels, bend };
    const look = (steps: number): Value => {
      const mapped = convBlock(net, `map of ${steps}`, x, one);
      return convBlock(net, `look of ${steps}`, mapped, { ...one, steps, same: true });
    };
    const largest = maxPool(x, { kernel: [3, 1], pads: [1, 0, 1, 0] });
    return concat([look(3), look(5), convBlock(net, 'largest', largest, one)], 1); // (B, 3 · channels, T, W)
  });
}
