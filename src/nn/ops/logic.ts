import { type DType, shapeText, type Value } from '../graph.ts';
import { broadcastShape, expectDType, node, summedTo } from './shapes.ts';

/** As ONNX numbers its dtypes. */
const CODES: Record<DType, number> = { float32: 1, int64: 7, bool: 9 };

function compare(op: string, name: string, a: Value, b: Value): Value {
  if (a.dtype !== b.dtype || (a.dtype === 'bool' && op !== 'Equal'))
    a.graph.fail(
      `${name}: ${a.dtype} ${shapeText(a.shape)} and ${b.dtype} ${shapeText(b.shape)}; cast one to the other`,
    );
  return node(op, [a, b], broadcastShape(name, a, b), {}, 'bool');
}

/** a = b, broadcast, as bool. No gradient, as with all comparisons. */
export function equal(a: Value, b: Value): Value {
  return compare('Equal', 'equal', a, b);
}

export function greater(a: Value, b: Value): Value {
  return compare('Greater', 'greater', a, b);
}

export function greaterOrEqual(a: Value, b: Value): Value {
  return compare('GreaterOrEqual', 'greaterOrEqual', a, b);
}

export function less(a: Value, b: Value): Value {
  return compare('Less', 'less', a, b);
}

export function lessOrEqual(a: Value, b: Value): Value {
  return compare('LessOrEqual', 'lessOrEqual', a, b);
}

/** `a` where `condition` holds and `b` elsewhere, all three broadcast. */
export function where(condition: Value, a: Value, b: Value): Value {
  expectDType(condition, 'bool', 'where: the condition');
  expectDType(a, 'float32', 'where: what to take where the condition holds');
  expectDType(b, 'float32', 'where: what to take elsewhere');
  const both = { ...a, shape: broadcastShape('where', a, b) };
  const y = node('Where', [condition, a, b], broadcastShape('where: condition and tensors', condition, both));
  const zero = a.graph.scalar(0);
  a.graph.record([condition, a, b], [y], ([g], [, needsA, needsB]) => [
    null,
    needsA ? summedTo(node('Where', [condition, g!, zero], y.shape), a.shape) : null,
    needsB ? summedTo(node('Where', [condition, zero, g!], y.shape), b.shape) : null,
  ]);
  return y;
}

/** Numbers of another type. No gradient comes back through it. */
export function cast(x: Value, dtype: DType): Value {
  if (x.dtype === dtype) return x;
  return node('Cast', [x], x.shape, { to: { int: CODES[dtype] } }, dtype);
}

/** `x`, through which no gradient comes back. */
export function stopGradient(x: Value): Value {
  return node('Identity', [x], x.shape, {}, x.dtype);
}
