import { ANY, type Graph, type Node, type Shape } from './graph.ts';
import { type NetShape, sketched } from './net-builder.ts';

/**
 * Multiplications with an addition each in the products, convolutions and recurrences of a graph: what nets are compared by. What is
 * done number by number (activations, norms) is left out, as usual. A size that is not known counts as 1.
 */
export function countMultiplyAdds(graph: Graph): number {
  return graph.nodes.reduce((n, node) => n + ofNode(node), 0);
}

/** Trainable numbers of a net, and multiply-adds a window. Throws `bad-argument` where the net does not fit together. */
export function netCost(shape: NetShape): { parameters: number; multiplyAdds: number } {
  const { layout, graph } = sketched(shape);
  return { parameters: layout.size, multiplyAdds: countMultiplyAdds(graph) };
}

function ofNode({ op, inputs, outputs, attributes }: Node): number {
  const shapeOf = (i: number): Shape => inputs[i]!.shape;
  switch (op) {
    case 'MatMul':
      return count(outputs[0].shape) * (shapeOf(0).at(-1) ?? 1);
    case 'Gemm': {
      const transposed = 'transA' in attributes && 'int' in attributes.transA && attributes.transA.int === 1;
      return count(outputs[0].shape) * shapeOf(0)[transposed ? 0 : 1];
    }
    case 'Conv':
      // A filter reads each of its weights once an output.
      return count(outputs[0].shape) * count(shapeOf(1).slice(1));
    case 'LSTM':
    case 'GRU': {
      // X is (T, B, I); W (directions, gates · H, I) and R (directions, gates · H, H) meet every row of it.
      const [steps, batch] = shapeOf(0);
      return count([steps, batch]) * (count(shapeOf(1)) + count(shapeOf(2)));
    }
    default:
      return 0;
  }
}

function count(shape: Shape): number {
  return shape.reduce((n, axis) => n * (axis === ANY ? 1 : axis), 1);
}
