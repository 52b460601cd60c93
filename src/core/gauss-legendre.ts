import { assert } from './assert.ts';

/** Nodes of a quadrature in (0, 1), rising, and their weights, which add up to 1. */
export interface Quadrature {
  readonly nodes: Float64Array;
  readonly weights: Float64Array;
}

/**
 * The Gauss–Legendre rule of `n` nodes on [0, 1], exact for polynomials up to degree 2n − 1 (Abramowitz and Stegun 1964, 25.4.29). Each root
 * of the Legendre polynomial is found by Newton's method from Chebyshev's guess.
 */
export function gaussLegendre(n: number): Quadrature {
  assert(Number.isInteger(n) && n >= 1, 'a quadrature has nodes');
  const nodes = new Float64Array(n);
  const weights = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 0;
    for (let step = Number.POSITIVE_INFINITY, round = 0; Math.abs(step) > 1e-15 && round < 100; round++) {
      let [before, now] = [1, x];
      for (let k = 2; k <= n; k++) [before, now] = [now, ((2 * k - 1) * x * now - (k - 1) * before) / k];
      slope = (n * (x * now - before)) / (x * x - 1);
      step = now / slope;
      x -= step;
    }
    nodes[n - 1 - i] = (1 + x) / 2;
    weights[n - 1 - i] = 1 / ((1 - x * x) * slope * slope);
  }
  return { nodes, weights };
}
