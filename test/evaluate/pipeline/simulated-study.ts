import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readRecipe } from '../../../src/cli/recipe.ts';
import {
  rowScores,
  runStudy,
  type Study,
  type StudyOptions,
  type TrainedMember,
  walkLateStages,
} from '../../../src/evaluate/index.ts';
import {
  ConformalSets,
  createCombiner,
  createOnline,
  ExponentialWeights,
  OnlineTemperature,
} from '../../../src/forecast/index.ts';
import { LogisticModel, type Model, type Target } from '../../../src/models/index.ts';
import { findKind, labelRows, parseTrainingFile, type RowMatrix } from '../../../src/models/training.ts';
import type { SimulatedMarket } from './simulated-market.ts';

const CONFIGS = fileURLToPath(new URL('../../../configs', import.meta.url));

/** A member as recipes have it: the kind's own file, these settings over it, and every training window in the mirror too. */
export function trainedMember(name: string, overrides: readonly string[] = [], mirror = true): TrainedMember {
  const kind = findKind(name);
  const text = readFileSync(`${CONFIGS}/${name}.yaml`, 'utf8');
  const { config } = parseTrainingFile(text, { where: name, model: name, overrides });
  return { name, kind, config, mirror };
}

/** The online members of the default recipe. */
export function onlineMembers(target: Target, matrix: Pick<RowMatrix, 'width' | 'schemaHash'>): Model[] {
  const row = { target, featureCount: matrix.width, schemaHash: matrix.schemaHash };
  return [
    new LogisticModel({ name: 'imbalance', target, featureCount: 0, schemaHash: null }),
    new LogisticModel({ name: 'bayes', ...row }),
    new LogisticModel({ name: 'bayes-slow', ...row, forgetting: 0.99999 }),
  ];
}

export interface SimulatedStudyOptions extends Partial<StudyOptions> {
  readonly target: Target;
  readonly trained: readonly TrainedMember[];
}

/** The whole offline pipeline on a simulated market: the default recipe's online members and combiner where nothing else is said. */
export function simulatedStudy(
  { matrix, mirror }: Pick<SimulatedMarket, 'matrix' | 'mirror'>,
  options: SimulatedStudyOptions,
): Promise<Study> {
  return runStudy({
    matrix,
    mirror,
    online: (target) => onlineMembers(target, matrix),
    combiner: (shape) => new ExponentialWeights(shape),
    reach: 100,
    seed: 1,
    threads: 2,
    signal: new AbortController().signal,
    ...options,
  });
}

/** What `bookcast evaluate` does with the recipe that it takes where none is named, settings over it aside. */
export function recipeStudy(
  market: SimulatedMarket,
  target: Target,
  overrides: readonly string[] = [],
): Promise<Study> {
  const { trained, online, combiner, data } = readRecipe({ overrides });
  return simulatedStudy(market, {
    target,
    trained,
    online: (resolved) => createOnline(online, resolved, market.schema),
    combiner: (shape) => createCombiner(combiner, shape),
    reach: data.reach,
    threads: 1,
  });
}

export interface Served {
  readonly probabilities: Float64Array;
  readonly covered: Uint8Array;
  /** The same of the sets as the theory makes them, before an empty one is served as the likeliest class. */
  readonly kept: Uint8Array;
  readonly sizes: Uint8Array;
}

/** What would have been served of the test windows: the ensemble's forecasts behind an online temperature, each with its set. */
export function servedForecasts({ dataset, pooled, span }: Study, coverage = 0.9): Served {
  const { matrix, target, validation, test } = dataset;
  const classes = target.classes.length;
  const { served, covered, kept, sizes } = walkLateStages({
    classes,
    rows: [...validation.rows, ...test.rows],
    labels: [...validation.labels, ...test.labels],
    knownAt: labelRows(matrix, target).knownAt,
    probabilities: pooled,
    calibrator: new OnlineTemperature({ classes, weight: 1 / span }),
    sets: new ConformalSets({ classes, coverage, overlap: span }),
  });
  const from = validation.count;
  return {
    probabilities: served.subarray(from * classes),
    covered: covered.subarray(from),
    kept: kept.subarray(from),
    sizes: sizes.subarray(from),
  };
}

/** Mean log-loss of each forecast of the test windows, nats. */
export function logLosses({ labels, forecasts }: Study): Map<string, number> {
  return new Map(
    forecasts.map(({ name, probabilities }) => [name, mean(rowScores(labels, probabilities).logLoss)] as const),
  );
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}
