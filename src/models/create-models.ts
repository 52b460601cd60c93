import { MajorityModel, MartingaleModel, PersistenceModel, TransitionModel } from './baselines.ts';
import { LogisticModel } from './logistic.ts';
import type { Model } from './model.ts';
import type { Target } from './target.ts';

/** The model whose forecast is served. */
const SERVED_MODEL = 'bayes-softmax';

/**
 * Every model for a target and rows of `featureCount` signals: the baselines without skill, the desk's baseline (logistic on
 * imbalance, spread and their product), and the served model on all signals. New and untaught.
 */
export function createModels(target: Target, featureCount: number): Model[] {
  return [
    new MajorityModel(target),
    new PersistenceModel(target),
    new MartingaleModel(target),
    new TransitionModel(target),
    new LogisticModel({ name: 'imbalance-logistic', target, featureCount: 0 }),
    new LogisticModel({ name: SERVED_MODEL, target, featureCount }),
  ];
}
