import { type BookSide, LevelBook, type LevelChange } from './level-book.ts';

/** What happened to one order; `size` is what remains of it, 0 takes it out. */
export interface OrderChange {
  readonly id: string;
  readonly side: BookSide;
  readonly price: number;
  readonly size: number;
}

interface Entry {
  /** Which numbering: a venue that numbers anew begins another. */
  readonly epoch: number;
  readonly updateId: number;
  readonly sequence: number;
  readonly timeUs: number;
  readonly changes: readonly LevelChange[];
  readonly order: OrderChange | null;
}

/** A market at one moment. */
export interface Moment {
  readonly book: LevelBook;
  /** In the order of their queues. */
  readonly orders: ReadonlyMap<string, OrderChange>;
}

/** A venue may name numbers a little past its book's last change; numberings of one market lie much farther apart. */
const NUMBERING_REACH = 100_000;

/** Everything that happened to one market's book, so that the book at any version can be told afterwards. */
export class Truth {
  #log: Entry[] = [];
  /** What happened before the log. */
  readonly #base: { readonly book: LevelBook; readonly orders: Map<string, OrderChange> } = {
    book: new LevelBook(),
    orders: new Map(),
  };
  /** Entries applied to `#book`. */
  #applied = 0;
  readonly #book = new LevelBook();
  readonly #orders = new Map<string, OrderChange>();

  get length(): number {
    return this.#log.length;
  }

  /** Forgets the versions before the last `count`, for runs that are too long to keep all. */
  prune(count: number): void {
    const gone = this.#log.length - count;
    if (gone <= 0) return;
    for (let i = 0; i < gone; i++) apply(this.#log[i], this.#base.book, this.#base.orders);
    this.#log = this.#log.slice(gone);
    this.#rewind();
  }

  record(entry: Entry): void {
    this.#log.push(entry);
  }

  /** The book as of a number of the venue's; null where none of its numberings reached it. Good until the next call. */
  at(key: 'updateId' | 'sequence', number: number): Moment | null {
    // The latest numbering first; those of one market lie far apart.
    for (let end = this.#log.length; end > 0; ) {
      const { epoch } = this.#log[end - 1];
      const start = this.#count(0, end, (entry) => entry.epoch < epoch);
      if (this.#log[start][key] <= number && number <= this.#log[end - 1][key] + NUMBERING_REACH) {
        return this.#momentAfter(this.#count(start, end, (entry) => entry[key] <= number));
      }
      end = start;
    }
    return null;
  }

  /** The book as of the venue's clock, µs since 1970; before the market, its first book. Good until the next call. */
  atTime(timeUs: number): Moment {
    return this.#momentAfter(
      Math.max(
        1,
        this.#count(0, this.#log.length, (entry) => entry.timeUs <= timeUs),
      ),
    );
  }

  /** The number that was the last one at a time. */
  numberAtTime(key: 'updateId' | 'sequence', timeUs: number): number {
    const count = this.#count(0, this.#log.length, (entry) => entry.timeUs <= timeUs);
    return this.#log[Math.max(0, count - 1)][key];
  }

  /** The book after so many changes. Good until the next call. */
  atCount(count: number): Moment {
    return this.#momentAfter(count);
  }

  now(): Moment {
    return this.#momentAfter(this.#log.length);
  }

  /** The first index in [low, high) of which `before` does not hold; it holds of all before that one. */
  #count(low: number, high: number, before: (entry: Entry) => boolean): number {
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (before(this.#log[middle])) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #momentAfter(count: number): Moment {
    if (count < this.#applied) this.#rewind();
    for (; this.#applied < count; this.#applied++) apply(this.#log[this.#applied], this.#book, this.#orders);
    return { book: this.#book, orders: this.#orders };
  }

  #rewind(): void {
    this.#applied = 0;
    this.#book.clear();
    this.#orders.clear();
    for (const side of [0, 1] as const) {
      for (const [price, size] of this.#base.book.sides[side]) this.#book.set({ side, price, size });
    }
    for (const [id, order] of this.#base.orders) this.#orders.set(id, order);
  }
}

function apply({ changes, order }: Entry, book: LevelBook, orders: Map<string, OrderChange>): void {
  for (const change of changes) book.set(change);
  if (order === null) return;
  if (order.size === 0) orders.delete(order.id);
  else orders.set(order.id, order);
}
