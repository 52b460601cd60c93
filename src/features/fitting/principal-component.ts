import { assert } from '../../core/index.ts';

/** Rotations that leave every off-diagonal part this small, relative to the trace, are enough. */
const ENOUGH = 1e-15;
const MOST_SWEEPS = 60;

export interface PrincipalComponent {
  /** The eigenvector of the largest eigenvalue, of length 1; its sum is not negative. */
  readonly vector: Float64Array;
  /** Its eigenvalue's part of the trace. */
  readonly explained: number;
}

/**
 * First principal component of a symmetric n × n matrix (row-major, not all 0) by Jacobi's rotations, which need no start and
 * no gap between the eigenvalues.
 */
export function principalComponent(matrix: Float64Array, n: number): PrincipalComponent {
  assert(matrix.length === n * n, 'the matrix has n rows of n');
  const a = matrix.slice();
  const v = new Float64Array(n * n);
  let trace = 0;
  for (let i = 0; i < n; i++) {
    v[i * n + i] = 1;
    trace += a[i * n + i];
  }
  assert(trace > 0, 'something varies');
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let largest = 0;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const off = Math.abs(a[p * n + q]);
        if (off > largest) largest = off;
        if (off > 0) rotate(a, v, n, p, q);
      }
    }
    if (largest <= ENOUGH * trace) break;
  }
  let best = 0;
  for (let i = 1; i < n; i++) if (a[i * n + i] > a[best * n + best]) best = i;
  const vector = Float64Array.from({ length: n }, (_, i) => v[i * n + best]);
  if (vector.reduce((sum, x) => sum + x, 0) < 0) for (let i = 0; i < n; i++) vector[i] = -vector[i];
  return { vector, explained: a[best * n + best] / trace };
}

/** Turns the axes p and q so that a(p, q) becomes 0, and the eigenvectors in the columns of v with them. */
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
  // The smaller of the two angles that will do.
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  turn(a, n, 1, p * n, q * n, c, s);
  turn(a, n, n, p, q, c, s);
  turn(v, n, n, p, q, c, s);
}

/** (x, y) → (c x − s y, s x + c y) for n pairs that lie `step` apart, from places `x` and `y` on. */
function turn(m: Float64Array, n: number, step: number, x: number, y: number, c: number, s: number): void {
  for (let k = 0; k < n; k++) {
    const first = m[x + k * step];
    const second = m[y + k * step];
    m[x + k * step] = c * first - s * second;
    m[y + k * step] = s * first + c * second;
  }
}
