import { assert } from '../../core/index.ts';
import { BatchBuilder, type EventBatch } from '../../market/index.ts';

/** Rows of one piece of memory: so many that few are begun, so few that they stay in the processor's cache. */
const CHUNK_ROWS = 4096;

/**
 * The rows that the venue's side has taken and ours has not, in order. The batch at hand is read where it is; only what is left of it when its caller
 * wants it back is copied, into memory that is used again. So what is held is bounded by how long messages are on the way, however long the tape, and nothing is
 * allocated once the memory suffices.
 */
export class RetainedBatches {
  /** Where our side stands: its next message begins at `row` of `batch`; null where it has taken all. The batch may have rows past the last that is held. */
  batch: EventBatch | null = null;
  row = 0;
  /** The row after the last of `batch` that is held. */
  #end = 0;
  /** Held in memory of our own, the one being read first. */
  readonly #chunks: BatchBuilder[] = [];
  /** The caller's; null between `settle` and `lend`. */
  #lent: EventBatch | null = null;
  readonly #free: BatchBuilder[] = [];

  /** Rows held in memory of our own. */
  get rows(): number {
    let rows = 0;
    for (const chunk of this.#chunks) rows += chunk.length;
    return rows === 0 ? 0 : rows - this.row;
  }

  /** Rows of `batch` that are held. */
  get heldRows(): number {
    return this.#end - this.row;
  }

  /** Rows to come stand in `batch`, which stays as it is until `settle`. */
  lend(batch: EventBatch): void {
    this.#lent = batch;
    if (this.batch === null) this.#read();
  }

  /** Our side took so many rows. The rows just taken may be used until the next call. */
  advance(rows: number): void {
    this.row += rows;
  }

  /** Call before reading: moves on from a batch that is over. */
  turn(): void {
    while (this.batch !== null && this.row === this.#end) {
      const over = this.#chunks.shift();
      if (over === undefined) this.#lent = null;
      else {
        over.rewind(0);
        this.#free.push(over);
      }
      this.#read();
    }
  }

  /** The caller wants its batch back: copies the rows of it that our side has yet to take. */
  settle(): void {
    this.turn();
    const lent = this.#lent;
    if (lent === null) return;
    const isRead = this.#chunks.length === 0;
    const from = isRead ? this.row : 0;
    const chunk = this.#chunkFor(lent, lent.length - from);
    chunk.append(lent, from, lent.length);
    this.#lent = null;
    if (isRead) this.#read();
    else this.#end = this.#chunks[0].length;
  }

  /** Begins with the first that there is. */
  #read(): void {
    this.row = 0;
    const [chunk] = this.#chunks;
    this.batch = chunk === undefined ? this.#lent : chunk.reserve(0);
    this.#end = chunk === undefined ? (this.#lent?.length ?? 0) : chunk.length;
  }

  /** The last chunk, where it is of the batch's day and has room, or another: one that is read never moves. */
  #chunkFor(batch: EventBatch, rows: number): BatchBuilder {
    const last = this.#chunks.at(-1);
    if (last !== undefined && last.day === batch.day && last.length + rows <= last.reserve(0).length) return last;
    let chunk = this.#free.pop();
    while (chunk !== undefined && chunk.day !== batch.day) chunk = this.#free.pop();
    chunk ??= new BatchBuilder(batch.instrument, batch.day, Math.max(CHUNK_ROWS, rows));
    assert(chunk.length === 0, 'a free chunk is empty');
    this.#chunks.push(chunk);
    return chunk;
  }
}
