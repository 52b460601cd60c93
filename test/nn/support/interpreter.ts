import type { Graph, Value } from '../../../src/nn/graph.ts';
import { KERNELS } from './kernels.ts';
import { sizeOf, type Tensor } from './tensor.ts';

/** Runs a graph in float64, node by node, and returns the outputs by name. Slow, and right. */
export function interpret(graph: Graph, feeds: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const found = new Map<string, Tensor>();
  const keep = (value: Value, tensor: Tensor): void => {
    const fits =
      tensor.shape.length === value.shape.length &&
      tensor.shape.every((size, axis) => value.shape[axis] === size || value.shape[axis] === -1);
    if (!fits || sizeOf(tensor.shape) !== tensor.data.length)
      throw new Error(`${value.name} is (${tensor.shape}) and was announced as (${value.shape})`);
    found.set(value.name, tensor);
  };
  for (const value of graph.inputs) keep(value, feeds[value.name]);
  for (const { value, data } of graph.constants)
    keep(value, { shape: value.shape, data: Float64Array.from(data, Number) });
  for (const { op, inputs, outputs, attributes } of graph.nodes) {
    const kernel = KERNELS[op];
    if (kernel === undefined) throw new Error(`the interpreter does not know ${op}`);
    const tensors = kernel(
      inputs.map((input) => found.get(input!.name)!),
      attributes,
      outputs.length,
    );
    outputs.forEach((output, i) => {
      keep(output, tensors[i]);
    });
  }
  return Object.fromEntries(graph.outputs.map(({ name, value }) => [name, found.get(value.name)!]));
}

/**
 * Central differences of the output `of` (one number) by each number of the input `by`, of fourth order: the error of the usual two
 * points would drown what is compared.
 */
export function differences(
  graph: Graph,
  feeds: Readonly<Record<string, Tensor>>,
  of: string,
  by: string,
  h = 1e-3,
): Float64Array {
  const { shape, data } = feeds[by];
  const at = (i: number, shift: number): number =>
    interpret(graph, { ...feeds, [by]: { shape, data: data.with(i, data[i] + shift) } })[of].data[0];
  return data.map((_, i) => (8 * (at(i, h) - at(i, -h)) - (at(i, 2 * h) - at(i, -2 * h))) / (12 * h));
}
