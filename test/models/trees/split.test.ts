import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { BinnedRows } from '../../../src/models/trees/binned-rows.ts';
import { binOf, type LabelledRows, learnAllEdges, learnEdges } from '../../../src/models/trees/bins.ts';
import type { TreeNode } from '../../../src/models/trees/ensemble.ts';
import { TreeGrower } from '../../../src/models/trees/grower.ts';
import { randomRows } from './support.ts';

const RULES = { l2: 0.5, minWeight: 0.05, minSamples: 3, minGain: 0, depth: 0, mostHessian: 1 };

interface Found {
  gain: number;
  left: number[];
}

/** The best split of the rows by trying every threshold of every column, missing values on either side. */
function bestByHand(source: LabelledRows, rows: readonly number[], pairs: Float64Array): Found {
  const sums = (of: readonly number[]) => of.reduce(([g, h], i) => [g + pairs[2 * i], h + pairs[2 * i + 1]], [0, 0]);
  const score = ([g, h]: readonly number[]): number => (g * g) / (h + RULES.l2);
  let best: Found = { gain: 0, left: [] };
  for (let f = 0; f < source.width; f++) {
    const value = (i: number): number => source.data[i * source.width + f];
    for (const threshold of new Set(rows.map(value).filter((x) => !Number.isNaN(x)))) {
      for (const missingLeft of [false, true]) {
        const goes = (i: number): boolean => (Number.isNaN(value(i)) ? missingLeft : value(i) <= threshold);
        const left = rows.filter(goes);
        const right = rows.filter((i) => !goes(i));
        if (Math.min(left.length, right.length) < RULES.minSamples) continue;
        if (Math.min(sums(left)[1], sums(right)[1]) < RULES.minWeight) continue;
        const gain = score(sums(left)) + score(sums(right)) - score(sums(rows));
        if (gain > best.gain) best = { gain, left };
      }
    }
  }
  return best;
}

function grow(source: LabelledRows, pairs: Float64Array, leaves: number, plain = false) {
  const binned = new BinnedRows(source, learnAllEdges(source, 255), { histograms: leaves, trees: 1, plain });
  binned.pairs[0].set(pairs);
  binned.order.set(source.rows);
  const features = Array.from({ length: source.width }, (_, f) => f);
  return new TreeGrower(binned, { ...RULES, leaves }).grow(0, source.rows.length, features, null);
}

function randomPairs(rows: number, seed: number, least = 0.01): Float64Array {
  const random = new Random(seed);
  return Float64Array.from({ length: 2 * rows }, (_, i) =>
    i % 2 === 0 ? random.normal() : least + random.float() / 2,
  );
}

/** Rows of the leaves below a node. */
function rowsBelow(source: LabelledRows, nodes: readonly TreeNode[], at: number): number[] {
  return [...source.rows].filter((row) => {
    for (let node = 0; ; ) {
      if (node === at) return true;
      const { feature, threshold, missingLeft, left, right } = nodes[node];
      if (feature < 0) return false;
      const x = source.data[row * source.width + feature];
      node = x <= threshold || (Number.isNaN(x) && missingLeft) ? left : right;
    }
  });
}

describe('splits', () => {
  it('are the best there are, by every threshold tried in turn, and leaves have Newton’s value', () => {
    const cases = fc.record({
      seed: fc.integer(),
      rows: fc.integer({ min: 8, max: 60 }),
      width: fc.integer({ min: 1, max: 6 }),
      missing: fc.constantFrom(0, 0.3),
      values: fc.constantFrom(0, 2, 5),
    });
    fc.assert(
      fc.property(cases, (options) => {
        const source = randomRows(options);
        const pairs = randomPairs(options.rows, options.seed);
        const { nodes } = grow(source, pairs, 6);
        nodes.forEach((node, at) => {
          const rows = rowsBelow(source, nodes, at);
          expect(node.cover).toBe(rows.length);
          const best = bestByHand(source, rows, pairs);
          if (node.feature >= 0) {
            expect(node.gain).toBeCloseTo(best.gain, 9);
            // Splits of the same gain may differ, so the gain of this one is checked and not its rows.
            expect(rowsBelow(source, nodes, node.left).length).toBeGreaterThanOrEqual(RULES.minSamples);
          } else {
            const g = rows.reduce((sum, i) => sum + pairs[2 * i], 0);
            const h = rows.reduce((sum, i) => sum + pairs[2 * i + 1], 0);
            expect(node.value).toBeCloseTo(-g / (h + RULES.l2), 9);
            if (nodes.length < 11) expect(best.gain).toBeLessThan(1e-9);
          }
        });
      }),
      { numRuns: 150, seed: 7 },
    );
  });

  it('go first where the gain is greatest', () => {
    const source = randomRows({ seed: 3, rows: 400, width: 3 });
    const { nodes } = grow(source, randomPairs(400, 3), 12);
    const splits = nodes.map((node, at) => ({ ...node, at })).filter(({ feature }) => feature >= 0);
    expect(splits).toHaveLength(11);
    // Children are numbered as they come: a leaf that waited at a split has a lower number than the split's children.
    for (const now of splits) {
      for (const later of splits.filter(({ at, left }) => at < now.left && left > now.left))
        expect(now.gain).toBeGreaterThanOrEqual(later.gain);
    }
  });

  it('come out the same, bit for bit, with histograms in WebAssembly and in JavaScript', () => {
    const source = randomRows({ seed: 5, rows: 3000, width: 7 });
    const pairs = randomPairs(3000, 5);
    expect(grow(source, pairs, 20)).toEqual(grow(source, pairs, 20, true));
  });

  it('keep to the depth', () => {
    const source = randomRows({ seed: 5, rows: 500, width: 2, missing: 0 });
    const binned = new BinnedRows(source, learnAllEdges(source, 255), { histograms: 30, trees: 1 });
    binned.pairs[0].set(randomPairs(500, 1));
    binned.order.set(source.rows);
    const { nodes } = new TreeGrower(binned, { ...RULES, leaves: 30, depth: 2 }).grow(0, 500, [0, 1], null);
    expect(nodes.filter(({ feature }) => feature < 0).length).toBe(4);
  });

  it('refuses what has no addresses', () => {
    const source = {
      data: new Float32Array(0),
      width: 4,
      rows: { length: 2 ** 29 } as Int32Array,
      labels: new Int32Array(0),
    };
    const edges = Array.from({ length: 4 }, () => new Float32Array(1));
    expect(() => new BinnedRows(source, edges, { histograms: 2, trees: 1 })).toThrow(/rows × 4 signals.*fewer/);
  });
});

describe('bins', () => {
  it('keep every value apart where there are few, with float32 edges between', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { maxLength: 200 }), (values) => {
        const sorted = Float32Array.from(values).sort();
        const edges = learnEdges(sorted, 255);
        const bins = Array.from(sorted, (x) => binOf(edges, x));
        for (let i = 1; i < sorted.length; i++) expect(bins[i] > bins[i - 1]).toBe(sorted[i] > sorted[i - 1]);
        sorted.forEach((x, i) => {
          expect(x <= edges[bins[i]]).toBe(true);
          if (bins[i] > 0) expect(x > edges[bins[i] - 1]).toBe(true);
        });
      }),
      { seed: 7 },
    );
  });

  it('hold equally many where there are many, and a frequent value alone', () => {
    const random = new Random(1);
    const xs = Float32Array.from({ length: 20_000 }, (_, i) => (i % 4 === 0 ? 0 : random.normal())).sort();
    const edges = learnEdges(xs, 64);
    expect(edges.length).toBeLessThanOrEqual(64);
    expect(edges.length).toBeGreaterThan(50);
    const counts = new Array<number>(edges.length).fill(0);
    for (const x of xs) counts[binOf(edges, x)]++;
    const zero = binOf(edges, 0);
    expect(counts[zero]).toBe(5000);
    const others = counts.filter((_, bin) => bin !== zero);
    expect(Math.max(...others)).toBeLessThan(2 * (15_000 / 63));
  });
});
