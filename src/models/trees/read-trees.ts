import { BookcastError } from '../../core/index.ts';
import { type ReadNode, readGraph } from '../../nn/index.ts';
import { TreeEnsemble, type TreeNode } from './ensemble.ts';

/** A node's number among all, and what its leaf adds to each class. */
interface Leaf {
  readonly adds: Float64Array;
}

/**
 * The trees of a file that `encodeTrees` wrote, covers included: what TreeSHAP needs to explain the model as it is served. Thresholds, covers and
 * leaves are the file's float32 to the last bit. The file of two classes holds a base within the leaves of its first tree, where half their difference
 * takes more than 24 bits: such a tree is read as two, of which the second holds what the first one's leaves were rounded by. So the sums of
 * leaves, in float64, are those of the file exactly; ONNX Runtime adds the same leaves in float32 and rounds once a tree.
 *
 * `features` is the width of a row. Throws `bad-input` where the file holds no such trees.
 */
export function readTrees(bytes: Uint8Array, features: number, where: string): TreeEnsemble {
  const { nodes } = readGraph(bytes, where);
  const node = nodes.find(({ op }) => op === 'TreeEnsembleClassifier');
  if (node === undefined) refuse(where, 'holds no trees');
  const classes = node.numbers.classlabels_int64s?.length ?? 0;
  if (classes < 2) refuse(where, `tells ${classes} classes`);
  const two = classes === 2;
  const base = Float64Array.from(node.numbers.base_values ?? new Float64Array(classes));
  if (base.length !== classes) refuse(where, `has ${base.length} base values for ${classes} classes`);
  const ensemble = new TreeEnsemble(base, features);
  const leaves = leavesOf(node, classes, where);
  const at = columns(node, where);
  for (let from = 0; from < at.trees.length; ) {
    let to = from + 1;
    while (to < at.trees.length && at.trees[to] === at.trees[from]) to++;
    const own = leaves.get(at.trees[from]) ?? new Map<number, Leaf>();
    const classOf = two ? 1 : classWithLeaves(own, where);
    const exact = (id: number): number => leafValue(own.get(id), classOf, two, where);
    ensemble.add(
      treeOf(at, from, to, features, (id) => Math.fround(exact(id)), where),
      classOf,
    );
    const rest = (id: number): number => Math.fround(exact(id) - Math.fround(exact(id)));
    if ([...own.keys()].some((id) => rest(id) !== 0))
      ensemble.add(treeOf(at, from, to, features, rest, where), classOf);
    from = to;
  }
  return ensemble;
}

interface Columns {
  readonly trees: readonly number[];
  readonly ids: readonly number[];
  readonly features: readonly number[];
  readonly thresholds: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly missingLeft: readonly number[];
  readonly covers: readonly number[];
  readonly modes: readonly string[];
}

function columns({ numbers, texts }: ReadNode, where: string): Columns {
  const read: Columns = {
    trees: numbers.nodes_treeids ?? [],
    ids: numbers.nodes_nodeids ?? [],
    features: numbers.nodes_featureids ?? [],
    thresholds: numbers.nodes_values ?? [],
    left: numbers.nodes_truenodeids ?? [],
    right: numbers.nodes_falsenodeids ?? [],
    missingLeft: numbers.nodes_missing_value_tracks_true ?? [],
    covers: numbers.nodes_hitrates ?? [],
    modes: texts.nodes_modes ?? [],
  };
  const { length } = read.trees;
  for (const [name, column] of Object.entries(read))
    if (column.length !== length || length === 0) refuse(where, `has ${column.length} ${name} of ${length} nodes`);
  return read;
}

function treeOf(
  at: Columns,
  from: number,
  to: number,
  width: number,
  leafAt: (id: number) => number,
  where: string,
): TreeNode[] {
  return Array.from({ length: to - from }, (_, id): TreeNode => {
    const node = from + id;
    const leaf = at.modes[node] === 'LEAF';
    const [left, right] = leaf ? [0, 0] : [at.left[node], at.right[node]];
    // A child stands behind its parent, so that a walk ends.
    const inside = leaf || (Math.min(left, right) > id && Math.max(left, right) < to - from);
    if (at.ids[node] !== id || !inside || (!leaf && at.modes[node] !== 'BRANCH_LEQ') || !(at.covers[node] > 0))
      refuse(where, `has a node (${at.trees[node]}, ${at.ids[node]}) that this program did not write`);
    if (!leaf && !(at.features[node] >= 0 && at.features[node] < width))
      refuse(where, `splits column ${at.features[node]} of ${width}`);
    return {
      feature: leaf ? -1 : at.features[node],
      threshold: at.thresholds[node],
      missingLeft: at.missingLeft[node] === 1,
      left,
      right,
      value: leaf ? leafAt(id) : 0,
      cover: at.covers[node],
      gain: 0,
    };
  });
}

/** By tree and then by node: what each leaf adds to each class, NaN where it adds nothing. */
function leavesOf({ numbers }: ReadNode, classes: number, where: string): Map<number, Map<number, Leaf>> {
  const { class_treeids: trees = [], class_nodeids: ids = [], class_ids: of = [], class_weights: adds = [] } = numbers;
  if (trees.length !== ids.length || trees.length !== of.length || trees.length !== adds.length)
    refuse(where, `has ${trees.length} leaves and ${adds.length} weights of them`);
  const leaves = new Map<number, Map<number, Leaf>>();
  trees.forEach((tree, i) => {
    const own = leaves.get(tree) ?? new Map<number, Leaf>();
    leaves.set(tree, own);
    const leaf = own.get(ids[i]) ?? { adds: new Float64Array(classes).fill(Number.NaN) };
    own.set(ids[i], leaf);
    leaf.adds[of[i]] = adds[i];
  });
  return leaves;
}

/** Of three classes and more a tree adds to one alone. */
function classWithLeaves(leaves: ReadonlyMap<number, Leaf>, where: string): number {
  const [first] = leaves.values();
  const found = first?.adds.findIndex((x) => !Number.isNaN(x)) ?? -1;
  return found >= 0 ? found : refuse(where, 'has a tree without leaves');
}

/** Of two classes half of the difference: the logit of the last against the mean of both. */
function leafValue(leaf: Leaf | undefined, classOf: number, two: boolean, where: string): number {
  const value = leaf === undefined ? Number.NaN : two ? (leaf.adds[1] - leaf.adds[0]) / 2 : leaf.adds[classOf];
  return Number.isNaN(value) ? refuse(where, 'has a leaf that adds nothing to its class') : value;
}

function refuse(where: string, what: string): never {
  throw new BookcastError('bad-input', `${where} ${what}, so its forecasts cannot be explained: train it again`, {
    path: where,
  });
}
