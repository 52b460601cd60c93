import { assert, NO_PRICE } from '../../core/index.ts';
import { EventKind, Side } from '../../market/index.ts';

type BookSide = typeof Side.BID | typeof Side.ASK;

/** Where the engine reports what happened to resting orders, in order. Columns as in `EventBatch`. */
export interface OrderSink {
  row(kind: EventKind, side: Side, priceTicks: number, sizeLots: number, orderId: number): void;
}

/** A resting order. Only the engine writes to it; once gone its `lots` are 0. */
export interface Order {
  readonly id: number;
  readonly side: BookSide;
  readonly level: PriceLevel;
  lots: number;
  /** Neighbours in the queue; `prev` was there before. */
  prev: Order | null;
  next: Order | null;
  /** Where it stands in `MatchingEngine.orders`. */
  index: number;
}

/** The queue at one price, oldest order first. */
export interface PriceLevel {
  readonly priceTicks: number;
  lots: number;
  head: Order | null;
  tail: Order | null;
}

/**
 * A limit order book with price-time priority: an incoming order trades with the best opposite price first and, within
 * a price, with the oldest order first, at the resting order's price; what is left of a limit order rests last in its
 * queue. Prices in ticks, sizes in whole lots. Every change of a resting order goes to the sink as one row: ADD,
 * EXECUTE, CANCEL (keeps its place) or DELETE; an order executed in full gets no DELETE besides.
 */
export class MatchingEngine {
  /** All resting orders, in no order. */
  readonly orders: Order[] = [];
  /** Levels of each side, the best one last, so that what happens at the touch moves nothing else. */
  readonly #levels: readonly [PriceLevel[], PriceLevel[]] = [[], []];
  readonly #sink: OrderSink;
  #lastId = 0;

  constructor(sink: OrderSink) {
    this.#sink = sink;
  }

  levelCount(side: BookSide): number {
    return this.#levels[side].length;
  }

  /** The level `depth` steps behind the best (0: the best); `undefined` where the side has fewer. */
  level(side: BookSide, depth: number): PriceLevel | undefined {
    const levels = this.#levels[side];
    return levels[levels.length - 1 - depth];
  }

  /** `NO_PRICE` where the side is empty. */
  bestTicks(side: BookSide): number {
    return this.level(side, 0)?.priceTicks ?? NO_PRICE;
  }

  bestLots(side: BookSide): number {
    return this.level(side, 0)?.lots ?? 0;
  }

  lotsAt(side: BookSide, priceTicks: number): number {
    return this.levelAt(side, priceTicks)?.lots ?? 0;
  }

  levelAt(side: BookSide, priceTicks: number): PriceLevel | undefined {
    const levels = this.#levels[side];
    const at = insertionPoint(levels, side, priceTicks);
    return levels[at - 1]?.priceTicks === priceTicks ? levels[at - 1] : undefined;
  }

  /** A limit order: trades what crosses, rests the remainder. Returns the resting order, or null where all of it traded. */
  place(side: BookSide, priceTicks: number, lots: number): Order | null {
    assert(lots > 0 && Number.isInteger(lots), 'an order has a whole number of lots');
    const rest = lots - this.#match(side, priceTicks, lots);
    return rest === 0 ? null : this.#rest(side, priceTicks, rest);
  }

  /** A market order of the aggressor `side`. Returns the lots that traded; what finds no counterparty is dropped. */
  take(side: BookSide, lots: number): number {
    assert(lots > 0 && Number.isInteger(lots), 'an order has a whole number of lots');
    return this.#match(side, side === Side.BID ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY, lots);
  }

  /** Takes `lots` off a resting order, which keeps its place; all of them and it is gone. */
  cancel(order: Order, lots: number): void {
    assert(lots > 0 && lots <= order.lots, 'a cancel takes no more than what rests');
    const kind = lots === order.lots ? EventKind.DELETE : EventKind.CANCEL;
    this.#sink.row(kind, order.side, order.level.priceTicks, lots, order.id);
    this.#reduce(order, lots);
  }

  /** Reports the whole book as ADD rows: bids then asks, best price first, oldest order first. */
  report(sink: OrderSink): void {
    for (const side of [Side.BID, Side.ASK] as const) {
      for (let depth = 0; depth < this.levelCount(side); depth++) {
        const level = this.level(side, depth)!;
        for (let order = level.head; order !== null; order = order.next) {
          sink.row(EventKind.ADD, side, level.priceTicks, order.lots, order.id);
        }
      }
    }
  }

  #match(aggressor: BookSide, limitTicks: number, lots: number): number {
    const resting = aggressor === Side.BID ? Side.ASK : Side.BID;
    const levels = this.#levels[resting];
    let left = lots;
    while (left > 0 && levels.length > 0) {
      const level = levels[levels.length - 1];
      if (aggressor === Side.BID ? level.priceTicks > limitTicks : level.priceTicks < limitTicks) break;
      const order = level.head!;
      const traded = Math.min(left, order.lots);
      this.#sink.row(EventKind.EXECUTE, resting, level.priceTicks, traded, order.id);
      this.#reduce(order, traded);
      left -= traded;
    }
    return lots - left;
  }

  #rest(side: BookSide, priceTicks: number, lots: number): Order {
    const levels = this.#levels[side];
    const at = insertionPoint(levels, side, priceTicks);
    let level = levels[at - 1];
    if (level?.priceTicks !== priceTicks) {
      level = { priceTicks, lots: 0, head: null, tail: null };
      levels.splice(at, 0, level);
    }
    const id = ++this.#lastId;
    const order: Order = { id, side, level, lots, prev: level.tail, next: null, index: this.orders.length };
    if (level.tail === null) level.head = order;
    else level.tail.next = order;
    level.tail = order;
    level.lots += lots;
    this.orders.push(order);
    this.#sink.row(EventKind.ADD, side, priceTicks, lots, id);
    return order;
  }

  #reduce(order: Order, lots: number): void {
    const level = order.level;
    order.lots -= lots;
    level.lots -= lots;
    if (order.lots > 0) return;
    if (order.prev === null) level.head = order.next;
    else order.prev.next = order.next;
    if (order.next === null) level.tail = order.prev;
    else order.next.prev = order.prev;
    const last = this.orders.pop()!;
    if (last !== order) {
      this.orders[order.index] = last;
      last.index = order.index;
    }
    if (level.head === null) {
      const levels = this.#levels[order.side];
      levels.splice(insertionPoint(levels, order.side, level.priceTicks) - 1, 1);
    }
  }
}

/** One past the worst-to-best position of `priceTicks`; looks from the best end, where nearly everything happens. */
function insertionPoint(levels: readonly PriceLevel[], side: BookSide, priceTicks: number): number {
  let at = levels.length;
  if (side === Side.BID) while (at > 0 && levels[at - 1].priceTicks > priceTicks) at--;
  else while (at > 0 && levels[at - 1].priceTicks < priceTicks) at--;
  return at;
}
