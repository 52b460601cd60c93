import { softmaxAt } from './scaled-rows.ts';

/** Sharper than this is certainty. */
const SHARPEST = 1e6;

/**
 * The inverse temperature β ≥ 0 for which softmax(ln prior + β × deviations) has the lowest log-loss. The loss is convex in β, so its
 * slope, the mean of E[deviation] − deviation of the label, has one root, found by bisection. 0 where the deviations tell nothing.
 */
export function fitSharpness(deviations: Float64Array, labels: Int32Array, prior: Float64Array): number {
  const classes = prior.length;
  const logs = prior.map(Math.log);
  const p = new Float64Array(classes);
  const slope = (beta: number): number => {
    let sum = 0;
    for (let i = 0; i < labels.length; i++) {
      const at = i * classes;
      for (let k = 0; k < classes; k++) p[k] = logs[k] + beta * deviations[at + k];
      softmaxAt(p, 0, classes);
      for (let k = 0; k < classes; k++) sum += p[k] * deviations[at + k];
      sum -= deviations[at + labels[i]];
    }
    return sum;
  };
  if (slope(0) >= 0) return 0;
  let [low, high] = [0, 1];
  for (; slope(high) < 0; high *= 2) {
    if (high > SHARPEST) return SHARPEST;
    low = high;
  }
  for (let i = 0; i < 60 && high - low > 1e-12 * high; i++) {
    const middle = (low + high) / 2;
    if (slope(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
