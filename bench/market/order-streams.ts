import { Random } from '../../src/core/index.ts';
import { OrderBook, Side } from '../../src/market/index.ts';

export const Op = {
  /** A new order joins its queue. */
  ADD: 0,
  /** An order is gone. */
  REMOVE: 1,
  /** The order first in turn at the best price trades. */
  EXECUTE: 2,
  /** An order has another price or size from here on, and goes to the end of its queue. */
  REPLACE: 3,
} as const;
export type Op = (typeof Op)[keyof typeof Op];

/** Order events in columns; rows from `timedFrom` on are timed. */
export interface OrderStream {
  readonly op: Uint8Array;
  readonly side: Uint8Array;
  readonly ticks: Int32Array;
  readonly lots: Float64Array;
  readonly id: Float64Array;
  readonly timedFrom: number;
}

interface Live {
  id: number;
  side: Side;
  ticks: number;
  lots: number;
}

const MID = 100_000;

/** Writes the events down, and keeps the book that they make, so that every one of them is about an order that is there. */
class Market {
  readonly #random: Random;
  readonly #book = new OrderBook();
  readonly #live: Live[] = [];
  readonly #placeOf = new Map<number, number>();
  readonly #rows: [Op, Live][] = [];
  #nextId = 1;
  timedFrom = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  get live(): number {
    return this.#live.length;
  }

  get length(): number {
    return this.#rows.length;
  }

  add(): void {
    const side = this.#random.bernoulli(0.5) ? Side.BID : Side.ASK;
    const order = { id: this.#nextId++, side, ticks: this.#place(side), lots: 1 + this.#random.below(100) };
    this.#placeOf.set(order.id, this.#live.length);
    this.#live.push(order);
    this.#book.add(side, order.ticks, order.lots, order.id);
    this.#write(Op.ADD, order);
  }

  remove(): void {
    const order = this.#any();
    this.#book.remove(order.id);
    this.#write(Op.REMOVE, order);
    this.#forget(order);
  }

  execute(): void {
    const side = this.#random.bernoulli(0.5) ? Side.BID : Side.ASK;
    const ids = new Float64Array(1);
    const lots = new Float64Array(1);
    const best = side === Side.BID ? this.#book.levels.bestBidTicks : this.#book.levels.bestAskTicks;
    this.#book.queue(side, best, ids, lots);
    const order = this.#live[this.#placeOf.get(ids[0]) as number];
    const traded = 1 + this.#random.below(order.lots);
    this.#book.execute(order.id, traded);
    this.#write(Op.EXECUTE, { ...order, lots: traded });
    order.lots -= traded;
    if (order.lots === 0) this.#forget(order);
  }

  replace(movesPrice: boolean): void {
    const order = this.#any();
    this.#book.remove(order.id);
    if (movesPrice) order.ticks = this.#place(order.side);
    else order.lots = Math.max(1, Math.floor(order.lots / 2));
    this.#book.add(order.side, order.ticks, order.lots, order.id);
    this.#write(Op.REPLACE, order);
  }

  finish(): OrderStream {
    const rows = this.#rows;
    return {
      op: Uint8Array.from(rows, ([op]) => op),
      side: Uint8Array.from(rows, ([, order]) => order.side),
      ticks: Int32Array.from(rows, ([, order]) => order.ticks),
      lots: Float64Array.from(rows, ([, order]) => order.lots),
      id: Float64Array.from(rows, ([, order]) => order.id),
      timedFrom: this.timedFrom,
    };
  }

  /** Near the touch more often than far from it; the sides never meet. */
  #place(side: Side): number {
    const away = Math.min(this.#random.geometric(1 / 20), 1000);
    return side === Side.BID ? MID - away : MID + 1 + away;
  }

  #any(): Live {
    return this.#live[this.#random.below(this.#live.length)];
  }

  #write(op: Op, order: Live): void {
    this.#rows.push([op, { ...order }]);
  }

  #forget(order: Live): void {
    const place = this.#placeOf.get(order.id) as number;
    const last = this.#live.pop() as Live;
    if (last !== order) {
      this.#live[place] = last;
      this.#placeOf.set(last.id, place);
    }
    this.#placeOf.delete(order.id);
  }
}

/**
 * `live` orders, then `count` events that keep about so many: of 100 about 48 add, 38 remove, 5 trade, 2 reduce and 6
 * move an order.
 */
export function syntheticOrders(seed: number, live: number, count: number): OrderStream {
  const random = new Random(seed);
  const market = new Market(random);
  for (let i = 0; i < live; i++) market.add();
  market.timedFrom = market.length;
  while (market.length < market.timedFrom + count) {
    const dice = random.below(100);
    if (dice < 5) market.execute();
    else if (dice < 7) market.replace(false);
    else if (dice < 13) market.replace(true);
    else if (dice < (market.live < live ? 61 : 51)) market.add();
    else market.remove();
  }
  return market.finish();
}
