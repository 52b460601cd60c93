import { assert, type Random } from '../core/index.ts';
import { BlockSums } from './block-sums.ts';

/** Fewer independent blocks than this say nothing of how sure a mean is, and no interval is given. */
export const LEAST_BLOCKS = 20;
/** More blocks than this would be short ones, and short blocks take dependent decisions for independent. */
const MOST_BLOCKS = 100;
const RESAMPLES = 2000;

export interface Interval {
  low: number;
  high: number;
}

/**
 * 95 % percentile interval of resampled values, which are sorted and spread out around `centre`, the value of the sample itself, by
 * √(B / (B − 1)): what drawing from a sample of B blocks instead of the population takes away.
 */
export function intervalOf(values: Float64Array, centre: number, blocks: number): Interval {
  const widen = Math.sqrt(blocks / (blocks - 1));
  for (let r = 0; r < values.length; r++) values[r] = centre + widen * (values[r] - centre);
  values.sort();
  const tail = Math.floor(values.length * 0.025);
  return { low: values[tail], high: values[values.length - 1 - tail] };
}

/**
 * 95 % percentile interval of the mean of blocks, by resampling whole blocks with replacement (Carlstein 1986). Blocks
 * that are at least twice as long as what makes neighbours dependent are nearly independent of each other.
 */
export function blockBootstrap(blockMeans: Float64Array, random: Random, resamples = RESAMPLES): Interval {
  const blocks = blockMeans.length;
  assert(blocks >= 2 && resamples >= 100, 'a bootstrap has blocks and resamples');
  let mean = 0;
  for (const value of blockMeans) mean += value / blocks;
  const means = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    let sum = 0;
    for (let b = 0; b < blocks; b++) sum += blockMeans[random.below(blocks)];
    means[r] = sum / blocks;
  }
  return intervalOf(means, mean, blocks);
}

/** How much better a model is than another, in nats a decision, and how sure that is. */
export interface Gain {
  /** The other model's number. */
  rival: number;
  n: number;
  /** Mean of (rival's log-loss − model's); above 0 the model is better. Null before the first label. */
  gain: number | null;
  /** 95 % block-bootstrap interval, or null where `reason` says why there is none. */
  interval: Interval | null;
  /** Blocks that the interval rests on, and the decisions in each. */
  blocks: number;
  blockLength: number;
  reason: string | null;
}

/** The differences of log-loss between one model and its rivals, decision by decision, in fixed memory. */
export class PairedLosses {
  readonly model: number;
  readonly rivals: readonly number[];
  readonly #differences: BlockSums[];

  constructor(model: number, rivals: readonly number[]) {
    assert(!rivals.includes(model), 'a model is no rival of itself');
    this.model = model;
    this.rivals = rivals;
    this.#differences = rivals.map(() => new BlockSums());
  }

  /** The log-losses of one decision, by model number; models beyond the rivals are passed over. */
  add(losses: Float64Array): void {
    const own = losses[this.model];
    for (let i = 0; i < this.rivals.length; i++) this.#differences[i].add(losses[this.rivals[i]] - own);
  }

  /**
   * One gain a rival. `span` is the number of decisions for which a label overlaps later ones (`TargetStream.meanSpan`);
   * blocks are at least twice as long.
   */
  gains(span: number, random: Random, resamples = RESAMPLES): Gain[] {
    return this.rivals.map((rival, i) => {
      const differences = this.#differences[i];
      const { n } = differences;
      if (n === 0) {
        return { rival, n, gain: null, interval: null, blocks: 0, blockLength: 0, reason: 'no label has resolved yet' };
      }
      const { length, means } = differences.means(Math.ceil(2 * Math.max(span, 1)), MOST_BLOCKS);
      const enough = means.length >= LEAST_BLOCKS;
      return {
        rival,
        n,
        gain: differences.total / n,
        interval: enough ? blockBootstrap(means, random, resamples) : null,
        blocks: means.length,
        blockLength: length,
        reason: enough
          ? null
          : `${means.length} blocks of ${length} decisions, each twice a label's span; an interval needs ${LEAST_BLOCKS}`,
      };
    });
  }
}
