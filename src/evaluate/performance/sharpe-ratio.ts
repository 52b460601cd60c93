import { assert } from '../../core/index.ts';
import { longRunVariance } from '../inference/long-run-variance.ts';
import { type StepMoments, stepMoments } from './step-moments.ts';

/** Of equal steps of time; nothing in it is annualised. */
export interface SharpeRatio extends StepMoments {
  /** Mean over standard deviation of a step. */
  readonly perStep: number;
  /** Its standard error, were steps independent: √((1 − γ₃ SR + (γ₄ − 1) SR² / 4) / n) (Mertens 2002; Lo 2002 where the steps are normal). */
  readonly iidError: number;
  /** Its standard error with dependence up to `lag` steps (Lo 2002, generalised method of moments). */
  readonly error: number;
  readonly lag: number;
  /** How many independent steps the error is that of, at most n. */
  readonly effectiveSteps: number;
}

/** ⌊4 (n / 100)^(2/9)⌋ lags (Newey and West 1994). */
export function hacLag(n: number): number {
  return Math.max(1, Math.min(n - 1, Math.floor(4 * (n / 100) ** (2 / 9))));
}

/** Null where the steps never vary, so that the ratio is not defined. */
export function sharpeRatio(steps: Float64Array, lag: number = hacLag(steps.length)): SharpeRatio | null {
  assert(steps.length >= 2, 'a Sharpe ratio has at least two steps');
  const moments = stepMoments(steps);
  const { n, mean, deviation } = moments;
  if (deviation === 0) return null;
  const perStep = mean / deviation;
  const influence = sharpeInfluence(steps, moments);
  const iid = longRunVariance(influence, 0);
  const dependent = longRunVariance(influence, lag);
  return {
    ...moments,
    perStep,
    iidError: Math.sqrt(iid / n),
    // Steps that take turns would seem to tell more than independent ones, which is not counted on.
    error: Math.sqrt(Math.max(iid, dependent) / n),
    lag,
    effectiveSteps: n * Math.min(1, iid / Math.max(iid, dependent)),
  };
}

/** What each step moves the ratio by, times n: z − SR (z² − 1) / 2 of the standardised step z. Its mean is 0. */
export function sharpeInfluence(steps: Float64Array, { mean, deviation }: StepMoments): Float64Array {
  const half = mean / deviation / 2;
  return steps.map((value) => {
    const z = (value - mean) / deviation;
    return z - half * (z * z - 1);
  });
}

/**
 * Lo (2002), equation 20: what the ratio of one step is to be multiplied by for that of `steps` steps together,
 * q / √(q + 2 Σ (q − k) ρ_k) over the lags k to `lag`, with Bartlett's weights. √q where steps are independent.
 */
export function timeAggregation(series: Float64Array, steps: number, lag: number = hacLag(series.length)): number {
  const own = longRunVariance(series, 0);
  assert(own > 0 && steps >= 1, 'an aggregated ratio is of steps that vary');
  // Far fewer lags than steps in a year: (q − k) / q is 1 but for what the weights leave in doubt anyway.
  const inflation = longRunVariance(series, Math.min(lag, Math.ceil(steps) - 1)) / own;
  return Math.sqrt(steps / Math.max(inflation, 1e-12));
}
