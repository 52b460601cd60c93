import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import {
  type CorrelationMatrix,
  cluster,
  correlationMatrix,
  redundancyGroups,
  sampleRows,
} from '../../../src/evaluate/analysis/correlation-matrix.ts';
import { centredRanks } from '../../../src/evaluate/analysis/ranks.ts';

/** A matrix of the given distances 1 − |ρ|, with signs that must not matter. */
function matrixOf(distances: readonly (readonly number[])[]): CorrelationMatrix {
  const size = distances.length;
  const rho = Float64Array.from({ length: size * size }, (_, k) => {
    const [i, j] = [Math.floor(k / size), k % size];
    return (i === j ? 1 : (i + j) % 2 === 0 ? 1 : -1) * (1 - distances[i][j]);
  });
  return { size, rho };
}

const FIVE = [
  [0, 0.1, 0.5, 0.9, 0.8],
  [0.1, 0, 0.6, 0.85, 0.7],
  [0.5, 0.6, 0, 0.4, 0.95],
  [0.9, 0.85, 0.4, 0, 0.3],
  [0.8, 0.7, 0.95, 0.3, 0],
];

describe('cluster', () => {
  it('merges as scipy.cluster.hierarchy.linkage does with method "average"', () => {
    const { merges, order } = cluster(matrixOf(FIVE));
    const expected = [
      [0, 1, 0.1, 2],
      [3, 4, 0.3, 2],
      [2, 5, 0.55, 3],
      [6, 7, 0.7666666666666666, 5],
    ];
    expect(merges.map(({ left, right, leaves }) => [left, right, leaves])).toEqual(
      expected.map(([l, r, , n]) => [l, r, n]),
    );
    merges.forEach(({ height }, k) => void expect(height).toBeCloseTo(expected[k][2], 12));
    // 2 is nearest to 3 (0.4) among the ends of the other branch, and to 0 (0.5) in its own: 4 3 | 2 0 1.
    expect(order).toEqual([4, 3, 2, 0, 1]);
  });

  it('has the heights of a naive search over all pairs of clusters, and an order with every leaf once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer(), (size, seed) => {
        const random = new Random(seed);
        const distances = Array.from({ length: size }, () => new Array<number>(size).fill(0));
        for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) distances[i][j] = distances[j][i] = random.float();
        const { merges, order } = cluster(matrixOf(distances));
        const heights = naiveHeights(distances);
        expect(merges.length).toBe(heights.length);
        merges.forEach(({ height }, k) => void expect(height).toBeCloseTo(heights[k], 10));
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, i) => i));
        expectRuns(size, merges, order);
      }),
    );
  });

  it('takes a pair without a correlation for uncorrelated, and nothing for nothing', () => {
    const { merges } = cluster({ size: 2, rho: Float64Array.of(1, Number.NaN, Number.NaN, 1) });
    expect(merges[0].height).toBe(1);
    expect(cluster({ size: 0, rho: new Float64Array(0) })).toEqual({ merges: [], order: [] });
  });
});

/** In the order, the leaves of every merge stand next to each other. */
function expectRuns(size: number, merges: readonly { left: number; right: number }[], order: readonly number[]): void {
  const members = Array.from({ length: size }, (_, i) => [i]);
  for (const { left, right } of merges) members.push([...members[left], ...members[right]]);
  for (const leaves of members) {
    const places = leaves.map((leaf) => order.indexOf(leaf));
    expect(Math.max(...places) - Math.min(...places)).toBe(leaves.length - 1);
  }
}

function naiveHeights(distances: readonly (readonly number[])[]): number[] {
  let clusters = distances.map((_, i) => [i]);
  const between = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, i) => sum + b.reduce((part, j) => part + distances[i][j], 0), 0) / (a.length * b.length);
  const heights: number[] = [];
  while (clusters.length > 1) {
    let best: [number, number] = [0, 1];
    for (let i = 0; i < clusters.length; i++) {
      for (let j = i + 1; j < clusters.length; j++) {
        if (between(clusters[i], clusters[j]) < between(clusters[best[0]], clusters[best[1]])) best = [i, j];
      }
    }
    const [i, j] = best;
    heights.push(between(clusters[i], clusters[j]));
    clusters = [...clusters.filter((_, k) => k !== i && k !== j), [...clusters[i], ...clusters[j]]];
  }
  return heights;
}

describe('correlationMatrix', () => {
  it('is symmetric, has ones where a column varies, and nothing for columns with few values', () => {
    const random = new Random(3);
    const x = Float64Array.from({ length: 100 }, () => random.normal());
    const scarce = x.map((value, i) => (i < 29 ? value : Number.NaN));
    const columns = [x, x.map((value) => -(value ** 3)), new Float64Array(100), scarce];
    const { rho } = correlationMatrix(columns.map((column) => centredRanks(column)));
    expect(rho[0]).toBeCloseTo(1, 14);
    // Ranks do not mind a cube, and turn round with a sign.
    expect(rho[1]).toBeCloseTo(-1, 14);
    expect(rho[4]).toBe(rho[1]);
    for (const none of [2, 3, 10, 15]) expect(rho[none]).toBeNaN();
  });

  it('takes rows evenly', () => {
    expect([...sampleRows(10, 4)]).toEqual([0, 2, 5, 7]);
    expect([...sampleRows(3, 100)]).toEqual([0, 1, 2]);
  });
});

/** Columns without a gap; only that counts here. */
const full = (size: number) => Array.from({ length: size }, () => centredRanks(Float64Array.of(1, 2, 3, 4)));

describe('redundancyGroups', () => {
  it('keeps no column in the place of one that has values where it has none', () => {
    const matrix = { size: 2, rho: Float64Array.of(1, 0.99, 0.99, 1) };
    const [whole] = full(1);
    const gappy = centredRanks(Float64Array.of(1, 2, 3, Number.NaN));
    expect(redundancyGroups(matrix, [gappy, whole], [0.9, 0.1])).toEqual([]);
    expect(redundancyGroups(matrix, [gappy, whole], [0.1, 0.9])).toEqual([
      { keep: 1, drop: [{ column: 0, rho: 0.99 }] },
    ]);
  });

  it('keeps the column that is worth most, and drops only what is close to it and not to a chain', () => {
    // 0 – 1 and 1 – 2 are close, 0 – 2 are not; 3 stands alone.
    const near = [
      [0, 0.05, 0.2, 0.9],
      [0.05, 0, 0.05, 0.9],
      [0.2, 0.05, 0, 0.9],
      [0.9, 0.9, 0.9, 0],
    ];
    const matrix = matrixOf(near);
    expect(redundancyGroups(matrix, full(4), [0.1, 0.3, 0.2, 0.9])).toEqual([
      {
        keep: 1,
        drop: [
          { column: 0, rho: -0.95 },
          { column: 2, rho: -0.95 },
        ],
      },
    ]);
    // Where an end is worth most, the other end stays beside it.
    expect(redundancyGroups(matrix, full(4), [0.3, 0.1, 0.2, 0.9])).toEqual([
      { keep: 0, drop: [{ column: 1, rho: -0.95 }] },
    ]);
  });

  it('takes exactly the threshold as close, and a column without a worth last', () => {
    const matrix = { size: 2, rho: Float64Array.of(1, 0.9, 0.9, 1) };
    expect(redundancyGroups(matrix, full(2), [Number.NaN, 0])).toEqual([{ keep: 1, drop: [{ column: 0, rho: 0.9 }] }]);
    expect(redundancyGroups({ size: 2, rho: Float64Array.of(1, 0.8999, 0.8999, 1) }, full(2), [1, 1])).toEqual([]);
  });
});
