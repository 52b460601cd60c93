import { assert } from '../../core/index.ts';
import { BlockResampler, prefixSums, type ResamplingOptions } from './block-resampler.ts';

/** A model's place in the confidence set. */
export interface ConfidenceMember {
  /** The model's number among the losses. */
  readonly model: number;
  /** The largest level at which the model is still in the set: it belongs to the 1 − α set where this is above α. */
  readonly pValue: number;
}

/**
 * Model confidence set (Hansen, Lunde and Nason 2011, section 3.1.2): the models that cannot be told from the best. While equal skill of those
 * left is rejected, the worst goes; the statistic is T_max, the largest standardised distance of a model's mean loss from the mean of all
 * left, its distribution that of block-resampled losses. p-values are (1 + exceedances) / (1 + draws), so that none is 0. `losses` is one
 * series a model, on the same rows in order of time. Members come in the order in which they would go; the last one's p-value is 1.
 */
export function modelConfidenceSet(losses: readonly Float64Array[], options: ResamplingOptions): ConfidenceMember[] {
  assert(losses.length >= 1 && losses[0].length >= 2, 'there is a model with losses');
  const { means, drawn } = resampledMeans(losses, options);
  const left = losses.map((_, model) => model);
  const members: ConfidenceMember[] = [];
  let pValue = 0;
  while (left.length > 1) {
    const step = worstOf(left, means, drawn, losses.length);
    // A model that goes later cannot belong to a smaller set than one that went before.
    pValue = Math.max(pValue, step.pValue);
    members.push({ model: step.model, pValue });
    left.splice(left.indexOf(step.model), 1);
  }
  return [...members, { model: left[0], pValue: 1 }];
}

interface ResampledMeans {
  readonly means: Float64Array;
  /** draws × models. */
  readonly drawn: Float64Array;
}

function resampledMeans(losses: readonly Float64Array[], options: ResamplingOptions): ResampledMeans {
  const models = losses.length;
  const n = losses[0].length;
  const prefix = prefixSums(losses);
  const means = prefix.slice(n * models).map((sum) => sum / n);
  const resampler = new BlockResampler(n, options);
  const drawn = new Float64Array(options.draws * models);
  for (let d = 0; d < options.draws; d++) {
    resampler.next();
    resampler.sums(prefix, drawn.subarray(d * models, (d + 1) * models));
  }
  for (let i = 0; i < drawn.length; i++) drawn[i] /= n;
  return { means, drawn };
}

/** The model with the largest standardised excess loss, and how often resampling equal models gives a larger one. */
function worstOf(
  left: readonly number[],
  means: Float64Array,
  drawn: Float64Array,
  models: number,
): { model: number; pValue: number } {
  const draws = drawn.length / models;
  const count = left.length;
  const excess = new Float64Array(count);
  const centre = meanOf(left, means, 0);
  for (let i = 0; i < count; i++) excess[i] = means[left[i]] - centre;
  // Deviations of each draw's excess losses from those of the sample.
  const deviations = new Float64Array(draws * count);
  const variances = new Float64Array(count);
  for (let d = 0; d < draws; d++) {
    const drawnCentre = meanOf(left, drawn, d * models);
    for (let i = 0; i < count; i++) {
      const deviation = drawn[d * models + left[i]] - drawnCentre - excess[i];
      deviations[d * count + i] = deviation;
      variances[i] += (deviation * deviation) / draws;
    }
  }
  const scale = variances.map((variance) => standardiser(variance, centre));
  let [worst, largest] = [0, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < count; i++) {
    const t = excess[i] * scale[i];
    if (t > largest) [worst, largest] = [i, t];
  }
  let exceedances = 0;
  for (let d = 0; d < draws; d++) {
    let most = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < count; i++) most = Math.max(most, deviations[d * count + i] * scale[i]);
    if (most >= largest) exceedances++;
  }
  return { model: left[worst], pValue: (1 + exceedances) / (1 + draws) };
}

/** 1 / sd; models that differ by a constant, but for rounding, are as sure to differ as can be. */
function standardiser(variance: number, centre: number): number {
  const rounding = 1e-13 * Math.max(Math.abs(centre), 1e-6);
  return 1 / Math.max(Math.sqrt(variance), rounding);
}

function meanOf(left: readonly number[], values: Float64Array, at: number): number {
  let sum = 0;
  for (const model of left) sum += values[at + model];
  return sum / left.length;
}
