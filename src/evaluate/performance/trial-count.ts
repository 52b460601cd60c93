import { assert } from '../../core/index.ts';
import { type EquitySeries, stepSeconds } from './equity-series.ts';
import { effectiveTrials } from './sharpe-doubt.ts';
import { sharpeRatio } from './sharpe-ratio.ts';

/** Everything that was tried before the strategy at hand was chosen, itself included. */
export interface TrialCount {
  /** Every configuration that was ever run on this market, whatever became of it. */
  readonly counted: number;
  /** How many independent ones they are worth; `counted` where that is not known. */
  readonly effective?: number;
  /** Variance of the trials' Sharpe ratios, of one second; that of trials without skill where it is not known. */
  readonly sharpeVariance?: number;
}

/**
 * From the curves of the trials that are still at hand, in equal steps of time. `counted` says how many there were in all (the registry's count)
 * and is never below the number of curves. A curve that never moved has the ratio 0.
 */
export function trialCount(trials: readonly EquitySeries[], counted: number = trials.length): TrialCount {
  assert(trials.length >= 1, 'at least the chosen strategy was tried');
  const all = Math.max(counted, trials.length);
  if (trials.length === 1) return { counted: all };
  assert(
    trials.every(({ stepNs }) => stepNs === trials[0].stepNs),
    'trials have steps of the same length',
  );
  const correlation = Math.min(1, Math.max(0, effectiveTrials(trials.map(({ net }) => net)).correlation));
  const seconds = stepSeconds(trials[0]);
  const ratios = trials.map(({ net }) => (sharpeRatio(net)?.perStep ?? 0) / Math.sqrt(seconds));
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  const squares = ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0);
  return {
    counted: all,
    effective: correlation + (1 - correlation) * all,
    sharpeVariance: squares / (ratios.length - 1),
  };
}
