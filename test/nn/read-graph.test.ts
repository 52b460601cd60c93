import { expect, it } from 'vitest';
import { Graph, readGraph } from '../../src/nn/index.ts';
import { encodeModel } from '../../src/nn/onnx/encode.ts';

it('reads back nodes with their attributes, and constants of 32-bit floats by name', () => {
  const graph = new Graph();
  const x = graph.input('x', [2]);
  const w = graph.constant(Float32Array.of(0.1, -2), [2], 'weights');
  const attributes = {
    a: { int: -3 },
    b: { float: 0.5 },
    c: { ints: [1, 2] },
    d: { floats: [1.5] },
    e: { string: 'é' },
  };
  const [y] = graph.emit('Add', [x, w], [{ shape: [2] }], { ...attributes, f: { strings: ['p', 'q'] } });
  graph.output('y', graph.emit('Reshape', [y, graph.integers([2])], [{ shape: [2] }])[0]);
  const bytes = encodeModel(graph, { name: 'test', metadata: { k: 'v' } });
  const { nodes, constants } = readGraph(bytes, 'm.onnx');
  expect(nodes.map(({ op }) => op)).toEqual(['Add', 'Reshape']);
  expect(nodes[0].numbers).toEqual({ a: [-3], b: [0.5], c: [1, 2], d: [1.5] });
  expect(nodes[0].texts).toEqual({ e: ['é'], f: ['p', 'q'] });
  expect([...constants]).toEqual([['weights', Float32Array.of(0.1, -2)]]);
  // Of a Buffer, which is a view of some larger memory, a slice is no copy.
  expect(readGraph(Buffer.from(bytes), 'm.onnx').constants).toEqual(constants);
  for (const end of [bytes.length >> 2, 12])
    expect(() => readGraph(bytes.subarray(0, end), 'm.onnx')).toThrow('no ONNX model, or a damaged one');
});
