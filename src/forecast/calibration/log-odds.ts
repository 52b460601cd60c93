/** No probability is taken for less, so that logarithms are finite and a class that was ruled out can come back. */
export const LEAST_PROBABILITY = 1e-12;

/** Natural logarithm of a probability, at least that of `LEAST_PROBABILITY`. */
export function logProbability(p: number): number {
  return Math.log(Math.max(p, LEAST_PROBABILITY));
}

/** Logarithms of `out.length` probabilities, as `logProbability`. Arrays, because numbers that a function returns may be boxed. */
export function logProbabilities(probabilities: Float64Array, out: Float64Array): void {
  for (let k = 0; k < out.length; k++) {
    out[k] = Math.log(Math.max(probabilities[k], LEAST_PROBABILITY));
  }
}

/** Turns the log-odds of `count` classes from `from` on into probabilities, in place: each above 0, together 1. */
export function toProbabilities(logits: Float64Array, from: number, count: number): void {
  let top = logits[from];
  for (let k = from + 1; k < from + count; k++) top = Math.max(top, logits[k]);
  let sum = 0;
  for (let k = from; k < from + count; k++) {
    logits[k] = Math.max(Math.exp(logits[k] - top), LEAST_PROBABILITY);
    sum += logits[k];
  }
  for (let k = from; k < from + count; k++) logits[k] /= sum;
}
