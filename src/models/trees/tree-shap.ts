import { assert, gaussLegendre, type Quadrature } from '../../core/index.ts';
import { type Attribution, checkExplained, type Explainer } from '../explain/attribution.ts';
import type { TreeEnsemble } from './ensemble.ts';

/**
 * Exact, path-dependent Shapley values of trees (Lundberg et al., "From local explanations to global understanding with explainable AI for
 * trees", Nature Machine Intelligence 2020): where a feature is not known, a row goes both ways, in proportion to the training rows that did.
 *
 * A leaf's part in that game is a product over the features on its way: 1 or 0 where the feature is known and leads there or not (`one`), the share
 * of rows that went there where it is not (`zero`). The Shapley value of a product is the integral over t in [0, 1] of (one − zero) of the
 * feature times Π (t one + (1 − t) zero) of the others (Owen, "Multilinear extensions of games", Management Science 1972): a polynomial
 * of a degree below the features on the way, so Gauss and Legendre give it exactly. All terms have one sign, so deep trees lose no digits to
 * cancellation, as they do where paths are unwound. Leaves below an edge are summed first, which takes O(leaves × depth) a tree.
 */
export class TreeShap implements Explainer {
  readonly method = 'tree-shap';
  readonly rows = 1;
  readonly inputs: number;
  readonly classes: number;
  readonly #trees: TreeEnsemble;
  /** One rule a tree, as fine as its ways need, and how far along a way the tree's stack goes. */
  readonly #rules: readonly Quadrature[];
  /** What each tree says where nothing is known. */
  readonly #empty: Float64Array;
  /** By depth: products at the rule's nodes, and sums of leaves times products below. */
  readonly #products: readonly Float64Array[];
  readonly #sums: readonly Float64Array[];
  /** Of each feature, on the way so far: how it leads on, −1 where it is not on the way. */
  readonly #one: Float64Array;
  readonly #zero: Float64Array;
  #row: Float32Array = new Float32Array(0);
  #values: Float64Array = new Float64Array(0);
  #rule: Quadrature;
  #factor = 1;

  /** Of `trees` as they are now; `cover` of every node must be above 0, as in trees that were grown. */
  constructor(trees: TreeEnsemble) {
    this.#trees = trees;
    this.inputs = trees.features;
    this.classes = trees.classes;
    for (let node = 0; node < trees.nodes; node++) assert(trees.cover[node] > 0, 'rows came by at every node');
    const shapes = Array.from(trees.roots, (root) => this.#shapeBelow(root, 0, new Set()));
    const most = Math.max(1, ...shapes.map(({ features }) => features));
    const rules = Array.from({ length: Math.ceil(most / 2) }, (_, i) => gaussLegendre(i + 1));
    this.#rules = shapes.map(({ features }) => rules[Math.max(0, Math.ceil(features / 2) - 1)]);
    this.#rule = rules[0];
    const depth = Math.max(0, ...shapes.map((shape) => shape.depth));
    const stack = (): Float64Array[] => Array.from({ length: depth + 1 }, () => new Float64Array(rules.length));
    this.#products = stack();
    this.#sums = stack();
    this.#one = new Float64Array(this.inputs).fill(-1);
    this.#zero = new Float64Array(this.inputs).fill(-1);
    this.#empty = Float64Array.from(trees.roots, (root) => this.#meanBelow(root));
  }

  explain(window: Float32Array, classIndex: number, out: Attribution): void {
    checkExplained(this, window, classIndex, out);
    const { classOf, base, trees, classes } = this.#trees;
    this.#row = window;
    this.#values = out.values;
    out.method = this.method;
    out.classIndex = classIndex;
    out.deviations.fill(Number.NaN);
    out.values.fill(0);
    let mean = 0;
    for (let k = 0; k < classes; k++) mean += base[k] / classes;
    out.baseline = base[classIndex] - mean;
    let moved = 0;
    for (let tree = 0; tree < trees; tree++) {
      const factor = contribution(classIndex, classOf[tree], classes);
      out.baseline += factor * this.#empty[tree];
      moved += factor * (this.#trees.valueOf(tree, window, 0) - this.#empty[tree]);
      this.#factor = factor;
      this.#rule = this.#rules[tree];
      this.#products[0].fill(1);
      this.#walk(this.#trees.roots[tree], 0);
    }
    out.value = out.baseline + moved;
  }

  async close(): Promise<void> {}

  /** Leaves `#sums[depth]`: of all leaves below `node`, value times product, at the rule's nodes. */
  #walk(node: number, depth: number): void {
    const { feature, left, right, value } = this.#trees;
    const sums = this.#sums[depth];
    const f = feature[node];
    const points = this.#rule.nodes.length;
    if (f < 0) {
      const products = this.#products[depth];
      for (let q = 0; q < points; q++) sums[q] = value[node] * products[q];
      return;
    }
    sums.fill(0);
    const goesLeft = this.#goesLeft(node, f);
    this.#edge(node, left[node], f, goesLeft, depth);
    this.#edge(node, right[node], f, !goesLeft, depth);
  }

  /** Walks on to `child`, and counts what is below it for the feature `f` that leads there. */
  #edge(node: number, child: number, f: number, taken: boolean, depth: number): void {
    const { cover } = this.#trees;
    const { nodes } = this.#rule;
    const [oneBefore, zeroBefore] = [this.#one[f], this.#zero[f]];
    const anew = oneBefore < 0;
    const one = taken ? (anew ? 1 : oneBefore) : 0;
    const zero = (cover[child] / cover[node]) * (anew ? 1 : zeroBefore);
    const products = this.#products[depth];
    const next = this.#products[depth + 1];
    for (let q = 0; q < nodes.length; q++) {
      const t = nodes[q];
      const before = anew ? 1 : t * oneBefore + (1 - t) * zeroBefore;
      next[q] = (products[q] / before) * (t * one + (1 - t) * zero);
    }
    this.#one[f] = one;
    this.#zero[f] = zero;
    this.#walk(child, depth + 1);
    this.#one[f] = oneBefore;
    this.#zero[f] = zeroBefore;
    const below = this.#sums[depth + 1];
    this.#count(f, below, one, zero, 1);
    // A feature that leads on again leads there in place of the time before.
    if (!anew) this.#count(f, below, oneBefore, zeroBefore, -1);
    const sums = this.#sums[depth];
    for (let q = 0; q < nodes.length; q++) sums[q] += below[q];
  }

  #count(f: number, below: Float64Array, one: number, zero: number, sign: number): void {
    const { nodes, weights } = this.#rule;
    let sum = 0;
    for (let q = 0; q < nodes.length; q++) sum += (weights[q] * below[q]) / (nodes[q] * one + (1 - nodes[q]) * zero);
    this.#values[f] += sign * this.#factor * (one - zero) * sum;
  }

  #goesLeft(node: number, f: number): boolean {
    const x = this.#row[f];
    return x <= this.#trees.threshold[node] || (Number.isNaN(x) && this.#trees.missingLeft[node] === 1);
  }

  #shapeBelow(node: number, depth: number, above: ReadonlySet<number>): { depth: number; features: number } {
    const f = this.#trees.feature[node];
    if (f < 0) return { depth, features: above.size };
    const along = above.has(f) ? above : new Set([...above, f]);
    const sides = [this.#trees.left[node], this.#trees.right[node]].map((child) =>
      this.#shapeBelow(child, depth + 1, along),
    );
    return {
      depth: Math.max(...sides.map((side) => side.depth)),
      features: Math.max(...sides.map((side) => side.features)),
    };
  }

  #meanBelow(node: number): number {
    const { feature, left, right, cover, value } = this.#trees;
    if (feature[node] < 0) return value[node];
    const share = (child: number): number => (cover[child] / cover[node]) * this.#meanBelow(child);
    return share(left[node]) + share(right[node]);
  }
}

/** What a tree of the class `of` counts for in the logit of class `k` against the mean of all. */
function contribution(k: number, of: number, classes: number): number {
  // Of two classes only the last has trees, and the first has their negatives.
  if (classes === 2) return k === of ? 1 : -1;
  return (k === of ? 1 : 0) - 1 / classes;
}
