import { assert } from '../core/index.ts';
import { type EventBatch, EventKind, type Side } from './event-batch.ts';
import { IdIndex, NO_SLOT } from './id-index.ts';
import { LadderBook } from './ladder-book.ts';

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
  /** First of the freed slots, linked through `#next`; `NO_SLOT` where there is none. */
  #free = NO_SLOT;
  /** Slots from here on were never used. */
  #unused = 0;

  // By slot.
  #id: Float64Array;
  /** Of an order: what remains of it. Of a level: how many orders it has. */
  #lots: Float64Array;
  #ticks: Int32Array;
  #side: Uint8Array;
  /** Of an order: the slot of its level. */
  #level: Int32Array;
  /** Towards the end of the queue. */
  #next: Int32Array;
  /** Towards the front of the queue. */
  #previous: Int32Array;

  constructor(options: OrderBookOptions = {}) {
    const slots = options.expectedOrders ?? 65536;
    this.#maxSlots = options.maxOrders ?? 1 << 24;
    assert(slots >= 2 && slots <= this.#maxSlots, 'a book of orders expects at least 2 and no more than it may hold');
    this.levels = new LadderBook(options.windowTicks === undefined ? {} : { windowTicks: options.windowTicks });
    this.#index = new IdIndex(slots);
    this.#id = new Float64Array(slots);
    this.#lots = new Float64Array(slots);
    this.#ticks = new Int32Array(slots);
    this.#side = new Uint8Array(slots);
    this.#level = new Int32Array(slots);
    this.#next = new Int32Array(slots);
    this.#previous = new Int32Array(slots);
  }

  get orderCount(): number {
    return this.#orders;
  }

  /** An order joins the end of its queue. Ids are integers from 0. False where it was refused. */
  add(side: Side, priceTicks: number, sizeLots: number, orderId: number): boolean {
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
    if (level === NO_SLOT) {
      level = this.#take(levelId, side, priceTicks, 0);
      this.#next[level] = level;
      this.#previous[level] = level;
    }
    const slot = this.#take(orderId, side, priceTicks, sizeLots);
    const last = this.#previous[level];
    this.#level[slot] = level;
    this.#previous[slot] = last;
    this.#next[slot] = level;
    this.#next[last] = slot;
    this.#previous[level] = slot;
    this.#lots[level]++;
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
    const slot = this.#index.find(orderId);
    if (slot === NO_SLOT) {
      this.faults.unknown++;
      return false;
    }
    if (this.#previous[slot] !== this.#level[slot]) this.faults.outOfTurn++;
    this.#reduce(slot, sizeLots);
    return true;
  }

  /** An order is gone, whatever remained of it. False where it is unknown. */
  remove(orderId: number): boolean {
    const slot = this.#index.find(orderId);
    if (slot === NO_SLOT) {
      this.faults.unknown++;
      return false;
    }
    this.#remove(slot);
    return true;
  }

  /** What remains of an order; `NaN` where it is unknown. */
  lotsOf(orderId: number): number {
    const slot = this.#index.find(orderId);
    return slot === NO_SLOT ? Number.NaN : this.#lots[slot];
  }

  /** Lots that trade before an order does; `NaN` where it is unknown. Walks the queue before it. */
  lotsAhead(orderId: number): number {
    const slot = this.#index.find(orderId);
    if (slot === NO_SLOT) return Number.NaN;
    let lots = 0;
    const level = this.#level[slot];
    for (let at = this.#previous[slot]; at !== level; at = this.#previous[at]) lots += this.#lots[at];
    return lots;
  }

  /** Orders in the queue of one price. */
  ordersAt(side: Side, priceTicks: number): number {
    const level = this.#index.find(idOfLevel(side, priceTicks));
    return level === NO_SLOT ? 0 : this.#lots[level];
  }

  /** Writes the queue of one price, first in turn first, as far as the arrays reach; returns how many were written. */
  queue(side: Side, priceTicks: number, idsOut: Float64Array, lotsOut: Float64Array): number {
    const level = this.#index.find(idOfLevel(side, priceTicks));
    if (level === NO_SLOT) return 0;
    let count = 0;
    for (let at = this.#next[level]; at !== level && count < idsOut.length; at = this.#next[at]) {
      idsOut[count] = this.#id[at];
      lotsOut[count++] = this.#lots[at];
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

  clear(): void {
    this.levels.clear();
    this.#index.clear();
    this.#orders = 0;
    this.#free = NO_SLOT;
    this.#unused = 0;
  }

  #reduce(slot: number, sizeLots: number): void {
    const rest = this.#lots[slot] - sizeLots;
    if (rest > 0) {
      this.#lots[slot] = rest;
      this.levels.addLots(this.#side[slot] as Side, this.#ticks[slot], 0 - sizeLots);
      return;
    }
    if (rest < 0) this.faults.underflow++;
    this.#remove(slot);
  }

  #remove(slot: number): void {
    const level = this.#level[slot];
    const next = this.#next[slot];
    const previous = this.#previous[slot];
    this.#next[previous] = next;
    this.#previous[next] = previous;
    this.levels.addLots(this.#side[slot] as Side, this.#ticks[slot], 0 - this.#lots[slot]);
    this.#lots[level]--;
    this.#orders--;
    this.#release(slot);
    if (next === level && previous === level) this.#release(level);
  }

  /** Makes sure of `slots` slots; false where the book may grow no more. */
  #room(slots: number): boolean {
    if (this.#index.size + slots <= this.#id.length) return true;
    if (this.#index.size + slots > this.#maxSlots) return false;
    const length = Math.min(this.#id.length * 2, this.#maxSlots);
    this.#id = grown(this.#id, new Float64Array(length));
    this.#lots = grown(this.#lots, new Float64Array(length));
    this.#ticks = grown(this.#ticks, new Int32Array(length));
    this.#side = grown(this.#side, new Uint8Array(length));
    this.#level = grown(this.#level, new Int32Array(length));
    this.#next = grown(this.#next, new Int32Array(length));
    this.#previous = grown(this.#previous, new Int32Array(length));
    return true;
  }

  #take(id: number, side: Side, ticks: number, lots: number): number {
    let slot = this.#free;
    if (slot === NO_SLOT) slot = this.#unused++;
    else this.#free = this.#next[slot];
    this.#id[slot] = id;
    this.#side[slot] = side;
    this.#ticks[slot] = ticks;
    this.#lots[slot] = lots;
    this.#index.insert(id, slot);
    return slot;
  }

  #release(slot: number): void {
    this.#index.remove(this.#id[slot]);
    this.#next[slot] = this.#free;
    this.#free = slot;
  }
}

function grown<T extends Float64Array | Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Orders have ids from 0, levels below 0. */
function idOfLevel(side: Side, priceTicks: number): number {
  return -1 - ((priceTicks + 2147483648) * 2 + side);
}
