export { MajorityModel, MartingaleModel, PersistenceModel, TransitionModel } from './baselines.ts';
export { ChangeDetector, type ChangeDetectorOptions } from './bayes/change-detector.ts';
export { EmbeddedModel, type EmbeddedOptions } from './bayes/embedded-model.ts';
export { InnovationDetector, type InnovationOptions, surpriseOf } from './bayes/innovation-detector.ts';
export { LinearFilter, type LinearFilterOptions } from './bayes/linear-filter.ts';
export { LinearModel, type LinearModelOptions } from './bayes/linear-model.ts';
export {
  type AveragedMember,
  AveragedModel,
  type AveragingOptions,
  familySubsets,
  type SignalSubset,
} from './bayes/model-averaging.ts';
export { type AdaptiveModel, RegimeModel, type RegimeOptions } from './bayes/regime-model.ts';
export { SoftmaxFilter, type SoftmaxFilterOptions } from './bayes/softmax-filter.ts';
export { logGammaRatio, studentTCdf } from './bayes/student-t.ts';
export {
  type ContinuousTarget,
  formatContinuousTarget,
  parseContinuousTarget,
} from './continuous-target.ts';
export { ContinuousTargetStream, type EmitOutcome, type Outcome } from './continuous-target-stream.ts';
export { checkSchema, createModels } from './create-models.ts';
export {
  Attribution,
  type AttributionMethod,
  type Explainer,
  type Families,
  familiesOf,
  logitOf,
  topClass,
} from './explain/attribution.ts';
export { EXPLAINS, openExplainFile } from './explain/net-explainer.ts';
export { OnlineExplainer } from './explain/online-explainer.ts';
export { type LearntData, LearntDataSchema, learntAt, spansByDay } from './learnt-data.ts';
export { LogisticModel, type LogisticOptions } from './logistic.ts';
export { type MarketColumn, marketColumn, marketColumnsOf } from './market-column.ts';
export { anchorLevelsOf, MarketFacts, marketNumber } from './market-facts.ts';
export { type Decision, emptyDecision, type Label, type Model } from './model.ts';
export { encodeModelMetadata, type ModelMetadata, parseModelMetadata } from './model-metadata.ts';
export { OnlineScaler } from './online-scaler.ts';
export { type ModelFile, readModelFile } from './served/model-file.ts';
export { openServedModel, type ServedModel, type ServeOptions } from './served/served-model.ts';
export { SwappableModel } from './served/swappable-model.ts';
export { formatTarget, type Horizon, parseTarget, type Target, type TargetKind } from './target.ts';
export { type Emit, TargetStream } from './target-stream.ts';
export type { Threshold } from './threshold.ts';
