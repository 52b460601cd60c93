import { MAX_PRICE_TICKS, NO_PRICE } from '../core/index.ts';
import { type LadderBook, Side } from '../market/index.ts';
import { type SideMemory, Task } from './view-memory.ts';

/**
 * One side of a book as signals see it: reads its best levels out of the book where they changed, for the view's step to take
 * over. A level that does not exist has size 0 and lies infinitely far away (`NO_PRICE` for bids, `MAX_PRICE_TICKS` for asks).
 */
export class ViewSide {
  /** Levels that exist, at most `depth`. */
  levels = 0;
  oldLevels = 0;
  /** The last message changed one of the levels. */
  changed = false;
  readonly #side: Side;
  readonly #memory: SideMemory;
  readonly #absent: number;
  readonly #depth: number;
  /** Of the book's best levels, as last read. */
  #version = -1;
  /** The levels before are those of now. */
  #aged = true;

  constructor(side: Side, memory: SideMemory) {
    this.#side = side;
    this.#memory = memory;
    this.#absent = side === Side.BID ? NO_PRICE : MAX_PRICE_TICKS;
    this.#depth = memory.ticks.length;
    this.reset();
  }

  /** All lots of the levels. */
  get total(): number {
    return this.#memory.sumLots[this.#depth - 1];
  }

  /** The book after a message that changed it, and what the step has to do. What the message left alone is not read again. */
  read(book: LadderBook): Task {
    this.oldLevels = this.levels;
    this.changed = book.topVersion(this.#side) !== this.#version;
    if (this.changed) {
      this.#read(book);
      this.#aged = false;
      return Task.RENEW;
    }
    if (this.#aged) return Task.REST;
    this.#aged = true;
    return Task.AGE;
  }

  /** The first book after a reset: a state that nothing led to. It is for the step to renew, and then to age. */
  start(book: LadderBook): void {
    this.#read(book);
    this.oldLevels = this.levels;
    this.#aged = true;
  }

  reset(): void {
    this.changed = false;
    this.levels = 0;
    this.oldLevels = 0;
    this.#aged = true;
    this.#memory.clear(this.#absent);
  }

  #read(book: LadderBook): void {
    const { nextTicks, nextLots } = this.#memory;
    const depth = this.#depth;
    this.#version = book.topVersion(this.#side);
    const levels = book.top(this.#side, depth, nextTicks, nextLots);
    this.levels = levels;
    for (let m = levels; m < depth; m++) {
      nextTicks[m] = this.#absent;
      nextLots[m] = 0;
    }
  }
}
