import { assert, Random } from '../../core/index.ts';

/**
 * The last `capacity` numbers in order of size: exact ranks and order statistics in O(log capacity) expected, without
 * allocation after construction. A treap (Seidel and Aragon 1996) whose nodes are the slots of a ring, with the sizes of
 * its subtrees; priorities belong to slots and are drawn once, so that the same numbers always give the same tree.
 */
export class RollingRanks {
  readonly capacity: number;
  /** Numbers held. */
  size = 0;
  /** Node of the next number to be written; nodes count from 1, and 0 is no node. */
  #next = 1;
  #root = 0;
  readonly #value: Float64Array;
  readonly #left: Int32Array;
  readonly #right: Int32Array;
  readonly #count: Int32Array;
  readonly #priority: Uint32Array;
  /** Results of `#split`. */
  #low = 0;
  #high = 0;

  constructor(capacity: number) {
    assert(Number.isInteger(capacity) && capacity > 0, 'a window holds at least one number');
    this.capacity = capacity;
    this.#value = new Float64Array(capacity + 1);
    this.#left = new Int32Array(capacity + 1);
    this.#right = new Int32Array(capacity + 1);
    this.#count = new Int32Array(capacity + 1);
    this.#priority = new Uint32Array(capacity + 1);
    new Random(capacity).fill(this.#priority);
  }

  /** Takes `value`, never NaN, in the place of the oldest where the window is full. */
  push(value: number): void {
    assert(!Number.isNaN(value), 'NaN has no rank');
    const node = this.#next;
    this.#next = node === this.capacity ? 1 : node + 1;
    if (this.size === this.capacity) this.#root = this.#erase(this.#root, node);
    else this.size++;
    this.#value[node] = value;
    this.#left[node] = 0;
    this.#right[node] = 0;
    this.#count[node] = 1;
    this.#root = this.#insert(this.#root, node);
  }

  /** Numbers held that are `value` or more. */
  countAtLeast(value: number): number {
    let count = 0;
    for (let t = this.#root; t !== 0; ) {
      if (this.#value[t] >= value) {
        count += 1 + this.#count[this.#right[t]];
        t = this.#left[t];
      } else t = this.#right[t];
    }
    return count;
  }

  /** The number with `rank` smaller ones before it, 0 ≤ rank < size. */
  at(rank: number): number {
    assert(rank >= 0 && rank < this.size, 'a rank lies among the numbers held');
    let before = rank;
    for (let t = this.#root; ; ) {
      const left = this.#count[this.#left[t]];
      if (before === left) return this.#value[t];
      if (before < left) t = this.#left[t];
      else {
        before -= left + 1;
        t = this.#right[t];
      }
    }
  }

  /** The numbers, oldest first. */
  values(): Float64Array {
    const first = this.size === this.capacity ? this.#next : 1;
    const out = new Float64Array(this.size);
    for (let i = 0; i < this.size; i++) out[i] = this.#value[1 + ((first - 1 + i) % this.capacity)];
    return out;
  }

  clear(): void {
    this.size = 0;
    this.#next = 1;
    this.#root = 0;
  }

  /** Equal numbers stand in the order of their nodes. */
  #before(a: number, b: number): boolean {
    const x = this.#value[a];
    const y = this.#value[b];
    return x < y || (x === y && a < b);
  }

  #insert(t: number, node: number): number {
    if (t === 0) return node;
    if (this.#priority[node] > this.#priority[t]) {
      this.#split(t, node);
      this.#left[node] = this.#low;
      this.#right[node] = this.#high;
      this.#recount(node);
      return node;
    }
    if (this.#before(node, t)) this.#left[t] = this.#insert(this.#left[t], node);
    else this.#right[t] = this.#insert(this.#right[t], node);
    this.#count[t]++;
    return t;
  }

  /** Parts the subtree `t` into what stands before `node` (`#low`) and after it (`#high`). */
  #split(t: number, node: number): void {
    if (t === 0) {
      this.#low = 0;
      this.#high = 0;
    } else if (this.#before(t, node)) {
      this.#split(this.#right[t], node);
      this.#right[t] = this.#low;
      this.#recount(t);
      this.#low = t;
    } else {
      this.#split(this.#left[t], node);
      this.#left[t] = this.#high;
      this.#recount(t);
      this.#high = t;
    }
  }

  #erase(t: number, node: number): number {
    if (t === node) return this.#merge(this.#left[t], this.#right[t]);
    if (this.#before(node, t)) this.#left[t] = this.#erase(this.#left[t], node);
    else this.#right[t] = this.#erase(this.#right[t], node);
    this.#count[t]--;
    return t;
  }

  #merge(a: number, b: number): number {
    if (a === 0) return b;
    if (b === 0) return a;
    if (this.#priority[a] > this.#priority[b]) {
      this.#right[a] = this.#merge(this.#right[a], b);
      this.#recount(a);
      return a;
    }
    this.#left[b] = this.#merge(a, this.#left[b]);
    this.#recount(b);
    return b;
  }

  #recount(t: number): void {
    this.#count[t] = 1 + this.#count[this.#left[t]] + this.#count[this.#right[t]];
  }
}
