import { assert, Random } from '../../core/index.ts';
import { type Interval, intervalOf, LEAST_BLOCKS } from '../paired-losses.ts';

/** Blocks of one length (Künsch 1989), or of geometric lengths with that mean (stationary bootstrap: Politis and Romano 1994). */
export type BlockKind = 'moving' | 'stationary';

export interface ResamplingOptions {
  /** At least two horizons, so that blocks are nearly independent. */
  readonly blockLength: number;
  readonly kind: BlockKind;
  readonly draws: number;
  readonly seed: number;
}

/**
 * Draws of n rows made of blocks of consecutive rows. The last row is followed by the first (circular blocks: Politis and Romano 1992), so
 * that every row is drawn equally often. The same seed draws the same rows, whatever is summed over them.
 */
export class BlockResampler {
  readonly n: number;
  readonly blockLength: number;
  readonly kind: BlockKind;
  readonly #random: Random;
  readonly #starts: Int32Array;
  readonly #lengths: Int32Array;
  #count = 0;

  constructor(n: number, { blockLength, kind, seed }: Pick<ResamplingOptions, 'blockLength' | 'kind' | 'seed'>) {
    assert(Number.isInteger(blockLength) && blockLength >= 1 && blockLength <= n, 'a block is from 1 to all rows long');
    this.n = n;
    this.blockLength = blockLength;
    this.kind = kind;
    this.#random = new Random(seed);
    this.#starts = new Int32Array(n);
    this.#lengths = new Int32Array(n);
  }

  /** The next draw. */
  next(): void {
    const { n, blockLength, kind } = this;
    this.#count = 0;
    for (let drawn = 0; drawn < n; this.#count++) {
      const length = kind === 'moving' ? blockLength : 1 + this.#random.geometric(1 / blockLength);
      this.#starts[this.#count] = this.#random.below(n);
      this.#lengths[this.#count] = Math.min(length, n - drawn);
      drawn += this.#lengths[this.#count];
    }
  }

  /** Sums over the drawn rows of what `prefixSums` was made of. */
  sums(prefix: Float64Array, out: Float64Array): void {
    const { n } = this;
    const width = out.length;
    out.fill(0);
    for (let b = 0; b < this.#count; b++) {
      const from = this.#starts[b] * width;
      const end = this.#starts[b] + this.#lengths[b];
      const to = (end > n ? end - n : end) * width;
      for (let s = 0; s < width; s++) out[s] += prefix[to + s] - prefix[from + s];
      if (end > n) for (let s = 0; s < width; s++) out[s] += prefix[n * width + s];
    }
  }
}

/** (rows + 1) × series, row-major: the sums of all rows before each. */
export function prefixSums(series: readonly ArrayLike<number>[]): Float64Array {
  const width = series.length;
  const n = series[0].length;
  assert(
    series.every((one) => one.length === n),
    'all series have the same rows',
  );
  const prefix = new Float64Array((n + 1) * width);
  for (let row = 0; row < n; row++) {
    for (let s = 0; s < width; s++) prefix[(row + 1) * width + s] = prefix[row * width + s] + series[s][row];
  }
  return prefix;
}

/**
 * 95 % percentile interval of a statistic of sums over rows: `statistic(sums, n)` gets the sum of each series over the rows and their
 * number. So is a mean, and any ratio, such as the MCC of the sums of a confusion matrix's cells. Null where there are fewer than 20 blocks.
 */
export function bootstrapInterval(
  series: readonly ArrayLike<number>[],
  statistic: (sums: Float64Array, n: number) => number,
  options: ResamplingOptions,
): Interval | null {
  const n = series[0].length;
  const blocks = n / options.blockLength;
  if (blocks < LEAST_BLOCKS) return null;
  const prefix = prefixSums(series);
  const resampler = new BlockResampler(n, options);
  const sums = new Float64Array(series.length);
  const values = new Float64Array(options.draws);
  for (let d = 0; d < options.draws; d++) {
    resampler.next();
    resampler.sums(prefix, sums);
    values[d] = statistic(sums, n);
  }
  return intervalOf(values, statistic(prefix.slice(n * series.length), n), blocks);
}
