import { assert } from '../core/index.ts';
import type { Figure } from './dataset-scores.ts';
import { bootstrapInterval } from './inference/block-resampler.ts';
import { rowScores } from './metrics/row-scores.ts';

export interface DifferenceOptions {
  readonly labels: Int8Array;
  readonly blockLength: number;
  readonly draws?: number;
  readonly seed: number;
}

/** How much better one forecast is than another of the same rows: mean of (the other's log-loss − own), nats, with its interval. */
export function gainOver(own: Float64Array, other: Float64Array, options: DifferenceOptions): Figure {
  const { labels, blockLength, draws = 500, seed } = options;
  assert(own.length === other.length, 'both forecasts are of the same rows');
  const mine = rowScores(labels, own).logLoss;
  const differences = rowScores(labels, other).logLoss.map((loss, row) => loss - mine[row]);
  const mean = (sums: Float64Array, n: number): number => sums[0] / n;
  const value = differences.reduce((sum, difference) => sum + difference, 0) / differences.length;
  const interval = bootstrapInterval([differences], mean, { blockLength, kind: 'stationary', draws, seed });
  return { value, interval };
}

/** Mean log-loss of consecutive, equally long runs of rows: how it went, in order of time. */
export function lossesOverTime(labels: Int8Array, probabilities: Float64Array, bins: number): number[] {
  const { logLoss } = rowScores(labels, probabilities);
  return Array.from({ length: bins }, (_, b) => {
    const [from, to] = binRows(labels.length, bins, b);
    return logLoss.subarray(from, to).reduce((sum, loss) => sum + loss, 0) / (to - from);
  });
}

/** Rows [from, to) of a run. */
export function binRows(rows: number, bins: number, bin: number): [number, number] {
  return [Math.floor((bin * rows) / bins), Math.floor(((bin + 1) * rows) / bins)];
}
