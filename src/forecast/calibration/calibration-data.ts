import { BookcastError } from '../../core/index.ts';

/** Forecasts that were made without their labels, and the labels that came: in order of time. */
export interface CalibrationData {
  readonly classes: number;
  /** Count × classes, row-major. */
  readonly probabilities: Float64Array;
  /** Class of each forecast. */
  readonly labels: Int8Array;
}

/** Throws `bad-input` where the sizes do not fit, a label is no class, or a probability is not one. */
export function checkCalibrationData(data: CalibrationData): void {
  const { classes, probabilities, labels } = data;
  const count = labels.length;
  if (count === 0 || probabilities.length !== count * classes) {
    throw new BookcastError(
      'bad-input',
      `a calibration needs forecasts with their labels: found ${probabilities.length} probabilities for ${count} labels of ${classes} classes, expected ${count * classes}`,
      { labels: count, probabilities: probabilities.length },
    );
  }
  const label = labels.findIndex((k) => k < 0 || k >= classes);
  const odd = probabilities.findIndex((p) => !(p >= 0 && p <= 1));
  if (label < 0 && odd < 0) return;
  const found = label >= 0 ? `label ${labels[label]}` : `probability ${probabilities[odd]}`;
  const row = label >= 0 ? label : Math.floor(odd / classes);
  throw new BookcastError(
    'bad-input',
    `row ${row} of the calibration data has ${found}: expected labels 0 to ${classes - 1} and probabilities in [0, 1]`,
    { row },
  );
}

/** Rows [from, to), on the same memory. */
export function calibrationRows(data: CalibrationData, from: number, to: number): CalibrationData {
  const { classes } = data;
  return {
    classes,
    probabilities: data.probabilities.subarray(from * classes, to * classes),
    labels: data.labels.subarray(from, to),
  };
}
