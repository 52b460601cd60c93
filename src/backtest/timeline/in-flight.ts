/** A power of two. */
const INITIAL = 1024;

/**
 * Messages on their way from the venue to us: when each arrives and how many rows it has, first in, first out. Two columns that double when they are full: their
 * size is the most messages that were ever on the way at once.
 */
export class InFlight {
  /** When the first of them arrives; infinite where there is none. */
  nextNs = Number.POSITIVE_INFINITY;
  size = 0;
  #arrivalNs = new Float64Array(INITIAL);
  #rows = new Int32Array(INITIAL);
  #mask = INITIAL - 1;
  #head = 0;
  #lastNs = Number.NEGATIVE_INFINITY;

  /** A message of `rows` rows arrives at `arrivalNs`, or with the one before it where that is later. */
  push(arrivalNs: number, rows: number): void {
    if (arrivalNs > this.#lastNs) this.#lastNs = arrivalNs;
    if (this.size > this.#mask) this.#grow();
    const at = (this.#head + this.size++) & this.#mask;
    this.#arrivalNs[at] = this.#lastNs;
    this.#rows[at] = rows;
    if (this.size === 1) this.nextNs = this.#lastNs;
  }

  /** Removes the first and returns how many rows it has. */
  shift(): number {
    const rows = this.#rows[this.#head];
    this.#head = (this.#head + 1) & this.#mask;
    this.nextNs = --this.size === 0 ? Number.POSITIVE_INFINITY : this.#arrivalNs[this.#head];
    return rows;
  }

  #grow(): void {
    const capacity = this.#mask + 1;
    const arrivalNs = new Float64Array(2 * capacity);
    const rows = new Int32Array(2 * capacity);
    for (let k = 0; k < this.size; k++) {
      arrivalNs[k] = this.#arrivalNs[(this.#head + k) & this.#mask];
      rows[k] = this.#rows[(this.#head + k) & this.#mask];
    }
    this.#arrivalNs = arrivalNs;
    this.#rows = rows;
    this.#mask = 2 * capacity - 1;
    this.#head = 0;
  }
}
