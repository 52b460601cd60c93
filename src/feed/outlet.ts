import type { EventBatch } from '../market/index.ts';

/** Batches of one instrument on their way out, bounded by their events. */
export class Outlet {
  readonly #maxEvents: number;
  #batches: EventBatch[] = [];
  #head = 0;
  #events = 0;

  constructor(maxEvents: number) {
    this.#maxEvents = maxEvents;
  }

  get size(): number {
    return this.#batches.length - this.#head;
  }

  /** Half empty: enough room to begin anew after an overflow without the next one at once. */
  get roomy(): boolean {
    return this.#events <= this.#maxEvents / 2;
  }

  /** False where it does not fit. An empty outlet takes a batch of any size, for it would fit at no later time either. */
  push(batch: EventBatch): boolean {
    if (this.#events > 0 && this.#events + batch.length > this.#maxEvents) return false;
    this.force(batch);
    return true;
  }

  /** Takes it whatever the limit: the last of all. */
  force(batch: EventBatch): void {
    this.#batches.push(batch);
    this.#events += batch.length;
  }

  shift(): EventBatch | null {
    if (this.size === 0) return null;
    const batch = this.#batches[this.#head++];
    this.#events -= batch.length;
    // Forget the consumed half in one go, so that a shift costs constant time on average.
    if (this.#head * 2 >= this.#batches.length) {
      this.#batches = this.#batches.slice(this.#head);
      this.#head = 0;
    }
    return batch;
  }
}
