import { describe, expect, it } from 'vitest';
import { BookcastError } from '../../src/core/index.ts';
import { ANY, type DType, Graph, type Value } from '../../src/nn/graph.ts';
import * as ops from '../../src/nn/ops/index.ts';

const graph = new Graph();
let made = 0;
const input = (shape: number[], dtype: DType = 'float32'): Value => graph.input(`x${made++}`, shape, dtype);

/** What goes wrong, and what the message must say: the axes, both shapes and a way out. */
const MISTAKES: [string, () => unknown, string][] = [
  [
    'add of sizes that differ',
    () => ops.add(input([3, 4]), input([5, 4])),
    'encoder / gate: add: (3, 4) and (5, 4) do not fit together: axis -2 counted from the end is 3 against 5; make them equal, or one of ' +
      'them 1 (reshape, transpose or unsqueeze)',
  ],
  [
    'mul of an unknown size',
    () => ops.mul(input([ANY, 4]), input([5, 4])),
    'axis -2 counted from the end is any size against 5',
  ],
  ['sub of two dtypes', () => ops.sub(input([3]), input([3], 'int64')), 'sub: float32 (3) and int64 (3); both must be'],
  [
    'div of truths',
    () => ops.div(input([3], 'bool'), input([3], 'bool')),
    'both must be float32, or both int64: cast one',
  ],
  ['exp of integers', () => ops.exp(input([3], 'int64')), 'exp: the tensor is int64 (3); it must be float32: cast it'],
  ['maximum of integers', () => ops.maximum(input([3], 'int64'), input([3], 'int64')), 'it must be float32: cast it'],
  [
    'comparison of two dtypes',
    () => ops.less(input([3]), input([3], 'int64')),
    'less: float32 (3) and int64 (3); cast one',
  ],
  [
    'where without a condition',
    () => ops.where(input([3]), input([3]), input([3])),
    'where: the condition is float32 (3); it must be bool',
  ],
  [
    'where of another size',
    () => ops.where(input([2], 'bool'), input([3]), input([3])),
    'where: condition and tensors: (2) and (3) do not fit together',
  ],
  [
    'matmul that does not join',
    () => ops.matmul(input([2, 3, 4]), input([5, 6])),
    'matmul: (2, 3, 4) times (5, 6) sums over 4 columns of the first and 5 rows of the second; these must be equal: transpose one, or ' +
      "change the layer's width",
  ],
  ['matmul of a vector', () => ops.matmul(input([4]), input([4, 2])), 'reshape a vector to (1, n) or (n, 1)'],
  [
    'matmul of batches that differ',
    () => ops.matmul(input([2, 3, 4]), input([3, 4, 5])),
    'matmul: the batches: (2) and (3) do not fit together',
  ],
  [
    'gemm of three axes',
    () => ops.gemm(input([2, 3, 4]), input([4, 2])),
    'gemm: A has shape (2, 3, 4); it must have 2 axes: reshape it',
  ],
  [
    'gemm that does not join',
    () => ops.gemm(input([3, 4]), input([4, 2]), { transB: true }),
    'gemm, B transposed: (3, 4) times (4, 2) sums over 4 columns of the first and 2 rows',
  ],
  [
    'gemm with a bias of another width',
    () => ops.gemm(input([3, 4]), input([4, 2]), { bias: input([3]) }),
    'gemm: the bias and the product: (3) and (3, 2) do not fit together: axis -1',
  ],
  [
    'gemm with a bias that is too large',
    () => ops.gemm(input([1, 4]), input([4, 2]), { bias: input([3, 2]) }),
    'gemm: the bias (3, 2) is larger than the product (1, 2); it must be (2) or (1, 2)',
  ],
  [
    'sum over no axis there is',
    () => ops.sum(input([3, 4]), [2]),
    'sum: shape (3, 4) has no axis 2; give one in [-2, 1]',
  ],
  ['mean over an axis twice', () => ops.mean(input([3, 4]), [1, -1]), 'mean: axes [1,-1] name an axis of (3, 4) twice'],
  ['max over half an axis', () => ops.max(input([3, 4]), [0.5]), 'has no axis 0.5'],
  ['softmax over no axis there is', () => ops.softmax(input([3]), 1), 'softmax: shape (3) has no axis 1'],
  [
    'layer norm of another width',
    () => ops.layerNorm(input([5, 8, 4]), input([8]), input([4])),
    'layerNorm: the gain is (8) and the tensor (5, 8, 4); the gain must be (4)',
  ],
  [
    'reshape to another size',
    () => ops.reshape(input([3, 4]), [5, 2]),
    'reshape: (3, 4) to (5, 2): the first has 12 numbers, which do not fill 10',
  ],
  [
    'reshape with a rest',
    () => ops.reshape(input([3, 4]), [5, -1]),
    'the first has 12 numbers, which do not fill rows of 5',
  ],
  ['reshape with two unknowns', () => ops.reshape(input([3, 4]), [-1, -1]), 'one axis at most may be -1'],
  ['reshape to nothing', () => ops.reshape(input([3, 4]), [0, 12]), 'sizes are whole and above 0'],
  ['reshape of an unknown size', () => ops.reshape(input([ANY, 4]), [8, 2]), 'let one axis of the second be -1'],
  [
    'transpose of too few axes',
    () => ops.transpose(input([3, 4]), [0, 0]),
    'the order [0,0] must name each of the 2 axes of (3, 4) once',
  ],
  [
    'slice over the end',
    () => ops.slice(input([3, 4]), 1, 2, 5),
    'slice: [2, 5) by 1 of axis 1 of (3, 4) takes nothing or reaches over the end',
  ],
  ['slice of nothing', () => ops.slice(input([3, 4]), 0, 2, 2), 'stay within [0, 3]'],
  [
    'slice of an unknown size',
    () => ops.slice(input([ANY, 4]), 0, 0, 1),
    'slice: axis 0 of (any, 4) has no known size',
  ],
  ['pad of too few axes', () => ops.pad(input([3, 4]), [1], [1]), 'pad: [1] before and [1] after do not fit (3, 4)'],
  ['pad of an unknown size', () => ops.pad(input([ANY, 4]), [1, 0], [0, 0]), 'has no known size and cannot be padded'],
  [
    'concat of other axes',
    () => ops.concat([input([3, 4]), input([2, 5])], 0),
    'concat: (2, 5) does not join (3, 4) along axis 0',
  ],
  [
    'concat of fewer axes',
    () => ops.concat([input([3, 4]), input([3])], 0),
    'concat: (3) does not join (3, 4) along axis 0',
  ],
  [
    'concat along an unknown size',
    () => ops.concat([input([ANY, 4]), input([ANY, 4])], 0),
    'has no known size; join along another',
  ],
  [
    'split that does not fill',
    () => ops.split(input([3, 4]), 1, [1, 2]),
    'split: sizes [1,2] add up to 3 and axis 1 of (3, 4) has 4',
  ],
  [
    'broadcast to another size',
    () => ops.broadcastTo(input([3, 2]), [3, 4]),
    'broadcastTo: (3, 2) cannot be repeated to (3, 4)',
  ],
  [
    'broadcast to an unknown size',
    () => ops.broadcastTo(input([1, 4]), [ANY, 4]),
    'a size that is not known cannot be repeated to',
  ],
  ['broadcast to fewer axes', () => ops.broadcastTo(input([1, 4]), [4]), 'cannot be repeated to (4)'],
  ['squeeze of a thick axis', () => ops.squeeze(input([3, 1]), [0]), 'squeeze: axis 0 of (3, 1) has size 3'],
  [
    'gather by floats',
    () => ops.gather(input([3, 4]), input([2])),
    'gather: the indices is float32 (2); it must be int64: cast it',
  ],
  ['gather with two unknowns', () => ops.gather(input([3, ANY]), input([ANY], 'int64')), 'leave two sizes unknown'],
  ['oneHot of no depth', () => ops.oneHot(input([2], 'int64'), 0), 'oneHot: the depth is 0'],
  [
    'conv of other channels',
    () => ops.conv(input([2, 3, 8, 8]), input([4, 2, 1, 1])),
    'conv: (2, 3, 8, 8) with weights (4, 2, 1, 1): axis 1 is 3 channels against 2; make them equal',
  ],
  [
    'conv of three axes',
    () => ops.conv(input([3, 8, 8]), input([4, 3, 1, 1])),
    'conv: the tensor has shape (3, 8, 8); it must have 4 axes',
  ],
  [
    'conv with another bias',
    () => ops.conv(input([2, 3, 8, 8]), input([4, 3, 1, 1]), { bias: input([3]) }),
    'the bias is (3); it must be (4)',
  ],
  [
    'conv with too large a kernel',
    () => ops.conv(input([2, 3, 2, 8]), input([4, 3, 3, 1])),
    'the kernel is larger than what it goes over',
  ],
  [
    'conv with a stride of 0',
    () => ops.conv(input([2, 3, 8, 8]), input([4, 3, 1, 1]), { strides: [0, 1] }),
    'strides [0,1] and dilations [1,1] must be whole and at least 1, pads [0,0,0,0] whole and at least 0',
  ],
  [
    'maxPool with too large a kernel',
    () => ops.maxPool(input([2, 3, 2, 8]), { kernel: [3, 1] }),
    'a kernel of 3 is larger than axis 2',
  ],
  [
    'attention of heads that differ',
    () => ops.attention(input([2, 1, 3, 4]), input([2, 1, 3, 5]), input([2, 1, 3, 4])),
    'attention: queries (2, 1, 3, 4) and keys (2, 1, 3, 5) differ on axis 3',
  ],
  [
    'attention of another number of heads',
    () => ops.attention(input([2, 4, 3, 4]), input([2, 1, 3, 4]), input([2, 1, 3, 4])),
    'attention: queries (2, 4, 3, 4), keys (2, 1, 3, 4) and values (2, 1, 3, 4) differ on axes 0 and 1',
  ],
  [
    'attention of keys without values',
    () => ops.attention(input([2, 1, 3, 4]), input([2, 1, 5, 4]), input([2, 1, 3, 4])),
    'attention: keys (2, 1, 5, 4) and values (2, 1, 3, 4) differ on axis 2',
  ],
];

describe('an operator that does not fit', () => {
  it.each(MISTAKES)('%s', (_, build, message) => {
    const nodes = graph.nodes.length;
    const fail = (): unknown => graph.within('encoder', () => graph.within('gate', build));
    expect(fail).toThrow(BookcastError);
    expect(fail).toThrow(/^encoder \/ gate: /);
    expect(fail).toThrow(message);
    expect(graph.nodes.slice(nodes)).toEqual([]);
  });
});

describe('sizes that are not known', () => {
  const any = input([7, ANY, 4]);

  it.each<[string, () => Value, number[]]>([
    ['stay through elements', () => ops.gelu(ops.add(any, input([4]))), [7, ANY, 4]],
    ['stay beside themselves', () => ops.mul(any, input([ANY, 1])), [7, ANY, 4]],
    ['stay when rows are joined', () => ops.reshape(any, [-1, 4]), [ANY, 4]],
    ['stay through products', () => ops.matmul(any, input([4, 5])), [7, ANY, 5]],
    ['stay in matrices', () => ops.gemm(input([ANY, 4]), input([5, 4]), { transB: true, bias: input([5]) }), [ANY, 5]],
    ['stay beside what is reduced', () => ops.sum(any, [0]), [ANY, 4]],
    ['go where they are reduced', () => ops.mean(any, [1]), [7, 4]],
    ['stay through layer norm', () => ops.layerNorm(any, input([4]), input([4])), [7, ANY, 4]],
    ['move with their axis', () => ops.transpose(any, [1, 0, 2]), [ANY, 7, 4]],
    ['stay beside a slice', () => ops.slice(any, 0, -1), [1, ANY, 4]],
    ['stay beside what is joined', () => ops.concat([any, any], -1), [7, ANY, 8]],
    ['stay beside what is padded', () => ops.pad(any, [1, 0, 0], [0, 0, 0]), [8, ANY, 4]],
    ['stay beside what is repeated', () => ops.broadcastTo(any, [2, 7, ANY, 4]), [2, 7, ANY, 4]],
    ['stay beside new axes', () => ops.unsqueeze(any, [-1]), [7, ANY, 4, 1]],
    ['come with indices', () => ops.gather(input([3, 4]), input([ANY], 'int64')), [ANY, 4]],
    ['stay through convolutions', () => ops.conv(input([ANY, 1, 8, 4]), input([2, 1, 3, 1])), [ANY, 2, 6, 4]],
  ])('%s', (_, build, shape) => {
    expect(build().shape).toEqual(shape);
  });
});

describe('what changes nothing', () => {
  const x = input([2, 3]);

  it.each<[string, () => Value]>([
    ['reshape to the same shape', () => ops.reshape(x, [2, -1])],
    ['transpose in the same order', () => ops.transpose(x, [0, 1])],
    ['slice of all', () => ops.slice(x, 0, 0)],
    ['concat of one', () => ops.concat([x], 0)],
    ['split in one', () => ops.split(x, 0, [2])[0]],
    ['pad by nothing', () => ops.pad(x, [0, 0], [0, 0])],
    ['broadcast to the same shape', () => ops.broadcastTo(x, [2, 3])],
    ['sum over no axes', () => ops.sum(x, [])],
    ['mean over no axes', () => ops.mean(x, [])],
    ['max over no axes', () => ops.max(x, [])],
    ['cast to the same dtype', () => ops.cast(x, 'float32')],
  ])('adds no node: %s', (_, build) => {
    const nodes = graph.nodes.length;
    expect(build()).toBe(x);
    expect(graph.nodes).toHaveLength(nodes);
  });
});
