/**
 * Slope of y on x with an intercept, by least squares whose weights fade by exp(−1 / memory) with every pair. Centred sums are
 * updated in place (West 1979), so that an x that does not vary has exactly no variance.
 */
export class DecayedRegression {
  /** As of the last `solve`; `NaN` where x does not vary, or until there are as many pairs as the constructor was told. */
  slope = Number.NaN;
  readonly #keep: number;
  readonly #least: number;
  #count = 0;
  #weight = 0;
  #meanX = Number.NaN;
  #meanY = Number.NaN;
  #squares = 0;
  #products = 0;

  /** `least`: pairs from which on there is a slope. */
  constructor(memory: number, least: number) {
    this.#keep = Math.exp(-1 / memory);
    this.#least = least;
  }

  add(x: number, y: number): void {
    const weight = this.#weight * this.#keep;
    this.#weight = weight + 1;
    if (this.#count++ === 0) {
      this.#meanX = x;
      this.#meanY = y;
    } else {
      const offX = x - this.#meanX;
      const offY = y - this.#meanY;
      const per = 1 / this.#weight;
      const share = weight * per;
      this.#meanX += offX * per;
      this.#meanY += offY * per;
      this.#squares = this.#squares * this.#keep + share * offX * offX;
      this.#products = this.#products * this.#keep + share * offX * offY;
    }
  }

  /** Works the slope out. */
  solve(): void {
    this.slope = this.#count >= this.#least && this.#squares > 0 ? this.#products / this.#squares : Number.NaN;
  }

  reset(): void {
    this.slope = Number.NaN;
    this.#count = 0;
    this.#weight = 0;
    this.#meanX = Number.NaN;
    this.#meanY = Number.NaN;
    this.#squares = 0;
    this.#products = 0;
  }
}
