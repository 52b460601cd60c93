import { sortOrder } from '../analysis/ranks.ts';
import { type ClassLabels, classesOf } from './class-labels.ts';

/** How well a class's probability orders the rows of the class before the others. */
export interface ClassRanking {
  /**
   * Area under the receiver operating characteristic, one class against the rest: the probability that a row of the class is held likelier
   * for it than one of the rest, equal ones counted half (Hanley and McNeil 1982). Null where the class or the rest never occurred.
   */
  readonly rocAuc: number | null;
  /**
   * Average precision Σ (R_i − R_{i−1}) P_i over the distinct probabilities from the highest down: the area under the precision-recall
   * curve without straight lines drawn between its points (Davis and Goadrich 2006). No-skill is the class's share. Null where it never occurred.
   */
  readonly prAuc: number | null;
}

/** By class; rows of equal probability are counted together, so that their order does not matter. */
export function classRankings(labels: ClassLabels, probabilities: Float64Array): ClassRanking[] {
  const classes = classesOf(labels, probabilities);
  const column = new Float64Array(labels.length);
  return Array.from({ length: classes }, (_, k) => {
    for (let row = 0; row < labels.length; row++) column[row] = probabilities[row * classes + k];
    return ranking(labels, column, k);
  });
}

function ranking(labels: ClassLabels, scores: Float64Array, k: number): ClassRanking {
  const n = labels.length;
  const order = sortOrder(scores);
  let positives = 0;
  for (let row = 0; row < n; row++) if (labels[row] === k) positives++;
  const negatives = n - positives;
  let pairs = 0;
  let area = 0;
  let [above, aboveHits] = [0, 0];
  for (let end = n; end > 0; ) {
    let start = end - 1;
    while (start > 0 && scores[order[start - 1]] === scores[order[end - 1]]) start--;
    let hits = 0;
    for (let i = start; i < end; i++) if (labels[order[i]] === k) hits++;
    const misses = end - start - hits;
    // Rows of the rest in this group lose to all hits above it and draw with the hits in it.
    pairs += misses * (aboveHits + hits / 2);
    above += end - start;
    aboveHits += hits;
    area += (hits / positives) * (aboveHits / above);
    end = start;
  }
  return {
    rocAuc: positives === 0 || negatives === 0 ? null : pairs / positives / negatives,
    prAuc: positives === 0 ? null : area,
  };
}
