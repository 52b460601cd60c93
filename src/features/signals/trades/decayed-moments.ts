/**
 * Mean and variance of a series whose weights fade by exp(−1 / memory) with every entry. Kept by Welford's update (weighted as in
 * West 1979), which takes no difference of large sums: a series that does not vary has variance 0 and not noise.
 */
export class DecayedMoments {
  /** Entries since the reset. */
  count = 0;
  /** `NaN` before the first entry. */
  mean = Number.NaN;
  readonly #keep: number;
  #weight = 0;
  #squares = 0;

  constructor(memory: number) {
    this.#keep = Math.exp(-1 / memory);
  }

  /** Of the weighted population. */
  get variance(): number {
    return this.#squares / this.#weight;
  }

  add(x: number): void {
    const weight = this.#weight * this.#keep;
    this.#weight = weight + 1;
    if (this.count++ === 0) {
      this.mean = x;
      return;
    }
    const off = x - this.mean;
    this.mean += off / this.#weight;
    this.#squares = this.#squares * this.#keep + (weight / this.#weight) * off * off;
  }

  reset(): void {
    this.count = 0;
    this.mean = Number.NaN;
    this.#weight = 0;
    this.#squares = 0;
  }
}
