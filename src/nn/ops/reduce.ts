import { sizeOf, type Value } from '../graph.ts';
import { div, mul } from './arithmetic.ts';
import { axesOf, expectDType, node, reducedShape, reshaped, spread } from './shapes.ts';

/** Sum over `axes` (default all), which are left out, or kept as 1. */
export function sum(x: Value, axes?: readonly number[], keepDims = false): Value {
  expectDType(x, 'float32', 'sum: the tensor');
  const over = axesOf(x, axes, 'sum');
  if (over.length === 0) return x;
  const shape = reducedShape(x.shape, over, keepDims);
  const y = node('ReduceSum', [x, x.graph.integers(over)], shape, { keepdims: { int: Number(keepDims) } });
  x.graph.record([x], [y], ([g]) => [spread(g!, reducedShape(x.shape, over, true), x.shape)]);
  return y;
}

/** Mean over `axes` (default all). */
export function mean(x: Value, axes?: readonly number[], keepDims = false): Value {
  expectDType(x, 'float32', 'mean: the tensor');
  const over = axesOf(x, axes, 'mean');
  if (over.length === 0) return x;
  const shape = reducedShape(x.shape, over, keepDims);
  const y = node('ReduceMean', [x], shape, { axes: { ints: over }, keepdims: { int: Number(keepDims) } });
  x.graph.record([x], [y], ([g]) => {
    const share = mul(g!, x.graph.scalar(1 / sizeOf(over.map((axis) => x.shape[axis]))));
    return [spread(share, reducedShape(x.shape, over, true), x.shape)];
  });
  return y;
}

/** Largest number over `axes` (default all). Where several are equal, they share the gradient evenly. */
export function max(x: Value, axes?: readonly number[], keepDims = false): Value {
  expectDType(x, 'float32', 'max: the tensor');
  const over = axesOf(x, axes, 'max');
  if (over.length === 0) return x;
  const kept = reducedShape(x.shape, over, true);
  const shape = reducedShape(x.shape, over, keepDims);
  const y = node('ReduceMax', [x], shape, { axes: { ints: over }, keepdims: { int: Number(keepDims) } });
  x.graph.record([x], [y], ([g]) => {
    const largest = node('Equal', [x, reshaped(y, kept)], x.shape, {}, 'bool');
    const mask = node('Cast', [largest], x.shape, { to: { int: 1 } });
    return [mul(mask, div(reshaped(g!, kept), sum(mask, over, true)))];
  });
  return y;
}
