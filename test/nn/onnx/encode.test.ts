import { describe, expect, it } from 'vitest';
import { ANY, encodeModel, Graph, openSession, readModel } from '../../../src/nn/index.ts';
import { needsOnnxPython, ONNX_PYTHON, openInPython } from '../support/rivals.ts';

/** y = 2 x + c for any batch; `twice` is the same, `same` is the input. */
function graph(): Graph {
  const graph = new Graph();
  const x = graph.input('x', [ANY, 3]);
  const c = graph.constant(Float32Array.of(1, -2, 0.5), [3], 'c');
  const [doubled] = graph.emit('Mul', [x, graph.scalar(2)], [{ shape: [ANY, 3] }]);
  const [y] = graph.emit('Add', [doubled, c], [{ shape: [ANY, 3] }]);
  graph.output('y', y);
  graph.output('twice', y);
  graph.output('same', x);
  graph.output('constant', c);
  return graph;
}

const METADATA = { 'bookcast.schema': 'abc', 'with space': 'ü ≥ 1' };
const X = [1, 2, 3, 4, 5, 6];

describe('a model’s file', () => {
  it('runs, with outputs that are inputs, constants or the same value twice', async () => {
    const session = await openSession(encodeModel(graph()));
    expect(session.inputNames).toEqual(['x']);
    expect(session.outputNames).toEqual(['y', 'twice', 'same', 'constant']);
    const found = await session.run({ x: session.tensor(Float32Array.from(X), [2, 3]) }, session.outputNames);
    expect(found.y.data).toEqual(Float32Array.of(3, 2, 6.5, 9, 8, 12.5));
    expect(found.twice.data).toEqual(found.y.data);
    expect(found.same.data).toEqual(Float32Array.from(X));
    expect(found.constant.data).toEqual(Float32Array.of(1, -2, 0.5));
    await session.close();
  });

  it('says who made it, what it reads and gives, and what it was told', () => {
    const bytes = encodeModel(graph(), { name: 'test', version: '1.2.3', metadata: METADATA });
    expect(encodeModel(graph(), { name: 'test', version: '1.2.3', metadata: METADATA })).toEqual(bytes);
    const model = readModel(bytes, 'test.onnx');
    expect(model.producer).toBe('bookcast');
    expect(model.opset).toBe(17);
    expect(model.metadata).toEqual(METADATA);
    expect(model.inputs).toEqual([{ name: 'x', shape: [ANY, 3], type: 1 }]);
    expect(model.outputs.map(({ name }) => name)).toEqual(['y', 'twice', 'same', 'constant']);
  });

  it('holds every kind of attribute, and operators of other sets', async () => {
    const trees = new Graph();
    const x = trees.input('x', [ANY, 1]);
    const [labels, scores] = trees.emit(
      'TreeEnsembleClassifier',
      [x],
      [{ shape: [ANY], dtype: 'int64' }, { shape: [ANY, 3] }],
      {
        nodes_treeids: { ints: [0, 0, 0] },
        nodes_nodeids: { ints: [0, 1, 2] },
        nodes_featureids: { ints: [0, 0, 0] },
        nodes_modes: { strings: ['BRANCH_LEQ', 'LEAF', 'LEAF'] },
        nodes_values: { floats: [0.5, 0, 0] },
        nodes_truenodeids: { ints: [1, 0, 0] },
        nodes_falsenodeids: { ints: [2, 0, 0] },
        nodes_missing_value_tracks_true: { ints: [1, 0, 0] },
        class_treeids: { ints: [0, 0, 0] },
        class_nodeids: { ints: [1, 2, 2] },
        class_ids: { ints: [0, 1, 2] },
        class_weights: { floats: [0.75, 0.25, 0.5] },
        classlabels_int64s: { ints: [-7, 8, 9] },
        post_transform: { string: 'NONE' },
      },
      'ai.onnx.ml',
    );
    const [elu] = trees.emit('Elu', [x], [{ shape: [ANY, 1] }], { alpha: { float: 0.5 } });
    trees.output('labels', labels);
    trees.output('scores', scores);
    trees.output('elu', elu);
    const session = await openSession(encodeModel(trees));
    const found = await session.run(
      { x: session.tensor(Float32Array.of(0, 1, Number.NaN), [3, 1]) },
      session.outputNames,
    );
    expect(found.labels.data).toEqual(BigInt64Array.of(-7n, 9n, -7n));
    expect(found.scores.data).toEqual(Float32Array.of(0.75, 0, 0, 0, 0.25, 0.5, 0.75, 0, 0));
    expect((found.elu.data as Float32Array)[1]).toBe(1);
    await session.close();
  });

  it('refuses names that stand for two things, and unknown sets of operators', () => {
    const twice = new Graph();
    const x = twice.input('x', [1]);
    twice.output('x', twice.emit('Neg', [x], [{ shape: [1] }])[0]);
    expect(() => encodeModel(twice)).toThrow('only one value is called x');
    const foreign = new Graph();
    foreign.emit('Gelu', [foreign.input('x', [1])], [{ shape: [1] }], {}, 'com.example');
    expect(() => encodeModel(foreign)).toThrow('com.example');
  });

  it.skipIf(ONNX_PYTHON === null)(`opens in Python and passes the checker${needsOnnxPython}`, () => {
    const bytes = encodeModel(graph(), { version: '1.2.3', metadata: METADATA });
    const found = openInPython(bytes, { x: { shape: [2, 3], data: X } });
    expect(found.producer).toBe('bookcast 1.2.3');
    expect(found.metadata).toEqual(METADATA);
    expect(found.inputs).toEqual({ x: ['batch', 3] });
    expect(found.outputs.y).toEqual({ shape: [2, 3], data: [3, 2, 6.5, 9, 8, 12.5] });
    expect(found.outputs.twice).toEqual(found.outputs.y);
  });
});
