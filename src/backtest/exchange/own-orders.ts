import { Side } from '../../market/index.ts';
import type { OrderSide } from '../order.ts';
import type { RestingOrder } from './resting-order.ts';

/** Below and above every price of a book. */
const NO_BID = -2147483648;
const NO_ASK = 2147483647;

/** Our resting orders, in price-time priority. One that is gone has nothing left, and is dropped by the next `purge`. */
export class OwnOrders {
  /** Best price first, then the oldest. */
  readonly bids: RestingOrder[] = [];
  readonly asks: RestingOrder[] = [];
  /** Our best prices; beyond every price where we have none. */
  bestBid = NO_BID;
  bestAsk = NO_ASK;
  /** Those among them that may only reduce the position. */
  reduceOnly = 0;

  get count(): number {
    return this.bids.length + this.asks.length;
  }

  on(side: OrderSide): RestingOrder[] {
    return side === Side.BID ? this.bids : this.asks;
  }

  /** The first in turn; null where there is none. */
  first(side: OrderSide): RestingOrder | null {
    for (const order of this.on(side)) if (order.left > 0) return order;
    return null;
  }

  find(side: OrderSide, id: number): RestingOrder | null {
    for (const order of this.on(side)) if (order.id === id && order.left > 0) return order;
    return null;
  }

  /** All of them, oldest first. */
  byAge(): RestingOrder[] {
    return [...this.bids, ...this.asks].filter((order) => order.left > 0).sort((a, b) => a.turn - b.turn);
  }

  insert(order: RestingOrder): void {
    const list = this.on(order.side);
    const sign = order.side === Side.BID ? 1 : -1;
    let at = list.length;
    while (at > 0 && (list[at - 1].priceTicks - order.priceTicks) * sign < 0) at--;
    list.splice(at, 0, order);
    if (order.reduceOnly) this.reduceOnly++;
    this.#seekBest();
  }

  remove(order: RestingOrder): void {
    const list = this.on(order.side);
    list.splice(list.indexOf(order), 1);
    if (order.reduceOnly) this.reduceOnly--;
    this.#seekBest();
  }

  purge(): void {
    for (const list of [this.bids, this.asks]) {
      let kept = 0;
      for (const order of list) {
        if (order.left > 0) list[kept++] = order;
        else if (order.reduceOnly) this.reduceOnly--;
      }
      list.length = kept;
    }
    this.#seekBest();
  }

  #seekBest(): void {
    this.bestBid = this.first(Side.BID)?.priceTicks ?? NO_BID;
    this.bestAsk = this.first(Side.ASK)?.priceTicks ?? NO_ASK;
  }
}
