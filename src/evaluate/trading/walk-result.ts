import type { Interval } from '../paired-losses.ts';

/** A stretch of time, ms since 1970. */
export interface WalkSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Money in the currency of profit, over the whole stretch. */
export interface WalkScore {
  readonly orders: number;
  readonly fills: number;
  readonly gross: number;
  readonly net: number;
  /** 95 %, of `net`; null where there is too little data. */
  readonly netInterval: Interval | null;
}

export interface WalkFold {
  readonly train: WalkSpan;
  readonly trade: WalkSpan;
  /** Place among the combinations. */
  readonly chosen: number;
  /** Of the chosen combination where it was chosen, and where it then traded. */
  readonly inSample: WalkScore;
  readonly outOfSample: WalkScore;
}

/** Retrain, choose, trade, roll on. Plain data. */
export interface WalkResult {
  readonly currency: string;
  /** Every combination of parameters that was tried in each fold, in words, such as `threshold 0.3, hold 1 s`. */
  readonly combinations: readonly string[];
  readonly folds: readonly WalkFold[];
  /** Net profit, [fold][combination], where the choice was made; null where it was not run. */
  readonly inSampleNets: readonly (readonly (number | null)[])[];
  /** The same where it was traded afterwards; null where only the chosen one was run there. */
  readonly outOfSampleNets: readonly (readonly (number | null)[])[] | null;
  /** The folds' trading one after the other, profit since the beginning of the first. */
  readonly equity: readonly { readonly ms: number; readonly gross: number; readonly net: number }[];
  /** Of the stitched equity. */
  readonly outOfSample: WalkScore;
  /** Probability of backtest overfitting of the choice, by CSCV; null where there is too little to halve. */
  readonly overfitting: { readonly probability: number; readonly splits: number } | null;
  /** Hansen's test that no combination is better than not trading; null where it was not made. */
  readonly superiorAbility: { readonly pValue: number } | null;
  /** What was done, and what speaks against the figures, in sentences. */
  readonly notes: readonly string[];
}
