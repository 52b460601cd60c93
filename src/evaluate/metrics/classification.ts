import { confusionScores } from '../scoreboard.ts';
import { type ClassLabels, classesOf, topClass } from './class-labels.ts';

/** How well one class is told from the rest by the class held likeliest. */
export interface ClassReport {
  /** Rows of the class, and rows held for it. */
  readonly actual: number;
  readonly predicted: number;
  /** Null where no row was held for the class. */
  readonly precision: number | null;
  /** Null where no row was of the class. */
  readonly recall: number | null;
  /** Null where there was neither. */
  readonly f1: number | null;
}

/** What a confusion matrix tells. */
export interface Classification {
  readonly accuracy: number;
  /** Mean recall of the classes that occurred. */
  readonly balancedAccuracy: number;
  /** Mean F1 of the classes that occurred or were predicted. */
  readonly macroF1: number;
  /** Matthews correlation of several classes, R_K (Gorodkin 2004); 0 where either side never varied. */
  readonly mcc: number;
  readonly perClass: readonly ClassReport[];
}

/** Rows by [actual][predicted], row-major; of equally likely classes the first is the predicted one. */
export function confusionMatrix(labels: ClassLabels, probabilities: Float64Array): Float64Array {
  const classes = classesOf(labels, probabilities);
  const confusion = new Float64Array(classes * classes);
  for (let row = 0; row < labels.length; row++) {
    confusion[labels[row] * classes + topClass(probabilities, row * classes, classes)]++;
  }
  return confusion;
}

/** Of a confusion matrix [actual][predicted] with at least one row. */
export function classificationOf(confusion: Float64Array, classes: number): Classification {
  const perClass = Array.from({ length: classes }, (_, k): ClassReport => {
    let actual = 0;
    let predicted = 0;
    for (let j = 0; j < classes; j++) {
      actual += confusion[k * classes + j];
      predicted += confusion[j * classes + k];
    }
    const hits = confusion[k * classes + k];
    return {
      actual,
      predicted,
      precision: predicted === 0 ? null : hits / predicted,
      recall: actual === 0 ? null : hits / actual,
      f1: actual + predicted === 0 ? null : (2 * hits) / (actual + predicted),
    };
  });
  return { ...confusionScores(confusion, classes), balancedAccuracy: balancedAccuracy(confusion, classes), perClass };
}

/** Mean recall of the classes that occurred. */
export function balancedAccuracy(confusion: Float64Array, classes: number): number {
  let sum = 0;
  let present = 0;
  for (let k = 0; k < classes; k++) {
    let actual = 0;
    for (let j = 0; j < classes; j++) actual += confusion[k * classes + j];
    if (actual === 0) continue;
    present++;
    sum += confusion[k * classes + k] / actual;
  }
  return sum / present;
}
