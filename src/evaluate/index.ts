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
export { blockBootstrap, type Gain, type Interval, PairedLosses } from './paired-losses.ts';
export { type NamedGain, type NamedScore, Prequential } from './prequential.ts';
export { logLossOf, type ModelScore, Scoreboard } from './scoreboard.ts';
