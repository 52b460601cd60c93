import {
  type EventBatch,
  EventFlag,
  EventKind,
  type LadderBook,
  Side,
  type Verifier,
  type VerifierReport,
} from '../../market/index.ts';
import type { BookRows } from './book-rows.ts';

/**
 * Compares a book after message k with row k of the order book file: every level of both sides, price, size and absence.
 * Left out are the cells that the decoder read itself: row 0, levels just revealed, and on a side that changed and has
 * fewer levels than the window, its end.
 */
export class RowVerifier implements Verifier {
  #checked = 0;
  #mismatches = 0;
  #firstMismatch: string | null = null;
  readonly #rows: BookRows;
  readonly #unitsPerTick: number;
  readonly #prices: Float64Array;
  readonly #sizes: Float64Array;
  readonly #ticks: Int32Array;
  readonly #lots: Float64Array;

  constructor(rows: BookRows, unitsPerTick: number) {
    this.#rows = rows;
    this.#unitsPerTick = unitsPerTick;
    this.#prices = new Float64Array(2 * rows.levels);
    this.#sizes = new Float64Array(2 * rows.levels);
    // One more than the window, so that a book that forgot to hide a level is caught.
    this.#ticks = new Int32Array(rows.levels + 1);
    this.#lots = new Float64Array(rows.levels + 1);
  }

  afterMessage(batch: EventBatch, from: number, to: number, book: LadderBook, synced: boolean): void {
    if (!synced || batch.kind[from] === EventKind.SNAPSHOT) return;
    const row = batch.sequence[from];
    this.#rows.readRow(row, this.#prices, this.#sizes);
    this.#compareSide(Side.ASK, 0, row, batch, from, to, book);
    this.#compareSide(Side.BID, this.#rows.levels, row, batch, from, to, book);
  }

  report(): VerifierReport {
    return { checked: this.#checked, mismatches: this.#mismatches, firstMismatch: this.#firstMismatch };
  }

  #compareSide(
    side: Side,
    at: number,
    row: number,
    batch: EventBatch,
    from: number,
    to: number,
    book: LadderBook,
  ): void {
    const levels = this.#rows.levels;
    let revealed = 0;
    let changed = false;
    for (let i = from; i < to; i++) {
      if (batch.kind[i] > EventKind.EXECUTE || batch.side[i] !== side) continue;
      changed = true;
      if ((batch.flags[i] & EventFlag.REVEALED) !== 0) revealed++;
    }
    const count = book.top(side, levels + 1, this.#ticks, this.#lots);
    for (let rank = 0; rank < levels; rank++) {
      const known = rank < count;
      if (known ? rank >= count - revealed : changed) break;
      this.#checked++;
      const price = this.#prices[at + rank];
      const size = this.#sizes[at + rank];
      const same = known
        ? price === this.#ticks[rank] * this.#unitsPerTick && size === this.#lots[rank]
        : Number.isNaN(price) && size === 0;
      if (!same) this.#mismatch(side, rank, row, known);
    }
    if (count > levels) this.#mismatch(side, levels, row, true);
  }

  #mismatch(side: Side, rank: number, row: number, known: boolean): void {
    this.#mismatches++;
    if (this.#firstMismatch !== null) return;
    const has = known ? `${this.#lots[rank]} at ${this.#ticks[rank] * this.#unitsPerTick}` : 'no level';
    const at = rank + (side === Side.ASK ? 0 : this.#rows.levels);
    const says = rank === this.#rows.levels ? 'no such level' : cellText(this.#prices[at], this.#sizes[at]);
    const where = `${this.#rows.name}, line ${row + 1}, ${side === Side.ASK ? 'ask' : 'bid'} level ${rank + 1}`;
    this.#firstMismatch = `${where}: the book has ${has}, the file ${says}`;
  }
}

function cellText(price: number, size: number): string {
  if (Number.isNaN(size)) return 'no number';
  return Number.isNaN(price) ? 'no level' : `${size} at ${price}`;
}
