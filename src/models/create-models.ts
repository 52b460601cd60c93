import { BookcastError } from '../core/index.ts';
import type { FeatureSchema } from '../features/index.ts';
import { MajorityModel, MartingaleModel, PersistenceModel, TransitionModel } from './baselines.ts';
import { LogisticModel } from './logistic.ts';
import type { Model } from './model.ts';
import type { Target } from './target.ts';

/** The model whose forecast is served. */
const SERVED_MODEL = 'bayes-softmax';

/**
 * Every model for a target and rows of a schema: the baselines without skill, the desk's baseline (logistic on
 * imbalance, spread and their product), and the served model on all signals. New and untaught.
 */
export function createModels(target: Target, schema: Pick<FeatureSchema, 'names' | 'hash'>): Model[] {
  return [
    new MajorityModel(target),
    new PersistenceModel(target),
    new MartingaleModel(target),
    new TransitionModel(target),
    new LogisticModel({ name: 'imbalance-logistic', target, featureCount: 0, schemaHash: null }),
    new LogisticModel({ name: SERVED_MODEL, target, featureCount: schema.names.length, schemaHash: schema.hash }),
  ];
}

/** Throws `schema-mismatch` where a model was made for rows of another schema: their numbers would mean something else to it. */
export function checkSchema(
  model: Pick<Model, 'name' | 'schemaHash'>,
  schema: Pick<FeatureSchema, 'names' | 'hash'>,
): void {
  if (model.schemaHash === null || model.schemaHash === schema.hash) return;
  throw new BookcastError(
    'schema-mismatch',
    `the model ${model.name} reads rows of schema ${model.schemaHash}, and these are of schema ${schema.hash} (${schema.names.length} columns); ` +
      'compute the signals that it was trained on, or train it again on these',
    { model: model.name, expected: model.schemaHash, found: schema.hash },
  );
}
