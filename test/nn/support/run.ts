import type { Graph } from '../../../src/nn/graph.ts';
import { encodeModel } from '../../../src/nn/onnx/encode.ts';
import { openSession } from '../../../src/nn/runtime.ts';
import type { Tensor } from './tensor.ts';

/** Runs a graph once by ONNX Runtime on numbers that are float64 here and of the inputs' dtypes there. */
export async function runGraph(graph: Graph, feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
  const session = await openSession(encodeModel(graph), { threads: 1 });
  try {
    const fed = graph.inputs.map(({ name, dtype }) => {
      const { shape, data } = feeds[name];
      const numbers = dtype === 'int64' ? BigInt64Array.from(data, BigInt) : Float32Array.from(data);
      return [name, session.tensor(numbers, shape)] as const;
    });
    const names = graph.outputs.map(({ name }) => name);
    const outputs = await session.run(Object.fromEntries(fed), names);
    return Object.fromEntries(
      names.map((name) => {
        const data = outputs[name].data as Float32Array | BigInt64Array | Uint8Array;
        return [name, { shape: outputs[name].dims, data: Float64Array.from(data, Number) }];
      }),
    );
  } finally {
    await session.close();
  }
}

/** ‖a − b‖ / ‖b‖; where b is nothing but zeros, ‖a‖. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  const norm = (xs: number[]): number => Math.hypot(...xs);
  const size = norm(Array.from(b));
  return norm(Array.from(a, (x, i) => x - b[i])) / (size === 0 ? 1 : size);
}
