/** Taken entries are forgotten in one go, so that taking one costs constant time on average. */
const COMPACT = 64;

/** Things on the way that keep their order: what was sent later does not arrive earlier. */
export class Channel<Item> {
  #items: Item[] = [];
  #dueNs: number[] = [];
  #head = 0;
  #lastNs = Number.NEGATIVE_INFINITY;

  get size(): number {
    return this.#items.length - this.#head;
  }

  /** When the first of them arrives; infinite where there is none. */
  get nextNs(): number {
    return this.size === 0 ? Number.POSITIVE_INFINITY : this.#dueNs[this.#head];
  }

  /** Returns when it arrives: at `dueNs`, or with the one before it where that is later. */
  push(dueNs: number, item: Item): number {
    if (dueNs > this.#lastNs) this.#lastNs = dueNs;
    this.#items.push(item);
    this.#dueNs.push(this.#lastNs);
    return this.#lastNs;
  }

  /** Removes and returns the first; there must be one. */
  shift(): Item {
    const item = this.#items[this.#head++];
    if (this.#head >= COMPACT && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#dueNs = this.#dueNs.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
