import { NS_PER_DAY } from '../core/index.ts';
import { type EventBatch, messageEnd } from './event-batch.ts';
import type { EventSource } from './recording.ts';

/** Rows [from, to) of a batch, whole messages of one of two sources; valid until the next run is asked for. */
export interface MergedRun {
  readonly source: 0 | 1;
  readonly batch: EventBatch;
  readonly from: number;
  readonly to: number;
}

type Readable = Pick<EventSource, 'batches'>;

/**
 * The messages of two sources in the order in which they arrived (`tsRecvNs` with the day), in runs as long as one source goes
 * on; at one instant those of `a` come first. Each source keeps its own order: a message whose time goes back arrived with the
 * one before it. Both are read to their end. Their batches are lent, so be done with a run before asking for the next.
 */
export async function* mergeByArrival(a: Readable, b: Readable): AsyncGenerator<MergedRun, void, undefined> {
  const first = new Head(a);
  const second = new Head(b);
  try {
    for (;;) {
      await first.refill(second);
      await second.refill(first);
      const firstGoes = first.ns <= second.ns;
      const [head, other] = firstGoes ? [first, second] : [second, first];
      const { batch, at } = head;
      if (batch === null) return;
      do head.step(batch);
      while (head.at < batch.length && (firstGoes ? head.ns <= other.ns : head.ns < other.ns));
      yield { source: firstGoes ? 0 : 1, batch, from: at, to: head.at };
    }
  } finally {
    await first.close();
    await second.close();
  }
}

/** The next message of a source: its row `at`. */
class Head {
  batch: EventBatch | null = null;
  at = 0;
  /** When it arrived, ns since the first day of either source; infinite where the source has ended. */
  ns = Number.NEGATIVE_INFINITY;
  #firstDay = Number.NaN;
  readonly #batches: AsyncIterator<EventBatch>;

  constructor(source: Readable) {
    this.#batches = source.batches({ lend: true })[Symbol.asyncIterator]();
  }

  /** Asks for the next batch where this one is used up. */
  async refill(other: Head): Promise<void> {
    while (this.ns !== Number.POSITIVE_INFINITY && (this.batch === null || this.at === this.batch.length)) {
      const { done, value } = await this.#batches.next();
      this.at = 0;
      this.batch = done === true ? null : value;
      if (done === true) this.ns = Number.POSITIVE_INFINITY;
      else if (value.length > 0) {
        if (Number.isNaN(this.#firstDay)) this.#firstDay = Number.isNaN(other.#firstDay) ? value.day : other.#firstDay;
        this.#look(value);
      }
    }
  }

  /** Past one message. */
  step(batch: EventBatch): void {
    this.at = messageEnd(batch, this.at);
    if (this.at < batch.length) this.#look(batch);
  }

  #look(batch: EventBatch): void {
    const ns = batch.tsRecvNs[this.at] + (batch.day - this.#firstDay) * NS_PER_DAY;
    if (ns > this.ns) this.ns = ns;
  }

  /** For a reader that stopped early. */
  async close(): Promise<void> {
    if (this.ns !== Number.POSITIVE_INFINITY) await this.#batches.return?.();
  }
}
