/** A function to be made small: its value at a point; writes its gradient there. */
export type Objective = (point: Float64Array, gradient: Float64Array) => number;

export interface LbfgsOptions {
  /** Pairs of steps and changes of the gradient that are kept. */
  readonly memory: number;
  /** Where no component of the gradient is greater than this, the point is a minimum. */
  readonly flat: number;
  readonly steps: number;
  /** Hears of each step; may throw to stop. */
  readonly onStep: (step: number, value: number) => Promise<void>;
}

export interface Minimum {
  readonly point: Float64Array;
  readonly value: number;
  readonly steps: number;
  /** Greatest component of the gradient there. */
  readonly slope: number;
}

interface Pair {
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly rho: number;
}

/**
 * A local minimum of a smooth function of many variables by L-BFGS (Nocedal and Wright 2006, algorithm 7.5) with a backtracking line
 * search. Deterministic; the value never rises above that of the start.
 */
export async function minimise(objective: Objective, start: Float64Array, options: LbfgsOptions): Promise<Minimum> {
  const n = start.length;
  let point = Float64Array.from(start);
  let gradient = new Float64Array(n);
  let value = objective(point, gradient);
  let [trial, trialGradient] = [new Float64Array(n), new Float64Array(n)];
  const pairs: Pair[] = [];
  let steps = 0;
  for (; steps < options.steps && largest(gradient) > options.flat; steps++) {
    const step = direction(gradient, pairs);
    const slope = dot(step, gradient);
    // The first step has no curvature to go by: at most as long as 1.
    let size = pairs.length === 0 ? 1 / Math.max(1, Math.sqrt(dot(gradient, gradient))) : 1;
    let next = Number.NaN;
    for (let halvings = 0; halvings < 50; halvings++, size /= 2) {
      for (let i = 0; i < n; i++) trial[i] = point[i] + size * step[i];
      next = objective(trial, trialGradient);
      if (next <= value + 1e-4 * size * slope) break;
    }
    // Rounding leaves nothing more to gain.
    if (!(next < value)) break;
    remember(pairs, options.memory, point, gradient, trial, trialGradient);
    [point, trial] = [trial, point];
    [gradient, trialGradient] = [trialGradient, gradient];
    value = next;
    await options.onStep(steps + 1, value);
  }
  return { point, value, steps, slope: largest(gradient) };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function largest(xs: Float64Array): number {
  let most = 0;
  for (const x of xs) most = Math.max(most, Math.abs(x));
  return most;
}

/** −H × gradient by the two loops over the remembered pairs (algorithm 7.4). */
function direction(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const q = gradient.map((g) => -g);
  const alphas = new Float64Array(pairs.length);
  for (let k = pairs.length - 1; k >= 0; k--) {
    const { s, y, rho } = pairs[k];
    alphas[k] = rho * dot(s, q);
    for (let i = 0; i < q.length; i++) q[i] -= alphas[k] * y[i];
  }
  const last = pairs.at(-1);
  const scale = last === undefined ? 1 : 1 / (last.rho * dot(last.y, last.y));
  for (let i = 0; i < q.length; i++) q[i] *= scale;
  for (let k = 0; k < pairs.length; k++) {
    const { s, y, rho } = pairs[k];
    const beta = rho * dot(y, q);
    for (let i = 0; i < q.length; i++) q[i] += (alphas[k] - beta) * s[i];
  }
  return q;
}

/** Keeps the step, unless the curvature along it is not positive. */
function remember(
  pairs: Pair[],
  memory: number,
  from: Float64Array,
  fromGradient: Float64Array,
  to: Float64Array,
  toGradient: Float64Array,
): void {
  const s = to.map((x, i) => x - from[i]);
  const y = toGradient.map((g, i) => g - fromGradient[i]);
  const curvature = dot(s, y);
  if (!(curvature > 1e-14 * Math.sqrt(dot(s, s) * dot(y, y)))) return;
  pairs.push({ s, y, rho: 1 / curvature });
  if (pairs.length > memory) pairs.shift();
}
