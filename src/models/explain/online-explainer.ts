import { assert } from '../../core/index.ts';
import type { Decision } from '../model.ts';
import { type Attribution, logitOf } from './attribution.ts';

/** A logit below this tells nothing of how far it was moderated. */
const LEAST_LOGIT = 1e-9;

/** What an online learner with a posterior of its weights says of itself, such as `LogisticModel`. */
export interface Attributable {
  /** Numbers that `attribute` writes, the bias first. */
  readonly inputs: number;
  /** What each input adds to the logit of class `k`, and the posterior's deviation of it. */
  attribute(decision: Decision, k: number, contributions: Float64Array, sds: Float64Array): void;
}

/**
 * Exact attributions of an online learner: posterior mean of the weight × scaled input, as the learner itself has them, with the posterior
 * deviation of each. The bias is the baseline. Inputs are those of the learner but the bias: imbalance, spread and their product
 * before the row's signals.
 */
export class OnlineExplainer {
  readonly method = 'posterior';
  readonly inputs: number;
  readonly #model: Attributable;
  readonly #contributions: Float64Array;
  readonly #deviations: Float64Array;

  constructor(model: Attributable) {
    assert(model.inputs >= 2, 'there is a bias and an input');
    this.#model = model;
    this.inputs = model.inputs - 1;
    this.#contributions = new Float64Array(model.inputs);
    this.#deviations = new Float64Array(model.inputs);
  }

  /**
   * Explains what the model, as it is now, says at `decision` of the class `classIndex`: `probabilities`. They are moderated by what the model
   * does not know of its weights, which draws all logits to 0 alike, and so the contributions are. `out` has one row.
   */
  explain(decision: Decision, probabilities: Float64Array, classIndex: number, out: Attribution): void {
    assert(out.rows === 1 && out.inputs === this.inputs, 'there is room for every value');
    const contributions = this.#contributions;
    this.#model.attribute(decision, classIndex, contributions, this.#deviations);
    let logit = 0;
    for (let i = 0; i <= this.inputs; i++) logit += contributions[i];
    const scale = Math.abs(logit) < LEAST_LOGIT ? 1 : logitOf(probabilities, classIndex) / logit;
    out.method = this.method;
    out.classIndex = classIndex;
    out.baseline = scale * contributions[0];
    out.value = scale * logit;
    for (let i = 0; i < this.inputs; i++) {
      out.values[i] = scale * contributions[i + 1];
      out.deviations[i] = Math.abs(scale) * this.#deviations[i + 1];
    }
  }
}
