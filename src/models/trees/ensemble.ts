import { assert } from '../../core/index.ts';

/** What there is of every node. */
export const NODE_COLUMNS = ['feature', 'threshold', 'missingLeft', 'left', 'right', 'value', 'cover', 'gain'] as const;

/** What a node says; a tree's first node is its root. */
export interface TreeNode {
  /** −1 for a leaf. */
  feature: number;
  threshold: number;
  missingLeft: boolean;
  /** Numbers of the children within the tree. */
  left: number;
  right: number;
  /** What a leaf adds to the class's score, learning rate included. */
  value: number;
  /** Training rows that came by. */
  cover: number;
  /** By how much the split lowers the loss, times 2 (`scan`). */
  gain: number;
}

/**
 * Grown trees in flat columns, one number a node. A row goes left where its feature is at most the threshold (both float32), or where it is
 * missing and `missingLeft` says so. The cover of every node stays with it: what exact TreeSHAP (Lundberg et al. 2018) needs.
 */
export class TreeEnsemble {
  readonly classes: number;
  readonly features: number;
  /** Score of each class before any tree: the logarithm of its share. */
  readonly base: Float64Array;
  /** First node of each tree. */
  readonly roots: number[] = [];
  /** The class whose score each tree adds to. Of two classes only the last has trees, and the first has their negatives. */
  readonly classOf: number[] = [];
  nodes = 0;
  feature = new Int32Array(1024);
  threshold = new Float32Array(1024);
  missingLeft = new Uint8Array(1024);
  /** Numbers of the children among all nodes. */
  left = new Int32Array(1024);
  right = new Int32Array(1024);
  value = new Float32Array(1024);
  cover = new Float32Array(1024);
  gain = new Float32Array(1024);

  constructor(base: Float64Array, features: number) {
    assert(base.length >= 2, 'there are two classes or more');
    this.classes = base.length;
    this.features = features;
    // Rounded to what the model file holds.
    this.base = Float64Array.from(base, Math.fround);
  }

  get trees(): number {
    return this.roots.length;
  }

  /** Splits that a row passes in all trees together, on average over the training rows. */
  meanDepth(): number {
    let sum = 0;
    for (let tree = 0; tree < this.trees; tree++) {
      const root = this.roots[tree];
      const end = this.roots[tree + 1] ?? this.nodes;
      for (let node = root; node < end; node++) if (this.feature[node] >= 0) sum += this.cover[node] / this.cover[root];
    }
    return sum;
  }

  add(tree: readonly TreeNode[], classOf: number): void {
    const root = this.nodes;
    this.reserve(root + tree.length);
    this.roots.push(root);
    this.classOf.push(classOf);
    tree.forEach((node, k) => {
      const at = root + k;
      this.feature[at] = node.feature;
      this.threshold[at] = node.threshold;
      this.missingLeft[at] = node.missingLeft ? 1 : 0;
      this.left[at] = root + node.left;
      this.right[at] = root + node.right;
      this.value[at] = node.value;
      this.cover[at] = node.cover;
      this.gain[at] = node.gain;
    });
    this.nodes += tree.length;
  }

  /** Drops all trees behind the first `trees`. */
  truncate(trees: number): void {
    if (trees >= this.trees) return;
    this.nodes = this.roots[trees];
    this.roots.length = trees;
    this.classOf.length = trees;
  }

  /** What a tree says of the row whose first number is `data[at]`. */
  valueOf(tree: number, data: Float32Array, at: number): number {
    const { feature, threshold, left, right } = this;
    let node = this.roots[tree];
    for (let f = feature[node]; f >= 0; f = feature[node]) {
      const x = data[at + f];
      node = x <= threshold[node] || (Number.isNaN(x) && this.missingLeft[node] === 1) ? left[node] : right[node];
    }
    return this.value[node];
  }

  /** Adds the trees from number `from` on to the scores of the rows, classes × rows. */
  addScores(from: number, data: Float32Array, width: number, rows: Int32Array, scores: Float64Array): void {
    const n = rows.length;
    for (let tree = from; tree < this.trees; tree++) {
      const at = this.classOf[tree] * n;
      for (let i = 0; i < n; i++) {
        const value = this.valueOf(tree, data, rows[i] * width);
        scores[at + i] += value;
        if (this.classes === 2) scores[i] -= value;
      }
    }
  }

  /** Scores before any tree, classes × rows. */
  baseScores(rows: number): Float64Array {
    const scores = new Float64Array(rows * this.classes);
    for (let k = 0; k < this.classes; k++) scores.fill(this.base[k], k * rows, (k + 1) * rows);
    return scores;
  }

  /** Probabilities, rows × classes. */
  predict(data: Float32Array, width: number, rows: Int32Array): Float64Array {
    const scores = this.baseScores(rows.length);
    this.addScores(0, data, width, rows, scores);
    softmaxColumns(scores, rows.length);
    const { classes } = this;
    const out = new Float64Array(scores.length);
    for (let i = 0; i < rows.length; i++) {
      for (let k = 0; k < classes; k++) out[i * classes + k] = scores[k * rows.length + i];
    }
    return out;
  }

  /** Of every feature, over all splits: how many use it, and their gains summed. */
  importance(): { readonly splits: Float64Array; readonly gain: Float64Array } {
    const splits = new Float64Array(this.features);
    const gain = new Float64Array(this.features);
    for (let node = 0; node < this.nodes; node++) {
      const feature = this.feature[node];
      if (feature < 0) continue;
      splits[feature]++;
      gain[feature] += this.gain[node];
    }
    return { splits, gain };
  }

  /** Makes room for so many nodes. */
  reserve(nodes: number): void {
    if (nodes <= this.feature.length) return;
    const size = Math.max(2 * this.feature.length, nodes);
    const longer = <T extends Int32Array | Float32Array | Uint8Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.feature = longer(this.feature, new Int32Array(size));
    this.threshold = longer(this.threshold, new Float32Array(size));
    this.missingLeft = longer(this.missingLeft, new Uint8Array(size));
    this.left = longer(this.left, new Int32Array(size));
    this.right = longer(this.right, new Int32Array(size));
    this.value = longer(this.value, new Float32Array(size));
    this.cover = longer(this.cover, new Float32Array(size));
    this.gain = longer(this.gain, new Float32Array(size));
  }
}

/** Scores, classes × rows, become probabilities, in place. */
export function softmaxColumns(scores: Float64Array, rows: number): void {
  const end = scores.length;
  for (let i = 0; i < rows; i++) {
    let top = scores[i];
    for (let at = i + rows; at < end; at += rows) if (scores[at] > top) top = scores[at];
    let sum = 0;
    for (let at = i; at < end; at += rows) {
      const e = Math.exp(scores[at] - top);
      scores[at] = e;
      sum += e;
    }
    const factor = 1 / sum;
    for (let at = i; at < end; at += rows) scores[at] *= factor;
  }
}
