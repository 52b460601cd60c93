import { type CalibrationData, checkCalibrationData } from './calibration-data.ts';
import { logProbability } from './log-odds.ts';
import { TemperatureCalibrator } from './temperature-calibrator.ts';

/** Of 1 / T: wider ones are not calibration but another model. */
const LEAST_POWER = 1 / 50;
const MOST_POWER = 50;
const MOST_STEPS = 100;

/**
 * The temperature of least log-loss. The loss is convex in 1 / T, so its slope has one zero: Newton's steps, and a bisection
 * where one leaves the bracket. Within [1/50, 50] where the data call for more. Throws `bad-input` for odd data.
 */
export function fitTemperature(data: CalibrationData): TemperatureCalibrator {
  checkCalibrationData(data);
  const logs = data.probabilities.map(logProbability);
  let low = LEAST_POWER;
  let high = MOST_POWER;
  let power = 1;
  for (let step = 0; step < MOST_STEPS && high - low > 1e-14 * high; step++) {
    const { slope, curvature } = derivatives(logs, data, power);
    if (slope === 0) break;
    if (slope > 0) high = power;
    else low = power;
    const newton = power - slope / curvature;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - power) <= 1e-13 * power) break;
    power = next;
  }
  return new TemperatureCalibrator(data.classes, 1 / power);
}

/** Of the summed log-loss of p^power, by power. */
function derivatives(
  logs: Float64Array,
  { classes, labels }: CalibrationData,
  power: number,
): { slope: number; curvature: number } {
  const p = new Float64Array(classes);
  let slope = 0;
  let curvature = 0;
  for (let i = 0; i < labels.length; i++) {
    const at = i * classes;
    let top = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < classes; k++) if (logs[at + k] > top) top = logs[at + k];
    let sum = 0;
    for (let k = 0; k < classes; k++) {
      p[k] = Math.exp((logs[at + k] - top) * power);
      sum += p[k];
    }
    let mean = 0;
    for (let k = 0; k < classes; k++) mean += (p[k] / sum) * logs[at + k];
    for (let k = 0; k < classes; k++) curvature += (p[k] / sum) * (logs[at + k] - mean) ** 2;
    slope += mean - logs[at + labels[i]];
  }
  return { slope, curvature };
}
