import { assert } from '../../core/index.ts';
import type { Stateful } from './learner-state.ts';

/** Updates between two applications of the forgetting, which then counts for all of them. */
const FORGET_EVERY = 32;

/** Is told that the weight of `input` was just seen to be its prior mean: all means move by the distance to go × `direction` / `alpha`. */
export type Draw = (input: number, alpha: number) => void;

/**
 * The covariance P of a Gaussian posterior, kept as U D Uᵀ, U unit upper triangular, and updated by Bierman's method (1977): every D
 * stays positive, so P stays symmetric and positive definite whatever the rounding.
 *
 * Forgetting is stabilised (Kulhavý and Zarrop, "On a general concept of forgetting", 1993): the posterior is mixed, in its exponents, with
 * the prior, P⁻¹ ← λ P⁻¹ + (1 − λ) P₀⁻¹. What the data no longer support returns to the prior instead of growing without bound.
 */
export class UdCovariance implements Stateful {
  readonly inputs: number;
  /** P x of the last observation, P being the one before it: the direction in which the means move. */
  readonly direction: Float64Array;
  readonly settings: readonly number[];
  readonly state: readonly Float64Array[];
  readonly #lambda: number;
  readonly #prior: Float64Array;
  /** Column j at j (j − 1) / 2, rows 0 … j − 1. */
  readonly #u: Float64Array;
  readonly #d: Float64Array;
  readonly #unit: Float64Array;
  /** Updates so far. */
  readonly #count = new Float64Array(1);

  /** `forgetting` is λ in (0, 1], what is kept of the evidence from one update to the next. */
  constructor(priorVariance: Float64Array, forgetting: number) {
    assert(priorVariance.length > 0, 'a posterior has an input');
    assert(forgetting > 0 && forgetting <= 1, 'forgetting lies in (0, 1]');
    assert(
      priorVariance.every((v) => v > 0 && v < Number.POSITIVE_INFINITY),
      'prior variances are positive',
    );
    const n = priorVariance.length;
    this.inputs = n;
    this.#lambda = forgetting;
    this.#prior = Float64Array.from(priorVariance);
    this.#u = new Float64Array((n * (n - 1)) / 2);
    this.#d = Float64Array.from(priorVariance);
    this.direction = new Float64Array(n);
    this.#unit = new Float64Array(n);
    this.settings = [forgetting, ...priorVariance];
    this.state = [this.#u, this.#d, this.#count];
  }

  /** xᵀ P x. */
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

  /** The diagonal of P into `out[0, inputs)`. */
  diagonal(out: Float64Array): void {
    const u = this.#u;
    const d = this.#d;
    let at = 0;
    for (let j = 0; j < this.inputs; j++) {
      for (let i = 0; i < j; i++, at++) out[i] += u[at] * u[at] * d[j];
      out[j] = d[j];
    }
  }

  /**
   * P as if `x`'s product with the weights had been seen with the given noise variance. Leaves P x (of the P before) in
   * `direction`; returns noise + xᵀ P x.
   */
  observe(x: Float64Array, noise: number): number {
    const u = this.#u;
    const d = this.#d;
    const b = this.direction;
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
   * Ends an update. Every 32nd forgets: λ for all updates since the last time, and one weight drawn towards its prior for all the others:
   * each has its turn, and is then drawn `inputs` times as far. Returns what was kept then, 1 in all other updates.
   */
  age(draw: Draw): number {
    this.#count[0]++;
    if (this.#lambda === 1 || this.#count[0] % FORGET_EVERY !== 0) return 1;
    const kept = this.#lambda ** FORGET_EVERY;
    for (let j = 0; j < this.inputs; j++) this.#d[j] /= kept;
    this.#draw((this.#count[0] / FORGET_EVERY) % this.inputs, (1 - kept) * this.inputs, draw);
    return kept;
  }

  /** Forgets at once all but 1 / `factor` of the evidence, in every direction. Costs as much as `inputs` updates. */
  inflate(factor: number, draw: Draw): void {
    assert(factor >= 1 && factor < Number.POSITIVE_INFINITY, 'a posterior is widened by a factor of at least 1');
    if (factor === 1) return;
    for (let j = 0; j < this.inputs; j++) this.#d[j] *= factor;
    for (let j = 0; j < this.inputs; j++) this.#draw(j, 1 - 1 / factor, draw);
  }

  /** The weight of input `j` is seen to be its prior mean, with `share` of the prior's certainty. */
  #draw(j: number, share: number, draw: Draw): void {
    this.#unit[j] = 1;
    const alpha = this.observe(this.#unit, this.#prior[j] / share);
    this.#unit[j] = 0;
    draw(j, alpha);
  }
}
