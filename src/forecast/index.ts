export {
  type AbstentionSettings,
  type BundleFacts,
  type CombinerSettings,
  LEARNERS,
  type Learner,
} from './bundle/bundle-schema.ts';
export { createCombiner, createOnline } from './bundle/create-parts.ts';
export { LateMember } from './bundle/late-member.ts';
export {
  bundledSets,
  bundledTemperature,
  type OpenBundle,
  type OpenBundleOptions,
  openBundle,
} from './bundle/open-bundle.ts';
export { BUNDLE_FILE, type Bundle, readBundle, readFacts } from './bundle/read-bundle.ts';
export { CalibratedModel } from './calibrated-model.ts';
export type { Calibrator, CalibratorJson } from './calibration/calibrator.ts';
export { OnlineTemperature, type OnlineTemperatureOptions } from './calibration/online-temperature.ts';
export { readCalibrator } from './calibration/read-calibrator.ts';
export { readStacking, Stacking, type StackingJson } from './calibration/stacking.ts';
export { type AbstentionOptions, AbstentionRule, Cause } from './conformal/abstention-rule.ts';
export { type ConformalOptions, ConformalSets } from './conformal/conformal-sets.ts';
export type { Conformity } from './conformal/conformity.ts';
export { PredictionSet } from './conformal/prediction-set.ts';
export { readTrainingRange, TrainingRange, type TrainingRangeJson } from './conformal/training-range.ts';
export { Boa } from './ensemble/boa.ts';
export type { Combiner, CombinerShape } from './ensemble/combiner.ts';
export { Ensemble } from './ensemble/ensemble.ts';
export { ExponentialWeights, type ExponentialWeightsOptions } from './ensemble/exponential-weights.ts';
export { FixedShare, type FixedShareOptions } from './ensemble/fixed-share.ts';
export { HorizonAdapter, type HorizonAdapterOptions } from './ensemble/horizon-adapter.ts';
export { Interleaved } from './ensemble/interleaved.ts';
export { Squint } from './ensemble/squint.ts';
export { Stacked } from './ensemble/stacked.ts';
export { Uniform } from './ensemble/uniform.ts';
export { WeightHistory } from './ensemble/weight-history.ts';
export { explainForecast, type ForecastExplanation, learnerInputs, type MemberExplanation } from './explanation.ts';
export type { Forecast, ForecasterHooks } from './forecast.ts';
export { Forecaster } from './forecaster.ts';
export type { BundleIdentity, ForecasterOptions } from './forecaster-options.ts';
export { ForecastMonitor, type MonitorOptions, type MonitorSnapshot } from './monitor/forecast-monitor.ts';
export { type MonitorReference, readMonitorReference } from './monitor/monitor-reference.ts';
export { withStack } from './stack.ts';
export { STAGES } from './stopwatch.ts';
