/** A standard deviation below this part of the mean is rounding and no variation. */
const LEAST_VARIATION = 1e-6;

/**
 * The speed at which a series comes back to its mean: minus the slope of its changes on its values before, with weights that
 * fade by 1 − 1/memory a step. Moments are updated around their means (West 1979, "Updating mean and variance estimates"),
 * since the sums of squares of a series that varies little would cancel.
 */
export class Reversion {
  readonly #keep: number;
  readonly #warmup: number;
  #steps = 0;
  /** Σ w. */
  #weight = Number.NaN;
  #mean = Number.NaN;
  #meanChange = Number.NaN;
  /** Weighted sums of (x − x̄)² and of (x − x̄)(y − ȳ); x a value, y the change from it. */
  #squares = Number.NaN;
  #products = Number.NaN;

  constructor(memory: number, warmup: number) {
    this.#keep = 1 - 1 / memory;
    this.#warmup = warmup;
    this.reset();
  }

  /** One step of the series, from one value to the next. */
  add(before: number, after: number): void {
    const keep = this.#keep;
    this.#steps++;
    this.#weight = this.#weight * keep + 1;
    const gain = 1 / this.#weight;
    const change = after - before;
    const deviation = before - this.#mean;
    this.#mean += deviation * gain;
    this.#meanChange += (change - this.#meanChange) * gain;
    this.#squares = this.#squares * keep + deviation * (before - this.#mean);
    this.#products = this.#products * keep + deviation * (change - this.#meanChange);
  }

  /** Writes the speed: `NaN` before the warm-up and where the series hardly varied. */
  write(out: Float64Array, at: number): void {
    const least = LEAST_VARIATION * this.#mean;
    const known = this.#steps >= this.#warmup && this.#squares > least * least * this.#weight;
    out[at] = known ? -this.#products / this.#squares : Number.NaN;
  }

  reset(): void {
    this.#steps = 0;
    this.#weight = 0;
    this.#mean = 0;
    this.#meanChange = 0;
    this.#squares = 0;
    this.#products = 0;
  }
}
