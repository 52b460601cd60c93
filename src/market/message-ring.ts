import { assert } from '../core/index.ts';
import { BatchBuilder, type EventBatch, messageEnd } from './event-batch.ts';

/** Rows to begin with; doubled as needed. */
const ROWS = 256;

/**
 * The most recent messages in order of arrival, bounded by the number of their events. Where a new one does not fit, the
 * oldest go: a snapshot still to come bridges to the newest. Columns, not an object a message: a book that is lost for long
 * keeps tens of thousands, and 47 bytes an event is what they cost, with room to grow.
 */
export class MessageRing {
  /** How many messages there are. */
  size = 0;
  readonly #maxEvents: number;
  #store: BatchBuilder | null = null;
  /** Row of the oldest message; rows before it are over. */
  #head = 0;

  constructor(maxEvents: number) {
    assert(Number.isInteger(maxEvents) && maxEvents > 0, 'a buffer holds at least one event');
    this.#maxEvents = maxEvents;
  }

  /** Returns how many messages were lost: older ones pushed out, or this one where it alone is too large. */
  push(batch: EventBatch, from: number, to: number): number {
    let lost = 0;
    while (this.size > 0 && this.#events + (to - from) > this.#maxEvents) {
      this.shift();
      lost++;
    }
    if (to - from > this.#maxEvents) return lost + 1;
    this.#store ??= new BatchBuilder(batch.instrument, batch.day, ROWS);
    this.#store.append(batch, from, to);
    this.size++;
    return lost;
  }

  /** The rows that hold the oldest message, `[from, to)`, left in place; good until the next call. */
  get rows(): EventBatch {
    assert(this.#store !== null, 'there is a message');
    return this.#store.reserve(0);
  }

  get from(): number {
    return this.#head;
  }

  get to(): number {
    assert(this.size > 0, 'there is a message');
    return messageEnd(this.rows, this.#head);
  }

  shift(): void {
    this.#head = this.to;
    this.size--;
    if (this.size === 0) this.clear();
    // Forget what is over in one go, so that a shift costs constant time on average.
    else if (this.#head > this.#maxEvents || this.#head > this.#events + ROWS) this.#compact();
  }

  clear(): void {
    this.#store = null;
    this.#head = 0;
    this.size = 0;
  }

  get #events(): number {
    return this.#store === null ? 0 : this.#store.length - this.#head;
  }

  #compact(): void {
    const { rows } = this;
    const store = new BatchBuilder(rows.instrument, rows.day, ROWS);
    store.append(rows, this.#head, this.#head + this.#events);
    this.#store = store;
    this.#head = 0;
  }
}
