import { assert } from '../../core/index.ts';

const BLOCKS = 10;

/**
 * Sums of several fields over about the last `window` steps and over all of them, in memory that does not grow with the window: ten
 * blocks, of which the oldest is dropped whole. A sum so covers between .9 and 1 of the window, and nothing is ever
 * subtracted, so that rounding does not add up. A step costs its additions.
 */
export class WindowSums {
  readonly window: number;
  /** What the step to come adds to each field. An array, because numbers handed to a method would be boxed. */
  readonly values: Float64Array;
  readonly #fields: number;
  readonly #perBlock: number;
  /** [block][field], then the totals. */
  readonly #sums: Float64Array;
  /** Steps in each block. */
  readonly #steps = new Float64Array(BLOCKS);
  #block = 0;

  constructor(fields: number, window: number) {
    assert(Number.isInteger(window) && window >= BLOCKS, 'a window is of ten steps or more');
    this.window = window;
    this.#fields = fields;
    this.values = new Float64Array(fields);
    this.#perBlock = Math.floor(window / BLOCKS);
    this.#sums = new Float64Array((BLOCKS + 1) * fields);
  }

  /** Takes `values` as one step, and empties them for the next. */
  commit(): void {
    this.step();
    const at = this.#block * this.#fields;
    const total = BLOCKS * this.#fields;
    for (let f = 0; f < this.#fields; f++) {
      this.#sums[at + f] += this.values[f];
      this.#sums[total + f] += this.values[f];
      this.values[f] = 0;
    }
  }

  /** Begins a step of whose many fields few are counted. */
  step(): void {
    if (this.#steps[this.#block] === this.#perBlock) {
      this.#block = (this.#block + 1) % BLOCKS;
      this.#steps[this.#block] = 0;
      this.#sums.fill(0, this.#block * this.#fields, (this.#block + 1) * this.#fields);
    }
    this.#steps[this.#block]++;
  }

  /** Adds 1 to a field of the step begun last. */
  count(field: number): void {
    this.#sums[this.#block * this.#fields + field]++;
    this.#sums[BLOCKS * this.#fields + field]++;
  }

  /** Steps that the window covers now. */
  get steps(): number {
    let sum = 0;
    for (let b = 0; b < BLOCKS; b++) sum += this.#steps[b];
    return sum;
  }

  /** Over the window. */
  sum(field: number): number {
    let sum = 0;
    for (let b = 0; b < BLOCKS; b++) sum += this.#sums[b * this.#fields + field];
    return sum;
  }

  /** Over all steps there were. */
  total(field: number): number {
    return this.#sums[BLOCKS * this.#fields + field];
  }

  /** Numbers that `write` makes. */
  get numbers(): number {
    return 1 + BLOCKS + this.#sums.length;
  }

  write(): Float64Array {
    const state = new Float64Array(this.numbers);
    state[0] = this.#block;
    state.set(this.#steps, 1);
    state.set(this.#sums, 1 + BLOCKS);
    return state;
  }

  /** Takes back what `write` gave. */
  read(state: Float64Array): void {
    this.#block = state[0];
    this.#steps.set(state.subarray(1, 1 + BLOCKS));
    this.#sums.set(state.subarray(1 + BLOCKS));
  }
}
