import type { FeatureSchema } from '../../features/index.ts';
import {
  AveragedModel,
  familySubsets,
  LogisticModel,
  type Model,
  RegimeModel,
  type Target,
} from '../../models/index.ts';
import { Boa } from '../ensemble/boa.ts';
import type { Combiner, CombinerShape } from '../ensemble/combiner.ts';
import { ExponentialWeights } from '../ensemble/exponential-weights.ts';
import { FixedShare } from '../ensemble/fixed-share.ts';
import { Squint } from '../ensemble/squint.ts';
import { Stacked } from '../ensemble/stacked.ts';
import { Uniform } from '../ensemble/uniform.ts';
import type { CombinerSettings, Learner } from './bundle-schema.ts';

/** λ of the member that forgets slowly: a memory of some 100,000 labels. */
const SLOW = 0.99999;

/** Members that learn on the way, new and untaught. */
export function createOnline(
  learners: readonly Learner[],
  target: Target,
  schema: Pick<FeatureSchema, 'columns' | 'names' | 'hash'>,
): Model[] {
  const own = { target, featureCount: schema.names.length, schemaHash: schema.hash };
  const make: Record<Learner, () => Model> = {
    imbalance: () => new LogisticModel({ name: 'imbalance', target, featureCount: 0, schemaHash: null }),
    bayes: () => new LogisticModel({ name: 'bayes', ...own }),
    'bayes-slow': () => new LogisticModel({ name: 'bayes-slow', ...own, forgetting: SLOW }),
    // What forgets when the market changes needs to forget nothing in between.
    'bayes-regime': () => new RegimeModel({ learner: new LogisticModel({ name: 'bayes', ...own, forgetting: 1 }) }),
    'bayes-dma': () => new AveragedModel({ ...own, subsets: familySubsets(schema) }),
  };
  return learners.map((learner) => make[learner]());
}

/** A combiner before any label. */
export function createCombiner(settings: CombinerSettings, shape: CombinerShape): Combiner {
  const rate = 'rate' in settings && settings.rate !== null ? { learningRate: settings.rate } : {};
  if (settings.kind === 'fixed-share') return new FixedShare({ ...shape, ...rate, share: settings.share });
  if (settings.kind === 'stacked') return new Stacked({ ...shape, ...rate, share: settings.share });
  if (settings.kind === 'boa') return new Boa(shape);
  if (settings.kind === 'squint') return new Squint(shape);
  if (settings.kind === 'uniform') return new Uniform(shape);
  return new ExponentialWeights({ ...shape, ...rate });
}
