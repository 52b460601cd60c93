import { ANY, type Shape, shapeText, type Value } from '../graph.ts';
import { reshape, slice, transpose } from '../ops/index.ts';

/** The sizes of a window (T, B, F); fails naming the layer and the axes where `x` is none. */
export function windowOf(x: Value, layer: string): readonly [steps: number, batch: number, features: number] {
  if (x.shape.length !== 3)
    x.graph.fail(`${layer} reads (T, B, F): time, batch, features; it was given ${shapeText(x.shape)}: reshape it`);
  const [steps, batch, features] = x.shape;
  return [steps, batch, features];
}

/** The newest row: (T, B, F) to (B, F). */
export function lastStep(x: Value): Value {
  const [steps, batch, features] = windowOf(x, 'lastStep');
  return reshape(slice(x, 0, steps - 1), [batch, features]);
}

/** All rows of a window side by side: (T, B, F) to (B, T·F). */
export function flattenWindow(x: Value): Value {
  const [steps, batch, features] = windowOf(x, 'flattenWindow');
  return reshape(transpose(x, [1, 0, 2]), [batch, steps * features]);
}

/** Sizes multiplied; not known where one of them is not. */
export function product(sizes: Shape): number {
  return sizes.includes(ANY) ? ANY : sizes.reduce((n, size) => n * size, 1);
}
