export { BlockSums } from './block-sums.ts';
export { blockBootstrap, type Gain, type Interval, LEAST_BLOCKS, PairedLosses } from './paired-losses.ts';
export { type NamedGain, type NamedScore, Prequential } from './prequential.ts';
export { LEAST_PROBABILITY, logLossOf, type ModelScore, Scoreboard } from './scoreboard.ts';
