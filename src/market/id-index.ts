import { assert } from '../core/index.ts';

/** No slot: the id is not in the index. */
export const NO_SLOT = -1;

/**
 * From ids to slots: a hash table with open addressing and linear probing, at most half full. Ids are any integers that a
 * `Float64` holds exactly, negative ones too. Removal closes the gap it leaves (Knuth, TAOCP 3, 6.4, algorithm R), so
 * there are no tombstones and no rebuilding: a day of orders that come and go costs the same at its end as at its start.
 */
export class IdIndex {
  #ids: Float64Array;
  #slots: Int32Array;
  #mask: number;
  #shift: number;
  #size = 0;

  /** Holds `expected` ids before it first grows. */
  constructor(expected: number) {
    assert(expected >= 1 && expected <= 1 << 28, 'an index expects 1 to 2^28 ids');
    const bits = Math.max(4, Math.ceil(Math.log2(expected)) + 1);
    this.#ids = new Float64Array(1 << bits).fill(Number.NaN);
    this.#slots = new Int32Array(1 << bits);
    this.#mask = (1 << bits) - 1;
    this.#shift = 32 - bits;
  }

  get size(): number {
    return this.#size;
  }

  /** The slot of an id; `NO_SLOT` where it is not there. */
  find(id: number): number {
    const ids = this.#ids;
    const mask = this.#mask;
    for (let at = hash(id) >>> this.#shift; ; at = (at + 1) & mask) {
      const there = ids[at];
      if (there === id) return this.#slots[at];
      if (Number.isNaN(there)) return NO_SLOT;
    }
  }

  /** The id must not be there yet. */
  insert(id: number, slot: number): void {
    if (this.#size * 2 > this.#mask) this.#grow();
    this.#place(id, slot);
    this.#size++;
  }

  /** Removes an id and returns its slot; `NO_SLOT` where it was not there. */
  remove(id: number): number {
    const ids = this.#ids;
    const slots = this.#slots;
    const mask = this.#mask;
    let hole = hash(id) >>> this.#shift;
    while (ids[hole] !== id) {
      if (Number.isNaN(ids[hole])) return NO_SLOT;
      hole = (hole + 1) & mask;
    }
    const slot = slots[hole];
    for (let at = (hole + 1) & mask; ; at = (at + 1) & mask) {
      const moved = ids[at];
      if (Number.isNaN(moved)) break;
      // An entry may fill the hole unless its own home lies between the hole and where it stands.
      const home = hash(moved) >>> this.#shift;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      ids[hole] = moved;
      slots[hole] = slots[at];
      hole = at;
    }
    ids[hole] = Number.NaN;
    this.#size--;
    return slot;
  }

  clear(): void {
    if (this.#size > 0) this.#ids.fill(Number.NaN);
    this.#size = 0;
  }

  #place(id: number, slot: number): void {
    const ids = this.#ids;
    let at = hash(id) >>> this.#shift;
    while (!Number.isNaN(ids[at])) at = (at + 1) & this.#mask;
    ids[at] = id;
    this.#slots[at] = slot;
  }

  #grow(): void {
    const ids = this.#ids;
    const slots = this.#slots;
    assert(this.#shift > 2, 'an index stays below 2^30 places');
    this.#shift--;
    this.#mask = this.#mask * 2 + 1;
    this.#ids = new Float64Array(this.#mask + 1).fill(Number.NaN);
    this.#slots = new Int32Array(this.#mask + 1);
    for (let at = 0; at < ids.length; at++) if (!Number.isNaN(ids[at])) this.#place(ids[at], slots[at]);
  }
}

/** Fibonacci hashing of all 53 bits (Knuth, TAOCP 3, 6.4); its upper bits are the good ones. */
function hash(id: number): number {
  return Math.imul((id | 0) ^ Math.imul((id * 2 ** -32) | 0, 0x85ebca6b), 0x9e3779b1);
}
