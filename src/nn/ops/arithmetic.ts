import { shapeText, type Value } from '../graph.ts';
import { broadcastShape, expectDType, node, summedTo } from './shapes.ts';

/** Adds an operator of two tensors that are broadcast to one shape, and checks them. */
function binary(op: string, name: string, a: Value, b: Value): Value {
  if (a.dtype !== b.dtype || a.dtype === 'bool')
    a.graph.fail(
      `${name}: ${a.dtype} ${shapeText(a.shape)} and ${b.dtype} ${shapeText(b.shape)}; both must be float32, or both int64: cast one`,
    );
  return node(op, [a, b], broadcastShape(name, a, b), {}, a.dtype);
}

/** Gradients of both operands from that of the outcome, each summed over what was broadcast. */
function recordBinary(y: Value, a: Value, b: Value, left: (g: Value) => Value, right: (g: Value) => Value): Value {
  y.graph.record([a, b], [y], ([g], [needsA, needsB]) => [
    needsA ? summedTo(left(g!), a.shape) : null,
    needsB ? summedTo(right(g!), b.shape) : null,
  ]);
  return y;
}

/** a + b, broadcast. */
export function add(a: Value, b: Value): Value {
  const same = (g: Value): Value => g;
  return recordBinary(binary('Add', 'add', a, b), a, b, same, same);
}

/** a − b, broadcast. */
export function sub(a: Value, b: Value): Value {
  const y = binary('Sub', 'sub', a, b);
  y.graph.record([a, b], [y], ([g], [needsA, needsB]) => [
    needsA ? summedTo(g!, a.shape) : null,
    // Summed first: there is less to negate.
    needsB ? neg(summedTo(g!, b.shape)) : null,
  ]);
  return y;
}

/** a · b, element by element, broadcast. */
export function mul(a: Value, b: Value): Value {
  return recordBinary(
    binary('Mul', 'mul', a, b),
    a,
    b,
    (g) => mul(g, b),
    (g) => mul(g, a),
  );
}

/** a / b, broadcast. Of int64, as C divides. */
export function div(a: Value, b: Value): Value {
  const y = binary('Div', 'div', a, b);
  y.graph.record([a, b], [y], ([g], [needsA, needsB]) => {
    const share = div(g!, b);
    return [needsA ? summedTo(share, a.shape) : null, needsB ? neg(summedTo(mul(share, y), b.shape)) : null];
  });
  return y;
}

/** The larger of both, broadcast. Where they are equal, the whole gradient is `a`'s. */
export function maximum(a: Value, b: Value): Value {
  return chosen('Max', 'maximum', 'GreaterOrEqual', a, b);
}

/** The smaller of both, broadcast. Where they are equal, the whole gradient is `a`'s. */
export function minimum(a: Value, b: Value): Value {
  return chosen('Min', 'minimum', 'LessOrEqual', a, b);
}

function chosen(op: string, name: string, first: string, a: Value, b: Value): Value {
  expectDType(a, 'float32', `${name}: the first tensor`);
  const y = binary(op, name, a, b);
  y.graph.record([a, b], [y], ([g], [needsA, needsB]) => {
    const isFirst = node('Cast', [node(first, [a, b], y.shape, {}, 'bool')], y.shape, { to: { int: 1 } });
    const ofA = mul(g!, isFirst);
    return [needsA ? summedTo(ofA, a.shape) : null, needsB ? summedTo(sub(g!, ofA), b.shape) : null];
  });
  return y;
}

/** −x */
export function neg(x: Value): Value {
  expectDType(x, 'float32', 'neg: the tensor');
  const y = node('Neg', [x], x.shape);
  x.graph.record([x], [y], ([g]) => [neg(g!)]);
  return y;
}
