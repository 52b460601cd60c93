export { type AnalyseOptions, analyseFeatures } from './analysis/analyse-features.ts';
export type {
  Analysis,
  AnalysisMethod,
  ColumnAnalysis,
  ColumnInformation,
  HorizonFacts,
  ImpactAnalysis,
  NamedGroup,
} from './analysis/analysis.ts';
export type { Distribution, Histogram } from './analysis/distribution.ts';
export { type FeatureFacts, featureColumns } from './analysis/feature-file.ts';
export { flowWindows, type OfiImpact, ofiImpact, PUBLISHED_OFI_R2 } from './analysis/ofi-impact.ts';
export { BlockSums } from './block-sums.ts';
export {
  type DatasetScore,
  type DatasetScores,
  type Figure,
  type NamedForecast,
  scoreDataset,
} from './dataset-scores.ts';
export {
  populationStability,
  type SignalReference,
  type SignalRows,
  type Stability,
  signalReferences,
} from './diagnostics/population-stability.ts';
export { type PredictiveCheck, type PredictiveCheckOptions, predictiveCheck } from './diagnostics/predictive-check.ts';
export {
  categoricalPit,
  continuousPit,
  type LocationScaleForecasts,
  type UniformityTest,
  uniformityTest,
} from './diagnostics/probability-integral.ts';
export { binRows, gainOver, lossesOverTime } from './forecast-differences.ts';
export {
  type ForecastRun,
  type ForecastScore,
  type ForecastScores,
  type RunForecast,
  scoreForecasts,
} from './forecast-scores.ts';
export { type BlockKind, bootstrapInterval, type ResamplingOptions } from './inference/block-resampler.ts';
export { type DieboldMariano, dieboldMariano } from './inference/diebold-mariano.ts';
export { type EffectiveSize, effectiveSize, longRunVariance } from './inference/long-run-variance.ts';
export { type ConfidenceMember, modelConfidenceSet } from './inference/model-confidence-set.ts';
export { type AttributionSummary, MeanAttribution, type NamedInput } from './mean-attribution.ts';
export {
  explainMember,
  type MeanAttention,
  type MemberExplanation,
  type MemberExplanationOptions,
  spread,
} from './member-explanation.ts';
export { type BrierDecomposition, type BrierParts, brierDecomposition } from './metrics/brier-parts.ts';
export {
  type BandOptions,
  type CalibrationBand,
  CalibrationBins,
  type CalibrationError,
  calibrationBands,
  calibrationError,
  type ReliabilityPoint,
} from './metrics/calibration.ts';
export type { ClassLabels } from './metrics/class-labels.ts';
export { type Classification, type ClassReport, classificationOf, confusionMatrix } from './metrics/classification.ts';
export {
  type Coverage,
  type CoverageBand,
  type CoverageBandOptions,
  coverageBand,
  coverageOf,
} from './metrics/coverage.ts';
export { studentCrps } from './metrics/crps.ts';
export { type ClassRanking, classRankings } from './metrics/ranking.ts';
export { type RowScores, rowScores } from './metrics/row-scores.ts';
export { type SelectivePoint, selectiveAccuracy } from './metrics/selective-accuracy.ts';
export { blockBootstrap, type Gain, type Interval, PairedLosses } from './paired-losses.ts';
export { type NamedGain, type NamedScore, Prequential } from './prequential.ts';
export { type NumberGain, type NumberScore, PrequentialNumber } from './prequential-number.ts';
export {
  type CombinatorialOptions,
  type CombinatorialSplit,
  combinatorialFolds,
  combinatorialPaths,
} from './protocol/combinatorial-folds.ts';
export type { LabelledRows, Split } from './protocol/labelled-rows.ts';
export { type PurgedKFoldOptions, purgedKFold } from './protocol/purged-k-fold.ts';
export { type WalkForwardOptions, walkForward } from './protocol/walk-forward.ts';
export { logLossOf, type ModelScore, Scoreboard } from './scoreboard.ts';
export { forwardParts } from './study/forward-parts.ts';
export { type LateStages, walkLateStages } from './study/late-stages.ts';
export { walkColumns } from './study/matrix-walk.ts';
export type { MirrorTrial } from './study/mirror-trial.ts';
export {
  runStudy,
  type Study,
  type StudyEvent,
  type StudyForecast,
  type StudyOptions,
  type TrainedMember,
} from './study/study.ts';
