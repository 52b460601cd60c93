import { assert } from '../core/index.ts';
import { copyMessages, type EventBatch } from './event-batch.ts';

/**
 * The most recent messages in order of arrival, each as a batch of its own, bounded by the number of their events.
 * Where a new one does not fit, the oldest go: a snapshot still to come bridges to the newest.
 */
export class MessageRing {
  readonly #maxEvents: number;
  #messages: EventBatch[] = [];
  #head = 0;
  #events = 0;

  constructor(maxEvents: number) {
    assert(Number.isInteger(maxEvents) && maxEvents > 0, 'a buffer holds at least one event');
    this.#maxEvents = maxEvents;
  }

  get size(): number {
    return this.#messages.length - this.#head;
  }

  /** Returns how many messages were lost: older ones pushed out, or this one where it alone is too large. */
  push(batch: EventBatch, from: number, to: number): number {
    let lost = 0;
    while (this.size > 0 && this.#events + (to - from) > this.#maxEvents) {
      this.shift();
      lost++;
    }
    if (to - from > this.#maxEvents) return lost + 1;
    this.#messages.push(copyMessages(batch, from, to));
    this.#events += to - from;
    return lost;
  }

  /** The oldest message, left in place. */
  peek(): EventBatch {
    assert(this.size > 0, 'there is a message');
    return this.#messages[this.#head];
  }

  shift(): void {
    this.#events -= this.peek().length;
    this.#head++;
    // Forget the consumed half in one go, so that a shift costs constant time on average.
    if (this.#head * 2 >= this.#messages.length) {
      this.#messages = this.#messages.slice(this.#head);
      this.#head = 0;
    }
  }

  clear(): void {
    this.#messages = [];
    this.#head = 0;
    this.#events = 0;
  }
}
