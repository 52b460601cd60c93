/** A function to be made small: its value at a point; writes its gradient there. */
type Objective = (point: Float64Array, gradient: Float64Array) => number;

const MOST_STEPS = 100;
/** Where no component of the gradient is greater than this, the point is a minimum. */
const FLAT = 1e-8;
/** No step moves a component farther, so that a wild first guess cannot leave the sensible range. */
const LONGEST = 2;

/**
 * A local minimum of a smooth function of few variables from `start` on, by BFGS (Nocedal and Wright 2006, chapter 6) with a
 * backtracking line search. Deterministic; the value never rises above that of the start.
 */
export function minimise(
  objective: Objective,
  start: Float64Array,
): { point: Float64Array<ArrayBuffer>; value: number } {
  const n = start.length;
  let point = Float64Array.from(start);
  let gradient = new Float64Array(n);
  let value = objective(point, gradient);
  const inverse = new Float64Array(n * n);
  identity(inverse, n);
  let trial = new Float64Array(n);
  let trialGradient = new Float64Array(n);
  const step = new Float64Array(n);
  for (let k = 0; k < MOST_STEPS && gradient.some((g) => Math.abs(g) > FLAT); k++) {
    let slope = direction(inverse, gradient, step);
    if (!(slope < 0)) {
      identity(inverse, n);
      slope = direction(inverse, gradient, step);
    }
    let size = Math.min(1, LONGEST / Math.max(...step.map(Math.abs)));
    let next = Number.NaN;
    for (let halvings = 0; halvings < 40; halvings++, size /= 2) {
      for (let i = 0; i < n; i++) trial[i] = point[i] + size * step[i];
      next = objective(trial, trialGradient);
      if (next <= value + 1e-4 * size * slope) break;
    }
    // Rounding leaves nothing more to gain.
    if (!(next < value)) break;
    update(inverse, point, gradient, trial, trialGradient);
    [point, trial] = [trial, point];
    [gradient, trialGradient] = [trialGradient, gradient];
    value = next;
  }
  return { point, value };
}

function identity(matrix: Float64Array, n: number): void {
  matrix.fill(0);
  for (let i = 0; i < n; i++) matrix[i * n + i] = 1;
}

/** step = −inverse × gradient; returns the slope along it. */
function direction(inverse: Float64Array, gradient: Float64Array, step: Float64Array): number {
  const n = gradient.length;
  let slope = 0;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum -= inverse[i * n + j] * gradient[j];
    step[i] = sum;
    slope += sum * gradient[i];
  }
  return slope;
}

/** The estimate of the inverse Hessian after a step, left alone where the curvature along the step is not positive. */
function update(
  inverse: Float64Array,
  from: Float64Array,
  fromGradient: Float64Array,
  to: Float64Array,
  toGradient: Float64Array,
): void {
  const n = from.length;
  const s = to.map((x, i) => x - from[i]);
  const y = toGradient.map((g, i) => g - fromGradient[i]);
  const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i], 0);
  const curvature = dot(s, y);
  if (!(curvature > 1e-300)) return;
  const hy = new Float64Array(n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) hy[i] += inverse[i * n + j] * y[j];
  const scale = (1 + dot(y, hy) / curvature) / curvature;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      inverse[i * n + j] += scale * s[i] * s[j] - (hy[i] * s[j] + s[i] * hy[j]) / curvature;
    }
  }
}
