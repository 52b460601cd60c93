import { assert } from '../../core/index.ts';
import { restoreParts, type Stateful, saveParts } from './learner-state.ts';
import { UdCovariance } from './ud-covariance.ts';

export interface LinearFilterOptions {
  /** Prior variance of each input's weight, around 0, in units of the noise's variance; one an input. */
  priorVariance: Float64Array;
  /** λ in (0, 1]: what of the evidence is kept from one update to the next; 1 forgets nothing. */
  forgetting: number;
  /** Prior of the noise's variance, inverse gamma: its shape a₀ … */
  shape?: number;
  /** … and scale b₀; the prior guess of the variance is b₀ / a₀. */
  scale?: number;
}

const KIND = 'linear-filter';
const VERSION = 1;

/**
 * Bayesian linear regression of a continuous target, learnt in one pass: y = w x + noise, with a normal–inverse-gamma posterior, w | σ² normal (m, σ² P),
 * σ² inverse gamma (a, b). It is exact (Bishop, "Pattern Recognition and Machine Learning", 2006, §3.3 with the noise unknown: Murphy,
 * "Machine Learning", 2012, §7.6.3):
 *
 * - e = y − m x, s = 1 / weight + xᵀ P x; m ← m + P x e / s, P ← P − P x xᵀ P / s, a ← a + weight / 2, b ← b + e² / (2 s);
 * - forgetting mixes the posterior, in its exponents, with the prior (`UdCovariance`), a and b with it: where the data fall silent it returns there. The forecast
 *   then errs on the wide side, because what the weights drifted meanwhile is in b and in P;
 * - the prediction is a Student t: location m x, scale √(b / a · (1 + xᵀ P x)), 2 a degrees of freedom.
 *
 * Cost: about 2 n² multiplications an update, n² / 2 a prediction.
 */
export class LinearFilter implements Stateful {
  readonly inputs: number;
  readonly settings: readonly number[];
  readonly state: readonly Float64Array[];
  readonly #covariance: UdCovariance;
  readonly #means: Float64Array;
  /** a, b. */
  readonly #noise: Float64Array;
  readonly #shape: number;
  readonly #scale: number;
  /** What drawing weights towards the prior adds to b. */
  #pulled = 0;
  readonly #towardsPrior = (input: number, alpha: number): void => {
    const gap = -this.#means[input];
    this.#pulled += (gap * gap) / (2 * alpha);
    this.#move(gap / alpha);
  };

  constructor(options: LinearFilterOptions) {
    const { priorVariance, forgetting, shape = 1, scale = 1 } = options;
    assert(shape > 0 && scale > 0, 'the prior of the variance is a distribution');
    this.#covariance = new UdCovariance(priorVariance, forgetting);
    this.inputs = priorVariance.length;
    this.#means = new Float64Array(this.inputs);
    this.#shape = shape;
    this.#scale = scale;
    this.#noise = Float64Array.of(shape, scale);
    this.settings = [shape, scale, ...this.#covariance.settings];
    this.state = [this.#means, this.#noise, ...this.#covariance.state];
  }

  /** Location, scale and degrees of freedom of the Student t that forecasts the target at finite inputs `x`, into `out[0, 3)`. */
  predict(x: Float64Array, out: Float64Array): void {
    const a = this.#noise[0];
    const b = this.#noise[1];
    out[0] = this.#mean(x);
    out[1] = Math.sqrt((b / a) * (1 + this.#covariance.variance(x)));
    out[2] = 2 * a;
  }

  /** Posterior mean of a weight. */
  weight(i: number): number {
    return this.#means[i];
  }

  /** xᵀ P x: the variance of the mean at `x`, in units of the noise's variance. */
  variance(x: Float64Array): number {
    return this.#covariance.variance(x);
  }

  /**
   * weight × input of each input into `contributions`, which sum to the location; into `sds` the scale of the Student t (of 2 a degrees of freedom)
   * around each.
   */
  attribute(x: Float64Array, contributions: Float64Array, sds: Float64Array): void {
    const variance = this.#noise[1] / this.#noise[0];
    this.#covariance.diagonal(sds);
    for (let i = 0; i < this.inputs; i++) {
      contributions[i] = this.#means[i] * x[i];
      sds[i] = Math.abs(x[i]) * Math.sqrt(variance * sds[i]);
    }
  }

  /** Finite inputs and target; `weight` in (0, 1] is the power of the likelihood, below 1 where targets overlap. */
  update(x: Float64Array, y: number, weight = 1): void {
    const error = y - this.#mean(x);
    const alpha = this.#covariance.observe(x, 1 / weight);
    this.#move(error / alpha);
    this.#noise[0] += weight / 2;
    this.#noise[1] += (error * error) / (2 * alpha);
    this.#pulled = 0;
    const kept = this.#covariance.age(this.#towardsPrior);
    if (kept < 1) this.#forget(kept);
  }

  /** Widens the posterior at a change of regime: all but 1 / `factor` (at least 1) of the evidence is forgotten at once. */
  inflate(factor: number): void {
    this.#pulled = 0;
    this.#covariance.inflate(factor, this.#towardsPrior);
    if (factor > 1) this.#forget(1 / factor);
  }

  save(): Uint8Array {
    return saveParts(KIND, VERSION, [this]);
  }

  /** Throws `bad-input` for bytes that a filter with the same options did not save, and then is as it was. */
  restore(bytes: Uint8Array): void {
    restoreParts(bytes, KIND, VERSION, [this]).commit();
  }

  #mean(x: Float64Array): number {
    let sum = 0;
    for (let i = 0; i < this.inputs; i++) sum += this.#means[i] * x[i];
    return sum;
  }

  #move(step: number): void {
    const b = this.#covariance.direction;
    for (let i = 0; i < this.inputs; i++) this.#means[i] += step * b[i];
  }

  /** The noise's part of the mixture with the prior; the weights' is done. */
  #forget(kept: number): void {
    this.#noise[0] = kept * this.#noise[0] + (1 - kept) * this.#shape;
    this.#noise[1] = kept * this.#noise[1] + (1 - kept) * this.#scale + this.#pulled;
  }
}
