import { assert, Random } from '../../core/index.ts';
import { type ClassLabels, classesOf } from '../metrics/class-labels.ts';
import { latentPath, SimulatedLabels } from '../metrics/simulated-labels.ts';
import type { Interval } from '../paired-losses.ts';

/** A statistic of the labels that came, beside what it would be were the forecasts true. */
export interface PredictiveCheck {
  readonly observed: number;
  readonly mean: number;
  /** 95 % of replicates lie in it. */
  readonly interval: Interval;
  /** Two-sided, twice the smaller of the shares of replicates at least, and at most, as large as observed; at most 1, never 0. */
  readonly pValue: number;
}

export interface PredictiveCheckOptions {
  readonly draws: number;
  readonly seed: number;
  /** Labels of rows less than this apart overlap, and are drawn so; 1 where they do not. */
  readonly span: number;
}

/**
 * Posterior predictive check (Rubin 1984; Gelman, Meng and Stern 1996): labels are drawn from the forecasts again and again, and the statistic
 * of those that came is compared with that of the replicates. Choose one that the forecasts were not fitted to: the longest run of a
 * class, the number of changes, a class's share by time of day.
 */
export function predictiveCheck(
  labels: ClassLabels,
  probabilities: Float64Array,
  statistic: (labels: ClassLabels) => number,
  { draws, seed, span }: PredictiveCheckOptions,
): PredictiveCheck {
  assert(draws >= 40, 'a 95 % interval needs at least 40 draws');
  const observed = statistic(labels);
  const simulated = new SimulatedLabels(probabilities, classesOf(labels, probabilities));
  const random = new Random(seed);
  const latent = new Float64Array(labels.length);
  const replicate = new Int8Array(labels.length);
  const values = new Float64Array(draws);
  let [above, below, mean] = [0, 0, 0];
  for (let d = 0; d < draws; d++) {
    latentPath(random, span, latent);
    simulated.draw(latent, replicate);
    values[d] = statistic(replicate);
    if (values[d] >= observed) above++;
    if (values[d] <= observed) below++;
    mean += values[d] / draws;
  }
  values.sort();
  const tail = Math.floor(draws * 0.025);
  return {
    observed,
    mean,
    interval: { low: values[tail], high: values[draws - 1 - tail] },
    pValue: Math.min(1, (2 * (1 + Math.min(above, below))) / (1 + draws)),
  };
}
