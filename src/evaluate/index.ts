export { BlockSums } from './block-sums.ts';
export { blockBootstrap, type Gain, type Interval, PairedLosses } from './paired-losses.ts';
export { type NamedGain, type NamedScore, Prequential } from './prequential.ts';
export { logLossOf, type ModelScore, Scoreboard } from './scoreboard.ts';
