import { NS_PER_SECOND, type Random } from '../../core/index.ts';

/** One exponential kernel of a self-exciting process. */
export interface Excitement {
  /** Messages that one message brings about through this kernel, on average. */
  readonly share: number;
  /** How fast its effect fades, per second. */
  readonly decay: number;
}

/**
 * Self-exciting arrivals (Hawkes, Biometrika 58, 1971): the intensity is a base rate plus, for each message so far,
 * Σ share · decay · exp(−decay · age). On average base / (1 − Σ share) messages a second. Exact, by Ogata's thinning (IEEE
 * Trans. Information Theory 27, 1981): between messages the intensity only falls.
 */
export class Arrivals {
  readonly #random: Random;
  readonly #baseRate: number;
  readonly #kernels: readonly Excitement[];
  readonly #excess: Float64Array;

  constructor(random: Random, baseRate: number, kernels: readonly Excitement[]) {
    this.#random = random;
    this.#baseRate = baseRate;
    this.#kernels = kernels;
    this.#excess = new Float64Array(kernels.length);
  }

  /** Nanoseconds to the next message, at least 1. */
  waitNs(): number {
    let waited = 0;
    let intensity = this.#intensity();
    for (;;) {
      const bound = intensity;
      const step = this.#random.exponential(1 / bound);
      waited += step;
      for (let k = 0; k < this.#kernels.length; k++) this.#excess[k] *= Math.exp(-this.#kernels[k].decay * step);
      intensity = this.#intensity();
      if (this.#random.float() * bound < intensity) break;
    }
    for (let k = 0; k < this.#kernels.length; k++) this.#excess[k] += this.#kernels[k].share * this.#kernels[k].decay;
    return 1 + Math.floor(waited * NS_PER_SECOND);
  }

  #intensity(): number {
    let intensity = this.#baseRate;
    for (let k = 0; k < this.#excess.length; k++) intensity += this.#excess[k];
    return intensity;
  }
}
