import { describe, expect, it } from 'vitest';
import { Random, systemClock } from '../../../src/core/index.ts';
import {
  Attribution,
  emptyDecision,
  encodeModelMetadata,
  logitOf,
  openServedModel,
  parseTarget,
} from '../../../src/models/index.ts';
import { Booster } from '../../../src/models/trees/booster.ts';
import type { TreeEnsemble } from '../../../src/models/trees/ensemble.ts';
import { encodeTrees } from '../../../src/models/trees/onnx.ts';
import { readTrees } from '../../../src/models/trees/read-trees.ts';
import { TreeShap } from '../../../src/models/trees/tree-shap.ts';
import { Graph } from '../../../src/nn/index.ts';
import { encodeModel } from '../../../src/nn/onnx/encode.ts';
import { tempFile } from '../../cli/support.ts';
import { linearFile, metadataOf, namesOf } from '../served/files.ts';
import { GROWING, randomRows } from './support.ts';

const WIDTH = 6;

function grown(classes: number, rounds = 30): { trees: TreeEnsemble; data: Float32Array } {
  const source = randomRows({ seed: 5, rows: 1500, width: WIDTH, classes });
  const booster = new Booster(source, { ...GROWING, classes, leaves: 31, monotone: new Int8Array(WIDTH) });
  for (let round = 0; round < rounds; round++) booster.round();
  return { trees: booster.ensemble, data: source.data };
}

describe('readTrees', () => {
  it.each([3, 4])('reads back every tree to the last bit, %i classes', (classes) => {
    const { trees } = grown(classes);
    const read = readTrees(encodeTrees(trees, {}), WIDTH, 'm.onnx');
    expect(read.base).toEqual(trees.base);
    expect([read.roots, read.classOf, read.nodes]).toEqual([trees.roots, trees.classOf, trees.nodes]);
    for (let node = 0; node < trees.nodes; node++) {
      expect(read.feature[node]).toBe(trees.feature[node]);
      expect(read.cover[node]).toBe(trees.cover[node]);
      if (trees.feature[node] < 0) {
        expect(read.value[node]).toBe(trees.value[node]);
        continue;
      }
      for (const column of ['threshold', 'missingLeft', 'left', 'right'] as const)
        expect(read[column][node]).toBe(trees[column][node]);
    }
  });

  it('reads two classes, whose file has the base within the first tree, to the file’s own rounding of it', () => {
    const { trees, data } = grown(2);
    const read = readTrees(encodeTrees(trees, {}), WIDTH, 'm.onnx');
    const [a, b] = [new Attribution(1, WIDTH), new Attribution(1, WIDTH)];
    const [shapA, shapB] = [new TreeShap(trees), new TreeShap(read)];
    for (let row = 0; row < 50; row++) {
      const window = data.slice(row * WIDTH, (row + 1) * WIDTH);
      shapA.explain(window, row % 2, a);
      shapB.explain(window, row % 2, b);
      expect(Math.abs(b.remainder)).toBeLessThan(1e-9);
      // Each class's first leaf is rounded to a float32 of its size, about 1, once.
      expect(Math.abs(a.value - b.value)).toBeLessThan(2 ** -23);
      b.values.forEach((value, f) => {
        expect(Math.abs(value - a.values[f])).toBeLessThan(2 ** -22);
      });
    }
  });

  it('refuses what holds no trees of ours', () => {
    const { trees } = grown(3, 1);
    const file = encodeTrees(trees, {});
    expect(() => readTrees(linearFile({ width: WIDTH, length: 1 }), WIDTH, 'm.onnx')).toThrow('holds no trees');
    expect(() => readTrees(file.subarray(0, 900), WIDTH, 'm.onnx')).toThrow('no ONNX model, or a damaged one');
    expect(() => readTrees(file, 1, 'm.onnx')).toThrow('splits column');
    const node = (change: Parameters<Graph['emit']>[3]): Uint8Array => {
      const graph = new Graph();
      const x = graph.input('input', [1, 2]);
      const leaf = { ints: [0] };
      const [label] = graph.emit(
        'TreeEnsembleClassifier',
        [x],
        [{ shape: [1], dtype: 'int64' }, { shape: [1, 3] }],
        {
          nodes_treeids: leaf,
          nodes_nodeids: leaf,
          nodes_featureids: leaf,
          nodes_modes: { strings: ['LEAF'] },
          nodes_values: { floats: [0] },
          nodes_truenodeids: leaf,
          nodes_falsenodeids: leaf,
          nodes_missing_value_tracks_true: leaf,
          nodes_hitrates: { floats: [1] },
          class_treeids: leaf,
          class_nodeids: leaf,
          class_ids: leaf,
          class_weights: { floats: [0.5] },
          classlabels_int64s: { ints: [0, 1, 2] },
          ...change,
        },
        'ai.onnx.ml',
      );
      graph.output('label', label);
      return encodeModel(graph, { name: 'other' });
    };
    expect(readTrees(node({}), 2, 'm.onnx').trees).toBe(1);
    const wrong: [NonNullable<Parameters<Graph['emit']>[3]>, string][] = [
      [{ classlabels_int64s: { ints: [0] } }, 'tells 1 classes'],
      [{ base_values: { floats: [1] } }, '1 base values for 3 classes'],
      [{ nodes_hitrates: { floats: [0] } }, 'did not write'],
      [{ nodes_hitrates: { floats: [] } }, 'has 0 covers of 1 nodes'],
      [{ nodes_modes: { strings: ['BRANCH_GT'] } }, 'did not write'],
      [{ class_weights: { floats: [] } }, '0 weights'],
      [{ class_treeids: { ints: [1] } }, 'a tree without leaves'],
      [{ class_nodeids: { ints: [1] } }, 'a leaf that adds nothing'],
    ];
    for (const [change, message] of wrong) expect(() => readTrees(node(change), 2, 'm.onnx')).toThrow(message);
  });
});

describe.each([2, 3])('gbdt of %i classes, served from its file', (classes) => {
  it('explains what it served: additive to 1e-9, and what ONNX Runtime said to float32', async () => {
    const { trees, data } = grown(classes);
    const names = classes === 2 ? ['down', 'up'] : ['down', 'flat', 'up'];
    const prior = names.map(() => 1 / classes);
    const target = classes === 2 ? 'next-change' : 'events:10';
    const metadata = metadataOf({ width: WIDTH, length: 1 }, { kind: 'gbdt', target, classes: names, prior });
    const path = tempFile('gbdt.onnx', encodeTrees(trees, encodeModelMetadata(metadata)));
    const schema = { names: namesOf(WIDTH), hash: 'test' };
    const served = await openServedModel(path, { target: parseTarget(target), schema, clock: systemClock });
    try {
      const explainer = served.explainer;
      expect(explainer?.method).toBe('tree-shap');
      expect(served.explainer).toBe(explainer);
      const random = new Random(classes);
      const decision = emptyDecision(new Float64Array(WIDTH));
      const said = new Float64Array(classes);
      const window = new Float32Array(WIDTH);
      const out = new Attribution(1, WIDTH);
      let furthest = 0;
      for (let i = 0; i < 200; i++) {
        const row = random.below(1500);
        decision.index = i;
        decision.tsNs = i * 1e6;
        decision.row.set(data.subarray(row * WIDTH, (row + 1) * WIDTH));
        served.predict(decision, said);
        expect(served.copyWindow(window)).toBe(true);
        const k = i % classes;
        explainer?.explain(window, k, out);
        expect(Math.abs(out.remainder)).toBeLessThan(1e-9);
        furthest = Math.max(furthest, Math.abs(out.value - logitOf(said, k)));
      }
      // The runtime adds leaves and takes the softmax in float32.
      expect(furthest).toBeGreaterThan(0);
      expect(furthest).toBeLessThan(1e-5);
    } finally {
      await served.close();
    }
  });
});
