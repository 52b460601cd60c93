import { assert, NS_PER_SECOND } from '../core/index.ts';

/**
 * A sum whose terms fade with age: S(t) = Σ xᵢ exp(−(t − tᵢ) / τ). Decays only when touched, so an idle one costs nothing.
 * Times are `MarketView.nowNs`: they start at 0 with the reset and never go back.
 */
export class DecayedSum {
  readonly tauNs: number;
  #sum = 0;
  #atNs = 0;

  constructor(tauSeconds: number) {
    assert(tauSeconds > 0, 'a decay takes time');
    this.tauNs = tauSeconds * NS_PER_SECOND;
  }

  add(nowNs: number, x: number): void {
    this.#sum = this.at(nowNs) + x;
    this.#atNs = nowNs;
  }

  at(nowNs: number): number {
    const ageNs = nowNs - this.#atNs;
    return ageNs === 0 || this.#sum === 0 ? this.#sum : this.#sum * Math.exp(-ageNs / this.tauNs);
  }

  /**
   * The decayed mean per second, S(t) / ∫₀ᵗ exp(−(t − s) / τ) ds: unbiased from the start, since the weights of the time
   * before the reset are left out. `NaN` until τ has passed.
   */
  perSecond(nowNs: number): number {
    if (nowNs < this.tauNs) return Number.NaN;
    return (this.at(nowNs) * NS_PER_SECOND) / (this.tauNs * -Math.expm1(-nowNs / this.tauNs));
  }

  reset(): void {
    this.#sum = 0;
    this.#atNs = 0;
  }
}

/** A decay time as part of a column's name: `100ms`, `10s`. */
export function tauName(tauSeconds: number): string {
  return tauSeconds < 1 ? `${Math.round(tauSeconds * 1000)}ms` : `${tauSeconds}s`;
}
