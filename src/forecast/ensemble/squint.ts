import type { CombinerShape } from './combiner.ts';
import { WeightedPool } from './weighted-pool.ts';

/** Learning rates ½, ¼, …, 2^−24: the smallest still matters after √V = 2^24 of regret, more than 10^14 labels. */
const RATES = Float64Array.from({ length: 24 }, (_, i) => 2 ** -(i + 1));

/**
 * Squint (Koolen and van Erven, "Second-order quantile methods for experts and combinatorial games", COLT 2015) on the gradient of the
 * pool's log-loss: the regret of a label towards expert i is r = p_i / p_pool − 1, so that the pool is compared with the best *convex
 * combination* of the experts. With R = Σ r and V = Σ r², weights ∝ Σ_η η exp(η R − η² V): all learning rates at once, each by its evidence,
 * and nothing is tuned. The prior over η is even on a grid of powers of ½ (as in van Erven and Koolen, "MetaGrad", NeurIPS 2016), which needs
 * no special functions.
 *
 * The theorem wants |η r| ≤ ½, and r has no bound known before. So an expert's rates above 1 / (2 B), B being its largest |r| so far (1 at
 * least), are left out, and a label that sets a new B counts only as far as the old one (Mhammedi, Koolen and van Erven, "Lipschitz adaptivity
 * with multiple learning rates in online learning", COLT 2019; there B is one for all experts, which lets the worst of them slow down the
 * best). A label that comes late is judged by the weights at hand when it comes, as in `Boa`.
 */
export class Squint extends WeightedPool {
  readonly name = 'squint';
  readonly #regret: Float64Array;
  readonly #squares: Float64Array;
  readonly #largest: Float64Array;

  constructor(shape: CombinerShape) {
    super(shape);
    this.#regret = new Float64Array(this.experts);
    this.#squares = new Float64Array(this.experts);
    this.#largest = new Float64Array(this.experts).fill(1);
  }

  protected learn(label: number): void {
    const pool = this.pooled(label);
    for (let i = 0; i < this.experts; i++) {
      const r = this.awake[i] === 1 ? this.said(i, label) / pool - 1 : 0;
      const before = this.#largest[i];
      const counted = Math.abs(r) > before ? Math.sign(r) * before : r;
      if (Math.abs(r) > before) this.#largest[i] = Math.abs(r);
      this.#regret[i] += counted;
      this.#squares[i] += counted * counted;
      // Of those asleep too: they have no regret, and what was written here before has been normalised since.
      this.logs[i] = logEvidence(this.#regret[i], this.#squares[i], 0.5 / this.#largest[i]);
    }
  }

  protected state(): readonly Float64Array[] {
    return [this.#regret, this.#squares, this.#largest];
  }
}

/** ln Σ η exp(η R − η² V) over the rates up to `most`, and the smallest in any case. */
function logEvidence(regret: number, squares: number, most: number): number {
  const last = RATES.length - 1;
  let from = 0;
  while (from < last && RATES[from] > most) from++;
  let top = Number.NEGATIVE_INFINITY;
  for (let j = from; j <= last; j++) {
    const value = RATES[j] * (regret - RATES[j] * squares);
    if (value > top) top = value;
  }
  let sum = 0;
  for (let j = from; j <= last; j++) sum += RATES[j] * Math.exp(RATES[j] * (regret - RATES[j] * squares) - top);
  return top + Math.log(sum);
}
