import { minimiseConvex } from './convex-newton.ts';
import { toProbabilities } from './log-odds.ts';

/** p[k] ∝ exp(Σ x[d] φ[k][d]): what there is to fit x from. */
export interface LogLinearProblem {
  readonly count: number;
  readonly classes: number;
  readonly labels: Int8Array;
  /** Writes φ of row `i`, classes × parameters, over what was there. */
  features(i: number, phi: Float64Array): void;
  /** Where the penalty draws the parameters, and where the search starts. */
  readonly centre: Float64Array;
  /** Least value of each parameter; −∞ where there is none. */
  readonly lower: Float64Array;
  /** Penalty on the squared distance from the centre, in labels: as much as so many labels of curvature 1. */
  readonly ridge: number;
}

/** Parameters of least mean log-loss with an L2 penalty: convex, so that there is one answer. Cost: count × classes × parameters² a step. */
export function fitLogLinear(problem: LogLinearProblem): Float64Array {
  const { count, classes, labels, centre, lower } = problem;
  const n = centre.length;
  const ridge = problem.ridge / count;
  const phi = new Float64Array(classes * n);
  const p = new Float64Array(classes);
  const mean = new Float64Array(n);
  const lossOf = (x: Float64Array, gradient: Float64Array, hessian: Float64Array): number => {
    gradient.fill(0);
    hessian.fill(0);
    let loss = 0;
    for (let i = 0; i < count; i++) {
      problem.features(i, phi);
      predict(phi, x, p);
      loss -= Math.log(p[labels[i]]);
      addCurvature(phi, p, mean, hessian);
      const own = labels[i] * n;
      for (let d = 0; d < n; d++) gradient[d] += mean[d] - phi[own + d];
    }
    loss /= count;
    for (let d = 0; d < n; d++) {
      const away = x[d] - centre[d];
      loss += (ridge / 2) * away * away;
      gradient[d] = gradient[d] / count + ridge * away;
    }
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        const h = hessian[i * n + j] / count + (i === j ? ridge : 0);
        hessian[i * n + j] = h;
        hessian[j * n + i] = h;
      }
    }
    return loss;
  };
  return minimiseConvex(lossOf, centre, lower);
}

function predict(phi: Float64Array, x: Float64Array, p: Float64Array): void {
  const n = x.length;
  for (let k = 0; k < p.length; k++) {
    let sum = 0;
    for (let d = 0; d < n; d++) sum += phi[k * n + d] * x[d];
    p[k] = sum;
  }
  toProbabilities(p, 0, p.length);
}

/** Adds the covariance of φ under `p` to the lower half of `hessian`; leaves its mean in `mean`. */
function addCurvature(phi: Float64Array, p: Float64Array, mean: Float64Array, hessian: Float64Array): void {
  const n = mean.length;
  mean.fill(0);
  for (let k = 0; k < p.length; k++) for (let d = 0; d < n; d++) mean[d] += p[k] * phi[k * n + d];
  for (let k = 0; k < p.length; k++) {
    for (let i = 0; i < n; i++) {
      const away = p[k] * (phi[k * n + i] - mean[i]);
      for (let j = 0; j <= i; j++) hessian[i * n + j] += away * (phi[k * n + j] - mean[j]);
    }
  }
}
