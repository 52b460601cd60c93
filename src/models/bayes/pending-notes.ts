import { assert } from '../../core/index.ts';
import type { Stateful } from './learner-state.ts';

/**
 * What a model noted at decisions whose labels do not exist yet: `width` numbers each, found again by the decision's number. Memory is
 * fixed; a decision that is `capacity` behind the newest is forgotten.
 */
export class PendingNotes implements Stateful {
  readonly width: number;
  /** All notes; one begins where `put` or `find` says. */
  readonly values: Float64Array;
  readonly settings: readonly number[];
  readonly state: readonly Float64Array[];
  readonly #capacity: number;
  /** Number of the decision in each slot, −1 where there is none. */
  readonly #indices: Float64Array;
  readonly #missed = new Float64Array(1);

  constructor(capacity: number, width: number) {
    assert(Number.isInteger(capacity) && capacity > 0, 'notes are kept of at least one decision');
    this.width = width;
    this.#capacity = capacity;
    this.values = new Float64Array(capacity * width);
    this.#indices = new Float64Array(capacity).fill(-1);
    this.settings = [capacity, width];
    this.state = [this.#indices, this.values, this.#missed];
  }

  /** Times that there was none to be found. */
  get missed(): number {
    return this.#missed[0];
  }

  /** Where the note of this decision goes in `values`. */
  put(index: number): number {
    const slot = index % this.#capacity;
    this.#indices[slot] = index;
    return slot * this.width;
  }

  /** Where the note of this decision stands in `values`; −1 where there is none, which is counted. */
  find(index: number): number {
    const slot = index % this.#capacity;
    if (this.#indices[slot] === index) return slot * this.width;
    this.#missed[0]++;
    return -1;
  }
}
