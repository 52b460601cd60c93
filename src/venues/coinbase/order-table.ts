import { NO_PRICE } from '../../core/index.ts';
import { type BatchBuilder, EventKind, Side } from '../../market/index.ts';
import type { Level3 } from './level3.ts';
import type { OrderMessage } from './order-message.ts';
import { BEYOND } from './steps.ts';

interface Order {
  /** Ours: a whole number. */
  readonly id: number;
  readonly side: Side;
  readonly ticks: number;
  lots: number;
}

/** Hands out our whole numbers for the venue's order ids. Never the same number twice, so a tape needs no second key. */
export class OrderIds {
  readonly #onOrder: (orderId: string, id: number) => void;
  #next = 1;

  /** `onOrder` hears of every order when it gets its number: whoever keeps the map keeps it there. */
  constructor(onOrder: (orderId: string, id: number) => void) {
    this.#onOrder = onOrder;
  }

  take(orderId: string): number {
    const id = this.#next++;
    this.#onOrder(orderId, id);
    return id;
  }
}

/** Where a table's changes go as rows; null for a table that only checks. */
interface Rows {
  readonly builder: BatchBuilder;
  readonly recvNs: number;
}

/**
 * The orders that rest, by the venue's id. The order of the map is that of the queues: who comes, or loses its turn, is
 * put last. A message that such a book cannot have is a sign that the book is not the venue's.
 */
export class OrderTable {
  readonly #orders = new Map<string, Order>();

  get size(): number {
    return this.#orders.size;
  }

  /** The venue's whole book. Orders known to `before` keep our numbers. */
  static fromSnapshot(snapshot: Level3, ids: OrderIds | null, before: OrderTable | null): OrderTable {
    const table = new OrderTable();
    for (const { orderId, side, ticks, lots } of snapshot.orders) {
      const id = (before === null ? undefined : before.#orders.get(orderId)?.id) ?? ids?.take(orderId) ?? 0;
      table.#orders.set(orderId, { id, side, ticks, lots });
    }
    return table;
  }

  /** The whole book as rows, after its head. */
  tell(rows: Rows, sequence: number, eventNs: number): void {
    for (const order of this.#orders.values()) this.#push(rows, EventKind.ADD, order, order.lots, sequence, eventNs);
  }

  /**
   * Takes one message; its rows are a whole message of their own, a lone head where nothing changed. Returns what is
   * wrong where the message and this book cannot both be right; the message then has no rows.
   */
  apply(message: OrderMessage, ids: OrderIds | null, rows: Rows | null): string | null {
    const { type, orderId, sequence } = message;
    const length = rows?.builder.length ?? 0;
    const order = this.#orders.get(orderId);
    let problem: string | null = null;
    if (type === 'open') problem = this.#open(message, order, ids, rows);
    else if (type === 'match') problem = this.#match(message, order, rows);
    else if (order !== undefined && type === 'change') problem = this.#change(message, order, rows);
    else if (order !== undefined && type === 'done') {
      this.#orders.delete(orderId);
      this.#tell(rows, EventKind.DELETE, order, order.lots, message);
    }
    if (problem !== null || rows === null) return problem;
    const { builder, recvNs } = rows;
    if (builder.length === length) {
      const eventNs = timeOr(message, recvNs);
      builder.push(EventKind.DELTA, Side.NONE, NO_PRICE, 0, eventNs, recvNs, sequence, sequence - 1);
    }
    builder.endMessage();
    return null;
  }

  /** The first difference between two books in words; null where they are the same, queues included. */
  difference(other: OrderTable): string | null {
    if (this.size !== other.size) return `${this.size} orders rest here, ${other.size} at the venue`;
    const queues = this.#queues();
    for (const [key, theirs] of other.#queues()) {
      const ours = queues.get(key) ?? [];
      for (let i = 0; i < theirs.length; i++) {
        const orderId = theirs[i];
        if (ours[i] !== orderId) return `order ${orderId} does not stand at its place in the queue`;
        const here = this.#orders.get(orderId)!.lots;
        const there = other.#orders.get(orderId)!.lots;
        if (here !== there) return `order ${orderId} has ${here} lots here, ${there} at the venue`;
      }
    }
    return null;
  }

  #open(message: OrderMessage, order: Order | undefined, ids: OrderIds | null, rows: Rows | null): string | null {
    const { orderId, side, ticks, lots } = message;
    if (order !== undefined) return `order ${orderId} opens and rests already`;
    if (lots === 0) return null;
    const added = { id: ids?.take(orderId) ?? 0, side, ticks, lots };
    this.#orders.set(orderId, added);
    this.#tell(rows, EventKind.ADD, added, lots, message);
    return null;
  }

  #match(message: OrderMessage, order: Order | undefined, rows: Rows | null): string | null {
    const { orderId, side, lots } = message;
    if (order === undefined) return `order ${orderId} trades and does not rest here`;
    if (side !== order.side) return `order ${orderId} trades on the side where it does not rest`;
    if (lots > order.lots) return `order ${orderId} trades ${lots} lots and has ${order.lots}`;
    order.lots -= lots;
    if (order.lots === 0) this.#orders.delete(orderId);
    if (lots > 0) this.#tell(rows, EventKind.EXECUTE, order, lots, message);
    return null;
  }

  /** A smaller size keeps the order's turn; a larger one, or another price, loses it. */
  #change(message: OrderMessage, order: Order, rows: Rows | null): string | null {
    const { orderId, ticks, lots, oldLots } = message;
    if (Number.isNaN(lots)) return null;
    if (oldLots >= 0 && oldLots !== order.lots) {
      return `order ${orderId} changes from ${oldLots} lots and has ${order.lots}`;
    }
    if (ticks === order.ticks && lots > 0 && lots <= order.lots) {
      const less = order.lots - lots;
      order.lots = lots;
      if (less > 0) this.#tell(rows, EventKind.CANCEL, order, less, message);
      return null;
    }
    this.#orders.delete(orderId);
    this.#tell(rows, EventKind.DELETE, order, order.lots, message);
    if (lots === 0) return null;
    const changed = { id: order.id, side: order.side, ticks, lots };
    this.#orders.set(orderId, changed);
    this.#tell(rows, EventKind.ADD, changed, lots, message);
    return null;
  }

  #tell(rows: Rows | null, kind: EventKind, order: Order, lots: number, message: OrderMessage): void {
    if (rows !== null) this.#push(rows, kind, order, lots, message.sequence, timeOr(message, rows.recvNs));
  }

  #push(rows: Rows, kind: EventKind, order: Order, lots: number, sequence: number, eventNs: number): void {
    // An order at a price beyond what a column holds is known here, and stands in no book.
    if (order.ticks === BEYOND) return;
    rows.builder.push(kind, order.side, order.ticks, lots, eventNs, rows.recvNs, sequence, order.id);
  }

  /** Ids by side and price, first in turn first. */
  #queues(): Map<string, string[]> {
    const queues = new Map<string, string[]>();
    for (const [orderId, { side, ticks }] of this.#orders) {
      const key = `${side} ${ticks}`;
      const queue = queues.get(key);
      if (queue === undefined) queues.set(key, [orderId]);
      else queue.push(orderId);
    }
    return queues;
  }
}

function timeOr({ timeNs }: OrderMessage, otherNs: number): number {
  return Number.isFinite(timeNs) ? timeNs : otherNs;
}
