import { assert, NS_PER_SECOND } from '../../core/index.ts';

/** How what we took before fades. */
export type FlowDecay =
  | { readonly kind: 'none' }
  /** Half of it is gone after each half-life. */
  | { readonly kind: 'exponential'; readonly halfLifeSeconds: number }
  /** `(1 + t / scale)^−exponent` of it is left after t. */
  | { readonly kind: 'power'; readonly exponent: number; readonly scaleSeconds: number };

/** Steps of ln(rate) in the sum that stands for a power law, and how far it goes: within 0.1 % up to a million scales for exponents of 0.2 and more. */
const STEP = 0.25;
const FIRST = -280;
const LAST = 20;

/**
 * The signed lots that we took, faded. A power law has no state of its own, so it is a sum of exponentials, whose rates are spaced evenly in the logarithm:
 * `(1 + x)^−γ = ∫ s^(γ−1) e^(−s(1+x)) ds / Γ(γ)` (Bochud and Challet, "Optimal approximations of power laws with exponentials", 2007). Constant cost
 * a fill, however many there were.
 */
export class FlowMemory {
  readonly #rates: Float64Array;
  readonly #weights: Float64Array;
  readonly #lots: Float64Array;
  #lastNs = Number.NaN;

  constructor(decay: FlowDecay) {
    const { rates, weights } = partsOf(decay);
    this.#rates = rates;
    this.#weights = weights;
    this.#lots = new Float64Array(rates.length);
  }

  /** Lots of earlier flow that still press at `nowNs`; above 0 where we bought. Times do not go back. */
  at(nowNs: number): number {
    const seconds = Number.isNaN(this.#lastNs) ? 0 : (nowNs - this.#lastNs) / NS_PER_SECOND;
    assert(seconds >= 0, 'flow comes in order of time');
    let sum = 0;
    for (let i = 0; i < this.#lots.length; i++) {
      if (seconds > 0) this.#lots[i] *= Math.exp(-this.#rates[i] * seconds);
      sum += this.#lots[i];
    }
    this.#lastNs = nowNs;
    return sum;
  }

  /** We took so many lots now, the time of the last call of `at`. */
  add(signedLots: number): void {
    for (let i = 0; i < this.#lots.length; i++) this.#lots[i] += signedLots * this.#weights[i];
  }
}

function partsOf(decay: FlowDecay): { rates: Float64Array; weights: Float64Array } {
  if (decay.kind === 'none') return { rates: Float64Array.of(0), weights: Float64Array.of(1) };
  if (decay.kind === 'exponential') {
    return { rates: Float64Array.of(Math.LN2 / decay.halfLifeSeconds), weights: Float64Array.of(1) };
  }
  const nodes = Array.from({ length: LAST - FIRST + 1 }, (_, i) => (FIRST + i) * STEP);
  const rates = Float64Array.from(nodes, (u) => Math.exp(u) / decay.scaleSeconds);
  const weights = Float64Array.from(nodes, (u) => Math.exp(decay.exponent * u - Math.exp(u)));
  // The sum is 1 at once, so the constant before the integral is not needed.
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return { rates, weights: weights.map((weight) => weight / total) };
}
