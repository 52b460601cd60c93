import { assert } from '../core/index.ts';

export interface SoftmaxFilterOptions {
  classes: number;
  /** Prior variance of each input's weights, around 0; one an input. */
  priorVariance: Float64Array;
  /** λ in (0, 1]: what of the evidence is kept from one update to the next; 1 forgets nothing. */
  forgetting: number;
}

/** Updates between two applications of the forgetting, which then counts for all of them. */
const FORGET_EVERY = 32;

/** The curvature of a softmax that is all but certain: below it a label would be given unbounded weight. */
const LEAST_CURVATURE = 1e-3;

/**
 * Bayesian multinomial logistic regression, learnt in one pass: the posterior of the weights is kept Gaussian by a Laplace
 * step at each label (assumed-density filtering; McCormick, Raftery, Madigan and Burd, "Dynamic logistic regression and
 * dynamic model averaging for binary classification", Biometrics 2012). Inputs `x`, weights `m[k]` for each class:
 *
 * - p = softmax(m x), g = onehot(label) − p; the curvature diag(p) − p pᵀ is replaced by the mean of its eigenvalues that
 *   are not 0, c = (1 − Σ p²) / (classes − 1), exact for two classes, so that all classes share one covariance P;
 * - P⁻¹ ← P⁻¹ + w c x xᵀ, then m[k] ← m[k] + w P x g[k], w being the label's weight;
 * - forgetting is stabilised (Kulhavý and Zarrop 1993): P⁻¹ ← λ P⁻¹ + (1 − λ) P₀⁻¹, and the weights follow towards 0. What the
 *   data no longer support returns to the prior instead of growing without bound;
 * - the prediction is moderated by what is not known of the weights: logits are divided by √(1 + π s² / 8), s² = 2 xᵀ P x being
 *   the variance of the difference of two of them (MacKay 1992).
 *
 * P is kept as U D Uᵀ, U unit upper triangular, and updated by Bierman's method (1977): every D stays positive, so P stays
 * symmetric and positive definite whatever the rounding. Cost: about 2 n² multiplications a label, n² / 2 a prediction.
 */
export class SoftmaxFilter {
  readonly inputs: number;
  readonly classes: number;
  readonly #lambda: number;
  readonly #prior: Float64Array;
  /** [class][input]. */
  readonly #means: Float64Array;
  /** Column j at j (j − 1) / 2, rows 0 … j − 1. */
  readonly #u: Float64Array;
  readonly #d: Float64Array;
  readonly #b: Float64Array;
  readonly #p: Float64Array;
  readonly #unit: Float64Array;
  #updates = 0;

  constructor(options: SoftmaxFilterOptions) {
    const { classes, priorVariance, forgetting } = options;
    assert(classes >= 2 && priorVariance.length > 0, 'a classifier has two classes and an input');
    assert(forgetting > 0 && forgetting <= 1, 'forgetting lies in (0, 1]');
    assert(
      priorVariance.every((v) => v > 0 && v < Number.POSITIVE_INFINITY),
      'prior variances are positive',
    );
    const n = priorVariance.length;
    this.inputs = n;
    this.classes = classes;
    this.#lambda = forgetting;
    this.#prior = Float64Array.from(priorVariance);
    this.#means = new Float64Array(classes * n);
    this.#u = new Float64Array((n * (n - 1)) / 2);
    this.#d = Float64Array.from(priorVariance);
    this.#b = new Float64Array(n);
    this.#p = new Float64Array(classes);
    this.#unit = new Float64Array(n);
  }

  /** Probabilities of the classes given finite inputs `x`. Changes nothing. */
  predict(x: Float64Array, out: Float64Array): void {
    this.#logits(x, out);
    const scale = 1 / Math.sqrt(1 + (Math.PI / 4) * this.variance(x));
    for (let k = 0; k < this.classes; k++) out[k] *= scale;
    softmax(out, this.classes);
  }

  /** xᵀ P x: the variance of one class's logit. */
  variance(x: Float64Array): number {
    const u = this.#u;
    const d = this.#d;
    let sum = 0;
    let at = 0;
    for (let j = 0; j < this.inputs; j++) {
      let f = x[j];
      for (let i = 0; i < j; i++) f += u[at++] * x[i];
      sum += d[j] * f * f;
    }
    return sum;
  }

  /** Posterior mean of the weight of input `i` for class `k`; the weights of an input sum to 0 over the classes. */
  weight(k: number, i: number): number {
    return this.#means[k * this.inputs + i];
  }

  /** `weight` in (0, 1] is the power of the label's likelihood: below 1 where labels overlap and so repeat each other. */
  update(x: Float64Array, label: number, weight = 1): void {
    const p = this.#p;
    this.#logits(x, p);
    softmax(p, this.classes);
    let squares = 0;
    for (let k = 0; k < this.classes; k++) squares += p[k] * p[k];
    const curvature = Math.max((1 - squares) / (this.classes - 1), LEAST_CURVATURE);
    const alpha = this.#observe(x, 1 / (weight * curvature));
    const gain = 1 / (curvature * alpha);
    for (let k = 0; k < this.classes; k++) this.#move(k, gain * ((k === label ? 1 : 0) - p[k]));
    this.#updates++;
    if (this.#lambda < 1 && this.#updates % FORGET_EVERY === 0) this.#forget();
  }

  #logits(x: Float64Array, out: Float64Array): void {
    const means = this.#means;
    let at = 0;
    for (let k = 0; k < this.classes; k++) {
      let sum = 0;
      for (let i = 0; i < this.inputs; i++) sum += means[at++] * x[i];
      out[k] = sum;
    }
  }

  #move(k: number, step: number): void {
    const means = this.#means;
    const b = this.#b;
    const at = k * this.inputs;
    for (let i = 0; i < this.inputs; i++) means[at + i] += step * b[i];
  }

  /**
   * P as if `x`'s product with the weights had been seen with the given noise variance. Leaves P x (of the P before) in
   * `#b`; returns noise + xᵀ P x.
   */
  #observe(x: Float64Array, noise: number): number {
    const u = this.#u;
    const d = this.#d;
    const b = this.#b;
    let alpha = noise;
    let column = 0;
    for (let j = 0; j < this.inputs; j++) {
      let f = x[j];
      for (let i = 0; i < j; i++) f += u[column + i] * x[i];
      const g = d[j] * f;
      const before = alpha;
      alpha += f * g;
      d[j] *= before / alpha;
      const ratio = -f / before;
      for (let i = 0; i < j; i++) {
        const old = u[column + i];
        u[column + i] = old + b[i] * ratio;
        b[i] += old * g;
      }
      b[j] = g;
      column += j;
    }
    return alpha;
  }

  /**
   * λ for all updates since the last time, and one weight drawn towards its prior for all the others: each has its turn,
   * and is then drawn `inputs` times as far.
   */
  #forget(): void {
    const kept = this.#lambda ** FORGET_EVERY;
    for (let j = 0; j < this.inputs; j++) this.#d[j] /= kept;
    const j = (this.#updates / FORGET_EVERY) % this.inputs;
    this.#unit[j] = 1;
    const alpha = this.#observe(this.#unit, this.#prior[j] / ((1 - kept) * this.inputs));
    this.#unit[j] = 0;
    for (let k = 0; k < this.classes; k++) this.#move(k, -this.#means[k * this.inputs + j] / alpha);
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
