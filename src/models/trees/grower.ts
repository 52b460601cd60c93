import { assert } from '../../core/index.ts';
import type { BinnedRows } from './binned-rows.ts';
import { MISSING_BIN, SLOTS } from './bins.ts';
import type { TreeNode } from './ensemble.ts';
import { type LeafSums, leafValue, noSplit, type Split, type SplitRules, scan, scanStrictly } from './split.ts';

export interface GrowerOptions extends SplitRules {
  /** Most leaves of a tree. */
  readonly leaves: number;
  /** Most splits from the root to a leaf; 0 for no limit. */
  readonly depth: number;
  /** Largest hessian of a row: tells how few rows a sum of hessians can stand for. */
  readonly mostHessian: number;
}

interface Leaf extends LeafSums {
  /** Number in the tree. */
  readonly node: number;
  /** Its rows are `order[from, to)`. */
  readonly from: number;
  readonly to: number;
  readonly depth: number;
  /** Of its histogram; −1 where it has none, as it is not to be split. */
  slot: number;
  split: Split;
}

/** A tree and where its leaves' rows stand in `BinnedRows.order`. */
export interface GrownTree {
  readonly nodes: TreeNode[];
  readonly leaves: readonly { readonly node: number; readonly from: number; readonly to: number }[];
}

/** Sums of hessians are rounded; so that a count inferred from one is never a row too many. */
const SLACK = 1 + 1e-9;

/**
 * Grows trees leaf by leaf, always splitting the leaf with most to gain (Shi 2007; LightGBM, Ke et al. 2017). Of two siblings the smaller
 * one's histogram is summed from its rows, the other's is the parent's less that.
 */
export class TreeGrower {
  readonly #rows: BinnedRows;
  readonly #options: GrowerOptions;
  readonly #away: Int32Array;
  readonly #free: number[] = [];
  #tree = 0;
  #features: readonly number[] = [];
  #monotone: Int8Array | null = null;
  readonly #counts = new Int32Array(SLOTS);
  readonly #goesLeft = new Uint8Array(SLOTS);

  /** `rows` has as many histograms as `options.leaves`. */
  constructor(rows: BinnedRows, options: GrowerOptions) {
    assert(options.leaves >= 2, 'a tree has two leaves or more');
    this.#rows = rows;
    this.#options = options;
    this.#away = new Int32Array(rows.count);
  }

  /**
   * One tree on the first `count` rows of `BinnedRows.order`, which is put in another order. `tree` says which of its
   * pairs are the gradients; `features` those that may be split; `monotone` says of every feature whether the value must not fall (1) or rise (−1) with it.
   */
  grow(tree: number, count: number, features: readonly number[], monotone: Int8Array | null): GrownTree {
    this.#tree = tree;
    this.#features = features;
    this.#monotone = monotone;
    this.#free.length = 0;
    for (let slot = this.#options.leaves - 1; slot >= 0; slot--) this.#free.push(slot);
    const nodes: TreeNode[] = [];
    const root = this.#root(nodes, count);
    if (this.#splittable(root)) {
      root.slot = this.#free.pop()!;
      this.#rows.build(root.slot, tree, 0, count);
      this.#search(root);
    }
    const leaves = [root];
    while (leaves.length < this.#options.leaves) {
      let best = -1;
      for (let i = 0; i < leaves.length; i++) {
        if (leaves[i].split.feature >= 0 && (best < 0 || leaves[i].split.gain > leaves[best].split.gain)) best = i;
      }
      if (best < 0) break;
      const [left, right] = this.#divide(nodes, leaves[best]);
      if (leaves.length + 1 < this.#options.leaves) this.#prepare(leaves[best].slot, left, right);
      leaves[best] = left;
      leaves.push(right);
    }
    return { nodes, leaves };
  }

  #root(nodes: TreeNode[], count: number): Leaf {
    const { order } = this.#rows;
    const pairs = this.#rows.pairs[this.#tree];
    let g = 0;
    let h = 0;
    for (let i = 0; i < count; i++) {
      g += pairs[2 * order[i]];
      h += pairs[2 * order[i] + 1];
    }
    const bounds = { lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY };
    return this.#leaf(nodes, { g, h, rows: count, ...bounds }, 0, count, 0);
  }

  #leaf(nodes: TreeNode[], sums: LeafSums, from: number, to: number, depth: number): Leaf {
    const { g, h, rows, lower, upper } = sums;
    const value = leafValue(g, h, this.#options.l2, lower, upper);
    const node = nodes.length;
    nodes.push({ feature: -1, threshold: 0, missingLeft: false, left: 0, right: 0, value, cover: rows, gain: 0 });
    return { ...sums, node, from, to, depth, slot: -1, split: noSplit(this.#options.minGain) };
  }

  #splittable({ rows, depth, h }: Leaf): boolean {
    const { minSamples, minWeight } = this.#options;
    return (
      rows >= 2 * Math.max(1, minSamples) &&
      h >= 2 * minWeight &&
      (this.#options.depth === 0 || depth < this.#options.depth)
    );
  }

  /** Gives the children histograms and looks for their splits; the parent's histogram goes to the larger. */
  #prepare(slot: number, left: Leaf, right: Leaf): void {
    const [small, large] = left.rows <= right.rows ? [left, right] : [right, left];
    const [smallOn, largeOn] = [this.#splittable(small), this.#splittable(large)];
    if (!smallOn && !largeOn) {
      this.#free.push(slot);
      return;
    }
    small.slot = this.#free.pop()!;
    this.#rows.build(small.slot, this.#tree, small.from, small.to);
    if (largeOn) {
      this.#rows.subtract(slot, small.slot);
      large.slot = slot;
      this.#search(large);
    } else this.#free.push(slot);
    if (smallOn) this.#search(small);
    else this.#free.push(small.slot);
  }

  /**
   * Finds the best split of a leaf. Rows are counted only where the sums of hessians leave it open whether the best split's children have
   * enough, and then of that feature alone, until a best one holds.
   */
  #search(leaf: Leaf): void {
    const splits = this.#features.map((feature) => this.#scan(leaf, feature, null));
    const counted = new Set<number>();
    for (;;) {
      let best = 0;
      for (let i = 1; i < splits.length; i++) if (splits[i].gain > splits[best].gain) best = i;
      leaf.split = splits[best];
      if (leaf.split.feature < 0 || counted.has(best) || this.#surelyEnough(leaf)) break;
      splits[best] = this.#scan(leaf, leaf.split.feature, this.#count(leaf, leaf.split.feature));
      counted.add(best);
    }
    if (leaf.split.feature >= 0) return;
    this.#free.push(leaf.slot);
    leaf.slot = -1;
  }

  #scan(leaf: Leaf, feature: number, counts: Int32Array | null): Split {
    const rows = this.#rows;
    const sums = rows.histogram(leaf.slot);
    const best = noSplit(this.#options.minGain);
    const monotone = this.#monotone?.[feature] ?? 0;
    const at = 2 * SLOTS * feature;
    const of = { sums, at, bins: rows.binCount(feature), feature, missing: rows.missing[feature], monotone };
    if (counts !== null || this.#monotone !== null) scanStrictly(of, counts, leaf, this.#options, best);
    else scan(of, leaf, this.#options, best);
    return best;
  }

  #surelyEnough({ split, h }: Leaf): boolean {
    const least = (Math.max(1, this.#options.minSamples) - 1) * this.#options.mostHessian * SLACK;
    return split.hLeft > least && h - split.hLeft > least;
  }

  /** Rows of the leaf in each bin of a feature. */
  #count({ from, to }: Leaf, feature: number): Int32Array {
    const { order, bytes } = this.#rows;
    const counts = this.#counts.fill(0);
    const at = this.#rows.binsAt(feature);
    for (let i = from; i < to; i++) counts[bytes[at + 4 * order[i]]]++;
    return counts;
  }

  /** Makes an inner node of a leaf and puts its rows in order, those of the left child first; neither changes place with its like. */
  #divide(nodes: TreeNode[], leaf: Leaf): [Leaf, Leaf] {
    const { from, to, split, lower, upper } = leaf;
    const { feature, bin, gLeft, hLeft } = split;
    const middle = this.#partition(leaf);
    const [gRight, hRight] = [leaf.g - gLeft, leaf.h - hLeft];
    let [leftUpper, leftLower, rightUpper, rightLower] = [upper, lower, upper, lower];
    const monotone = this.#monotone?.[feature] ?? 0;
    if (monotone !== 0) {
      const { l2 } = this.#options;
      const between = (leafValue(gLeft, hLeft, l2, lower, upper) + leafValue(gRight, hRight, l2, lower, upper)) / 2;
      if (monotone > 0) [leftUpper, rightLower] = [between, between];
      else [leftLower, rightUpper] = [between, between];
    }
    const [nLeft, nRight] = [middle - from, to - middle];
    const sums = { g: gLeft, h: hLeft, rows: nLeft, lower: leftLower, upper: leftUpper };
    const left = this.#leaf(nodes, sums, from, middle, leaf.depth + 1);
    const rightSums = { g: gRight, h: hRight, rows: nRight, lower: rightLower, upper: rightUpper };
    const right = this.#leaf(nodes, rightSums, middle, to, leaf.depth + 1);
    const node = nodes[leaf.node];
    node.feature = feature;
    node.threshold = this.#rows.edges[feature][bin];
    node.missingLeft = split.missing ? split.missingLeft : nLeft >= nRight;
    [node.left, node.right, node.gain] = [left.node, right.node, split.gain];
    return [left, right];
  }
  /** Puts those that go left first; returns where the others begin. */
  #partition({ from, to, split: { feature, bin, missingLeft } }: Leaf): number {
    const { bytes, order } = this.#rows;
    const at = this.#rows.binsAt(feature);
    const goesLeft = this.#goesLeft.fill(0).fill(1, 0, bin + 1);
    goesLeft[MISSING_BIN] = missingLeft ? 1 : 0;
    const away = this.#away;
    let middle = from;
    let gone = 0;
    // Written to both and kept in one: which way a row goes cannot be foretold, and wrong guesses cost more than writing.
    for (let i = from; i < to; i++) {
      const row = order[i];
      const left = goesLeft[bytes[at + 4 * row]];
      order[middle] = row;
      away[gone] = row;
      middle += left;
      gone += 1 - left;
    }
    order.set(away.subarray(0, gone), middle);
    return middle;
  }
}
