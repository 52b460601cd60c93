import { type ClassLabels, classesOf } from './class-labels.ts';
import { equalMassBins } from './equal-mass-bins.ts';

/**
 * The Brier score of a class (or the sum over all) in parts: `brier = reliability − resolution + uncertainty + binning`, exactly.
 * Reliability, resolution and uncertainty are Murphy's (1973), over equal-mass bins; `binning` is what forecasts that differ within a bin add: the
 * within-bin variance less twice the within-bin covariance (Stephenson, Coelho and Jolliffe 2008). It vanishes as bins narrow.
 */
export interface BrierParts {
  readonly brier: number;
  /** Mean squared distance of a bin's mean forecast from what came true in it; 0 is best. */
  readonly reliability: number;
  /** Mean squared distance of what came true in a bin from the overall share; higher is better. */
  readonly resolution: number;
  /** Share × (1 − share): what a constant forecast of the share would score. */
  readonly uncertainty: number;
  readonly binning: number;
}

export interface BrierDecomposition extends BrierParts {
  /** The classes one by one, each against the rest; their sums are the whole. */
  readonly perClass: readonly BrierParts[];
}

/** Murphy's decomposition of the Brier score with all classes summed. */
export function brierDecomposition(
  labels: ClassLabels,
  probabilities: Float64Array,
  bins?: number,
): BrierDecomposition {
  const classes = classesOf(labels, probabilities);
  const column = new Float64Array(labels.length);
  const perClass = Array.from({ length: classes }, (_, k) => {
    for (let row = 0; row < labels.length; row++) column[row] = probabilities[row * classes + k];
    return partsOf(labels, column, k, bins);
  });
  const total = (key: keyof BrierParts): number => perClass.reduce((sum, parts) => sum + parts[key], 0);
  return {
    brier: total('brier'),
    reliability: total('reliability'),
    resolution: total('resolution'),
    uncertainty: total('uncertainty'),
    binning: total('binning'),
    perClass,
  };
}

function partsOf(labels: ClassLabels, forecast: Float64Array, k: number, most?: number): BrierParts {
  const n = labels.length;
  const { binOf, counts, sums } = equalMassBins(forecast, most);
  const hits = new Float64Array(counts.length);
  for (let row = 0; row < n; row++) if (labels[row] === k) hits[binOf[row]]++;
  let share = 0;
  for (const count of hits) share += count / n;
  let reliability = 0;
  let resolution = 0;
  for (let b = 0; b < counts.length; b++) {
    const rate = hits[b] / counts[b];
    reliability += (counts[b] / n) * (sums[b] / counts[b] - rate) ** 2;
    resolution += (counts[b] / n) * (rate - share) ** 2;
  }
  let brier = 0;
  let variance = 0;
  let covariance = 0;
  for (let row = 0; row < n; row++) {
    const bin = binOf[row];
    const outcome = labels[row] === k ? 1 : 0;
    const within = forecast[row] - sums[bin] / counts[bin];
    brier += (forecast[row] - outcome) ** 2 / n;
    variance += (within * within) / n;
    covariance += (within * (outcome - hits[bin] / counts[bin])) / n;
  }
  return { brier, reliability, resolution, uncertainty: share * (1 - share), binning: variance - 2 * covariance };
}
