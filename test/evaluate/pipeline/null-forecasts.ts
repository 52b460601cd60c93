import { rowScores, type Study } from '../../../src/evaluate/index.ts';
import { labelRows, type PreparedDataset } from '../../../src/models/training.ts';
import { mean } from './simulated-study.ts';

/** Test windows whose labels do not overlap, by place: each begins where the label of the one before was known, or later. */
export function apart({ matrix, target, test }: PreparedDataset): Int32Array {
  const { knownAt } = labelRows(matrix, target);
  const places: number[] = [];
  let free = 0;
  for (let i = 0; i < test.count; i++) {
    if (test.rows[i] < free) continue;
    places.push(i);
    free = knownAt[test.rows[i]];
  }
  return Int32Array.from(places);
}

/** Direction gains of one market by forecast, baselines included: means over test windows whose labels do not overlap. */
export interface NullRun {
  readonly rows: number;
  readonly gains: Readonly<Record<string, number>>;
}

/** Forecasts without skill by construction, which are shown beside the others. */
export const BASELINES: readonly string[] = ['prior', 'majority', 'persistence', 'martingale', 'transition'];

export function nullRun({ dataset, labels, forecasts }: Study): NullRun {
  const places = apart(dataset);
  const gains = forecasts.map(({ name, probabilities }) => {
    const { directionGain } = rowScores(labels, probabilities);
    return [name, mean(Float64Array.from(places, (place) => directionGain[place]))] as const;
  });
  return { rows: places.length, gains: Object.fromEntries(gains) };
}

/** What many markets say of one forecast where no direction can be known. */
export interface NullVerdict {
  readonly forecast: string;
  readonly seeds: number;
  /** Mean over the seeds of the direction gain, nats, and the standard error of that mean. */
  readonly mean: number;
  readonly standardError: number;
  /** Mean over standard error; 0 for a forecast that never leans. */
  readonly t: number;
  readonly passed: boolean;
}

/** Standard errors above 0 from which a mean is no chance. */
const MOST = 2;
/** A forecast that never leans gains nothing, to rounding. */
const ROUNDING = 1e-12;

export function nullVerdicts(runs: readonly NullRun[]): NullVerdict[] {
  const seeds = runs.length;
  return Object.keys(runs[0].gains).map((forecast) => {
    const gains = runs.map((run) => run.gains[forecast]);
    const average = mean(gains);
    const variance = gains.reduce((sum, gain) => sum + (gain - average) ** 2 / (seeds - 1), 0);
    const standardError = Math.sqrt(variance / seeds);
    return {
      forecast,
      seeds,
      mean: average,
      standardError,
      t: standardError < ROUNDING ? 0 : average / standardError,
      passed: average <= MOST * standardError + ROUNDING,
    };
  });
}
