import { assert } from '../../core/index.ts';
import { sortOrder } from '../analysis/ranks.ts';
import { type ClassLabels, classesOf, topClass } from './class-labels.ts';

/** Shares of the rows that are answered. */
const COVERAGES: readonly number[] = Array.from({ length: 20 }, (_, i) => (i + 1) / 20);

/** Accuracy where only the surest rows are answered. */
export interface SelectivePoint {
  /** Share of the rows that are answered. */
  readonly coverage: number;
  /** The least probability of the likeliest class among them. */
  readonly confidence: number;
  readonly accuracy: number;
}

/**
 * Accuracy against coverage: rows are answered from the surest down (Geifman and El-Yaniv 2017). Where a coverage ends among rows that are
 * equally sure, they count by their mean, so that their order does not matter.
 */
export function selectiveAccuracy(
  labels: ClassLabels,
  probabilities: Float64Array,
  coverages: readonly number[] = COVERAGES,
): SelectivePoint[] {
  assert(
    coverages.every((share, i) => share > (coverages[i - 1] ?? 0) && share <= 1),
    'coverages rise, from above 0 to at most 1',
  );
  const classes = classesOf(labels, probabilities);
  const n = labels.length;
  const confidence = new Float64Array(n);
  const hit = new Uint8Array(n);
  for (let row = 0; row < n; row++) {
    const top = topClass(probabilities, row * classes, classes);
    confidence[row] = probabilities[row * classes + top];
    hit[row] = labels[row] === top ? 1 : 0;
  }
  const order = sortOrder(confidence).reverse();
  const points: SelectivePoint[] = [];
  let [start, hitsBefore] = [0, 0];
  while (start < n && points.length < coverages.length) {
    let end = start;
    let hits = 0;
    for (; end < n && confidence[order[end]] === confidence[order[start]]; end++) hits += hit[order[end]];
    while (points.length < coverages.length) {
      const coverage = coverages[points.length];
      const answered = Math.max(1, coverage * n);
      if (answered > end && end < n) break;
      const right = hitsBefore + hits * ((answered - start) / (end - start));
      points.push({ coverage, confidence: confidence[order[start]], accuracy: right / answered });
    }
    hitsBefore += hits;
    start = end;
  }
  return points;
}
