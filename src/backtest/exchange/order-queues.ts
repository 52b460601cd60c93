import { assert, BookcastError, NO_PRICE } from '../../core/index.ts';
import { type EventBatch, EventFlag, EventKind, type LadderBook, OrderBook, Side } from '../../market/index.ts';
import type { OrderSide } from '../order.ts';
import type { RestingOrder } from './resting-order.ts';

/** Ids of our own orders, of the lots without ids that stand first at a price, and of those that stand last. The tape's ids lie below. */
const OWN = 2 ** 52;
const FIRST = 2 ** 51;
const LAST = FIRST + 2 ** 40;

const firstAt = (side: Side, ticks: number): number => FIRST + (ticks + 2147483648) * 2 + side;
const lastAt = (side: Side, ticks: number): number => LAST + (ticks + 2147483648) * 2 + side;

/**
 * The queues of a venue told by order, with our own orders in them.
 *
 * Lots whose orders the tape never named (those of an opening snapshot by level, or of a level that came into the venue's window) stand before all that the tape names
 * later; what the tape says of orders that are not known here concerns them, at its price. When a level of ours leaves the window, its lots lose their names: those before our
 * last order are taken to be before our first, the others behind. When it comes back with fewer lots, the last to come are taken to have left; with more, they came after us, unless we
 * came while nobody could see the level.
 */
export class OrderQueues {
  readonly book = new OrderBook();
  readonly levels: LadderBook;
  /** Messages of the tape on lots that are not there: our orders had taken them, or the tape never told of them. */
  missed = 0;
  /** Of the first in turn at the best price, after `first`. */
  readonly #headIds = new Float64Array(1);
  readonly #headLots = new Float64Array(1);
  /** What `#empty` found. */
  #ids = new Float64Array(64);
  #sizes = new Float64Array(64);
  #before = 0;
  #behind = 0;
  /** Some lots have no ids. */
  #nameless = false;
  /** Orders of the tape that our orders' doing took away, where it matters whether an id was ever known. */
  readonly #taken = new Set<number>();

  constructor() {
    this.levels = this.book.levels;
  }

  clear(): void {
    this.book.clear();
    this.#taken.clear();
    this.#nameless = false;
  }

  add(side: OrderSide, priceTicks: number, lots: number, id: number): void {
    if (id >= FIRST) {
      const what = `the tape has an order with the id ${id}; ids up to ${FIRST - 1} can be told from those of the backtest's own orders`;
      throw new BookcastError('bad-input', what, { id });
    }
    this.book.add(side, priceTicks, lots, id);
  }

  /** Rows CANCEL, DELETE and, where nothing of ours is concerned, EXECUTE: what the tape says of an order, as far as it is there. */
  reduce(batch: EventBatch, i: number): void {
    const kind = batch.kind[i];
    const id = batch.orderId[i];
    const lots = batch.sizeLots[i];
    const book = this.book;
    if (kind === EventKind.DELETE) {
      if (book.remove(id)) return;
    } else if (kind === EventKind.CANCEL ? book.reduce(id, lots) : book.execute(id, lots)) return;
    if (this.#nameless && !(kind === EventKind.DELETE ? this.#taken.delete(id) : this.#taken.has(id))) {
      const side = batch.side[i] as OrderSide;
      const ticks = batch.priceTicks[i];
      if (book.reduce(lastAt(side, ticks), lots) || book.reduce(firstAt(side, ticks), lots)) return;
    }
    this.missed++;
  }

  /** A LEVEL row: of an opening snapshot, or of a level that comes into the window or leaves it. `own`: ours on its side. */
  level(batch: EventBatch, i: number, own: readonly RestingOrder[]): void {
    const side = batch.side[i] as OrderSide;
    const ticks = batch.priceTicks[i];
    const hidden = (batch.flags[i] & EventFlag.HIDDEN) !== 0;
    this.#nameless = true;
    if (!hidden) this.#forgetPassed(side, ticks, own);
    const here = own.length === 0 ? own : own.filter((order) => order.left > 0 && order.priceTicks === ticks);
    this.#empty(side, ticks);
    let before = this.#before;
    let behind = this.#behind;
    if (hidden) {
      if (here.length === 0) return;
      for (const order of here) order.blind = true;
    } else {
      const more = batch.sizeLots[i] - before - behind;
      if (more > 0 && (here.length === 0 || here[0].unseen)) before += more;
      else behind += more;
      before += Math.min(0, behind);
      for (const order of here) {
        order.blind = false;
        order.unseen = false;
      }
    }
    if (before > 0) this.book.add(side, ticks, before, firstAt(side, ticks));
    for (const order of here) this.book.add(side, ticks, order.left, OWN + order.id);
    if (behind > 0) this.book.add(side, ticks, behind, lastAt(side, ticks));
  }

  addOwn(order: RestingOrder): void {
    this.book.add(order.side, order.priceTicks, order.left, OWN + order.id);
  }

  reduceOwn(order: RestingOrder, lots: number): void {
    this.book.reduce(OWN + order.id, lots);
  }

  lotsBefore(order: RestingOrder): number {
    return this.book.lotsAhead(OWN + order.id);
  }

  /** Finds the first in turn at the best price of a side; false where the side is empty. */
  first(side: OrderSide): boolean {
    const ticks = side === Side.BID ? this.levels.bestBidTicks : this.levels.bestAskTicks;
    if (ticks === NO_PRICE) return false;
    const found = this.book.queue(side, ticks, this.#headIds, this.#headLots);
    assert(found === 1, 'a level has an order');
    return true;
  }

  get headLots(): number {
    return this.#headLots[0];
  }

  /** The id of our own order that `first` found; 0 where it is the tape's. */
  get headOwn(): number {
    const id = this.#headIds[0];
    return id >= OWN ? id - OWN : 0;
  }

  /** Takes lots of the order that `first` found, by what our orders' being there brought about. */
  takeHead(lots: number): void {
    const id = this.#headIds[0];
    if (this.#nameless && id < FIRST && lots >= this.#headLots[0]) this.#taken.add(id);
    this.book.reduce(id, lots);
  }

  /** Takes everything off a level, our own orders too: notes the lots of others before our last order there, and those behind it. */
  #empty(side: OrderSide, ticks: number): void {
    const count = this.book.ordersAt(side, ticks);
    if (count > this.#ids.length) {
      this.#ids = new Float64Array(2 * count);
      this.#sizes = new Float64Array(2 * count);
    }
    const ids = this.#ids;
    this.book.queue(side, ticks, ids, this.#sizes);
    this.#before = 0;
    this.#behind = 0;
    for (let k = 0; k < count; k++) {
      this.book.remove(ids[k]);
      if (ids[k] < OWN) this.#behind += this.#sizes[k];
      else {
        this.#before += this.#behind;
        this.#behind = 0;
      }
    }
  }

  /** A level came into sight, so every better one is in sight: what the tape does not tell there is gone. */
  #forgetPassed(side: OrderSide, ticks: number, own: readonly RestingOrder[]): void {
    for (const order of own) {
      if (order.left === 0 || !(order.blind || order.unseen)) continue;
      const price = order.priceTicks;
      if (side === Side.BID ? price <= ticks : price >= ticks) continue;
      this.#empty(side, price);
      for (const other of own) {
        if (other.left === 0 || other.priceTicks !== price) continue;
        other.blind = false;
        other.unseen = false;
        this.addOwn(other);
      }
    }
  }
}
