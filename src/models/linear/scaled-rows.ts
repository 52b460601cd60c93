import type { Windows } from '../training/contract.ts';

/** Rows scaled by the training rows' moments, NaN as 0; row-major. */
export interface ScaledRows {
  readonly x: Float32Array;
  readonly rows: number;
  readonly width: number;
  readonly classes: number;
  readonly labels: Int32Array;
}

/** The rows of windows of length 1. */
export function scaledRows(windows: Windows, classes: number): ScaledRows {
  const { count, matrix, labels } = windows;
  const x = new Float32Array(count * matrix.width);
  windows.fill(null, 0, count, x, count, new Int32Array(count));
  return { x, rows: count, width: matrix.width, classes, labels };
}

/** Scores of `rows` rows by `weights`, (width + 1) × classes, the intercepts last; rows × classes. */
export function scoresOf(
  x: Float32Array,
  rows: number,
  weights: Float32Array | Float64Array,
  classes: number,
): Float64Array {
  const width = weights.length / classes - 1;
  const scores = new Float64Array(rows * classes);
  const intercepts = weights.subarray(width * classes);
  for (let i = 0; i < rows; i++) {
    const at = i * classes;
    for (let k = 0; k < classes; k++) scores[at + k] = intercepts[k];
    for (let f = 0; f < width; f++) {
      const z = x[i * width + f];
      for (let k = 0; k < classes; k++) scores[at + k] += z * weights[f * classes + k];
    }
  }
  return scores;
}

/** The scores at `at` become probabilities, in place; returns the logarithm of what they were divided by. */
export function softmaxAt(scores: Float64Array, at: number, classes: number): number {
  let top = scores[at];
  for (let k = 1; k < classes; k++) top = Math.max(top, scores[at + k]);
  let sum = 0;
  for (let k = 0; k < classes; k++) {
    scores[at + k] = Math.exp(scores[at + k] - top);
    sum += scores[at + k];
  }
  for (let k = 0; k < classes; k++) scores[at + k] /= sum;
  return top + Math.log(sum);
}

/** A class held impossible costs as much as this probability, and not infinity. */
const LEAST_PROBABILITY = 1e-9;

/** Mean log-loss, in nats, of probabilities (rows × classes). */
export function meanLogLoss(probabilities: Float64Array, labels: Int32Array): number {
  const classes = probabilities.length / labels.length;
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    sum -= Math.log(Math.max(LEAST_PROBABILITY, probabilities[i * classes + labels[i]]));
  }
  return sum / labels.length;
}
