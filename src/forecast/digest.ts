import { createHash, type Hash } from 'node:crypto';

const BUFFERED = 4096;
/** IEEE 754 has many NaNs and processors differ in which they make: one stands for all. */
const NOT_A_NUMBER = 0x7ff8000000000000n;

/**
 * SHA-256 over a growing sequence of floats, bit for bit: equal digests mean equal rows, or equal forecasts, in equal order.
 * Buffered, because hashing 30 numbers at a time would cost more than forecasting them. Little-endian, as all our bytes.
 */
export class Digest {
  readonly #hash: Hash = createHash('sha256');
  readonly #buffer = new Float64Array(BUFFERED);
  readonly #bytes = new Uint8Array(this.#buffer.buffer);
  readonly #bits = new BigUint64Array(this.#buffer.buffer);
  #length = 0;

  add(values: Float64Array): void {
    for (let i = 0; i < values.length; i++) {
      if (this.#length === BUFFERED) this.#flush();
      const value = values[i];
      if (Number.isNaN(value)) this.#bits[this.#length] = NOT_A_NUMBER;
      else this.#buffer[this.#length] = value;
      this.#length++;
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
