import { BookcastError } from '../core/index.ts';
import type { FeatureSchema } from '../features/index.ts';
import { MajorityModel, MartingaleModel, PersistenceModel, TransitionModel } from './baselines.ts';
import { AveragedModel } from './bayes/model-averaging.ts';
import { RegimeModel } from './bayes/regime-model.ts';
import { LogisticModel } from './logistic.ts';
import type { Model } from './model.ts';
import type { Target } from './target.ts';

/** The model whose forecast is served where nothing pools them. */
const SERVED_MODEL = 'bayes-softmax';

/**
 * Every model for a target and rows of a schema, new and untaught: the baselines without skill, the desk's baseline (logistic on imbalance,
 * spread and their product), and on all signals three learners that differ in how they forget: one that forgets nothing until the market changes,
 * an average over four forgetting factors each with the signals and without, and, last, the served model, which forgets slowly.
 */
export function createModels(target: Target, schema: Pick<FeatureSchema, 'names' | 'hash'>): Model[] {
  const { names, hash } = schema;
  const own = { target, featureCount: names.length, schemaHash: hash };
  const subsets = [
    { name: 'none', columns: [] },
    { name: 'all', columns: names.map((_, i) => i) },
  ];
  return [
    new MajorityModel(target),
    new PersistenceModel(target),
    new MartingaleModel(target),
    new TransitionModel(target),
    new LogisticModel({ name: 'imbalance-logistic', target, featureCount: 0, schemaHash: null }),
    new RegimeModel({ learner: new LogisticModel({ name: 'softmax', ...own, forgetting: 1 }), name: 'regime-softmax' }),
    new AveragedModel({ name: 'dma-softmax', ...own, subsets }),
    new LogisticModel({ name: SERVED_MODEL, ...own }),
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
