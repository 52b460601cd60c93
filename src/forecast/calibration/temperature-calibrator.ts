import { assert } from '../../core/index.ts';
import type { Calibrator, CalibratorJson } from './calibrator.ts';
import { logProbabilities, toProbabilities } from './log-odds.ts';

/**
 * Temperature scaling (Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", ICML 2017, section 4):
 * p ∝ p^(1 / T). Above 1 it makes forecasts less sure; the most probable class stays the most probable.
 */
export class TemperatureCalibrator implements Calibrator {
  readonly kind = 'temperature';
  readonly classes: number;
  readonly temperature: number;

  constructor(classes: number, temperature: number) {
    assert(temperature > 0 && temperature < Number.POSITIVE_INFINITY, 'a temperature is positive and finite');
    this.classes = classes;
    this.temperature = temperature;
  }

  apply(probabilities: Float64Array, out: Float64Array): void {
    logProbabilities(probabilities, out);
    for (let k = 0; k < this.classes; k++) out[k] /= this.temperature;
    toProbabilities(out, 0, this.classes);
  }

  toJson(): CalibratorJson {
    return { kind: this.kind, classes: this.classes, temperature: this.temperature };
  }
}
