import type { Value } from '../graph.ts';
import type { NetBuilder } from '../net.ts';
import { gemm, reshape } from '../ops/index.ts';
import { product, windowOf } from './window.ts';

export interface DenseOptions {
  readonly maxNorm?: number;
}

/**
 * x W + b along the last axis: (…, F) to (…, `units`). Begins as PyTorch's `Linear`: uniform within ± 1/√F. Columns of W are the
 * incoming weights of a unit.
 */
export function dense(net: NetBuilder, place: string, x: Value, units: number, options: DenseOptions = {}): Value {
  return net.within(place, () => {
    const lead = x.shape.slice(0, -1);
    const features = x.shape[x.shape.length - 1];
    const initial = { uniform: 1 / Math.sqrt(features) };
    const weight = net.parameter('weight', [features, units], initial, options); // (F, units)
    const bias = net.parameter('bias', [units], initial, { decays: false });
    const rows = reshape(x, [product(lead), features]); // (rows, F)
    return reshape(gemm(rows, weight, { bias }), [...lead, units]); // (…, units)
  });
}

/** The same along time, for each feature alike: (T, B, F) to (`steps`, B, F). One product of matrices: nothing is transposed. */
export function denseOverTime(net: NetBuilder, place: string, x: Value, steps: number): Value {
  return net.within(place, () => {
    const [rows, batch, features] = windowOf(x, 'dense over time');
    const initial = { uniform: 1 / Math.sqrt(rows) };
    const weight = net.parameter('weight', [rows, steps], initial); // (T, steps)
    const bias = reshape(net.parameter('bias', [steps], initial, { decays: false }), [steps, 1]);
    const columns = reshape(x, [rows, product([batch, features])]); // (T, B·F)
    return reshape(gemm(weight, columns, { bias, transA: true }), [steps, batch, features]); // (steps, B, F)
  });
}
