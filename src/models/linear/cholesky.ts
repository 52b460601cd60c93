import { assert } from '../../core/index.ts';

/**
 * Solves A X = B in place of B, (n × columns, row-major), for a positive definite A, of which only the lower triangle is read and which
 * is overwritten with its Cholesky factor (Golub and Van Loan 2013, section 4.2).
 */
export function solvePositive(a: Float64Array, n: number, b: Float64Array, columns: number): void {
  assert(a.length === n * n && b.length === n * columns, 'the sizes fit');
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j];
      for (let k = 0; k < j; k++) sum -= a[i * n + k] * a[j * n + k];
      if (i > j) a[i * n + j] = sum / a[j * n + j];
      else {
        assert(sum > 0, 'the matrix is positive definite');
        a[j * n + j] = Math.sqrt(sum);
      }
    }
  }
  for (let c = 0; c < columns; c++) {
    for (let i = 0; i < n; i++) {
      let sum = b[i * columns + c];
      for (let k = 0; k < i; k++) sum -= a[i * n + k] * b[k * columns + c];
      b[i * columns + c] = sum / a[i * n + i];
    }
    for (let i = n - 1; i >= 0; i--) {
      let sum = b[i * columns + c];
      for (let k = i + 1; k < n; k++) sum -= a[k * n + i] * b[k * columns + c];
      b[i * columns + c] = sum / a[i * n + i];
    }
  }
}
