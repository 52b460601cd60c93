import type { Calibrator, CalibratorJson } from './calibrator.ts';

/** Leaves forecasts as they are: what every calibrator must beat to be chosen. */
export class IdentityCalibrator implements Calibrator {
  readonly kind = 'identity';
  readonly classes: number;

  constructor(classes: number) {
    this.classes = classes;
  }

  apply(probabilities: Float64Array, out: Float64Array): void {
    for (let k = 0; k < this.classes; k++) out[k] = probabilities[k];
  }

  toJson(): CalibratorJson {
    return { kind: this.kind, classes: this.classes };
  }
}
