import { assert } from '../../core/index.ts';
import type { PredictionSet } from './prediction-set.ts';
import type { TrainingRange } from './training-range.ts';

export interface AbstentionOptions {
  readonly classes: number;
  /** Abstain where the set holds more than one class. Default true. */
  readonly onAmbiguity?: boolean;
  /** Abstain where the last message is older than this, ns; null: never for that. */
  readonly staleAfterNs: number | null;
  /** Abstain where the signals are far from the training rows; null: never for that. */
  readonly range: TrainingRange | null;
}

/** Bits of `AbstentionRule.causes`, in the order in which reasons are told. */
export const Cause = { STALE: 1, FAR: 2, AMBIGUOUS: 4 } as const;

/**
 * When a forecast is better not acted upon. Reasons stand in a fixed order: the stale book, for which nothing else counts for much,
 * the unknown inputs, the undecided set. All sentences are made beforehand: telling one allocates nothing.
 */
export class AbstentionRule {
  readonly #staleAfterNs: number;
  readonly #range: TrainingRange | null;
  readonly #onAmbiguity: boolean;
  /** [causes][size of the set]. */
  readonly #words: string[][];

  constructor(options: AbstentionOptions) {
    const { classes, onAmbiguity = true, staleAfterNs, range } = options;
    assert(staleAfterNs === null || staleAfterNs >= 0, 'an age is not negative');
    this.#staleAfterNs = staleAfterNs ?? Number.POSITIVE_INFINITY;
    this.#range = range;
    this.#onAmbiguity = onAmbiguity;
    const age = `the book is stale: nothing was received for more than ${(staleAfterNs ?? 0) / 1e6} ms`;
    this.#words = Array.from({ length: 8 }, (_, causes) =>
      Array.from({ length: classes + 1 }, (_, size) => {
        const reasons: string[] = [];
        if (causes & Cause.STALE) reasons.push(age);
        if (causes & Cause.FAR) reasons.push('the signals are far from those that the models were trained on');
        if (causes & Cause.AMBIGUOUS) reasons.push(`${size} of ${classes} classes cannot be ruled out`);
        return reasons.join('; ');
      }),
    );
  }

  /**
   * Bits of `Cause`, 0 where there is none. `ageNs` is the time since the last message was received, NaN where there was none, which
   * is stale; `set` null where no sets are made.
   */
  causes(set: PredictionSet | null, ageNs: number, row: Float64Array): number {
    let causes = 0;
    if (this.#staleAfterNs !== Number.POSITIVE_INFINITY && !(ageNs <= this.#staleAfterNs)) causes |= Cause.STALE;
    if (this.#range?.isFar(row)) causes |= Cause.FAR;
    if (this.#onAmbiguity && set !== null && set.size !== 1) causes |= Cause.AMBIGUOUS;
    return causes;
  }

  /** The reason in words, null where there is none. */
  reason(set: PredictionSet | null, ageNs: number, row: Float64Array): string | null {
    const causes = this.causes(set, ageNs, row);
    return causes === 0 ? null : this.#words[causes][set?.size ?? 0];
  }
}
