import { createHash, type Hash } from 'node:crypto';

const BUFFERED = 4096;

/**
 * SHA-256 over a growing sequence of floats, bit for bit: equal digests mean equal rows, or equal forecasts, in equal order.
 * Buffered, because hashing 30 numbers at a time would cost more than forecasting them. Little-endian, as all our bytes.
 */
export class Digest {
  readonly #hash: Hash = createHash('sha256');
  readonly #buffer = new Float64Array(BUFFERED);
  readonly #bytes = new Uint8Array(this.#buffer.buffer);
  #length = 0;

  add(values: Float64Array): void {
    for (let i = 0; i < values.length; i++) {
      if (this.#length === BUFFERED) this.#flush();
      this.#buffer[this.#length++] = values[i];
    }
  }

  /** Hex of everything so far; more may follow. */
  hex(): string {
    this.#flush();
    return this.#hash.copy().digest('hex');
  }

  #flush(): void {
    this.#hash.update(this.#bytes.subarray(0, this.#length * 8));
    this.#length = 0;
  }
}
