import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { Attribution } from '../../../src/models/explain/attribution.ts';
import { Booster } from '../../../src/models/trees/booster.ts';
import { TreeEnsemble, type TreeNode } from '../../../src/models/trees/ensemble.ts';
import { TreeShap } from '../../../src/models/trees/tree-shap.ts';
import { GROWING, randomRows } from './support.ts';

/** A tree with random splits, in which a feature may come again on the way, and covers that add up. */
function randomTree(random: Random, features: number, depth: number): TreeNode[] {
  const nodes: TreeNode[] = [];
  const grow = (left: number, cover: number): number => {
    const at = nodes.length;
    const leaf = left === 0 || cover < 2 || random.bernoulli(0.2);
    nodes.push({
      feature: leaf ? -1 : random.below(features),
      threshold: Math.fround(random.normal()),
      missingLeft: random.bernoulli(0.5),
      left: 0,
      right: 0,
      value: leaf ? random.normal() : 0,
      cover,
      gain: 0,
    });
    if (!leaf) {
      const some = 1 + random.below(cover - 1);
      nodes[at].left = grow(left - 1, some);
      nodes[at].right = grow(left - 1, cover - some);
    }
    return at;
  };
  grow(depth, 1000);
  return nodes;
}

function randomForest(seed: number, classes: number, features: number, depth: number, trees: number): TreeEnsemble {
  const random = new Random(seed);
  const ensemble = new TreeEnsemble(
    Float64Array.from({ length: classes }, () => random.normal()),
    features,
  );
  for (let t = 0; t < trees; t++)
    ensemble.add(randomTree(random, features, depth), classes === 2 ? 1 : random.below(classes));
  return ensemble;
}

function randomRow(random: Random, features: number): Float32Array {
  return Float32Array.from({ length: features }, () => (random.bernoulli(0.15) ? Number.NaN : random.normal()));
}

/** What the ensemble says of class `k` against the mean of all where only the features of `known` are known: by definition. */
function gameValue(trees: TreeEnsemble, row: Float32Array, k: number, known: number): number {
  const below = (node: number): number => {
    const f = trees.feature[node];
    if (f < 0) return trees.value[node];
    const [left, right] = [trees.left[node], trees.right[node]];
    if ((known >> f) & 1) {
      const x = row[f];
      const goesLeft = Number.isNaN(x) ? trees.missingLeft[node] === 1 : x <= trees.threshold[node];
      return below(goesLeft ? left : right);
    }
    return (trees.cover[left] * below(left) + trees.cover[right] * below(right)) / trees.cover[node];
  };
  const scores = Float64Array.from(trees.base);
  trees.roots.forEach((root, tree) => {
    const value = below(root);
    scores[trees.classOf[tree]] += value;
    if (trees.classes === 2) scores[0] -= value;
  });
  return scores[k] - scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

/** Shapley values by their definition, over all subsets. */
function bruteForce(trees: TreeEnsemble, row: Float32Array, k: number): Float64Array {
  const m = trees.features;
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  const values = Float64Array.from({ length: 1 << m }, (_, known) => gameValue(trees, row, k, known));
  return Float64Array.from({ length: m }, (_, i) => {
    let sum = 0;
    for (let known = 0; known < 1 << m; known++) {
      if ((known >> i) & 1) continue;
      let size = 0;
      for (let j = 0; j < m; j++) size += (known >> j) & 1;
      const weight = (factorial(size) * factorial(m - size - 1)) / factorial(m);
      sum += weight * (values[known | (1 << i)] - values[known]);
    }
    return sum;
  });
}

function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i])));
}

describe('TreeShap', () => {
  it.each([2, 3, 4])('gives the Shapley values of their definition to 1e-9, %i classes', (classes) => {
    const random = new Random(classes);
    for (let seed = 1; seed <= 15; seed++) {
      const features = 1 + random.below(7);
      const trees = randomForest(seed, classes, features, 1 + random.below(9), 4);
      const shap = new TreeShap(trees);
      const out = new Attribution(1, features);
      for (let k = 0; k < classes; k++) {
        const row = randomRow(random, features);
        shap.explain(row, k, out);
        expect(furthest(out.values, bruteForce(trees, row, k))).toBeLessThan(1e-9);
        expect(out.baseline).toBeCloseTo(gameValue(trees, row, k, 0), 10);
        expect(out.value).toBeCloseTo(gameValue(trees, row, k, (1 << features) - 1), 10);
      }
    }
  });

  it('adds up to 1e-9 in random forests of any depth', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const random = new Random(1000 + seed);
      const features = 1 + random.below(40);
      const trees = randomForest(seed, 2 + random.below(3), features, 1 + random.below(30), 10);
      const shap = new TreeShap(trees);
      const out = new Attribution(1, features);
      for (let i = 0; i < 5; i++) {
        shap.explain(randomRow(random, features), random.below(trees.classes), out);
        expect(Math.abs(out.remainder)).toBeLessThan(1e-9);
      }
    }
  });

  it('adds up to 1e-9 in trees that were grown, to the logit of what they forecast', () => {
    for (const classes of [2, 3]) {
      const source = randomRows({ seed: 5, rows: 1500, width: 6, classes });
      const booster = new Booster(source, { ...GROWING, classes, leaves: 31, monotone: new Int8Array(6) });
      for (let round = 0; round < 30; round++) booster.round();
      const { ensemble } = booster;
      const said = ensemble.predict(source.data, 6, source.rows);
      const shap = new TreeShap(ensemble);
      const out = new Attribution(1, 6);
      for (let row = 0; row < 50; row++) {
        const k = row % classes;
        shap.explain(source.data.slice(6 * row, 6 * row + 6), k, out);
        const logs = Array.from(said.subarray(row * classes, (row + 1) * classes), Math.log);
        const logit = logs[k] - logs.reduce((sum, x) => sum + x, 0) / classes;
        expect(Math.abs(out.remainder)).toBeLessThan(1e-9);
        expect(out.value).toBeCloseTo(logit, 9);
      }
    }
  });

  it('gives nothing to a feature that no tree splits', () => {
    const trees = randomForest(3, 3, 4, 5, 6);
    const wider = new TreeEnsemble(trees.base, 5);
    trees.roots.forEach((root, tree) => {
      const end = trees.roots[tree + 1] ?? trees.nodes;
      const nodes = Array.from({ length: end - root }, (_, i) => ({
        feature: trees.feature[root + i],
        threshold: trees.threshold[root + i],
        missingLeft: trees.missingLeft[root + i] === 1,
        left: trees.left[root + i] - root,
        right: trees.right[root + i] - root,
        value: trees.value[root + i],
        cover: trees.cover[root + i],
        gain: 0,
      }));
      wider.add(nodes, trees.classOf[tree]);
    });
    const out = new Attribution(1, 5);
    new TreeShap(wider).explain(randomRow(new Random(1), 5), 2, out);
    expect(out.values[4]).toBe(0);
    expect(out.values.some((value) => value !== 0)).toBe(true);
  });

  it('explains an ensemble of leaves alone: nothing but a baseline', () => {
    const trees = new TreeEnsemble(Float64Array.of(0.5, -0.5), 2);
    trees.add(
      [{ feature: -1, threshold: 0, missingLeft: false, left: 0, right: 0, value: 0.25, cover: 9, gain: 0 }],
      1,
    );
    const out = new Attribution(1, 2);
    new TreeShap(trees).explain(Float32Array.of(1, 2), 1, out);
    expect([...out.values, out.baseline, out.value]).toEqual([0, 0, -0.25, -0.25]);
  });
});
