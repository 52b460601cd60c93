import { assert } from '../core/index.ts';

/**
 * The sums of a long series over consecutive blocks, in fixed memory: when all places are taken, neighbours are joined and
 * a block becomes twice as long. So a series of any length is kept as between half of `capacity` and `capacity` blocks.
 */
export class BlockSums {
  readonly capacity: number;
  /** Values a block. */
  blockLength = 1;
  /** Whole blocks. */
  blocks = 0;
  /** Values in all, those of the unfinished block included. */
  n = 0;
  total = 0;
  readonly #sums: Float64Array;
  #open = 0;
  #openCount = 0;

  constructor(capacity = 1024) {
    assert(capacity >= 2 && capacity % 2 === 0, 'blocks are joined in pairs');
    this.capacity = capacity;
    this.#sums = new Float64Array(capacity);
  }

  add(value: number): void {
    this.n++;
    this.total += value;
    this.#open += value;
    if (++this.#openCount < this.blockLength) return;
    this.#sums[this.blocks++] = this.#open;
    this.#open = 0;
    this.#openCount = 0;
    if (this.blocks < this.capacity) return;
    this.blocks = this.capacity / 2;
    this.blockLength *= 2;
    for (let i = 0; i < this.blocks; i++) this.#sums[i] = this.#sums[2 * i] + this.#sums[2 * i + 1];
  }

  /**
   * The means of blocks of at least `minLength` values, and at most `most` of them, each a run of the kept ones. What is
   * left over at the end, less than one block, is not among them.
   */
  means(minLength: number, most: number): { length: number; means: Float64Array } {
    const join = Math.max(1, Math.ceil(minLength / this.blockLength), Math.ceil(this.blocks / most));
    const length = join * this.blockLength;
    const means = new Float64Array(Math.floor(this.blocks / join));
    for (let b = 0; b < means.length; b++) {
      let sum = 0;
      for (let i = b * join; i < (b + 1) * join; i++) sum += this.#sums[i];
      means[b] = sum / length;
    }
    return { length, means };
  }
}
