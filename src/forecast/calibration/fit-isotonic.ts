import { type CalibrationData, checkCalibrationData } from './calibration-data.ts';
import type { CurveJson } from './calibrator.ts';
import { IsotonicCalibrator } from './isotonic-calibrator.ts';

/**
 * For each class the rising function of its probability nearest in squares to whether it came true: pool adjacent violators
 * (Barlow, Bartholomew, Bremner and Brunk 1972), exact, equal probabilities pooled first. No class falls below one label
 * in as many as were seen. Throws `bad-input` for odd data.
 */
export function fitIsotonic(data: CalibrationData): IsotonicCalibrator {
  checkCalibrationData(data);
  const { classes, labels } = data;
  const count = labels.length;
  const curves: CurveJson[] = [];
  for (let k = 0; k < classes; k++) {
    const said = Float64Array.from(labels, (_, i) => data.probabilities[i * classes + k]);
    const came = Float64Array.from(labels, (label) => (label === k ? 1 : 0));
    curves.push(risingCurve(said, came));
  }
  return new IsotonicCalibrator(curves, 1 / (count + classes));
}

/** Ends of the flat pieces of the rising step function nearest in squares to the points (x, y). */
export function risingCurve(x: Float64Array, y: Float64Array): CurveJson {
  const order = Uint32Array.from(x, (_, i) => i).sort((a, b) => x[a] - x[b]);
  // A block: probabilities from first to last, `sum` of y over `weight` points.
  const first: number[] = [];
  const last: number[] = [];
  const sum: number[] = [];
  const weight: number[] = [];
  for (const i of order) {
    if (last.length > 0 && last[last.length - 1] === x[i] && first[first.length - 1] === x[i]) {
      sum[sum.length - 1] += y[i];
      weight[weight.length - 1]++;
      continue;
    }
    // The point before is whole now: pool what falls.
    pool(first, last, sum, weight);
    first.push(x[i]);
    last.push(x[i]);
    sum.push(y[i]);
    weight.push(1);
  }
  pool(first, last, sum, weight);
  const from: number[] = [];
  const to: number[] = [];
  for (let b = 0; b < first.length; b++) {
    const level = sum[b] / weight[b];
    from.push(first[b]);
    to.push(level);
    if (last[b] > first[b]) {
      from.push(last[b]);
      to.push(level);
    }
  }
  return { from, to };
}

/** Joins the last blocks while they do not rise. */
function pool(first: number[], last: number[], sum: number[], weight: number[]): void {
  for (let b = sum.length - 1; b > 0 && sum[b - 1] * weight[b] >= sum[b] * weight[b - 1]; b--) {
    sum[b - 1] += sum[b];
    weight[b - 1] += weight[b];
    last[b - 1] = last[b];
    first.pop();
    last.pop();
    sum.pop();
    weight.pop();
  }
}
