import type { Random } from '../../../src/core/index.ts';

export interface NaiveOrder {
  readonly uuid: string;
  readonly side: 'buy' | 'sell';
  ticks: number;
  lots: number;
}

type Message = Readonly<Record<string, unknown>>;

const price = (ticks: number): string => `${Math.floor(ticks / 100)}.${String(ticks % 100).padStart(2, '0')}`;
const size = (lots: number): string => `0.${String(lots).padStart(8, '0')}`;

/**
 * A venue with an order book of plain arrays: one queue a price, order by order. It says what Coinbase's `full` channel would say
 * of each thing that happens, and answers with its level-3 book.
 */
export class NaiveVenue {
  readonly product: string;
  sequence: number;
  /** Orders in turn, by side and price. */
  readonly queues = { buy: new Map<number, NaiveOrder[]>(), sell: new Map<number, NaiveOrder[]>() };
  readonly #random: Random;
  #orders = 0;
  #trades = 0;
  #ms = 0;

  constructor(product: string, random: Random, sequence = 1000) {
    this.product = product;
    this.#random = random;
    this.sequence = sequence;
  }

  /** Something happens; all messages that tell of it. */
  step(): Message[] {
    const what = this.#random.float();
    const resting = this.all();
    if (resting.length < 6 || what < 0.5) return this.#limit();
    if (what < 0.6) return this.#market();
    const order = resting[this.#random.below(resting.length)];
    if (what < 0.8) return [this.#done(order, 'canceled')];
    if (what < 0.9) return [this.#change(order)];
    // Things that change no book.
    const uuid = this.#uuid();
    const other = this.#random.below(4);
    if (other === 0)
      return [this.#say({ type: 'received', order_id: uuid, order_type: 'limit', side: 'buy', size: '1', price: '1' })];
    if (other === 1)
      return [
        this.#say({ type: 'done', order_id: uuid, reason: 'canceled', side: 'buy', price: '1', remaining_size: '1' }),
      ];
    if (other === 2)
      return [
        this.#say({
          type: 'change',
          reason: 'STP',
          order_id: uuid,
          side: 'buy',
          price: '1',
          old_size: '2',
          new_size: '1',
        }),
      ];
    const { sequence: _, ...activate } = { type: 'activate', product_id: this.product, order_id: uuid, sequence: 0 };
    return [activate];
  }

  /** `GET /products/<id>/book?level=3`. */
  level3(): object {
    const side = (of: 'buy' | 'sell'): string[][] =>
      [...this.queues[of]]
        .sort(([a], [b]) => (of === 'buy' ? b - a : a - b))
        .flatMap(([, queue]) => queue.map((order) => [price(order.ticks), size(order.lots), order.uuid]));
    return { sequence: this.sequence, bids: side('buy'), asks: side('sell'), time: this.#time() };
  }

  /** All orders, level by level, each level in turn. */
  all(): NaiveOrder[] {
    return [...this.queues.buy.values(), ...this.queues.sell.values()].flat();
  }

  /** The sequence that a heartbeat names. */
  heartbeat(): Message {
    return {
      type: 'heartbeat',
      sequence: this.sequence,
      last_trade_id: this.#trades,
      product_id: this.product,
      time: this.#time(),
    };
  }

  #limit(): Message[] {
    const side = this.#random.bernoulli(0.5) ? 'buy' : 'sell';
    const order: NaiveOrder = {
      uuid: this.#uuid(),
      side,
      // Bids end where asks begin: limit orders never trade.
      ticks: side === 'buy' ? 1000 - this.#random.below(6) : 1001 + this.#random.below(6),
      lots: 1 + this.#random.below(50),
    };
    const about = { order_id: order.uuid, side, price: price(order.ticks) };
    const received = this.#say({ type: 'received', order_type: 'limit', size: size(order.lots), ...about });
    this.#join(order);
    return [received, this.#say({ type: 'open', remaining_size: size(order.lots), ...about })];
  }

  #market(): Message[] {
    const taker = this.#uuid();
    const side = this.#random.bernoulli(0.5) ? 'buy' : 'sell';
    const messages = [this.#say({ type: 'received', order_id: taker, order_type: 'market', side, size: '1' })];
    let left = 1 + this.#random.below(80);
    const makers = side === 'buy' ? 'sell' : 'buy';
    while (left > 0) {
      const best = [...this.queues[makers].keys()].sort((a, b) => (makers === 'sell' ? a - b : b - a))[0];
      if (best === undefined) break;
      const maker = this.queues[makers].get(best)![0];
      const lots = Math.min(left, maker.lots);
      left -= lots;
      maker.lots -= lots;
      messages.push(
        this.#say({
          type: 'match',
          trade_id: ++this.#trades,
          maker_order_id: maker.uuid,
          taker_order_id: taker,
          side: makers,
          size: size(lots),
          price: price(best),
        }),
      );
      if (maker.lots === 0) messages.push(this.#done(maker, 'filled'));
    }
    messages.push(this.#say({ type: 'done', order_id: taker, reason: 'filled', side, remaining_size: '0' }));
    return messages;
  }

  #done(order: NaiveOrder, reason: string): Message {
    this.#leave(order);
    const { uuid, side, ticks, lots } = order;
    return this.#say({ type: 'done', order_id: uuid, reason, side, price: price(ticks), remaining_size: size(lots) });
  }

  #change(order: NaiveOrder): Message {
    const { uuid, side, lots, ticks } = order;
    const about = { type: 'change', order_id: uuid, side, old_size: size(lots) };
    const what = this.#random.below(3);
    if (what === 0) {
      // Less of it: keeps its turn. Nothing of it: gone.
      order.lots = this.#random.below(lots + 1);
      if (order.lots === 0) this.#leave(order);
      return this.#say({ ...about, reason: 'STP', price: price(ticks), new_size: size(order.lots) });
    }
    this.#leave(order);
    if (what === 1) order.lots += 1 + this.#random.below(10);
    else order.ticks += side === 'buy' ? -1 : 1;
    this.#join(order);
    const modified = { old_price: price(ticks), new_price: price(order.ticks), new_size: size(order.lots) };
    return this.#say({ ...about, reason: 'modify_order', ...modified });
  }

  #join(order: NaiveOrder): void {
    const queue = this.queues[order.side].get(order.ticks) ?? [];
    this.queues[order.side].set(order.ticks, [...queue, order]);
  }

  #leave(order: NaiveOrder): void {
    const queue = this.queues[order.side].get(order.ticks)!.filter((other) => other !== order);
    if (queue.length === 0) this.queues[order.side].delete(order.ticks);
    else this.queues[order.side].set(order.ticks, queue);
  }

  #say(message: Message): Message {
    this.#ms++;
    return { ...message, product_id: this.product, sequence: ++this.sequence, time: this.#time() };
  }

  #time(): string {
    return new Date(Date.UTC(2026, 7, 9, 12) + this.#ms).toISOString();
  }

  #uuid(): string {
    return `d50ec984-77a8-460a-b958-${String(++this.#orders).padStart(12, '0')}`;
  }
}
