import { dense, flattenWindow, type NetBuilder, ops, type Value } from '../../nn/index.ts';

/** Below this many numbers the pyramid ends. */
const BASE = 128;

/**
 * The head of Berti and Kasneci 2025: all numbers of a window in one row, mapped to a quarter of them and again, with GELU between, until
 * at most 128 are left. `x` is (T, B, F); the outcome (B, outputs).
 */
export function pyramidHead(net: NetBuilder, x: Value, outputs: number): Value {
  return net.within('head', () => {
    let y = flattenWindow(x); // (B, T·F)
    for (let level = 1; y.shape[1] > BASE; level++) {
      y = ops.gelu(dense(net, `level ${level}`, y, Math.floor(y.shape[1] / 4))); // (B, a quarter)
    }
    return dense(net, 'outputs', y, outputs); // (B, outputs)
  });
}
