import { ANY, shapeText, sizeOf, type Value } from '../graph.ts';
import { axisOf, expectDType, node, permuted, reshaped, zeros } from './shapes.ts';

/**
 * Rows of `x` along `axis` by number (int64): the axis is replaced by those of `indices`. Numbers below 0 count from the end; ONNX Runtime
 * refuses those outside. A row that is taken several times gets the sum of the gradients.
 */
export function gather(x: Value, indices: Value, axis = 0): Value {
  const { graph } = x;
  expectDType(indices, 'int64', 'gather: the indices');
  const along = axisOf(x, axis, 'gather');
  const shape = [...x.shape.slice(0, along), ...indices.shape, ...x.shape.slice(along + 1)];
  if (shape.filter((size) => size === ANY).length > 1)
    graph.fail(
      `gather: ${shapeText(indices.shape)} indices along axis ${along} of ${shapeText(x.shape)} leave two sizes unknown; one may be`,
    );
  const y = node('Gather', [x, indices], shape, { axis: { int: along } }, x.dtype);
  graph.record([x, indices], [y], ([g]) => [scattered(g!, x, indices, along), null]);
  return y;
}

/** Adds each row of `grad` to the row of `x` that it came from: with the axis in front, where ONNX scatters rows. */
function scattered(grad: Value, x: Value, indices: Value, axis: number): Value {
  const rank = x.shape.length;
  const order = [axis, ...[...x.shape.keys()].filter((i) => i !== axis)];
  const rows = order.map((i) => x.shape[i]);
  const count = sizeOf(indices.shape);
  const flat = reshaped(grad, [...x.shape.slice(0, axis), count, ...x.shape.slice(axis + 1)]);
  const places = reshaped(indices, [count, 1]);
  const added = node('ScatterND', [zeros(x, rows), places, permuted(flat, order)], rows, {
    reduction: { string: 'add' },
  });
  return permuted(
    added,
    [...Array(rank).keys()].map((i) => order.indexOf(i)),
  );
}

/** 1 at the place that each index (int64, in [0, depth)) names along a new last axis, and 0 elsewhere. No gradient. */
export function oneHot(indices: Value, depth: number): Value {
  const { graph } = indices;
  expectDType(indices, 'int64', 'oneHot: the indices');
  if (!Number.isInteger(depth) || depth < 1)
    graph.fail(`oneHot: the depth is ${depth}; it must be a whole number of at least 1`);
  const values = graph.constant(Float32Array.of(0, 1), [2]);
  return node('OneHot', [indices, graph.integers([depth]), values], [...indices.shape, depth]);
}
