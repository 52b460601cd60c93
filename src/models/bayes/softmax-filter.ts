import { assert } from '../../core/index.ts';
import { restoreParts, type Stateful, saveParts } from './learner-state.ts';
import { UdCovariance } from './ud-covariance.ts';

export interface SoftmaxFilterOptions {
  classes: number;
  /** Prior variance of each input's weights, around 0; one an input. */
  priorVariance: Float64Array;
  /** λ in (0, 1]: what of the evidence is kept from one update to the next; 1 forgets nothing. */
  forgetting: number;
}

/** The curvature of a softmax that is all but certain: below it a label would be given unbounded weight. */
const LEAST_CURVATURE = 1e-3;

const KIND = 'softmax-filter';
const VERSION = 1;

/**
 * Bayesian multinomial logistic regression, learnt in one pass: the posterior of the weights is kept Gaussian by a Laplace
 * step at each label (assumed-density filtering; McCormick, Raftery, Madigan and Burd, "Dynamic logistic regression and
 * dynamic model averaging for binary classification", Biometrics 2012). Inputs `x`, weights `m[k]` for each class:
 *
 * - p = softmax(m x), g = onehot(label) − p; the curvature diag(p) − p pᵀ is replaced by the mean of its eigenvalues that
 *   are not 0, c = (1 − Σ p²) / (classes − 1), exact for two classes, so that all classes share one covariance P;
 * - P⁻¹ ← P⁻¹ + w c x xᵀ, then m[k] ← m[k] + w P x g[k], w being the label's weight;
 * - forgetting is stabilised (`UdCovariance`): P⁻¹ ← λ P⁻¹ + (1 − λ) P₀⁻¹, and the weights follow towards 0;
 * - the prediction is moderated by what is not known of the weights: logits are divided by √(1 + π s² / 8), s² = 2 xᵀ P x being
 *   the variance of the difference of two of them (MacKay 1992).
 *
 * An `offset` is a logit a class that is known beforehand, such as the log-probabilities of another model: p = softmax(offset + m x), and the
 * weights learn what is left to say.
 *
 * Cost: about 2 n² multiplications a label, n² / 2 a prediction.
 */
export class SoftmaxFilter implements Stateful {
  readonly inputs: number;
  readonly classes: number;
  readonly settings: readonly number[];
  readonly state: readonly Float64Array[];
  readonly #covariance: UdCovariance;
  /** [class][input]. */
  readonly #means: Float64Array;
  readonly #p: Float64Array;
  readonly #towardsPrior = (input: number, alpha: number): void => {
    for (let k = 0; k < this.classes; k++) this.#move(k, -this.#means[k * this.inputs + input] / alpha);
  };

  constructor(options: SoftmaxFilterOptions) {
    const { classes, priorVariance, forgetting } = options;
    assert(classes >= 2 && priorVariance.length > 0, 'a classifier has two classes and an input');
    this.#covariance = new UdCovariance(priorVariance, forgetting);
    this.inputs = priorVariance.length;
    this.classes = classes;
    this.#means = new Float64Array(classes * this.inputs);
    this.#p = new Float64Array(classes);
    this.settings = [classes, ...this.#covariance.settings];
    this.state = [this.#means, ...this.#covariance.state];
  }

  /** Probabilities of the classes given finite inputs `x`. Changes nothing. `offset` must not be the array `out`. */
  predict(x: Float64Array, out: Float64Array, offset: Float64Array | null = null): void {
    this.#logits(x, out, offset);
    const scale = 1 / Math.sqrt(1 + (Math.PI / 4) * this.variance(x));
    for (let k = 0; k < this.classes; k++) out[k] *= scale;
    softmax(out, this.classes);
  }

  /** xᵀ P x: the variance of one class's logit. */
  variance(x: Float64Array): number {
    return this.#covariance.variance(x);
  }

  /** Posterior mean of the weight of input `i` for class `k`; the weights of an input sum to 0 over the classes. */
  weight(k: number, i: number): number {
    return this.#means[k * this.inputs + i];
  }

  /**
   * What each input adds to the logit of class `k`: weight × input into `contributions`, the standard deviation of that under the posterior into
   * `sds`. The contributions sum to the logit before it is moderated (and before an offset). About n² multiplications.
   */
  attribute(x: Float64Array, k: number, contributions: Float64Array, sds: Float64Array): void {
    const at = k * this.inputs;
    this.#covariance.diagonal(sds);
    for (let i = 0; i < this.inputs; i++) {
      contributions[i] = this.#means[at + i] * x[i];
      sds[i] = Math.abs(x[i]) * Math.sqrt(sds[i]);
    }
  }

  /** `weight` in (0, 1] is the power of the label's likelihood: below 1 where labels overlap and so repeat each other. */
  update(x: Float64Array, label: number, weight = 1, offset: Float64Array | null = null): void {
    const p = this.#p;
    this.#logits(x, p, offset);
    softmax(p, this.classes);
    let squares = 0;
    for (let k = 0; k < this.classes; k++) squares += p[k] * p[k];
    const curvature = Math.max((1 - squares) / (this.classes - 1), LEAST_CURVATURE);
    const alpha = this.#covariance.observe(x, 1 / (weight * curvature));
    const gain = 1 / (curvature * alpha);
    for (let k = 0; k < this.classes; k++) this.#move(k, gain * ((k === label ? 1 : 0) - p[k]));
    this.#covariance.age(this.#towardsPrior);
  }

  /**
   * Widens the posterior at a change of regime: all but 1 / `factor` (at least 1) of the evidence is forgotten at once, P⁻¹ ← P⁻¹ / factor +
   * (1 − 1 / factor) P₀⁻¹. No variance grows beyond the prior's. Costs as much as `inputs` labels.
   */
  inflate(factor: number): void {
    this.#covariance.inflate(factor, this.#towardsPrior);
  }

  save(): Uint8Array {
    return saveParts(KIND, VERSION, [this]);
  }

  /** Throws `bad-input` for bytes that a filter with the same options did not save, and then is as it was. */
  restore(bytes: Uint8Array): void {
    restoreParts(bytes, KIND, VERSION, [this]).commit();
  }

  #logits(x: Float64Array, out: Float64Array, offset: Float64Array | null): void {
    const means = this.#means;
    let at = 0;
    for (let k = 0; k < this.classes; k++) {
      let sum = 0;
      for (let i = 0; i < this.inputs; i++) sum += means[at++] * x[i];
      out[k] = offset === null ? sum : sum + offset[k];
    }
  }

  #move(k: number, step: number): void {
    const means = this.#means;
    const b = this.#covariance.direction;
    const at = k * this.inputs;
    for (let i = 0; i < this.inputs; i++) means[at + i] += step * b[i];
  }
}

/** Logits in `values[0, n)` to probabilities, in place. */
function softmax(values: Float64Array, n: number): void {
  let most = values[0];
  for (let k = 1; k < n; k++) if (values[k] > most) most = values[k];
  let sum = 0;
  for (let k = 0; k < n; k++) {
    values[k] = Math.exp(values[k] - most);
    sum += values[k];
  }
  for (let k = 0; k < n; k++) values[k] /= sum;
}
