import { assert } from '../../core/index.ts';
import { NODE_COLUMNS, type TreeEnsemble } from './ensemble.ts';

/** What stands before the columns: trees, nodes. */
const HEAD = 2;

/** The trees as one vector for a checkpoint: counts, roots, classes, then column after column. All of it is exact in float32. */
export function packTrees(trees: TreeEnsemble): Float32Array {
  assert(trees.nodes < 2 ** 24, 'float32 counts the nodes');
  const packed = new Float32Array(HEAD + 2 * trees.trees + NODE_COLUMNS.length * trees.nodes);
  packed.set([trees.trees, trees.nodes]);
  packed.set(trees.roots, HEAD);
  packed.set(trees.classOf, HEAD + trees.trees);
  NODE_COLUMNS.forEach((column, i) => {
    packed.set(trees[column].subarray(0, trees.nodes), HEAD + 2 * trees.trees + i * trees.nodes);
  });
  return packed;
}

/** Puts the trees of `packed` into `into`, which has none. */
export function unpackTrees(packed: Float32Array, into: TreeEnsemble): void {
  const [trees, nodes] = packed;
  assert(
    into.trees === 0 && packed.length === HEAD + 2 * trees + NODE_COLUMNS.length * nodes,
    'these are packed trees',
  );
  const columns = HEAD + 2 * trees;
  into.roots.push(...packed.subarray(HEAD, HEAD + trees));
  into.classOf.push(...packed.subarray(HEAD + trees, columns));
  into.reserve(nodes);
  into.nodes = nodes;
  NODE_COLUMNS.forEach((column, i) => {
    into[column].set(packed.subarray(columns + i * nodes, columns + (i + 1) * nodes));
  });
}
