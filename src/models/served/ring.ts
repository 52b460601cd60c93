import { assert } from '../../core/index.ts';

/** The last rows of a stream as 32-bit numbers, which is how rows are stored and trained on. */
export class RowRing {
  /** Rows that it holds at most. */
  readonly length: number;
  readonly width: number;
  /** Rows that it holds. */
  count = 0;
  readonly #data: Float32Array;
  /** Where the next row goes. */
  #next = 0;

  constructor(length: number, width: number) {
    assert(length >= 1 && width >= 1, 'a ring has rows and columns');
    this.length = length;
    this.width = width;
    this.#data = new Float32Array(length * width);
  }

  get full(): boolean {
    return this.count === this.length;
  }

  push(row: Float64Array | Float32Array): void {
    assert(row.length === this.width, 'a row has as many columns as the ring');
    this.#data.set(row, this.#next * this.width);
    this.#next = this.#next + 1 === this.length ? 0 : this.#next + 1;
    if (this.count < this.length) this.count++;
  }

  clear(): void {
    this.count = 0;
    this.#next = 0;
  }

  /** Writes what it holds into `out`, oldest row first. */
  copyTo(out: Float32Array): void {
    const { width, length, count } = this;
    const data = this.#data;
    const first = (this.#next - count + length) % length;
    const head = Math.min(count, length - first);
    // Plain loops: a view for each part would be garbage at every forecast.
    const start = first * width;
    for (let i = 0; i < head * width; i++) out[i] = data[start + i];
    for (let i = head * width; i < count * width; i++) out[i] = data[i - head * width];
  }
}
