import { assert } from '../core/index.ts';
import { type EventBatch, EventKind, type Side } from './event-batch.ts';
import { IdIndex, NO_SLOT } from './id-index.ts';
import { LadderBook } from './ladder-book.ts';

// A slot is the index of its first word; it has eight of them, so that what one event needs of an order lies in one cache
// line (measured: a tenth faster than a column for each field), and two floats, at a quarter of that index.
const SLOT_WORDS = 8;
const TICKS = 0;
const SIDE = 1;
/** Of an order: the slot of its level. */
const LEVEL = 2;
/** Towards the end of the queue; in a freed slot, the next freed one. */
const NEXT = 3;
/** Towards the front of the queue. */
const PREVIOUS = 4;
const ID = 0;
/** Of an order: what remains of it. Of a level: how many orders it has. */
const LOTS = 1;

export interface OrderBookOptions {
  /** Orders and levels that fit before the pool first grows. */
  expectedOrders?: number;
  /** The most orders and levels there may ever be; an order past it is refused and counted. */
  maxOrders?: number;
  /** As for `LadderBook`. */
  windowTicks?: number;
}

/** What a book of orders met that a complete and orderly stream does not have. Each was counted and passed over. */
export interface OrderFaults {
  /** Changes of an order that is not in the book. */
  unknown: number;
  /** Orders added under an id that is in the book already; the newcomer was refused. */
  duplicate: number;
  /** Orders refused because the book was full. */
  overflow: number;
  /** Orders reduced by more than they held; they are gone. */
  underflow: number;
  /** Executions of an order that was not first in its queue. They were applied. */
  outOfTurn: number;
}

/**
 * An L3 book of one instrument: every order, in the order of its queue. `levels` is the same book by price.
 *
 * One pool of slots holds orders and levels. The orders of a level form a ring of links through the level's own slot,
 * which stands before the first and after the last: an order anywhere in a queue is unlinked without a search or a
 * special case. One index finds orders by id and levels by a negative id made of side and price.
 */
export class OrderBook {
  readonly levels: LadderBook;
  readonly faults: OrderFaults = { unknown: 0, duplicate: 0, overflow: 0, underflow: 0, outOfTurn: 0 };
  readonly #maxSlots: number;
  readonly #index: IdIndex;
  /** Orders in the book. */
  #orders = 0;
  /** First of the freed slots, linked by `NEXT`; `NO_SLOT` where there is none. */
  #free = NO_SLOT;
  /** Slots from here on were never used. */
  #unused = 0;
  #words: Int32Array;
  #floats: Float64Array;

  constructor(options: OrderBookOptions = {}) {
    const slots = options.expectedOrders ?? 16384;
    this.#maxSlots = options.maxOrders ?? 1 << 24;
    assert(slots >= 2 && slots <= this.#maxSlots, 'a book of orders expects at least 2 and no more than it may hold');
    this.levels = new LadderBook(options.windowTicks === undefined ? {} : { windowTicks: options.windowTicks });
    this.#index = new IdIndex(slots);
    this.#words = new Int32Array(slots * SLOT_WORDS);
    this.#floats = new Float64Array(slots * 2);
  }

  /** As `LadderBook.crossed`. */
  get crossed(): boolean {
    return this.levels.crossed;
  }

  get orderCount(): number {
    return this.#orders;
  }

  /** An order joins the end of its queue. Ids are integers from 0. False where it was refused. */
  add(side: Side, priceTicks: number, sizeLots: number, orderId: number): boolean {
    assert(orderId >= 0, 'an order id is an integer from 0');
    if (this.#index.find(orderId) !== NO_SLOT) {
      this.faults.duplicate++;
      return false;
    }
    const levelId = idOfLevel(side, priceTicks);
    let level = this.#index.find(levelId);
    if (!this.#room(level === NO_SLOT ? 2 : 1)) {
      this.faults.overflow++;
      return false;
    }
    const words = this.#words;
    const floats = this.#floats;
    if (level === NO_SLOT) {
      level = this.#take(levelId, side, priceTicks, 0);
      words[level + NEXT] = level;
      words[level + PREVIOUS] = level;
    }
    const slot = this.#take(orderId, side, priceTicks, sizeLots);
    const last = words[level + PREVIOUS];
    words[slot + LEVEL] = level;
    words[slot + PREVIOUS] = last;
    words[slot + NEXT] = level;
    words[last + NEXT] = slot;
    words[level + PREVIOUS] = slot;
    floats[(level >> 2) + LOTS]++;
    this.#orders++;
    this.levels.addLots(side, priceTicks, sizeLots);
    return true;
  }

  /** An order loses `sizeLots` and keeps its place; at 0 it is gone. False where it is unknown. */
  reduce(orderId: number, sizeLots: number): boolean {
    const slot = this.#index.find(orderId);
    if (slot === NO_SLOT) {
      this.faults.unknown++;
      return false;
    }
    this.#reduce(slot, sizeLots);
    return true;
  }

  /** As `reduce`, for a trade: an order that was not first in its queue is counted. */
  execute(orderId: number, sizeLots: number): boolean {
    const words = this.#words;
    const slot = this.#index.find(orderId);
    if (slot === NO_SLOT) {
      this.faults.unknown++;
      return false;
    }
    if (words[slot + PREVIOUS] !== words[slot + LEVEL]) this.faults.outOfTurn++;
    this.#reduce(slot, sizeLots);
    return true;
  }

  /** An order is gone, whatever remained of it. False where it is unknown. */
  remove(orderId: number): boolean {
    const slot = this.#index.remove(orderId);
    if (slot === NO_SLOT) {
      this.faults.unknown++;
      return false;
    }
    this.#remove(slot);
    return true;
  }

  /** What remains of an order; `NaN` where it is unknown. */
  lotsOf(orderId: number): number {
    const floats = this.#floats;
    const slot = this.#index.find(orderId);
    return slot === NO_SLOT ? Number.NaN : floats[(slot >> 2) + LOTS];
  }

  /** Lots that trade before an order does; `NaN` where it is unknown. Walks the queue before it. */
  lotsAhead(orderId: number): number {
    const words = this.#words;
    const floats = this.#floats;
    const slot = this.#index.find(orderId);
    if (slot === NO_SLOT) return Number.NaN;
    let lots = 0;
    const level = words[slot + LEVEL];
    for (let at = words[slot + PREVIOUS]; at !== level; at = words[at + PREVIOUS]) lots += floats[(at >> 2) + LOTS];
    return lots;
  }

  /** Orders in the queue of one price. */
  ordersAt(side: Side, priceTicks: number): number {
    const floats = this.#floats;
    const level = this.#index.find(idOfLevel(side, priceTicks));
    return level === NO_SLOT ? 0 : floats[(level >> 2) + LOTS];
  }

  /** Writes the queue of one price, first in turn first, as far as the arrays reach; returns how many were written. */
  queue(side: Side, priceTicks: number, idsOut: Float64Array, lotsOut: Float64Array): number {
    const words = this.#words;
    const floats = this.#floats;
    const level = this.#index.find(idOfLevel(side, priceTicks));
    if (level === NO_SLOT) return 0;
    let count = 0;
    for (let at = words[level + NEXT]; at !== level && count < idsOut.length; at = words[at + NEXT]) {
      idsOut[count] = floats[(at >> 2) + ID];
      lotsOut[count++] = floats[(at >> 2) + LOTS];
    }
    return count;
  }

  /** Applies one event: ADD, CANCEL, DELETE or EXECUTE; any other kind leaves the book as it is. */
  applyRow(batch: EventBatch, i: number): void {
    switch (batch.kind[i]) {
      case EventKind.ADD:
        this.add(batch.side[i] as Side, batch.priceTicks[i], batch.sizeLots[i], batch.orderId[i]);
        return;
      case EventKind.CANCEL:
        this.reduce(batch.orderId[i], batch.sizeLots[i]);
        return;
      case EventKind.DELETE:
        this.remove(batch.orderId[i]);
        return;
      case EventKind.EXECUTE:
        this.execute(batch.orderId[i], batch.sizeLots[i]);
        return;
      default:
    }
  }

  /** Applies the events in rows [from, to). */
  applyRows(batch: EventBatch, from: number, to: number): void {
    for (let i = from; i < to; i++) this.applyRow(batch, i);
  }

  clear(): void {
    this.levels.clear();
    this.#index.clear();
    this.#orders = 0;
    this.#free = NO_SLOT;
    this.#unused = 0;
  }

  #reduce(slot: number, sizeLots: number): void {
    const words = this.#words;
    const floats = this.#floats;
    const rest = floats[(slot >> 2) + LOTS] - sizeLots;
    if (rest > 0) {
      floats[(slot >> 2) + LOTS] = rest;
      this.levels.addLots(words[slot + SIDE] as Side, words[slot + TICKS], 0 - sizeLots);
      return;
    }
    if (rest < 0) this.faults.underflow++;
    this.#index.remove(floats[(slot >> 2) + ID]);
    this.#remove(slot);
  }

  #remove(slot: number): void {
    const words = this.#words;
    const floats = this.#floats;
    const level = words[slot + LEVEL];
    const next = words[slot + NEXT];
    const previous = words[slot + PREVIOUS];
    words[previous + NEXT] = next;
    words[next + PREVIOUS] = previous;
    this.levels.addLots(words[slot + SIDE] as Side, words[slot + TICKS], 0 - floats[(slot >> 2) + LOTS]);
    floats[(level >> 2) + LOTS]--;
    this.#orders--;
    this.#release(slot);
    if (next === level && previous === level) {
      this.#index.remove(floats[(level >> 2) + ID]);
      this.#release(level);
    }
  }

  /** Makes sure of `slots` slots; false where the book may grow no more. */
  #room(slots: number): boolean {
    const capacity = this.#words.length / SLOT_WORDS;
    if (this.#index.size + slots <= capacity) return true;
    if (this.#index.size + slots > this.#maxSlots) return false;
    const length = Math.min(capacity * 2, this.#maxSlots);
    const words = new Int32Array(length * SLOT_WORDS);
    const floats = new Float64Array(length * 2);
    words.set(this.#words);
    floats.set(this.#floats);
    this.#words = words;
    this.#floats = floats;
    return true;
  }

  #take(id: number, side: Side, ticks: number, lots: number): number {
    const words = this.#words;
    const floats = this.#floats;
    let slot = this.#free;
    if (slot === NO_SLOT) {
      slot = this.#unused;
      this.#unused += SLOT_WORDS;
    } else this.#free = words[slot + NEXT];
    floats[(slot >> 2) + ID] = id;
    words[slot + SIDE] = side;
    words[slot + TICKS] = ticks;
    floats[(slot >> 2) + LOTS] = lots;
    this.#index.insert(id, slot);
    return slot;
  }

  #release(slot: number): void {
    const words = this.#words;
    words[slot + NEXT] = this.#free;
    this.#free = slot;
  }
}

/** Orders have ids from 0, levels below 0. */
function idOfLevel(side: Side, priceTicks: number): number {
  return -1 - ((priceTicks + 2147483648) * 2 + side);
}
