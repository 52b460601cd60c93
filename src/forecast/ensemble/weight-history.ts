import { assert } from '../../core/index.ts';

const DEFAULT_CAPACITY = 1024;

/**
 * The weights of a combiner over time, in memory that does not grow: those at every k-th forecast, k being doubled, and every second entry
 * let go, whenever all places are taken. So a chart spans the whole stream, evenly, however long it is.
 */
export class WeightHistory {
  /** Entries kept at most; an even number. */
  readonly capacity: number;
  /** Weights in an entry. */
  readonly width: number;
  #stride = 1;
  #length = 0;
  readonly #indices: Float64Array;
  /** [entry][weight]. */
  readonly #weights: Float64Array;

  constructor(width: number, capacity = DEFAULT_CAPACITY) {
    assert(Number.isInteger(width) && width >= 1, 'a history of weights holds one or more');
    assert(
      Number.isInteger(capacity) && capacity >= 2 && capacity % 2 === 0,
      'a history holds an even number of entries',
    );
    this.width = width;
    this.capacity = capacity;
    this.#indices = new Float64Array(capacity);
    this.#weights = new Float64Array(capacity * width);
  }

  /** k: the entries are of forecasts whose number it divides. */
  get stride(): number {
    return this.#stride;
  }

  get length(): number {
    return this.#length;
  }

  /** The weights at forecast `index`; called in order. Most calls keep nothing. */
  add(index: number, weights: Float64Array): void {
    if (index % this.#stride !== 0) return;
    while (this.#length === this.capacity) {
      this.#thin();
      if (index % this.#stride !== 0) return;
    }
    this.#indices[this.#length] = index;
    this.#weights.set(weights, this.#length * this.width);
    this.#length++;
  }

  /** Copies for a chart: the numbers of the forecasts, and for each weight its values at these. */
  series(): { indices: Float64Array; weights: Float64Array[] } {
    const weights = Array.from({ length: this.width }, (_, i) =>
      Float64Array.from({ length: this.#length }, (_, entry) => this.#weights[entry * this.width + i]),
    );
    return { indices: this.#indices.slice(0, this.#length), weights };
  }

  /** Twice the stride, and only the entries on it. */
  #thin(): void {
    this.#stride *= 2;
    let kept = 0;
    for (let entry = 0; entry < this.#length; entry++) {
      if (this.#indices[entry] % this.#stride !== 0) continue;
      this.#indices[kept] = this.#indices[entry];
      this.#weights.copyWithin(kept * this.width, entry * this.width, (entry + 1) * this.width);
      kept++;
    }
    this.#length = kept;
  }
}
