import { type Instrument, type LadderBook, OrderBook, Side } from '../../src/market/index.ts';
import { type BookSide, unitsOf } from '../doubles/level-book.ts';
import type { Product } from '../doubles/products.ts';
import type { Moment } from '../doubles/truth.ts';

const MAX_LEVELS = 4096;
/** Queues are most of the work, and a wrong one stays wrong: they are looked at every so many comparisons. */
const QUEUES_EVERY = 8;

/** Compares books of ours with a double's, exactly: ticks and lots against the venue's decimal units. */
export class BookCheck {
  /** Ours times this are units of 10^−decimals, as are the double's times theirs. */
  readonly #ourPrice: number;
  readonly #theirPrice: number;
  readonly #ourSize: number;
  readonly #theirSize: number;
  readonly #depth: number | null;
  #count = 0;
  readonly #ticks = new Int32Array(MAX_LEVELS);
  readonly #lots = new Float64Array(MAX_LEVELS);

  /** `depth`: levels a side that the venue tells; null for all. */
  constructor(instrument: Instrument, product: Product, depth: number | null) {
    const decimals = (text: string): number => text.split('.')[1]?.length ?? 0;
    const price = Math.max(decimals(instrument.tickSize), product.priceDecimals);
    const size = Math.max(decimals(instrument.lotSize), product.sizeDecimals);
    this.#ourPrice = unitsOf(instrument.tickSize, price);
    this.#theirPrice = 10 ** (price - product.priceDecimals);
    this.#ourSize = unitsOf(instrument.lotSize, size);
    this.#theirSize = 10 ** (size - product.sizeDecimals);
    this.#depth = depth;
  }

  /**
   * What differs, or null. `known`: how far a snapshot that was cut told, as the worst price of each side; beyond it only what
   * we do have must be right.
   */
  differs(book: LadderBook | OrderBook, truth: Moment, known: readonly (number | null)[]): string | null {
    const levels = book instanceof OrderBook ? book.levels : book;
    for (const side of [0, 1] as const) {
      const wrong = this.#side(levels, truth, side, known[side]);
      if (wrong !== null) return `${side === Side.BID ? 'bids' : 'asks'}: ${wrong}`;
    }
    if (!(book instanceof OrderBook)) return null;
    if (book.orderCount !== truth.orders.size) return `${book.orderCount} orders, the venue has ${truth.orders.size}`;
    return this.#count++ % QUEUES_EVERY === 0 ? this.#queues(book, truth) : null;
  }

  /** A price and a size of ours are those. */
  same(ticks: number, lots: number, price: number, size: number): boolean {
    return ticks * this.#ourPrice === price * this.#theirPrice && lots * this.#ourSize === size * this.#theirSize;
  }

  /** The product's units of a price of ours. */
  unitsOfTicks(ticks: number): number {
    return (ticks * this.#ourPrice) / this.#theirPrice;
  }

  #side(book: LadderBook, truth: Moment, side: BookSide, known: number | null): string | null {
    const all = truth.book.sides[side];
    const expected = this.#depth !== null && all.size > this.#depth ? new Map(truth.book.best(side, this.#depth)) : all;
    const count = book.top(side, MAX_LEVELS, this.#ticks, this.#lots);
    for (let i = 0; i < count; i++) {
      const price = this.unitsOfTicks(this.#ticks[i]);
      const size = expected.get(price);
      if (size === undefined) return `we have ${this.#lots[i]} lots at tick ${this.#ticks[i]}, the venue nothing`;
      if (!this.same(this.#ticks[i], this.#lots[i], price, size)) {
        return `we have ${this.#lots[i]} lots at tick ${this.#ticks[i]}, the venue ${size} units`;
      }
    }
    if (count === expected.size) return null;
    const ours = new Set<number>();
    for (let i = 0; i < count; i++) ours.add(this.unitsOfTicks(this.#ticks[i]));
    for (const [price, size] of expected) {
      const beyond = known !== null && (side === Side.BID ? price < known : price > known);
      if (!ours.has(price) && !beyond) return `the venue has ${size} units at ${price}, we nothing`;
    }
    return null;
  }

  /** Queues, order by order. */
  #queues(book: OrderBook, { orders }: Moment): string | null {
    const queues = new Map<string, number[]>();
    for (const { side, price, size } of orders.values()) {
      const key = `${side}:${price}`;
      const queue = queues.get(key) ?? [];
      queues.set(key, queue);
      queue.push(size);
    }
    const ids = new Float64Array(1024);
    const lots = new Float64Array(1024);
    for (const [key, sizes] of queues) {
      const [side, price] = key.split(':').map(Number) as [BookSide, number];
      const ticks = (price * this.#theirPrice) / this.#ourPrice;
      const count = book.queue(side, ticks, ids, lots);
      const same = sizes.every((size, i) => lots[i] * this.#ourSize === size * this.#theirSize);
      if (count !== sizes.length || !same)
        return `the queue at tick ${ticks} is ${[...lots.slice(0, count)]}, the venue's ${sizes}`;
    }
    return null;
  }
}
