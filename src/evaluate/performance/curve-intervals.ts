import { assert, NS_PER_SECOND } from '../../core/index.ts';
import { BlockResampler, bootstrapInterval, prefixSums } from '../inference/block-resampler.ts';
import { type Interval, LEAST_BLOCKS } from '../paired-losses.ts';
import { optimalBlockLength } from './block-length.ts';
import { sharpeInfluence } from './sharpe-ratio.ts';
import { stepMoments } from './step-moments.ts';

export interface CurveResampling {
  readonly seed: number;
  /** 2,000 by default. */
  readonly draws?: number;
  /** Mean length of a block in steps; chosen from the data by default (`optimalBlockLength`). */
  readonly blockLength?: number;
}

/** A value and how sure it is. */
export interface Estimate {
  readonly value: number;
  /** 95 % interval by the stationary bootstrap; null where `reason` says why there is none. */
  readonly interval: Interval | null;
  /** Mean length of the blocks that were drawn, in steps. */
  readonly blockLength: number;
  readonly reason: string | null;
}

const DRAWS = 2000;

/** Of what is gained a second, in the currency of profit. */
export function meanInterval(steps: Float64Array, stepNs: number, resampling: CurveResampling): Estimate {
  const perSecond = NS_PER_SECOND / stepNs;
  return estimate([steps], ([sum], n) => (sum / n) * perSecond, steps, resampling);
}

/** Of the Sharpe ratio of one step, not annualised. */
export function sharpeInterval(steps: Float64Array, resampling: CurveResampling): Estimate {
  const moments = stepMoments(steps);
  if (moments.deviation === 0) return constant('the equity never moved, so that it has no Sharpe ratio');
  const unit = steps.map((value) => value / moments.deviation);
  const squares = unit.map((value) => value * value);
  return estimate(
    [unit, squares],
    ([sum, square], n) => ratioOf(sum, square, n),
    sharpeInfluence(steps, moments),
    resampling,
  );
}

export interface CurveDifference {
  /** How much more `own` gains a second than `other`. */
  readonly mean: Estimate;
  /** How much larger its Sharpe ratio of one step is. */
  readonly sharpe: Estimate;
}

/** Paired: the same steps are drawn of both curves, so that what moves both alike does not blur the difference. */
export function curveDifference(
  own: Float64Array,
  other: Float64Array,
  stepNs: number,
  resampling: CurveResampling,
): CurveDifference {
  assert(own.length === other.length, 'both curves have the same steps');
  const mean = meanInterval(
    own.map((value, i) => value - other[i]),
    stepNs,
    resampling,
  );
  const [a, b] = [stepMoments(own), stepMoments(other)];
  if (a.deviation === 0 || b.deviation === 0) {
    return { mean, sharpe: constant('one of the curves never moved, so that it has no Sharpe ratio') };
  }
  const units = [own.map((value) => value / a.deviation), other.map((value) => value / b.deviation)];
  const influences = [sharpeInfluence(own, a), sharpeInfluence(other, b)];
  const sharpe = estimate(
    [...units, ...units.map((unit) => unit.map((value) => value * value))],
    ([x, y, xx, yy], n) => ratioOf(x, xx, n) - ratioOf(y, yy, n),
    influences[0].map((value, i) => value - influences[1][i]),
    resampling,
  );
  return { mean, sharpe };
}

/** Of Σ numerator / Σ denominator, such as profit before costs over what was traded. */
export function ratioInterval(
  numerator: Float64Array,
  denominator: Float64Array,
  resampling: CurveResampling,
): Estimate {
  let [above, below] = [0, 0];
  for (let i = 0; i < numerator.length; i++) {
    above += numerator[i];
    below += denominator[i];
  }
  if (below === 0) return constant('nothing was traded');
  const ratio = above / below;
  return estimate(
    [numerator, denominator],
    // A draw without any trade says nothing of the ratio: it counts as the sample's.
    ([top, bottom]) => (bottom === 0 ? ratio : top / bottom),
    numerator.map((value, i) => value - ratio * denominator[i]),
    resampling,
  );
}

/** Draws of the mean of each curve, draws × curves, all of the same steps. */
export function drawnMeans(
  curves: readonly Float64Array[],
  blockLength: number,
  draws: number,
  seed: number,
): Float64Array {
  const n = curves[0].length;
  const prefix = prefixSums(curves);
  const resampler = new BlockResampler(n, { blockLength, kind: 'stationary', seed });
  const drawn = new Float64Array(draws * curves.length);
  for (let d = 0; d < draws; d++) {
    resampler.next();
    resampler.sums(prefix, drawn.subarray(d * curves.length, (d + 1) * curves.length));
  }
  for (let i = 0; i < drawn.length; i++) drawn[i] /= n;
  return drawn;
}

/** Mean over deviation; 0 of a draw that never varies. */
function ratioOf(sum: number, squares: number, n: number): number {
  const mean = sum / n;
  const variance = squares / n - mean * mean;
  return variance <= 1e-18 ? 0 : mean / Math.sqrt(variance);
}

function estimate(
  series: readonly Float64Array[],
  statistic: (sums: Float64Array, n: number) => number,
  influence: Float64Array,
  { seed, draws = DRAWS, blockLength }: CurveResampling,
): Estimate {
  const n = influence.length;
  const length = blockLength ?? (n < 9 ? 1 : optimalBlockLength(influence));
  const sums = Float64Array.from(series, (values) => values.reduce((sum, value) => sum + value, 0));
  const value = statistic(sums, n);
  const blocks = n / length;
  const interval = bootstrapInterval(series, statistic, { kind: 'stationary', blockLength: length, draws, seed });
  const reason =
    interval === null
      ? `${n} steps are ${Math.floor(blocks)} blocks of ${length}; an interval needs ${LEAST_BLOCKS}`
      : null;
  return { value, interval, blockLength: length, reason };
}

function constant(reason: string): Estimate {
  return { value: Number.NaN, interval: null, blockLength: 1, reason };
}
