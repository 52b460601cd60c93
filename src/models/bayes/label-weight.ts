import { assert } from '../../core/index.ts';
import type { Stateful } from './learner-state.ts';

/**
 * What a label counts for where labels overlap: those of h decisions in a row tell of the same moves of the price, so each has the power
 * `temper` / h of a label of its own, at most 1; h is the mean span so far.
 */
export class LabelWeight implements Stateful {
  readonly settings: readonly number[];
  readonly state: readonly Float64Array[];
  readonly #temper: number;
  /** Sum of the spans, labels. */
  readonly #sums = new Float64Array(2);

  constructor(temper: number) {
    assert(temper > 0 && temper < Number.POSITIVE_INFINITY, 'a label counts for something');
    this.#temper = temper;
    this.settings = [temper];
    this.state = [this.#sums];
  }

  /** Weight in (0, 1] of a label decided `span` decisions after its own. */
  next(span: number): number {
    const sums = this.#sums;
    sums[0] += span;
    sums[1]++;
    return Math.min(1, (this.#temper * sums[1]) / sums[0]);
  }

  /** Mean span so far; NaN before the first label. */
  get meanSpan(): number {
    return this.#sums[0] / this.#sums[1];
  }
}
