import type { Objective } from './lbfgs.ts';
import { type ScaledRows, scoresOf, softmaxAt } from './scaled-rows.ts';

/** Rows whose scores are held at once. */
const BLOCK = 4096;

/**
 * Mean cross-entropy of the rows by weights (width + 1) × classes, the intercepts last, plus l2 / 2 times the squared weights without
 * the intercepts; and its gradient.
 */
export function softmaxLoss({ x, rows, width, classes, labels }: ScaledRows, l2: number): Objective {
  return (weights, gradient) => {
    gradient.fill(0);
    let loss = 0;
    for (let from = 0; from < rows; from += BLOCK) {
      const n = Math.min(BLOCK, rows - from);
      const block = x.subarray(from * width, (from + n) * width);
      const scores = scoresOf(block, n, weights, classes);
      for (let i = 0; i < n; i++) {
        const at = i * classes;
        const label = labels[from + i];
        const score = scores[at + label];
        loss += softmaxAt(scores, at, classes) - score;
        scores[at + label] -= 1;
      }
      addOuter(gradient, block, scores, n, width, classes);
    }
    const penalised = width * classes;
    let squares = 0;
    for (let i = 0; i < gradient.length; i++) {
      gradient[i] /= rows;
      if (i >= penalised) continue;
      squares += weights[i] * weights[i];
      gradient[i] += l2 * weights[i];
    }
    return loss / rows + 0.5 * l2 * squares;
  };
}

/** gradient += Σ (x, 1) ⊗ difference. */
function addOuter(
  gradient: Float64Array,
  x: Float32Array,
  differences: Float64Array,
  rows: number,
  width: number,
  classes: number,
): void {
  const intercepts = width * classes;
  for (let i = 0; i < rows; i++) {
    const at = i * classes;
    for (let f = 0; f < width; f++) {
      const z = x[i * width + f];
      for (let k = 0; k < classes; k++) gradient[f * classes + k] += z * differences[at + k];
    }
    for (let k = 0; k < classes; k++) gradient[intercepts + k] += differences[at + k];
  }
}
