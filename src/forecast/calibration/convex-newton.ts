import { assert } from '../../core/index.ts';

/** A convex function of n numbers: returns the value at `x`, and writes its gradient (n) and Hessian (n × n, both halves). */
export type Convex = (x: Float64Array, gradient: Float64Array, hessian: Float64Array) => number;

const MOST_STEPS = 100;
/** Of the function's size: what a step must promise to be worth taking. */
const TOLERANCE = 1e-13;
const ARMIJO = 1e-4;

/**
 * Minimum of a strictly convex function over x ≥ `lower` (−∞ where free) by the projected Newton method (Bertsekas,
 * "Projected Newton methods for optimization problems with simple constraints", SIAM J. Control Optim. 1982), for few
 * variables. `start` satisfies the bounds and is not written to.
 */
export function minimiseConvex(f: Convex, start: Float64Array, lower: Float64Array): Float64Array {
  const n = start.length;
  let x: Float64Array = Float64Array.from(start);
  const gradient = new Float64Array(n);
  const hessian = new Float64Array(n * n);
  const spareGradient = new Float64Array(n);
  const spareHessian = new Float64Array(n * n);
  let value = f(x, gradient, hessian);
  for (let step = 0; step < MOST_STEPS; step++) {
    const direction = newtonDirection(x, gradient, hessian, lower);
    let slope = 0;
    for (let i = 0; i < n; i++) slope += gradient[i] * direction[i];
    if (!(-slope > TOLERANCE * (Math.abs(value) + 1))) break;
    let length = 1;
    let next = x;
    let nextValue = Number.POSITIVE_INFINITY;
    for (; length > 1e-12; length /= 2) {
      next = projected(x, direction, length, lower);
      nextValue = f(next, spareGradient, spareHessian);
      let promised = 0;
      for (let i = 0; i < n; i++) promised += gradient[i] * (next[i] - x[i]);
      if (nextValue <= value + ARMIJO * promised) break;
    }
    if (!(nextValue < value)) break;
    x = next;
    value = f(x, gradient, hessian);
  }
  return x;
}

function projected(x: Float64Array, direction: Float64Array, length: number, lower: Float64Array): Float64Array {
  return x.map((v, i) => Math.max(lower[i], v + length * direction[i]));
}

/** −H⁻¹ g over the variables that no bound holds; the others stay. */
function newtonDirection(x: Float64Array, gradient: Float64Array, hessian: Float64Array, lower: Float64Array) {
  const n = x.length;
  const free: number[] = [];
  for (let i = 0; i < n; i++) if (!(x[i] <= lower[i] && gradient[i] > 0)) free.push(i);
  const m = free.length;
  const a = new Float64Array(m * m);
  const b = new Float64Array(m);
  for (let i = 0; i < m; i++) {
    b[i] = -gradient[free[i]];
    for (let j = 0; j < m; j++) a[i * m + j] = hessian[free[i] * n + free[j]];
  }
  solvePositive(a, b);
  const direction = new Float64Array(n);
  for (let i = 0; i < m; i++) direction[free[i]] = b[i];
  return direction;
}

/** Solves a x = b for a positive definite `a` (m × m), into `b`, by Cholesky; `a` is overwritten. */
function solvePositive(a: Float64Array, b: Float64Array): void {
  const m = b.length;
  for (let j = 0; j < m; j++) {
    for (let i = j; i < m; i++) {
      let sum = a[i * m + j];
      for (let k = 0; k < j; k++) sum -= a[i * m + k] * a[j * m + k];
      if (i === j) assert(sum > 0, 'the Hessian is positive definite');
      a[i * m + j] = i === j ? Math.sqrt(sum) : sum / a[j * m + j];
    }
  }
  for (let i = 0; i < m; i++) {
    for (let k = 0; k < i; k++) b[i] -= a[i * m + k] * b[k];
    b[i] /= a[i * m + i];
  }
  for (let i = m - 1; i >= 0; i--) {
    for (let k = i + 1; k < m; k++) b[i] -= a[k * m + i] * b[k];
    b[i] /= a[i * m + i];
  }
}
