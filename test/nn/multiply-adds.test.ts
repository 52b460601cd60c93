import { describe, expect, it } from 'vitest';
import type { Attributes } from '../../src/nn/graph.ts';
import { ANY, countMultiplyAdds, Graph, netCost, type Shape } from '../../src/nn/index.ts';
import { smallNet } from './support/nets.ts';

function cost(op: string, inputs: readonly Shape[], output: Shape, attributes: Attributes = {}): number {
  const graph = new Graph();
  graph.emit(
    op,
    inputs.map((shape, i) => graph.input(`in.${i}`, shape)),
    [{ shape: output }],
    attributes,
  );
  return countMultiplyAdds(graph);
}

describe('multiply-adds', () => {
  it('are those of products, convolutions and recurrences', () => {
    expect(
      cost(
        'MatMul',
        [
          [2, 7, 3],
          [3, 5],
        ],
        [2, 7, 5],
      ),
    ).toBe(2 * 7 * 5 * 3);
    expect(
      cost(
        'Gemm',
        [
          [7, 3],
          [3, 5],
        ],
        [7, 5],
      ),
    ).toBe(7 * 5 * 3);
    expect(
      cost(
        'Gemm',
        [
          [3, 7],
          [3, 5],
        ],
        [7, 5],
        { transA: { int: 1 } },
      ),
    ).toBe(7 * 5 * 3);
    // 16 filters of 4 channels in each of 2 groups, 3 × 2.
    expect(
      cost(
        'Conv',
        [
          [1, 8, 10, 6],
          [16, 4, 3, 2],
        ],
        [1, 16, 8, 5],
      ),
    ).toBe(16 * 8 * 5 * 4 * 3 * 2);
    expect(
      cost(
        'LSTM',
        [
          [50, 1, 40],
          [1, 512, 40],
          [1, 512, 128],
        ],
        [50, 1, 1, 128],
      ),
    ).toBe(50 * 512 * (40 + 128));
    expect(
      cost(
        'GRU',
        [
          [50, 1, 40],
          [1, 384, 40],
          [1, 384, 128],
        ],
        [50, 1, 1, 128],
      ),
    ).toBe(50 * 384 * (40 + 128));
    expect(cost('Add', [[4], [4]], [4])).toBe(0);
    expect(
      cost(
        'MatMul',
        [
          [ANY, 3],
          [3, 5],
        ],
        [ANY, 5],
      ),
    ).toBe(15);
  });

  it('are counted for one window of a net', () => {
    const shape = { net: smallNet(3, 0.5), steps: 4, features: 5, outputs: 3 };
    expect(netCost(shape)).toEqual({ parameters: 5 * 8 + 8 + 8 * 3, multiplyAdds: 4 * 5 * 8 + 8 * 3 });
  });
});
