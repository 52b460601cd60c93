import { assert, BookcastError } from '../../core/index.ts';

/** Class numbers from 0, one a row. */
export type ClassLabels = Int8Array | Int32Array;

/** Sums of a row's probabilities may be off by this much: forecasts are often stored as float32. */
const SUM_TOLERANCE = 1e-4;

/** How many classes `probabilities` (rows × classes, row-major) has; at least one row and two classes. */
export function classesOf(labels: ClassLabels, probabilities: Float64Array): number {
  const classes = probabilities.length / labels.length;
  assert(
    labels.length > 0 && Number.isInteger(classes) && classes >= 2,
    'a forecast has a probability for each of at least two classes of each row',
  );
  return classes;
}

/** The class held likeliest in the row that begins at `at`; of equal ones the first. */
export function topClass(probabilities: Float64Array, at: number, classes: number): number {
  let best = 0;
  for (let k = 1; k < classes; k++) if (probabilities[at + k] > probabilities[at + best]) best = k;
  return best;
}

/** Throws `bad-input` for a label that is none of the classes. */
export function checkLabels(labels: ClassLabels, classes: number): void {
  if (labels.length === 0) {
    throw new BookcastError('bad-input', 'there are no labels to score against; give at least one row', { rows: 0 });
  }
  for (let row = 0; row < labels.length; row++) {
    if (labels[row] >= 0 && labels[row] < classes) continue;
    throw new BookcastError(
      'bad-input',
      `the label of row ${row} is ${labels[row]}; a label is a class from 0 to ${classes - 1}. Leave rows without an outcome out`,
      { row, label: labels[row], classes },
    );
  }
}

/** Throws `bad-input` for a forecast that has not one distribution over the classes for each row. */
export function checkProbabilities(name: string, probabilities: Float64Array, rows: number, classes: number): void {
  if (probabilities.length !== rows * classes) {
    throw new BookcastError(
      'bad-input',
      `forecast "${name}" has ${probabilities.length} probabilities; ${rows} rows of ${classes} classes need ${rows * classes}`,
      { name, found: probabilities.length, expected: rows * classes },
    );
  }
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let k = 0; k < classes; k++) {
      const p = probabilities[row * classes + k];
      sum = p >= 0 ? sum + p : Number.NaN;
    }
    if (Math.abs(sum - 1) <= SUM_TOLERANCE) continue;
    const found = Array.from(probabilities.subarray(row * classes, (row + 1) * classes)).join(', ');
    throw new BookcastError(
      'bad-input',
      `forecast "${name}" says ${found} of row ${row}; probabilities are at least 0 and together 1`,
      { name, row },
    );
  }
}
