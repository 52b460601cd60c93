/**
 * The last `size` pairs of whole numbers with their sums. Sums of whole numbers are exact (to 2^53), so what is computed of them
 * depends on the pairs in the ring alone, and signs of covariances and variances of 0 can be trusted.
 */
export class PairRing {
  count = 0;
  readonly #x: Float64Array;
  readonly #y: Float64Array;
  #at = 0;
  #sumX = 0;
  #sumY = 0;
  #sumXx = 0;
  #sumYy = 0;
  #sumXy = 0;

  /** `size`: a power of two. */
  constructor(size: number) {
    this.#x = new Float64Array(size);
    this.#y = new Float64Array(size);
  }

  add(x: number, y: number): void {
    const at = this.#at;
    if (this.count === this.#x.length) this.#tally(this.#x[at], this.#y[at], -1);
    else this.count++;
    this.#x[at] = x;
    this.#y[at] = y;
    this.#tally(x, y, 1);
    this.#at = (at + 1) & (this.#x.length - 1);
  }

  /** Of the population; `NaN` without pairs. */
  get covariance(): number {
    return (this.count * this.#sumXy - this.#sumX * this.#sumY) / (this.count * this.count);
  }

  /** Pearson's; `NaN` where one of the two does not vary. */
  get correlation(): number {
    const n = this.count;
    const spread = (n * this.#sumXx - this.#sumX * this.#sumX) * (n * this.#sumYy - this.#sumY * this.#sumY);
    return (n * this.#sumXy - this.#sumX * this.#sumY) / Math.sqrt(spread);
  }

  reset(): void {
    this.count = 0;
    this.#at = 0;
    this.#sumX = 0;
    this.#sumY = 0;
    this.#sumXx = 0;
    this.#sumYy = 0;
    this.#sumXy = 0;
  }

  #tally(x: number, y: number, times: number): void {
    this.#sumX += times * x;
    this.#sumY += times * y;
    this.#sumXx += times * x * x;
    this.#sumYy += times * y * y;
    this.#sumXy += times * x * y;
  }
}
