import { assert } from '../../core/index.ts';
import { optimalBlockLength } from './block-length.ts';
import { type CurveResampling, drawnMeans } from './curve-intervals.ts';

/** Whether the best of many strategies is better than the benchmark, given that it is the best of many. */
export interface SuperiorAbility {
  /** The strategy with the largest standardised gain over the benchmark. */
  readonly best: number;
  /** √n d̄ / ω of that one, at least 0. */
  readonly statistic: number;
  /** Hansen (2005): of the three, `consistent` is the one to read; the others are its bounds. */
  readonly pLower: number;
  readonly pConsistent: number;
  readonly pUpper: number;
  /** White (2000): not standardised, and none left out, so that poor strategies hide a good one. */
  readonly realityCheck: number;
  readonly blockLength: number;
  readonly draws: number;
}

/**
 * Hansen's test of superior predictive ability (2005) and White's reality check (2000): the null is that no strategy gains more than the
 * benchmark. `curves` holds what each of them gained in the same steps of time, `benchmark` likewise; null stands for not trading. Draws are
 * those of the stationary bootstrap (Politis and Romano 1994), the variances ω² those of the drawn means; blocks are as long as the most
 * dependent curve asks for. Strategies that never differ from the benchmark are passed over. p-values are (1 + exceedances) / (1 + draws).
 */
export function superiorAbility(
  curves: readonly Float64Array[],
  benchmark: Float64Array | null,
  resampling: CurveResampling,
): SuperiorAbility {
  assert(curves.length >= 1 && curves[0].length >= 9, 'there is a strategy, of at least nine steps');
  const gains =
    benchmark === null ? curves : curves.map((curve) => curve.map((value, step) => value - benchmark[step]));
  const n = gains[0].length;
  const { seed, draws = 2000 } = resampling;
  const blockLength = resampling.blockLength ?? Math.max(...gains.map(optimalBlockLength));
  const drawn = drawnMeans(gains, blockLength, draws, seed);
  const means = gains.map((gain) => gain.reduce((sum, value) => sum + value, 0) / n);
  const deviations = means.map((mean, k) => drawnDeviation(drawn, gains.length, k, mean));
  const scaled = means.map((mean, k) => (deviations[k] === 0 ? 0 : mean / deviations[k]));
  const best = scaled.indexOf(Math.max(...scaled));
  const statistic = Math.max(0, scaled[best]);
  // A strategy so far below the benchmark that its mean is surely negative does not bear on the best.
  const threshold = -Math.sqrt(2 * Math.log(Math.log(n)));
  const centres = {
    lower: means.map((mean) => Math.max(mean, 0)),
    consistent: means.map((mean, k) => (scaled[k] >= threshold ? mean : 0)),
    upper: means,
  };
  const tail = (centre: readonly number[]): number => exceedance(drawn, centre, deviations, statistic);
  const raw = Math.max(0, ...means.filter((_, k) => deviations[k] > 0));
  return {
    best,
    statistic,
    pLower: tail(centres.lower),
    pConsistent: tail(centres.consistent),
    pUpper: tail(centres.upper),
    realityCheck: exceedance(
      drawn,
      means,
      deviations.map((deviation) => (deviation > 0 ? 1 : 0)),
      raw,
    ),
    blockLength,
    draws,
  };
}

/** Of the drawn means of one curve, around the sample's; 0 where that is rounding alone. */
function drawnDeviation(drawn: Float64Array, width: number, k: number, mean: number): number {
  let sum = 0;
  for (let at = k; at < drawn.length; at += width) sum += (drawn[at] - mean) ** 2;
  const deviation = Math.sqrt((sum * width) / drawn.length);
  return deviation <= 1e-12 * Math.abs(mean) ? 0 : deviation;
}

/** The share of draws whose largest centred, standardised mean (at least 0) reaches the statistic; curves with deviation 0 are passed over. */
function exceedance(
  drawn: Float64Array,
  centres: readonly number[],
  deviations: readonly number[],
  statistic: number,
): number {
  const width = centres.length;
  let reached = 0;
  for (let from = 0; from < drawn.length; from += width) {
    let largest = 0;
    for (let k = 0; k < width; k++) {
      if (deviations[k] > 0) largest = Math.max(largest, (drawn[from + k] - centres[k]) / deviations[k]);
    }
    if (largest >= statistic) reached++;
  }
  return (1 + reached) / (1 + drawn.length / width);
}
