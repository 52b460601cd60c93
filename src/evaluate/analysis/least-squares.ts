import { assert } from '../../core/index.ts';

/** A line or plane through points: y ≈ intercept + Σ slopes · x. */
export interface LinearFit {
  readonly intercept: number;
  /** By regressor; 0 for one that adds nothing to those before it. */
  readonly slopes: readonly number[];
  readonly n: number;
  /** Part of y's variance that the fit explains, of the points it was made of; `NaN` where y does not vary. */
  readonly r2: number;
  /** The same with the number of regressors held against it. */
  readonly adjustedR2: number;
}

/** A column shorter than this, once what others tell is taken away, is taken for one of them. */
const COLLINEAR = 1e-9;

/**
 * Ordinary least squares, by orthogonalising the centred regressors one after the other, twice (modified Gram–Schmidt).
 * Needs more points than regressors; throws a programmer's error otherwise.
 */
export function leastSquares(regressors: readonly Float64Array[], y: Float64Array): LinearFit {
  const n = y.length;
  const k = regressors.length;
  assert(n > k + 1 && regressors.every((x) => x.length === n), 'a fit has more points than regressors');
  const meanY = mean(y);
  const means = regressors.map(mean);
  const basis: Float64Array[] = [];
  const upper = new Float64Array(k * k);
  const projected = new Float64Array(k);
  const residual = y.map((value) => value - meanY);
  const total = squares(residual);
  for (let j = 0; j < k; j++) {
    const v = regressors[j].map((value) => value - means[j]);
    const length = Math.sqrt(squares(v));
    for (let pass = 0; pass < 2; pass++) {
      for (let i = 0; i < j; i++) {
        const along = product(basis[i], v);
        upper[i * k + j] += along;
        subtract(v, basis[i], along);
      }
    }
    const left = Math.sqrt(squares(v));
    const independent = left > COLLINEAR * length;
    upper[j * k + j] = independent ? left : 0;
    basis.push(independent ? v.map((value) => value / left) : v.fill(0));
    projected[j] = product(basis[j], residual);
    subtract(residual, basis[j], projected[j]);
  }
  const slopes = new Array<number>(k).fill(0);
  let used = 0;
  for (let j = k - 1; j >= 0; j--) {
    if (upper[j * k + j] === 0) continue;
    used++;
    let rest = projected[j];
    for (let i = j + 1; i < k; i++) rest -= upper[j * k + i] * slopes[i];
    slopes[j] = rest / upper[j * k + j];
  }
  const intercept = slopes.reduce((sum, slope, j) => sum - slope * means[j], meanY);
  const r2 = total > 0 ? 1 - squares(residual) / total : Number.NaN;
  return { intercept, slopes, n, r2, adjustedR2: 1 - ((1 - r2) * (n - 1)) / (n - used - 1) };
}

/**
 * R² on points that the fit has not seen, against the mean of those that it has: below 0 where that mean would have done
 * better (Campbell and Thompson 2008). `meanY`: the mean of the training points.
 */
export function outOfSampleR2(
  fit: LinearFit,
  regressors: readonly Float64Array[],
  y: Float64Array,
  meanY: number,
): number {
  let unexplained = 0;
  let total = 0;
  for (let i = 0; i < y.length; i++) {
    let predicted = fit.intercept;
    for (let j = 0; j < regressors.length; j++) predicted += fit.slopes[j] * regressors[j][i];
    unexplained += (y[i] - predicted) ** 2;
    total += (y[i] - meanY) ** 2;
  }
  return total > 0 ? 1 - unexplained / total : Number.NaN;
}

export function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function squares(values: Float64Array): number {
  return product(values, values);
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function subtract(from: Float64Array, direction: Float64Array, times: number): void {
  for (let i = 0; i < from.length; i++) from[i] -= times * direction[i];
}
