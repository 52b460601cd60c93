import { BookcastError, NS_PER_SECOND } from '../../core/index.ts';

/** A stretch of a walk, ns since the run's first midnight: what was learnt from, [train.fromNs, train.toNs), lies before what is traded. */
export interface WalkStretch {
  readonly train: { readonly fromNs: number; readonly toNs: number };
  readonly trade: { readonly fromNs: number; readonly toNs: number };
}

export interface WalkPlanOptions {
  readonly startNs: number;
  readonly endNs: number;
  /** Stretches that are traded out of sample. */
  readonly folds: number;
  /** Share of the time that the first stretch learns from, above 0 and below 1. */
  readonly first: number;
  /** `expanding`: each learns from everything before it; `rolling`: from as much as the first did. */
  readonly kind: 'expanding' | 'rolling';
}

/** At the end of the tape positions are still closed: so much is left over. */
const CLOSING_NS = 5 * NS_PER_SECOND;
/** A stretch has so many seconds at least: an equity curve needs steps. */
const LEAST_NS = 20 * NS_PER_SECOND;

/**
 * `folds + 1` stretches of equal length behind the first share of the time. All combinations trade on each; the first only serves to choose for the second, and so on: what a
 * fold trades with was chosen on the stretch before it, with forecasts that had not seen that stretch either. Bounds are whole seconds. Throws
 * `bad-argument` where the tape is too short.
 */
export function walkStretches({ startNs, endNs, folds, first, kind }: WalkPlanOptions): WalkStretch[] {
  const from = startNs + first * (endNs - startNs);
  const span = (endNs - CLOSING_NS - from) / (folds + 1);
  if (!(span >= LEAST_NS)) {
    const seconds = (endNs - startNs) / NS_PER_SECOND;
    throw new BookcastError(
      'bad-argument',
      `${folds} folds of a tape of ${seconds.toFixed(0)} s are stretches of ${Math.max(0, span / NS_PER_SECOND).toFixed(0)} s, and ${LEAST_NS / NS_PER_SECOND} s are the least: give fewer folds or more data`,
      { folds, seconds },
    );
  }
  const bound = (k: number): number => Math.floor((from + k * span) / NS_PER_SECOND) * NS_PER_SECOND;
  return Array.from({ length: folds + 1 }, (_, k) => ({
    train: { fromNs: kind === 'expanding' ? startNs : startNs + bound(k) - bound(0), toNs: bound(k) },
    trade: { fromNs: bound(k), toNs: bound(k + 1) },
  }));
}
