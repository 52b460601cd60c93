import { assert } from '../../core/index.ts';
import type { Calibrator, CalibratorJson } from './calibrator.ts';
import { logProbabilities, toProbabilities } from './log-odds.ts';

/**
 * Vector scaling (Guo et al. 2017, section 4.2) on log-probabilities: p[k] ∝ exp(scale[k] · ln p[k] + bias[k]). It can move
 * forecasts from one class to another, which a temperature cannot.
 */
export class VectorCalibrator implements Calibrator {
  readonly kind = 'vector';
  readonly classes: number;
  readonly #scale: Float64Array;
  readonly #bias: Float64Array;

  /** One number a class each, copied. */
  constructor(scale: ArrayLike<number>, bias: ArrayLike<number>) {
    assert(scale.length === bias.length && scale.length >= 2, 'each class has a scale and a bias');
    this.classes = scale.length;
    this.#scale = Float64Array.from(scale);
    this.#bias = Float64Array.from(bias);
  }

  apply(probabilities: Float64Array, out: Float64Array): void {
    logProbabilities(probabilities, out);
    for (let k = 0; k < this.classes; k++) out[k] = this.#scale[k] * out[k] + this.#bias[k];
    toProbabilities(out, 0, this.classes);
  }

  toJson(): CalibratorJson {
    return { kind: this.kind, classes: this.classes, scale: [...this.#scale], bias: [...this.#bias] };
  }
}
