import { type CalibrationData, checkCalibrationData } from './calibration-data.ts';
import { fitLogLinear } from './log-linear-fit.ts';
import { logProbability } from './log-odds.ts';
import { VectorCalibrator } from './vector-calibrator.ts';

/** Labels that speak for leaving the forecasts alone. It also fixes the one freedom that changes nothing, a bias for all. */
const RIDGE = 10;

/**
 * Vector scaling of least log-loss with a little weight on the identity (scales 1, biases 0). `ridge` is that weight in labels.
 * Throws `bad-input` for odd data.
 */
export function fitVector(data: CalibrationData, ridge = RIDGE): VectorCalibrator {
  checkCalibrationData(data);
  const { classes, labels } = data;
  const logs = data.probabilities.map(logProbability);
  const n = 2 * classes;
  const centre = new Float64Array(n).fill(1, 0, classes);
  const features = (i: number, phi: Float64Array): void => {
    // Elsewhere φ stays 0, as it was made.
    for (let k = 0; k < classes; k++) {
      phi[k * n + k] = logs[i * classes + k];
      phi[k * n + classes + k] = 1;
    }
  };
  const lower = new Float64Array(n).fill(Number.NEGATIVE_INFINITY);
  const x = fitLogLinear({ count: labels.length, classes, labels, features, centre, lower, ridge });
  return new VectorCalibrator(x.subarray(0, classes), x.subarray(classes));
}
