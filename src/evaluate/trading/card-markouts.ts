import type { BlockMean, MarkoutCurve, MarkoutPoint } from '../../backtest/index.ts';
import { studentTwoSided } from '../inference/distributions.ts';
import type { Interval } from '../paired-losses.ts';

/** A mean over fills with its 95 % interval, by Student's distribution of as many blocks of time; null where there are fewer than two. */
export interface MeanBand extends BlockMean {
  readonly interval: Interval | null;
}

export interface MarkoutBand extends Omit<MarkoutPoint, 'bps' | 'ticks'> {
  readonly bps: MeanBand;
  readonly ticks: MeanBand;
}

export type MarkoutBands = { readonly [Kind in keyof MarkoutCurve]: readonly MarkoutBand[] };

export function markoutBands({ all, maker, taker }: MarkoutCurve): MarkoutBands {
  return { all: all.map(bandOf), maker: maker.map(bandOf), taker: taker.map(bandOf) };
}

function bandOf(point: MarkoutPoint): MarkoutBand {
  const wide = point.blocks < 2 ? Number.NaN : studentReach(point.blocks - 1);
  const band = (mean: BlockMean): MeanBand => {
    const reach = wide * mean.standardError;
    return { ...mean, interval: Number.isFinite(reach) ? { low: mean.mean - reach, high: mean.mean + reach } : null };
  };
  return { ...point, bps: band(point.bps), ticks: band(point.ticks) };
}

/** The t beyond which, on both sides together, 5 % of Student's distribution lie: 12.706 with one degree of freedom, 1.96 with very many. */
function studentReach(freedom: number): number {
  let [low, high] = [1.9, 13];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (studentTwoSided(middle, freedom) > 0.05) low = middle;
    else high = middle;
  }
  return high;
}
