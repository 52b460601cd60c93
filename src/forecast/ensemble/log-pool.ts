import { LEAST_PROBABILITY } from './weighted-pool.ts';

/** Variance of an exponent before any label, about 1 over the number of members: a deviation is some two or three times what it starts with. */
const PRIOR_VARIANCE = 0.1;

/**
 * The logarithmic pool p ∝ Π p_i^w_i (Genest and Zidek, "Combining probability distributions", Statistical Science 1, 1986) whose exponents are
 * learnt on the way. A mean of calibrated forecasts that know different things is never sure enough (Ranjan and Gneiting, "Combining probability
 * forecasts", JRSS B 72, 2010); exponents may sum to more than 1, and one below 0 takes away what two members both say.
 *
 * It is a softmax regression with one weight a member on the members' log-probabilities, by recursive Laplace approximation: a Gaussian belief about
 * the exponents, equal to begin with, moved at each label by its covariance times the gradient, the covariance shrunk by the Fisher information.
 * Labels that overlap for h steps count 1/h each. Who is asleep is taken to say what the others say on average, and is not learnt about.
 */
export class LogPool {
  readonly exponents: Float64Array;
  readonly #members: number;
  readonly #classes: number;
  /** Covariance of the belief, member × member. */
  readonly #covariance: Float64Array;
  /** Log-probabilities about their mean over the classes, member × class. */
  readonly #logs: Float64Array;
  readonly #awake: Uint8Array;
  readonly #pool: Float64Array;
  /** What each member says of a class beyond its mean under the pool, and the covariance times it. */
  readonly #lead: Float64Array;
  readonly #turned: Float64Array;

  constructor(members: number, classes: number) {
    this.#members = members;
    this.#classes = classes;
    this.exponents = new Float64Array(members).fill(1 / members);
    this.#covariance = new Float64Array(members * members);
    for (let i = 0; i < members; i++) this.#covariance[i * (members + 1)] = PRIOR_VARIANCE;
    this.#logs = new Float64Array(members * classes);
    this.#awake = new Uint8Array(members);
    this.#pool = new Float64Array(classes);
    this.#lead = new Float64Array(members);
    this.#turned = new Float64Array(members);
  }

  /** The live arrays of all that is learnt. */
  get state(): readonly Float64Array[] {
    return [this.exponents, this.#covariance];
  }

  /** Writes the pool; false, and nothing, where all are asleep. */
  combine(members: readonly Float64Array[], awake: Uint8Array, out: Float64Array): boolean {
    if (!this.#load(members, awake)) return false;
    this.#forecast(out);
    return true;
  }

  /** Learns from what the members said of what came true; `weight` in (0, 1]. */
  learn(members: readonly Float64Array[], awake: Uint8Array, label: number, weight: number): void {
    if (!this.#load(members, awake)) return;
    this.#forecast(this.#pool);
    for (let k = 0; k < this.#classes; k++) this.#shrink(k, weight * this.#pool[k]);
    // Behind the covariance's own step, as the filter of Laplace approximations has it.
    this.#turn(label);
    for (let i = 0; i < this.#members; i++) this.exponents[i] += weight * this.#turned[i];
  }

  /** Covariance less what an observation of strength `information` in the direction of class `k` tells. */
  #shrink(k: number, information: number): void {
    const n = this.#members;
    this.#turn(k);
    let scale = 1 / information;
    for (let i = 0; i < n; i++) scale += this.#lead[i] * this.#turned[i];
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) this.#covariance[i * n + j] -= (this.#turned[i] * this.#turned[j]) / scale;
    }
  }

  /** How each member leads on class `k`, and the covariance times that. */
  #turn(k: number): void {
    const n = this.#members;
    const classes = this.#classes;
    for (let i = 0; i < n; i++) {
      let mean = 0;
      for (let c = 0; c < classes; c++) mean += this.#pool[c] * this.#logs[i * classes + c];
      this.#lead[i] = this.#awake[i] === 1 ? this.#logs[i * classes + k] - mean : 0;
    }
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += this.#covariance[i * n + j] * this.#lead[j];
      this.#turned[i] = sum;
    }
  }

  #forecast(out: Float64Array): void {
    const classes = this.#classes;
    let most = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < classes; k++) {
      let sum = 0;
      for (let i = 0; i < this.#members; i++) sum += this.exponents[i] * this.#logs[i * classes + k];
      out[k] = sum;
      if (sum > most) most = sum;
    }
    let total = 0;
    for (let k = 0; k < classes; k++) {
      out[k] = Math.exp(out[k] - most);
      total += out[k];
    }
    for (let k = 0; k < classes; k++) out[k] /= total;
  }

  /** Takes in what the members say; false where none says anything. */
  #load(members: readonly Float64Array[], awake: Uint8Array): boolean {
    const classes = this.#classes;
    let count = 0;
    for (let i = 0; i < this.#members; i++) {
      this.#awake[i] = awake[i] === 1 && this.#read(members[i], i * classes) ? 1 : 0;
      count += this.#awake[i];
    }
    if (count === 0) return false;
    for (let k = 0; k < classes && count < this.#members; k++) {
      let sum = 0;
      for (let i = 0; i < this.#members; i++) if (this.#awake[i] === 1) sum += this.#logs[i * classes + k];
      for (let i = 0; i < this.#members; i++) if (this.#awake[i] === 0) this.#logs[i * classes + k] = sum / count;
    }
    return true;
  }

  #read(said: Float64Array, at: number): boolean {
    const classes = this.#classes;
    let given = 0;
    let mean = 0;
    for (let k = 0; k < classes; k++) {
      if (!(said[k] >= 0)) return false;
      given += said[k];
      this.#logs[at + k] = Math.log(Math.max(said[k], LEAST_PROBABILITY));
      mean += this.#logs[at + k] / classes;
    }
    for (let k = 0; k < classes; k++) this.#logs[at + k] -= mean;
    return given > 0 && given < Number.POSITIVE_INFINITY;
  }
}
