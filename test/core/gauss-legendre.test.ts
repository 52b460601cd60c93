import { describe, expect, it } from 'vitest';
import { gaussLegendre } from '../../src/core/index.ts';

describe('gaussLegendre', () => {
  it('has the nodes and weights of the tables (Abramowitz and Stegun, table 25.4), moved to [0, 1]', () => {
    const { nodes, weights } = gaussLegendre(3);
    expect([...nodes].map((x) => 2 * x - 1)[2]).toBeCloseTo(0.7745966692414834, 14);
    expect([...weights].map((w) => 2 * w)[0]).toBeCloseTo(5 / 9, 14);
    expect(2 * weights[1]).toBeCloseTo(8 / 9, 14);
  });

  it.each([1, 2, 5, 16, 64])('is exact for powers up to 2n − 1, n = %i', (n) => {
    const { nodes, weights } = gaussLegendre(n);
    for (const power of [0, 1, n, 2 * n - 1]) {
      const sum = nodes.reduce((total, x, i) => total + weights[i] * x ** power, 0);
      expect(sum).toBeCloseTo(1 / (power + 1), 13);
    }
    for (let i = 1; i < n; i++) expect(nodes[i]).toBeGreaterThan(nodes[i - 1]);
  });
});
