import type { Random } from '../core/index.ts';

/**
 * Exponential backoff with full jitter: the n-th wait is uniform in [0, first · 2ⁿ), capped. Full, not added, jitter spreads many
 * clients of one venue best (Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog 2015).
 */
export class Backoff {
  readonly #random: Random;
  readonly #firstMs: number;
  readonly #maxMs: number;
  #ceilingMs: number;

  constructor(random: Random, firstMs: number, maxMs: number) {
    this.#random = random;
    this.#firstMs = this.#ceilingMs = firstMs;
    this.#maxMs = maxMs;
  }

  /** How long to wait now, ms. */
  next(): number {
    const ms = this.#random.float() * this.#ceilingMs;
    this.#ceilingMs = Math.min(this.#ceilingMs * 2, this.#maxMs);
    return ms;
  }

  /** What was tried works again. */
  reset(): void {
    this.#ceilingMs = this.#firstMs;
  }
}
