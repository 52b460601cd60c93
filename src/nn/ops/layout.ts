import { assert } from '../../core/index.ts';
import { ANY, type Shape, shapeText, sizeOf, type Value } from '../graph.ts';
import {
  axesOf,
  axisOf,
  expanded,
  expectDType,
  node,
  permuted,
  reducedShape,
  reshaped,
  sameShape,
  summedTo,
  zeros,
} from './shapes.ts';

/** The same numbers, row-major, in another shape, in which one axis may be −1: as many as are left over. */
export function reshape(x: Value, shape: Shape): Value {
  const wanted = resolved(x, shape);
  const y = reshaped(x, wanted);
  if (y !== x) x.graph.record([x], [y], ([g]) => [reshaped(g!, x.shape)]);
  return y;
}

/** `shape` with its −1 worked out; it stays where the size of `x` is not known. */
function resolved(x: Value, shape: Shape): Shape {
  const { graph } = x;
  const open = shape.filter((size) => size === ANY).length;
  const what = `reshape: ${shapeText(x.shape)} to ${shapeText(shape)}`;
  if (open > 1) graph.fail(`${what}: one axis at most may be -1`);
  if (shape.some((size) => size !== ANY && !(Number.isInteger(size) && size > 0)))
    graph.fail(`${what}: sizes are whole and above 0, or -1 for what is left over`);
  if (x.shape.includes(ANY)) {
    if (open === 0) graph.fail(`${what}: the size of the first is not known; let one axis of the second be -1`);
    return shape;
  }
  const has = sizeOf(x.shape);
  const given = sizeOf(shape.filter((size) => size !== ANY));
  if (open === 0 ? given !== has : has % given !== 0)
    graph.fail(`${what}: the first has ${has} numbers, which do not fill ${open === 0 ? given : `rows of ${given}`}`);
  return shape.map((size) => (size === ANY ? has / given : size));
}

/** Axes in another order: axis `order[i]` of `x` becomes axis i. By default all are reversed. */
export function transpose(x: Value, order?: readonly number[]): Value {
  const rank = x.shape.length;
  const wanted = (order ?? [...x.shape.keys()].reverse()).map((axis) => axisOf(x, axis, 'transpose'));
  if (wanted.length !== rank || new Set(wanted).size !== rank)
    x.graph.fail(`transpose: the order [${order}] must name each of the ${rank} axes of ${shapeText(x.shape)} once`);
  const y = permuted(x, wanted);
  if (y !== x)
    x.graph.record([x], [y], ([g]) => [
      permuted(
        g!,
        wanted.map((_, axis) => wanted.indexOf(axis)),
      ),
    ]);
  return y;
}

/** Every `step`-th from `from` on, up to `to` (not included), along one axis. Below 0 both count from the end. */
export function slice(x: Value, axis: number, from: number, to?: number, step = 1): Value {
  const { graph } = x;
  const along = axisOf(x, axis, 'slice');
  const size = x.shape[along];
  if (size === ANY) graph.fail(`slice: axis ${along} of ${shapeText(x.shape)} has no known size; slice another axis`);
  const [first, end] = [from, to ?? size].map((place) => (place < 0 ? place + size : place));
  if (![first, end, step].every(Number.isInteger) || first < 0 || end > size || first >= end || step < 1)
    graph.fail(
      `slice: [${from}, ${to ?? size}) by ${step} of axis ${along} of ${shapeText(x.shape)} takes nothing or reaches over the end; stay ` +
        `within [0, ${size}]`,
    );
  if (first === 0 && end === size && step === 1) return x;
  const count = Math.ceil((end - first) / step);
  const shape = x.shape.with(along, count);
  const places = [[first], [end], [along], [step]].map((list) => graph.integers(list));
  const y = node('Slice', [x, ...places], shape, {}, x.dtype);
  graph.record([x], [y], ([g]) => [unsliced(g!, x.shape, along, first, step)]);
  return y;
}

/** Puts a slice's gradient back to its place, zeros around it. */
function unsliced(grad: Value, shape: Shape, axis: number, first: number, step: number): Value {
  let spread = grad;
  const count = grad.shape[axis];
  if (step > 1) {
    // Each number becomes the first of a group of `step`, the rest of it zeros.
    const groups = reshaped(grad, grad.shape.toSpliced(axis + 1, 0, 1));
    const filled = padded(groups, axis + 1, 0, step - 1);
    spread = reshaped(filled, grad.shape.with(axis, count * step));
  }
  const after = shape[axis] - first - count * step;
  if (after >= 0) return padded(spread, axis, first, after);
  const whole = spread.graph.untracked(() => slice(spread, axis, 0, shape[axis] - first));
  return padded(whole, axis, first, 0);
}

/** Zeros before and after along one axis. */
function padded(x: Value, axis: number, before: number, after: number): Value {
  const none = x.shape.map(() => 0);
  return padNode(x, none.with(axis, before), none.with(axis, after), 0);
}

function padNode(x: Value, before: readonly number[], after: readonly number[], fill: number): Value {
  if ([...before, ...after].every((n) => n === 0)) return x;
  const { graph } = x;
  const shape = x.shape.map((size, i) => (size === ANY ? ANY : size + before[i] + after[i]));
  return node('Pad', [x, graph.integers([...before, ...after]), graph.scalar(fill)], shape);
}

/** `fill` (default 0) in front of and behind each axis: as many as the lists say, one for each axis. */
export function pad(x: Value, before: readonly number[], after: readonly number[], fill = 0): Value {
  expectDType(x, 'float32', 'pad: the tensor');
  const counts = [...before, ...after];
  if (
    before.length !== x.shape.length ||
    after.length !== x.shape.length ||
    counts.some((n) => !Number.isInteger(n) || n < 0)
  )
    x.graph.fail(
      `pad: [${before}] before and [${after}] after do not fit ${shapeText(x.shape)}; give each axis a whole number of at least 0`,
    );
  if (x.shape.some((size, i) => size === ANY && before[i] + after[i] > 0))
    x.graph.fail(`pad: an axis of ${shapeText(x.shape)} has no known size and cannot be padded; pad another axis`);
  const y = padNode(x, before, after, fill);
  if (y !== x)
    x.graph.record([x], [y], ([g]) => [
      x.shape.reduce(
        (rest, size, axis) => slice(rest, axis, before[axis], size === ANY ? undefined : before[axis] + size),
        g!,
      ),
    ]);
  return y;
}

/** Parts one behind the other along one axis; all other axes are equal. */
export function concat(parts: readonly Value[], axis: number): Value {
  assert(parts.length > 0, 'concat has a part at least');
  const [first] = parts;
  const { graph } = first;
  const along = axisOf(first, axis, 'concat');
  for (const part of parts) {
    expectDType(part, first.dtype, 'concat: a part');
    if (!sameShape(part.shape.with(along, 1), first.shape.with(along, 1)) || part.shape.length !== first.shape.length)
      graph.fail(
        `concat: ${shapeText(part.shape)} does not join ${shapeText(first.shape)} along axis ${along}; all other axes must be equal`,
      );
    if (part.shape[along] === ANY)
      graph.fail(`concat: axis ${along} of ${shapeText(part.shape)} has no known size; join along another`);
  }
  if (parts.length === 1) return first;
  const sizes = parts.map((part) => part.shape[along]);
  const total = sizes.reduce((a, b) => a + b, 0);
  const y = node(
    'Concat',
    [first, ...parts.slice(1)],
    first.shape.with(along, total),
    { axis: { int: along } },
    first.dtype,
  );
  graph.record(parts, [y], ([g], needs) => {
    const wanted = needs.filter(Boolean).length;
    if (wanted > 1) return split(g!, along, sizes);
    let from = 0;
    return sizes.map((size, i) => {
      from += size;
      return needs[i] ? slice(g!, along, from - size, from) : null;
    });
  });
  return y;
}

/** Parts of these sizes, one behind the other along one axis. */
export function split(x: Value, axis: number, sizes: readonly number[]): Value[] {
  const { graph } = x;
  const along = axisOf(x, axis, 'split');
  const total = sizes.reduce((a, b) => a + b, 0);
  if (total !== x.shape[along] || sizes.some((size) => !Number.isInteger(size) || size < 1))
    graph.fail(
      `split: sizes [${sizes}] add up to ${total} and axis ${along} of ${shapeText(x.shape)} has ${x.shape[along]}; they must fill it`,
    );
  if (sizes.length === 1) return [x];
  const types = sizes.map((size) => ({ shape: x.shape.with(along, size), dtype: x.dtype }));
  const ys = graph.emit('Split', [x, graph.integers(sizes)], types, { axis: { int: along } });
  graph.record([x], ys, (grads) => [
    concat(
      grads.map((g, i) => g ?? zeros(x, ys[i].shape)),
      along,
    ),
  ]);
  return ys;
}

/** `x` repeated along its axes of size 1, and along new leading axes, until it has `shape`. */
export function broadcastTo(x: Value, shape: Shape): Value {
  expectDType(x, 'float32', 'broadcastTo: the tensor');
  const added = shape.length - x.shape.length;
  const fits =
    added >= 0 && shape.every((size, i) => i < added || x.shape[i - added] === size || x.shape[i - added] === 1);
  const unknown = shape.some((size, i) => size === ANY && x.shape[i - added] !== ANY);
  if (!fits || unknown)
    x.graph.fail(
      `broadcastTo: ${shapeText(x.shape)} cannot be repeated to ${shapeText(shape)}; from the last axis on, sizes must be equal or 1 in the ` +
        'first, and a size that is not known cannot be repeated to',
    );
  const y = expanded(x, shape);
  if (y !== x) x.graph.record([x], [y], ([g]) => [summedTo(g!, x.shape)]);
  return y;
}

/** Leaves out axes of size 1. */
export function squeeze(x: Value, axes: readonly number[]): Value {
  const gone = axesOf(x, axes, 'squeeze');
  const thick = gone.find((axis) => x.shape[axis] !== 1);
  if (thick !== undefined)
    x.graph.fail(
      `squeeze: axis ${thick} of ${shapeText(x.shape)} has size ${x.shape[thick]}; only axes of size 1 can be left out`,
    );
  return reshape(x, reducedShape(x.shape, gone, false));
}

/** Puts in axes of size 1, at these places of the outcome. */
export function unsqueeze(x: Value, axes: readonly number[]): Value {
  const rank = x.shape.length + axes.length;
  const added = axesOf({ ...x, shape: Array(rank).fill(1) }, axes, 'unsqueeze');
  const left = x.shape.values();
  const shape = Array.from({ length: rank }, (_, i) => (added.includes(i) ? 1 : left.next().value!));
  return reshape(x, shape);
}
