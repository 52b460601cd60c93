import { assert } from '../../core/index.ts';
import { normalCdf, normalQuantile } from '../inference/distributions.ts';

/** A Sharpe ratio as measured: of one step, not annualised. */
export interface MeasuredSharpe {
  readonly perStep: number;
  /** Independent steps. */
  readonly n: number;
  readonly skewness: number;
  /** Raw: 3 of a normal. */
  readonly kurtosis: number;
}

const EULER_MASCHERONI = 0.5772156649015329;

/** 1 − γ₃ SR + (γ₄ − 1) SR² / 4, with γ₄ raw: (n − 1) times the variance of the measured ratio. At least 0 for moments of real numbers. */
function spread({ perStep, skewness, kurtosis }: MeasuredSharpe): number {
  // γ₄ ≥ 1 + γ₃² holds of all numbers; without it the variance could be below 0.
  const least = (1 - 1e-9) * (1 + skewness ** 2);
  assert(kurtosis >= least, 'kurtosis is raw (3 of a normal), and at least 1 + skewness squared');
  return 1 - skewness * perStep + ((kurtosis - 1) / 4) * perStep ** 2;
}

/**
 * The probability that the true ratio is above `benchmark` (also of one step): PSR of Bailey and López de Prado (2012), equation 9. The kurtosis is
 * raw: copies of the formula that put excess kurtosis beside (γ₄ − 1) are wrong.
 */
export function probabilisticSharpe(measured: MeasuredSharpe, benchmark: number): number {
  assert(measured.n > 1, 'a Sharpe ratio has more than one step');
  return normalCdf(((measured.perStep - benchmark) * Math.sqrt(measured.n - 1)) / Math.sqrt(spread(measured)));
}

/**
 * The largest ratio that luck alone is expected to bring among `trials` independent trials without skill, whose measured ratios have the
 * variance `variance` (Bailey and López de Prado 2014, equation 1). 0 for one trial; between one and two trials it is drawn out straight, since
 * the formula is of many.
 */
export function expectedMaximumSharpe(trials: number, variance: number): number {
  assert(trials >= 1 && variance >= 0, 'there is at least one trial, and a variance is not negative');
  if (trials < 2) return (trials - 1) * expectedMaximumSharpe(2, variance);
  const upper = normalQuantile(1 - 1 / trials);
  const further = normalQuantile(1 - 1 / (trials * Math.E));
  return Math.sqrt(variance) * ((1 - EULER_MASCHERONI) * upper + EULER_MASCHERONI * further);
}

/** DSR: the probability that the true ratio of the best of `trials` independent trials is above what luck alone would bring. */
export function deflatedSharpe(measured: MeasuredSharpe, trials: number, variance: number): number {
  return probabilisticSharpe(measured, expectedMaximumSharpe(trials, variance));
}

/**
 * MinTRL: how many independent steps it takes until the measured ratio tells that the true one is above `benchmark`, at the confidence
 * (Bailey and López de Prado 2012, equation 11). Infinite where the measured ratio is not above it.
 */
export function minimumTrackRecord(measured: Omit<MeasuredSharpe, 'n'>, benchmark: number, confidence = 0.95): number {
  assert(confidence > 0.5 && confidence < 1, 'a confidence is above one half and below 1');
  if (measured.perStep <= benchmark) return Number.POSITIVE_INFINITY;
  const z = normalQuantile(confidence) / (measured.perStep - benchmark);
  return 1 + spread({ ...measured, n: 2 }) * z * z;
}

/**
 * How many independent trials as many as `curves` are worth: ρ̄ + (1 − ρ̄) N, with their mean correlation ρ̄, taken as 0 where below it
 * (Bailey and López de Prado 2014, appendix 3). Trials that never varied (which never traded) are trials all the same, correlated with none.
 */
export function effectiveTrials(curves: readonly Float64Array[]): { trials: number; correlation: number } {
  const n = curves.length;
  assert(n >= 1 && curves.every((curve) => curve.length === curves[0].length), 'trials have the same steps');
  if (n === 1) return { trials: 1, correlation: 1 };
  // The mean correlation follows from the sum of all standardised curves: Σᵢ Σⱼ ρᵢⱼ = |Σᵢ zᵢ|².
  const sum = new Float64Array(curves[0].length);
  let varying = 0;
  for (const curve of curves) varying += addStandardised(curve, sum);
  let all = 0;
  for (const value of sum) all += value * value;
  const correlation = (all - varying) / (n * (n - 1));
  const kept = Math.min(1, Math.max(0, correlation));
  return { trials: kept + (1 - kept) * n, correlation };
}

/** Adds the curve, centred and of length 1; returns 1, or 0 where it does not vary. */
function addStandardised(curve: Float64Array, sum: Float64Array): 0 | 1 {
  let mean = 0;
  let size = 0;
  for (const value of curve) {
    mean += value / curve.length;
    size += value * value;
  }
  let squares = 0;
  for (const value of curve) squares += (value - mean) ** 2;
  if (squares <= 1e-20 * size || squares === 0) return 0;
  const scale = 1 / Math.sqrt(squares);
  for (let i = 0; i < sum.length; i++) sum[i] += (curve[i] - mean) * scale;
  return 1;
}
