/**
 * Levels by key in sorted columns, the best (the greatest key) at the end, so that changes near the best move little.
 * For levels that a ladder's window does not reach. Grows by doubling; allocates nothing else.
 */
export class SortedLevels {
  size = 0;
  keys = new Int32Array(256);
  lots = new Float64Array(256);

  get(key: number): number {
    const at = this.#place(key);
    return at < this.size && this.keys[at] === key ? this.lots[at] : 0;
  }

  /** The level at `key` now holds `lots`, not below 0; 0 removes it. Returns by how much the number of levels changed. */
  set(key: number, lots: number): number {
    const at = this.#place(key);
    const { size } = this;
    if (at < size && this.keys[at] === key) {
      if (lots !== 0) {
        this.lots[at] = lots;
        return 0;
      }
      this.keys.copyWithin(at, at + 1, size);
      this.lots.copyWithin(at, at + 1, size);
      this.size--;
      return -1;
    }
    if (lots === 0) return 0;
    if (size === this.keys.length) this.#grow();
    this.keys.copyWithin(at + 1, at, size);
    this.lots.copyWithin(at + 1, at, size);
    this.keys[at] = key;
    this.lots[at] = lots;
    this.size++;
    return 1;
  }

  /** Adds a level better than every other. */
  push(key: number, lots: number): void {
    if (this.size === this.keys.length) this.#grow();
    this.keys[this.size] = key;
    this.lots[this.size++] = lots;
  }

  /** The `count` worst levels are gone. */
  dropWorst(count: number): void {
    this.keys.copyWithin(0, count, this.size);
    this.lots.copyWithin(0, count, this.size);
    this.size -= count;
  }

  /** Where `key` is, or would be inserted. */
  #place(key: number): number {
    const { keys } = this;
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (keys[middle] < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #grow(): void {
    const { keys, lots } = this;
    this.keys = new Int32Array(keys.length * 2);
    this.lots = new Float64Array(keys.length * 2);
    this.keys.set(keys);
    this.lots.set(lots);
  }
}
