import { Random } from '../../src/core/index.ts';
import { type BookSide, LevelBook, type LevelChange } from './level-book.ts';
import type { Product } from './products.ts';
import { type OrderChange, Truth } from './truth.ts';

export interface MarketTrade {
  readonly id: number;
  readonly price: number;
  readonly size: number;
  /** Side of the order that was resting. */
  readonly makerSide: BookSide;
  readonly makerId: string;
  readonly takerId: string;
}

/** One thing that happened, in the words of Coinbase's full channel, the finest of the venues. */
export interface Happening {
  readonly type: 'received' | 'open' | 'match' | 'change' | 'done' | 'levels';
  /** Every happening has a number of its own. */
  readonly sequence: number;
  /** Of the book: spot venues number its changes one by one, futures with holes. That of the last change where this changed nothing. */
  readonly updateId: number;
  /** The venue's clock, µs since 1970; every happening has a time of its own. */
  readonly timeUs: number;
  readonly changes: readonly LevelChange[];
  readonly order: {
    readonly id: string;
    readonly side: BookSide;
    readonly price: number;
    readonly size: number;
  } | null;
  /** Of `change`: before; of `done`: what was left. */
  readonly oldSize: number;
  readonly reason: 'filled' | 'canceled';
  readonly trade: MarketTrade | null;
  /** The message as a venue once sent it, where this is a recording played again. */
  readonly raw: string | null;
}

/** Whatever moves one product's book: seeded, or recorded. */
export interface Market {
  readonly product: Product;
  readonly book: LevelBook;
  /** Resting orders in the order of their queues. Empty where only levels are known. */
  readonly orders: ReadonlyMap<string, OrderChange>;
  readonly truth: Truth;
  readonly trades: ReadonlyMap<number, MarketTrade>;
  readonly lastUpdateId: number;
  readonly lastSequence: number;
  readonly lastTradeId: number;
  /** When something happened last, µs since 1970. */
  readonly timeUs: number;
  /** Since when its numbers count as they do. */
  readonly numberedUs: number;
  /** When it moves next, whole µs since 1970; infinite once it stands still. */
  readonly nextUs: number;
  /** Lets happen all that is due. */
  advance(nowUs: number): Happening[];
  /** The venue numbers anew, from a low number on. */
  renumber(): void;
  /** From now on moves come so seldom, on average. */
  calm(meanUs: number): void;
  /** Nothing moves any more. */
  freeze(): void;
  /** Moves again, from a time on. */
  thaw(nowUs: number): void;
  /** Forgets what happened long ago. */
  prune(): void;
}

/** Versions and trades that a pruned market still knows: minutes of them. */
const KEPT = 20_000;

export interface SeededMarketOptions {
  readonly seed: number;
  readonly startUs: number;
  /** Mean time between moves. */
  readonly meanUs: number;
  /** Levels a side at the start, about. */
  readonly levels: number;
  /** Futures: ids are the matching engine's own, and most do not concern this book. */
  readonly idHoles: boolean;
}

/** Seeded order flow with exact integers: limit orders, cancels, reductions, market orders that walk the book. */
export class SeededMarket implements Market {
  readonly product: Product;
  readonly book = new LevelBook();
  readonly orders = new Map<string, OrderChange>();
  readonly truth = new Truth();
  readonly trades = new Map<number, MarketTrade>();
  lastUpdateId: number;
  lastSequence: number;
  lastTradeId: number;
  timeUs: number;
  numberedUs: number;
  nextUs: number;
  readonly #random: Random;
  readonly #options: SeededMarketOptions;
  #meanUs: number;
  #epoch = 0;
  #ids = 0;
  #out: Happening[] = [];

  constructor(product: Product, options: SeededMarketOptions) {
    this.product = product;
    this.#options = options;
    this.#meanUs = options.meanUs;
    this.#random = new Random(options.seed);
    this.timeUs = this.numberedUs = options.startUs - 1_000_000;
    this.nextUs = options.startUs;
    this.lastUpdateId = 5_000_000_000 + this.#random.below(1_000_000_000);
    this.lastSequence = 80_000_000_000 + this.#random.below(1_000_000_000);
    this.lastTradeId = 3_000_000 + this.#random.below(1_000_000);
    for (const side of [0, 1] as const) for (let i = 0; i < options.levels; i++) this.#limit(side, i + 1);
    this.#out = [];
  }

  advance(nowUs: number): Happening[] {
    while (this.nextUs <= nowUs) {
      this.timeUs = Math.max(this.timeUs, this.nextUs);
      this.#move();
      this.nextUs += 1 + Math.floor(this.#random.exponential(this.#meanUs));
    }
    const out = this.#out;
    this.#out = [];
    return out;
  }

  calm(meanUs: number): void {
    this.#meanUs = meanUs;
  }

  freeze(): void {
    this.nextUs = Number.POSITIVE_INFINITY;
  }

  thaw(nowUs: number): void {
    this.nextUs = nowUs;
  }

  prune(): void {
    this.truth.prune(KEPT);
    for (const id of this.trades.keys()) {
      if (this.trades.size <= KEPT) break;
      this.trades.delete(id);
    }
  }

  renumber(): void {
    this.#epoch++;
    // Lower than any before, and far from it.
    this.lastUpdateId -= 200_000_000;
    this.lastSequence -= 200_000_000;
    this.timeUs++;
    this.numberedUs = this.timeUs;
    // The book is the same under its new number.
    this.#record([], null);
  }

  #move(): void {
    const random = this.#random;
    // Ids that other books of the venue's matching engine take.
    if (this.#options.idHoles && random.bernoulli(0.7)) this.lastUpdateId += random.below(40);
    const side = random.below(2) as BookSide;
    const dice = random.float();
    const few = this.book.sides[side].size < this.#options.levels * 0.8;
    if (few || dice < 0.42) this.#limit(side, 1 + random.geometric(few ? 0.05 : 0.15));
    else if (dice < 0.78) this.#cancel();
    else if (dice < 0.86) this.#reduce();
    else this.#aggress(side);
  }

  #id(): string {
    const digits = this.#random.uint32().toString(16).padStart(8, '0');
    return `${digits}-5a3c-4f1e-a7d2-${String(this.#ids++).padStart(12, '0')}`;
  }

  #lots(): number {
    const { lot, meanLots } = this.product;
    return lot * (1 + this.#random.below(meanLots * 2));
  }

  #limit(side: BookSide, distance: number): void {
    const { tick, middle } = this.product;
    const other = this.book.touch(side === 0 ? 1 : 0);
    const from = Number.isNaN(other) ? middle + (side === 0 ? tick : 0) : other;
    const price = Math.max(tick, from + (side === 0 ? -tick : tick) * distance);
    if (!Number.isNaN(other) && (side === 0 ? price >= other : price <= other)) return;
    const order = { id: this.#id(), side, price, size: this.#lots() };
    this.#tell('received', [], null, { order });
    this.#open(order);
  }

  #open(order: OrderChange): void {
    const { side, price, size } = order;
    this.orders.set(order.id, order);
    this.#tell('open', [{ side, price, size: this.book.size(side, price) + size }], order, { order });
  }

  #anyOrder(): OrderChange | null {
    if (this.orders.size === 0) return null;
    let skip = this.#random.below(this.orders.size);
    for (const order of this.orders.values()) if (skip-- === 0) return order;
    return null;
  }

  #cancel(): void {
    const order = this.#anyOrder();
    // A side is never left empty: the venues' books here always have both.
    if (order === null || this.book.sides[order.side].size < 3) return;
    this.#take(order, order.size, 'done', { order, oldSize: order.size, reason: 'canceled' });
  }

  #reduce(): void {
    const order = this.#anyOrder();
    const lots = order === null ? 0 : Math.floor(order.size / this.product.lot);
    if (order === null || lots < 2) return;
    const cut = this.product.lot * (1 + this.#random.below(lots - 1));
    this.#take(order, cut, 'change', { order: { ...order, size: order.size - cut }, oldSize: order.size });
  }

  /** An order comes that trades with the best of `side`; sometimes what is left of it rests. */
  #aggress(side: BookSide): void {
    const takerSide: BookSide = side === 0 ? 1 : 0;
    const takerId = this.#id();
    let rest = this.#lots() * (1 + this.#random.below(3));
    const limitLevels = this.#random.below(3);
    let price = Number.NaN;
    this.#tell('received', [], null, { order: { id: takerId, side: takerSide, price: 0, size: rest } });
    for (let level = 0; rest > 0 && level <= limitLevels && this.book.sides[side].size > 4; level++) {
      price = this.book.touch(side);
      for (const maker of [...this.orders.values()]) {
        if (maker.side !== side || maker.price !== price || rest === 0) continue;
        const size = Math.min(rest, maker.size);
        rest -= size;
        const trade = { id: ++this.lastTradeId, price, size, makerSide: side, makerId: maker.id, takerId };
        this.trades.set(trade.id, trade);
        this.#take(maker, size, 'match', { trade });
        if (size === maker.size) this.#tell('done', [], null, { order: { ...maker, size: 0 }, reason: 'filled' });
      }
    }
    const left = this.book.touch(side);
    const rests = rest > 0 && !Number.isNaN(price) && this.#random.bernoulli(0.5) && left !== price;
    const order = { id: takerId, side: takerSide, price, size: rest };
    if (rests) this.#open(order);
    else
      this.#tell('done', [], null, {
        order: { ...order, price: 0, size: 0 },
        oldSize: rest,
        reason: rest > 0 ? 'canceled' : 'filled',
      });
  }

  /** An order loses `size`. */
  #take(order: OrderChange, size: number, type: Happening['type'], more: Partial<Happening>): void {
    const { side, price } = order;
    const after = { ...order, size: order.size - size };
    if (after.size === 0) this.orders.delete(order.id);
    else this.orders.set(order.id, after);
    this.#tell(type, [{ side, price, size: this.book.size(side, price) - size }], after, more);
  }

  #tell(
    type: Happening['type'],
    changes: readonly LevelChange[],
    orderChange: OrderChange | null,
    more: Partial<Happening>,
  ): void {
    this.timeUs++;
    this.lastSequence++;
    if (changes.length > 0) {
      this.lastUpdateId += this.#options.idHoles ? 1 + this.#random.below(3) : 1;
      for (const change of changes) this.book.set(change);
    }
    this.#record(changes, orderChange);
    const { lastSequence: sequence, lastUpdateId: updateId } = this;
    const base = { type, sequence, updateId, timeUs: this.timeUs, changes, raw: null };
    this.#out.push({ order: null, oldSize: 0, reason: 'filled', trade: null, ...more, ...base });
  }

  #record(changes: readonly LevelChange[], order: OrderChange | null): void {
    const { lastSequence: sequence, lastUpdateId: updateId } = this;
    this.truth.record({ epoch: this.#epoch, updateId, sequence, timeUs: this.timeUs, changes, order });
  }
}
