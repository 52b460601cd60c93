import type { CombinerShape } from './combiner.ts';
import { WeightedPool } from './weighted-pool.ts';

/**
 * Bernstein online aggregation with a learning rate of its own for each expert (Wintenberger, "Optimal learning with Bernstein online
 * aggregation", Machine Learning 106, 2017, section 4), on the gradient of the pool's log-loss: the regret of a label towards expert i is
 * r = p_i / p_pool − 1, p being what was given to the class that came true. So the pool is compared with the best *convex combination* of the
 * experts, and can be better than each. With B the largest |r| of the expert so far (1 at least), V = Σ r²:
 *
 * - η = min(1 / (2 B), √(ln N / V)), so that |η r| ≤ ½;
 * - R ← R + r − η r²;
 * - weights ∝ η exp(η R).
 *
 * Nothing is to be tuned. A label that comes late is judged by the weights at hand when it comes, not by those at its decision: the weights
 * are those of a stream without delay, as of the last label.
 */
export class Boa extends WeightedPool {
  readonly name = 'boa';
  readonly #largest: Float64Array;
  readonly #squares: Float64Array;
  readonly #regret: Float64Array;

  constructor(shape: CombinerShape) {
    super(shape);
    this.#largest = new Float64Array(this.experts).fill(1);
    this.#squares = new Float64Array(this.experts);
    this.#regret = new Float64Array(this.experts);
  }

  protected learn(label: number): void {
    const pool = this.pooled(label);
    const entropy = Math.log(this.experts);
    for (let i = 0; i < this.experts; i++) {
      const r = this.awake[i] === 1 ? this.said(i, label) / pool - 1 : 0;
      if (Math.abs(r) > this.#largest[i]) this.#largest[i] = Math.abs(r);
      this.#squares[i] += r * r;
      const rate = Math.min(0.5 / this.#largest[i], Math.sqrt(entropy / this.#squares[i]));
      this.#regret[i] += r - rate * r * r;
      // Of those asleep too: they have no regret, and what was written here before has been normalised since.
      this.logs[i] = Math.log(rate) + rate * this.#regret[i];
    }
  }

  protected state(): readonly Float64Array[] {
    return [this.#largest, this.#squares, this.#regret];
  }
}
