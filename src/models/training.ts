export {
  type AttentionMap,
  AttentionReader,
  type AttentionReading,
  attentionRollout,
  type ShuffleCheck,
} from './explain/attention.ts';
export {
  type FamilyAttribution,
  type FamilyShapleyOptions,
  familyShapley,
} from './explain/family-shapley.ts';
export { CheckpointFile } from './training/checkpoint-file.ts';
export { classCounts, sharesOf } from './training/class-balance.ts';
export type {
  CheckpointStore,
  Dataset,
  FitEvent,
  FitOptions,
  FittedModel,
  ModelKind,
  Range,
  RowMatrix,
  Scaler,
  Windows,
} from './training/contract.ts';
export {
  createDataset,
  type DatasetOptions,
  datasetOf,
  type GivenOptions,
  type PartAccount,
  type PartName,
  type PreparedDataset,
} from './training/dataset.ts';
export { describeDataset } from './training/describe-dataset.ts';
export { type Fi2010Options, holdsFi2010, openFi2010 } from './training/fi2010.ts';
export { type Labels, labelRows } from './training/labels.ts';
export { readMatrix, type StoredMatrix, writeMatrix } from './training/matrix-file.ts';
export { mirrorTraining, type RowMirror } from './training/mirror.ts';
export { findKind, MODEL_KINDS } from './training/model-kinds.ts';
export { type Outcomes, outcomeRows } from './training/outcomes.ts';
export { resolveTarget } from './training/resolve-target.ts';
export { MAX_GAP_NS, RowMatrixBuilder, type RowMatrixOptions } from './training/row-matrix.ts';
export { shuffledOrder } from './training/shuffle.ts';
export {
  type SmoothedLabels,
  type SmoothedOptions,
  smoothedBounds,
  smoothedLabels,
} from './training/smoothed-labels.ts';
export { DEFAULT_SHARES, type Parts, parseShares, type Shares } from './training/split.ts';
export {
  applyOverride,
  type DataConfig,
  parseTrainingFile,
  parseYaml,
  type TrainingFile,
  type TrainingFileOptions,
} from './training/training-config-file.ts';
export { isRecord, nearest, readConfig, refuseUnknown } from './training/training-config-reader.ts';
export { randomSearch } from './training/tuning/random-search.ts';
export type { Outcome, Proposal, Search } from './training/tuning/search.ts';
export { type Dimension, type Point, parseSpace, type Space } from './training/tuning/space.ts';
export {
  type HalvingOptions,
  halvingRungs,
  type Rung,
  successiveHalving,
} from './training/tuning/successive-halving.ts';
export { type TreeParzenOptions, treeParzenSearch } from './training/tuning/tree-parzen.ts';
export { createWindows } from './training/windows.ts';
