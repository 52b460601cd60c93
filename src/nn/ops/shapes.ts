import { ANY, type Attributes, type DType, type Shape, shapeText, sizeOf, type Value } from '../graph.ts';

/** Adds one operator of one output. */
export function node(
  op: string,
  inputs: readonly [Value, ...(Value | null)[]],
  shape: Shape,
  attributes: Attributes = {},
  dtype: DType = 'float32',
): Value {
  return inputs[0].graph.emit(op, inputs, [{ shape, dtype }], attributes)[0];
}

/** Fails where `x` is of another dtype than `dtype`; `what` is the operator and the argument. */
export function expectDType(x: Value, dtype: DType, what: string): void {
  if (x.dtype !== dtype) x.graph.fail(`${what} is ${x.dtype} ${shapeText(x.shape)}; it must be ${dtype}: cast it`);
}

/** Fails unless `x` has `rank` axes. */
export function expectRank(x: Value, rank: number, what: string): void {
  if (x.shape.length !== rank)
    x.graph.fail(`${what} has shape ${shapeText(x.shape)}; it must have ${rank} axes: reshape it`);
}

/** The axis counted from the front, where it may be counted from the end (−1 is the last). */
export function axisOf(x: Value, axis: number, what: string): number {
  const rank = x.shape.length;
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank)
    x.graph.fail(
      `${what}: shape ${shapeText(x.shape)} has no axis ${axis}; give one in [${-rank}, ${rank - 1}] or reshape first`,
    );
  return axis < 0 ? axis + rank : axis;
}

/** Axes counted from the front, rising, each once. All where none is given. */
export function axesOf(x: Value, axes: readonly number[] | undefined, what: string): number[] {
  if (axes === undefined) return x.shape.map((_, i) => i);
  const found = axes.map((axis) => axisOf(x, axis, what)).sort((a, b) => a - b);
  if (new Set(found).size < found.length)
    x.graph.fail(`${what}: axes [${axes}] name an axis of ${shapeText(x.shape)} twice; name each once`);
  return found;
}

/** The shape of both together, after NumPy: from the last axis on, sizes are equal or one of them is 1. */
export function broadcastShape(what: string, a: Value, b: Value): Shape {
  const rank = Math.max(a.shape.length, b.shape.length);
  const shape: number[] = [];
  for (let i = 0; i < rank; i++) {
    const m = a.shape[i - rank + a.shape.length] ?? 1;
    const n = b.shape[i - rank + b.shape.length] ?? 1;
    if (m !== n && m !== 1 && n !== 1) {
      const [left, right] = [m, n].map((size) => (size === ANY ? 'any size' : size));
      a.graph.fail(
        `${what}: ${shapeText(a.shape)} and ${shapeText(b.shape)} do not fit together: axis ${i - rank} counted from the end is ` +
          `${left} against ${right}; make them equal, or one of them 1 (reshape, transpose or unsqueeze)`,
      );
    }
    shape.push(m === 1 ? n : m);
  }
  return shape;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/** The shape with `axes` (rising) left out, or kept as 1. */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  return keepDims ? shape.map((size, i) => (axes.includes(i) ? 1 : size)) : shape.filter((_, i) => !axes.includes(i));
}

/** `x` with another shape of as many numbers; `x` itself where it has that shape. No check: for gradients. */
export function reshaped(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x;
  return node('Reshape', [x, x.graph.integers(shape)], shape, {}, x.dtype);
}

/** `x` with its axes in another order, without a check. */
export function permuted(x: Value, order: readonly number[]): Value {
  if (order.every((axis, i) => axis === i)) return x;
  const shape = order.map((axis) => x.shape[axis]);
  return node('Transpose', [x], shape, { perm: { ints: order } }, x.dtype);
}

/** `x` repeated along its axes of size 1 and new leading axes, without a check. */
export function expanded(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x;
  // An axis of unknown size is there already: a 1 in the list leaves it as it is.
  const sizes = shape.map((size) => (size === ANY ? 1 : size));
  return node('Expand', [x, x.graph.integers(sizes)], shape, {}, x.dtype);
}

/** Undoes a reduction: puts the axes that were left out back as 1 (`kept`) and repeats along them. */
export function spread(grad: Value, kept: Shape, shape: Shape): Value {
  const added = kept.length - grad.shape.length;
  // Axes that were left out in front need not come back first: repeating adds them.
  const fits = kept.slice(0, added).every((size) => size === 1) && sameShape(kept.slice(added), grad.shape);
  return expanded(fits ? grad : reshaped(grad, kept), shape);
}

/** From these sizes on, columns are summed by a product. Below, it does not matter. */
const MANY_ROWS = 32;
const MANY_COLUMNS = 8;

/** Undoes broadcasting: sums the gradient of the broadcast tensor over the axes along which `shape` was repeated. */
export function summedTo(grad: Value, shape: Shape): Value {
  if (sameShape(grad.shape, shape)) return grad;
  const added = grad.shape.length - shape.length;
  const axes = grad.shape.map((_, i) => i).filter((i) => i < added || (shape[i - added] === 1 && grad.shape[i] !== 1));
  if (axes.length === 0) return reshaped(grad, shape);
  const reduced = reducedShape(grad.shape, axes, false);
  const leading = axes.every((axis, i) => axis === i);
  if (leading && !grad.shape.includes(ANY)) {
    const rows = sizeOf(grad.shape.slice(0, axes.length));
    const width = sizeOf(reduced);
    if (rows >= MANY_ROWS && width >= MANY_COLUMNS) return reshaped(columnSums(reshaped(grad, [rows, width])), shape);
  }
  const sums = node('ReduceSum', [grad, grad.graph.integers(axes)], reduced, { keepdims: { int: 0 } });
  return reshaped(sums, shape);
}

/** Sums of the columns, (1, width): a row of ones times the matrix, which ONNX Runtime does in half the time of a reduction. */
function columnSums(x: Value): Value {
  const ones = node('Expand', [x.graph.scalar(1), x.graph.integers([1, x.shape[0]])], [1, x.shape[0]]);
  return node('Gemm', [ones, x], [1, x.shape[1]]);
}

/** Zeros, made when the graph runs and so of no weight in the file. */
export function zeros(like: Value, shape: Shape): Value {
  return node('ConstantOfShape', [like.graph.integers(shape)], shape);
}
