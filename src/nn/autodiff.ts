import { assert } from '../core/index.ts';
import { sizeOf, type Value } from './graph.ts';
import { add } from './ops/index.ts';
import { reshaped, sameShape, zeros } from './ops/shapes.ts';

/**
 * Adds the nodes that work out the gradient of `loss` (one number) with respect to each of `wrt`, in their shapes: reverse-mode
 * differentiation (Griewank and Walther, "Evaluating Derivatives", 2008, chapter 3). Only what lies on a way from `wrt` to `loss` is
 * differentiated; where there is no way, the gradient is zeros.
 */
export function gradients(loss: Value, wrt: readonly Value[]): Value[] {
  const { graph } = loss;
  if (loss.dtype !== 'float32' || sizeOf(loss.shape) !== 1)
    graph.fail(
      `gradients: the loss is ${loss.dtype} (${loss.shape.join(', ')}); it must be one float32: take its mean or sum`,
    );
  const needed = new Set(wrt);
  for (const { inputs, outputs } of graph.steps)
    if (inputs.some((input) => input !== null && needed.has(input))) for (const output of outputs) needed.add(output);
  return graph.untracked(() => {
    const grads = new Map<Value, Value>([[loss, reshaped(graph.scalar(1), loss.shape)]]);
    const accumulate = (value: Value, grad: Value): void => {
      assert(
        sameShape(value.shape, grad.shape),
        `the gradient of ${value.name} (${value.shape}) has its shape, not (${grad.shape})`,
      );
      const before = grads.get(value);
      grads.set(value, before === undefined ? grad : add(before, grad));
    };
    for (const { inputs, outputs, backward } of graph.steps.toReversed()) {
      const needs = inputs.map((input) => input !== null && needed.has(input));
      const incoming = outputs.map((output) => grads.get(output) ?? null);
      if (!needs.includes(true) || incoming.every((grad) => grad === null)) continue;
      const outgoing = backward(incoming, needs);
      inputs.forEach((input, i) => {
        const grad = outgoing[i] ?? null;
        if (needs[i] && grad !== null) accumulate(input!, grad);
      });
    }
    return wrt.map((value) => grads.get(value) ?? zeros(value, value.shape));
  });
}
