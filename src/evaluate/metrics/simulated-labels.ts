import { assert, type Random } from '../../core/index.ts';
import { normalQuantile } from '../inference/distributions.ts';

/** Limits beyond this many standard deviations are set to it: differences of two of them still fit into 32 bits. */
const FARTHEST = 12;
const STEPS = 2 ** 26;

function inSteps(z: number): number {
  return (z * STEPS) | 0;
}

/**
 * Labels as they would be were the forecasts true. Row by row a standard normal number falls into the class whose share of the normal
 * distribution it lies in, classes in their order; where labels overlap, so do the numbers (`latentPath`).
 */
export class SimulatedLabels {
  readonly classes: number;
  /** rows × (classes − 1): the normal quantiles of the summed probabilities, in whole steps of 2^−26. */
  readonly #limits: Int32Array;

  constructor(probabilities: Float64Array, classes: number) {
    this.classes = classes;
    const rows = probabilities.length / classes;
    this.#limits = new Int32Array(rows * (classes - 1));
    for (let row = 0; row < rows; row++) {
      let below = 0;
      for (let k = 0; k < classes - 1; k++) {
        below += probabilities[row * classes + k];
        this.#limits[row * (classes - 1) + k] = inSteps(Math.max(-FARTHEST, Math.min(FARTHEST, normalQuantile(below))));
      }
    }
  }

  /** Writes the label of each row for these latent numbers. */
  draw(latent: Float64Array, out: Int8Array): void {
    const limits = this.#limits;
    const inner = this.classes - 1;
    let at = 0;
    for (let row = 0; row < out.length; row++, at += inner) {
      const z = inSteps(latent[row]);
      let label = 0;
      // The sign bit of the difference, because a branch here is guessed wrong for every other row.
      for (let k = 0; k < inner; k++) label += (limits[at + k] - z) >>> 31;
      out[row] = label;
    }
  }
}

/**
 * Standard normal numbers of which those `k < span` rows apart correlate by 1 − k / span, as sums over `span` coming increments do; with
 * span 1 they are independent.
 */
export function latentPath(random: Random, span: number, out: Float64Array): void {
  assert(Number.isInteger(span) && span >= 1, 'a span is a whole number of rows');
  const kept = new Float64Array(span);
  const scale = 1 / Math.sqrt(span);
  let sum = 0;
  for (let i = 0; i < span - 1; i++) {
    kept[i] = random.normal();
    sum += kept[i];
  }
  for (let row = 0, slot = span - 1; row < out.length; row++) {
    const next = random.normal();
    sum += next - kept[slot];
    kept[slot] = next;
    slot = slot + 1 === span ? 0 : slot + 1;
    out[row] = sum * scale;
  }
}
