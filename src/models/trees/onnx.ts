import { ANY, encodeModel, Graph } from '../../nn/index.ts';
import type { TreeEnsemble } from './ensemble.ts';

/**
 * The ensemble as an ONNX file with one node, `TreeEnsembleClassifier` of `ai.onnx.ml` 3. Input `input`, (batch, 1, features) unscaled float32
 * rows with NaN for what is missing; outputs `probabilities`, (batch, classes), and `label`, the number of the likeliest class. Thresholds
 * and leaves are float32 here as there, so a row falls into the very same leaves.
 */
export function encodeTrees(
  ensemble: TreeEnsemble,
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const { classes, features } = ensemble;
  const graph = new Graph();
  const windows = graph.input('input', [ANY, 1, features]);
  const [rows] = graph.emit('Reshape', [windows, graph.integers([-1, features])], [{ shape: [ANY, features] }]);
  const [label, probabilities] = graph.emit(
    'TreeEnsembleClassifier',
    [rows],
    [{ shape: [ANY], dtype: 'int64' }, { shape: [ANY, classes] }],
    attributesOf(ensemble),
    'ai.onnx.ml',
  );
  graph.output('probabilities', probabilities);
  graph.output('label', label);
  return encodeModel(graph, { name: 'gbdt', metadata });
}

type Attributes = NonNullable<Parameters<Graph['emit']>[3]>;

function attributesOf(ensemble: TreeEnsemble): Attributes {
  const { nodes, feature, threshold, missingLeft, left, right, base } = ensemble;
  const trees = new Array<number>(nodes);
  const ids = new Array<number>(nodes);
  ensemble.roots.forEach((root, tree) => {
    const end = ensemble.roots[tree + 1] ?? nodes;
    for (let node = root; node < end; node++) [trees[node], ids[node]] = [tree, node - root];
  });
  const each = (of: (node: number) => number): number[] => Array.from({ length: nodes }, (_, node) => of(node));
  const inner = (of: (node: number) => number): number[] => each((node) => (feature[node] < 0 ? 0 : of(node)));
  const child = (of: Int32Array): number[] => inner((node) => of[node] - (node - ids[node]));
  return {
    nodes_treeids: { ints: trees },
    nodes_nodeids: { ints: ids },
    nodes_featureids: { ints: inner((node) => feature[node]) },
    nodes_modes: { strings: Array.from({ length: nodes }, (_, node) => (feature[node] < 0 ? 'LEAF' : 'BRANCH_LEQ')) },
    nodes_values: { floats: inner((node) => threshold[node]) },
    nodes_truenodeids: { ints: child(left) },
    nodes_falsenodeids: { ints: child(right) },
    nodes_missing_value_tracks_true: { ints: inner((node) => missingLeft[node]) },
    nodes_hitrates: { floats: each((node) => ensemble.cover[node]) },
    ...leavesOf(ensemble, trees, ids),
    classlabels_int64s: { ints: Array.from(base, (_, k) => k) },
    post_transform: { string: 'SOFTMAX' },
  };
}

/**
 * What leaves add to which class. ONNX Runtime takes two classes for one and its opposite and does not read their base values as the
 * standard has it (`tree_ensemble_aggregator.h`), so there the base is part of the first tree's leaves.
 */
function leavesOf(ensemble: TreeEnsemble, trees: readonly number[], ids: readonly number[]): Attributes {
  const { base, value, classOf } = ensemble;
  const two = ensemble.classes === 2;
  const [atTrees, atNodes, classes, weights]: number[][] = [[], [], [], []];
  for (let node = 0; node < ensemble.nodes; node++) {
    if (ensemble.feature[node] >= 0) continue;
    const tree = trees[node];
    for (const k of two ? [0, 1] : [classOf[tree]]) {
      atTrees.push(tree);
      atNodes.push(ids[node]);
      classes.push(k);
      weights.push((two && k === 0 ? -value[node] : value[node]) + (two && tree === 0 ? base[k] : 0));
    }
  }
  return {
    class_treeids: { ints: atTrees },
    class_nodeids: { ints: atNodes },
    class_ids: { ints: classes },
    class_weights: { floats: weights },
    ...(two ? {} : { base_values: { floats: [...base] } }),
  };
}
