export { MajorityModel, MartingaleModel, PersistenceModel, TransitionModel } from './baselines.ts';
export { checkSchema, createModels } from './create-models.ts';
export { LogisticModel, type LogisticOptions } from './logistic.ts';
export { type Decision, emptyDecision, type Label, type Model } from './model.ts';
export { OnlineScaler } from './online-scaler.ts';
export { SoftmaxFilter, type SoftmaxFilterOptions } from './softmax-filter.ts';
export { formatTarget, parseTarget, type Target, type TargetKind } from './target.ts';
export { type Emit, TargetStream } from './target-stream.ts';
