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
export {
  type BacktestOverfitting,
  backtestOverfitting,
  type OverfittingOptions,
} from './performance/backtest-overfitting.ts';
export { optimalBlockLength } from './performance/block-length.ts';
export { breakEvenCost, type TradedNotional, turnoverOf } from './performance/break-even-cost.ts';
export { type CapacityCurve, type CapacityPoint, capacityCurve, type SizedRun } from './performance/capacity-curve.ts';
export {
  type CurveDifference,
  type CurveResampling,
  curveDifference,
  type Estimate,
  meanInterval,
  ratioInterval,
  sharpeInterval,
} from './performance/curve-intervals.ts';
export { type Drawdown, drawdownOf } from './performance/drawdown.ts';
export { coarsened, type EquitySeries, equitySeries, joinSteps } from './performance/equity-series.ts';
export {
  type MonotoneSweep,
  monotoneSweep,
  type SweepBreak,
  type SweepPoint,
} from './performance/monotone-sweep.ts';
export { neededSpan } from './performance/needed-span.ts';
export {
  type AnnualFigures,
  annualisation,
  type Performance,
  type PerformanceOptions,
  performanceOf,
} from './performance/performance.ts';
export {
  deflatedSharpe,
  effectiveTrials,
  expectedMaximumSharpe,
  type MeasuredSharpe,
  minimumTrackRecord,
  probabilisticSharpe,
} from './performance/sharpe-doubt.ts';
export { type SharpeRatio, sharpeRatio, timeAggregation } from './performance/sharpe-ratio.ts';
export { type SuperiorAbility, superiorAbility } from './performance/superior-ability.ts';
export {
  CRYPTO_CALENDAR,
  STOCK_CALENDAR,
  spanText,
  type TradingCalendar,
} from './performance/trading-calendar.ts';
export { type TrialCount, trialCount } from './performance/trial-count.ts';
export { type Verdict, type VerdictKind, type VerdictOptions, verdict } from './performance/verdict.ts';
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
export { type BacktestCard, type BacktestCardInput, backtestCard, type JudgedCard } from './trading/backtest-card.ts';
export type { BaselineCard } from './trading/baseline-card.ts';
export type { CostRow } from './trading/card-costs.ts';
export type { MarkoutBand, MarkoutBands, MeanBand } from './trading/card-markouts.ts';
export type { CurveSeries, FillSeries, WaitCounts } from './trading/card-series.ts';
export { type ForecastColumns, ForecastTape, type RecordOptions, recordForecasts } from './trading/forecast-tape.ts';
export type { Plain } from './trading/plain.ts';
export { addedCost, type CostedCurve, type CurveOptions, costedCurve, otherFees } from './trading/recost.ts';
export { DEFAULT_COSTS_BPS, type SweepInput, sweepResult } from './trading/sweep.ts';
export { type SweepAxis, type SweepCell, type SweepResult, sweepIndex } from './trading/sweep-result.ts';
export { type TradedStretch, type Walk, type WalkInput, walkOf } from './trading/walk.ts';
export { type WalkPlanOptions, type WalkStretch, walkStretches } from './trading/walk-plan.ts';
export type { WalkFold, WalkResult, WalkScore, WalkSpan } from './trading/walk-result.ts';
export { joinedRun } from './trading/walk-run.ts';
