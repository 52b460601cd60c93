import type { Value } from '../graph.ts';
import { add, div, mul, neg, sub } from './arithmetic.ts';
import { expectDType, node } from './shapes.ts';

/** Adds an operator of one tensor, whose gradient is made of the outcome's (`g`), the outcome (`y`) and the tensor. */
function unary(op: string, name: string, x: Value, backward: (g: Value, y: Value) => Value): Value {
  expectDType(x, 'float32', `${name}: the tensor`);
  const y = node(op, [x], x.shape);
  x.graph.record([x], [y], ([g]) => [backward(g!, y)]);
  return y;
}

export function exp(x: Value): Value {
  return unary('Exp', 'exp', x, (g, y) => mul(g, y));
}

/** Natural logarithm; −∞ at 0 and NaN below. */
export function log(x: Value): Value {
  return unary('Log', 'log', x, (g) => div(g, x));
}

/** Square root; its gradient is infinite at 0. */
export function sqrt(x: Value): Value {
  return unary('Sqrt', 'sqrt', x, (g, y) => div(mul(g, x.graph.scalar(0.5)), y));
}

/** 1 / x */
export function reciprocal(x: Value): Value {
  return unary('Reciprocal', 'reciprocal', x, (g, y) => neg(mul(g, mul(y, y))));
}

/** x², cheaper than a power. */
export function square(x: Value): Value {
  expectDType(x, 'float32', 'square: the tensor');
  const y = node('Mul', [x, x], x.shape);
  x.graph.record([x], [y], ([g]) => [mul(g!, mul(x, x.graph.scalar(2)))]);
  return y;
}

/** x to a power that is a number; NaN where x < 0 and the power is not whole. */
export function pow(x: Value, power: number): Value {
  expectDType(x, 'float32', 'pow: the tensor');
  const { graph } = x;
  const y = node('Pow', [x, graph.scalar(power)], x.shape);
  graph.record([x], [y], ([g]) => {
    const slope = node('Pow', [x, graph.scalar(power - 1)], x.shape);
    return [mul(mul(g!, graph.scalar(power)), slope)];
  });
  return y;
}

/** |x|; its gradient at 0 is 0. */
export function abs(x: Value): Value {
  return unary('Abs', 'abs', x, (g) => mul(g, node('Sign', [x], x.shape)));
}

export function tanh(x: Value): Value {
  return unary('Tanh', 'tanh', x, (g, y) => mul(g, sub(x.graph.scalar(1), mul(y, y))));
}

/** 1 / (1 + e^−x) */
export function sigmoid(x: Value): Value {
  return unary('Sigmoid', 'sigmoid', x, (g, y) => mul(g, mul(y, sub(x.graph.scalar(1), y))));
}

/** max(0, x); its gradient at 0 is 0. */
export function relu(x: Value): Value {
  return unary('Relu', 'relu', x, (g) => {
    const above = node('Greater', [x, x.graph.scalar(0)], x.shape, {}, 'bool');
    return mul(g, node('Cast', [above], x.shape, { to: { int: 1 } }));
  });
}

/** ln(1 + e^x), without overflow for large x. */
export function softplus(x: Value): Value {
  return unary('Softplus', 'softplus', x, (g) => mul(g, node('Sigmoid', [x], x.shape)));
}

/**
 * x Φ(x), exact (Hendrycks and Gimpel 2016). Written as ONNX Runtime recognises it: where nothing else reads the steps between, it runs
 * them as one.
 */
export function gelu(x: Value): Value {
  expectDType(x, 'float32', 'gelu: the tensor');
  const { graph } = x;
  const { scaled, doubled, y } = graph.untracked(() => {
    const scaled = div(x, graph.scalar(Math.SQRT2));
    const doubled = add(node('Erf', [scaled], x.shape), graph.scalar(1)); // 2 Φ(x)
    return { scaled, doubled, y: mul(mul(x, doubled), graph.scalar(0.5)) };
  });
  graph.record([x], [y], ([g]) => {
    // The slope is Φ(x) + x φ(x); its constant 2 / √π goes into the exponent, where it costs nothing.
    const density = exp(sub(graph.scalar(Math.log(2 / Math.sqrt(Math.PI))), mul(scaled, scaled)));
    return [mul(g!, mul(add(doubled, mul(scaled, density)), graph.scalar(0.5)))];
  });
  return y;
}
