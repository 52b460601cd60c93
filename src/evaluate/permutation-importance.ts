import { assert, BookcastError, Random } from '../core/index.ts';
import type { Families } from '../models/index.ts';
import {
  createWindows,
  type Dataset,
  type FittedModel,
  type Range,
  type RowMatrix,
  type Windows,
} from '../models/training.ts';
import { bootstrapInterval } from './inference/block-resampler.ts';
import type { Interval } from './paired-losses.ts';

export interface PermutationOptions {
  readonly model: FittedModel;
  readonly data: Dataset;
  /** Signals, each or in groups: what is permuted together. */
  readonly families: Families;
  /** Rows that stay together, two horizons or more. */
  readonly blockLength: number;
  /** Permutations over which the mean is taken. */
  readonly repeats: number;
  readonly seed: number;
  /** Draws of the bootstrap. */
  readonly draws: number;
  /** Test windows that are forecast, spread evenly; blocks are of all rows between. Default: all. */
  readonly most?: number;
}

/** How much worse the forecasts get without what a family tells. */
export interface PermutationImportance {
  readonly family: string;
  /** Mean log-loss with the family permuted less that without, nats a window; above 0 the model needs it. */
  readonly increase: number;
  /** 95 % block bootstrap; null where there are too few blocks. */
  readonly interval: Interval | null;
}

/** As in all scores: a class held impossible costs this much and not infinity. */
const LEAST_PROBABILITY = 1e-9;

/**
 * Permutation importance by block, or mean decrease in accuracy by log-loss (Breiman 2001; López de Prado 2018, section 8.3.2), on the test windows:
 * the rows of a family's columns change places in whole blocks, so that within a block it looks as it always does and only its tie to the label
 * and to the other signals is cut. Permuting single rows would also show a model windows that it never met. A signal whose twin stays looks
 * unneeded: group what goes together. The same seed gives the same figures. Throws `bad-argument` where the rows have fewer than two blocks.
 */
export async function permutationImportance(options: PermutationOptions): Promise<PermutationImportance[]> {
  const { model, data, families, blockLength, repeats, seed, draws } = options;
  const test = sampled(data, model.length, options.most);
  assert(families.of.length === data.matrix.width && repeats >= 1, 'every column has a family, and is permuted');
  const rows = { from: test.rows[0] - model.length + 1, to: test.rows[test.count - 1] + 1 };
  if (rows.to - rows.from < 2 * blockLength)
    throw new BookcastError(
      'bad-argument',
      `the test windows span ${rows.to - rows.from} rows, fewer than two blocks of ${blockLength} to permute: take shorter blocks or more data`,
      { rows: rows.to - rows.from, blockLength },
    );
  const stride = Math.max(1, (rows.to - rows.from) / test.count);
  const before = lossesOf(await model.predict(test), test);
  const random = new Random(seed);
  const outcomes: PermutationImportance[] = [];
  for (let family = 0; family < families.names.length; family++) {
    const increases = new Float64Array(test.count);
    for (let r = 0; r < repeats; r++) {
      const sources = permutedBlocks(rows.from, rows.to, blockLength, random);
      const permuted = permutedWindows(data, families, family, rows, sources, test);
      const after = lossesOf(await model.predict(permuted), test);
      for (let i = 0; i < increases.length; i++) increases[i] += (after[i] - before[i]) / repeats;
    }
    outcomes.push({
      family: families.names[family],
      increase: increases.reduce((sum, x) => sum + x, 0) / test.count,
      interval: bootstrapInterval([increases], ([sum], n) => sum / n, {
        blockLength: Math.max(1, Math.ceil(blockLength / stride)),
        kind: 'moving',
        draws,
        seed,
      }),
    });
  }
  return outcomes;
}

function lossesOf(probabilities: Float64Array, { labels, count }: Windows): Float64Array {
  const classes = probabilities.length / count;
  return Float64Array.from(
    labels,
    (label, i) => -Math.log(Math.max(LEAST_PROBABILITY, probabilities[i * classes + label])),
  );
}

/** Where the row at each place of [from, to) comes from: whole blocks in another order, of which none stays first to last as it was. */
function permutedBlocks(from: number, to: number, blockLength: number, random: Random): Int32Array {
  const n = to - from;
  const blocks = Math.ceil(n / blockLength);
  const order = Int32Array.from({ length: blocks }, (_, b) => b);
  // Sattolo's cycle (1986): every block leaves its place, so that the figure does not depend on how many happened to stay.
  for (let b = blocks - 1; b > 0; b--) {
    const other = random.below(b);
    [order[b], order[other]] = [order[other], order[b]];
  }
  const sources = new Int32Array(n);
  let at = 0;
  for (const b of order) {
    const end = Math.min(n, (b + 1) * blockLength);
    for (let row = b * blockLength; row < end; row++) sources[at++] = from + row;
  }
  return sources;
}

/** The rows between the first and the last test window alone, with a family permuted: as large as the test part, not as the recording. */
function permutedWindows(
  { matrix, scaler }: Dataset,
  families: Families,
  family: number,
  { from, to }: Range,
  sources: Int32Array,
  { length, rows, labels }: Windows,
): Windows {
  const { width } = matrix;
  const data = matrix.data.slice(from * width, to * width);
  for (let f = 0; f < width; f++) {
    if (families.of[f] !== family) continue;
    for (let i = 0; i < sources.length; i++) data[i * width + f] = matrix.data[sources[i] * width + f];
  }
  const { market: _, ...rest } = matrix;
  const part: RowMatrix = {
    ...rest,
    rows: to - from,
    data,
    timeNs: matrix.timeNs.subarray(from, to),
    midTicks: matrix.midTicks.subarray(from, to),
    segment: matrix.segment.subarray(from, to),
  };
  return createWindows(part, scaler, length, { rows: rows.map((row) => row - from), labels });
}

/** So many of the test windows, spread evenly. */
function sampled(data: Dataset, length: number, most: number | undefined): Windows {
  const { test, matrix, scaler } = data.withLength(length);
  if (most === undefined || most >= test.count) return test;
  const pick = (of: Int32Array): Int32Array =>
    Int32Array.from({ length: most }, (_, i) => of[Math.floor(((i + 0.5) * test.count) / most)]);
  return createWindows(matrix, scaler, length, { rows: pick(test.rows), labels: pick(test.labels) });
}
