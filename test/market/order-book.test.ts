import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchBuilder, type EventBatch, EventKind, OrderBook, Side } from '../../src/market/index.ts';
import { levelsOf, NaiveBook } from './naive-book.ts';

interface NaiveOrder {
  id: number;
  side: Side;
  ticks: number;
  lots: number;
}

/** Every order in one list, oldest first: queues are found by filtering it. */
class NaiveOrders {
  list: NaiveOrder[] = [];

  find(id: number): NaiveOrder | undefined {
    return this.list.find((order) => order.id === id);
  }

  add(side: Side, ticks: number, lots: number, id: number): boolean {
    if (this.find(id) !== undefined) return false;
    this.list.push({ id, side, ticks, lots });
    return true;
  }

  reduce(id: number, lots: number): boolean {
    const order = this.find(id);
    if (order === undefined) return false;
    order.lots -= lots;
    this.list = this.list.filter((other) => other.lots > 0);
    return true;
  }

  remove(id: number): boolean {
    return this.reduce(id, Number.POSITIVE_INFINITY);
  }

  queue(side: Side, ticks: number): NaiveOrder[] {
    return this.list.filter((order) => order.side === side && order.ticks === ticks);
  }

  lotsAhead(id: number): number {
    const order = this.find(id);
    if (order === undefined) return Number.NaN;
    const queue = this.queue(order.side, order.ticks);
    return queue.slice(0, queue.indexOf(order)).reduce((sum, other) => sum + other.lots, 0);
  }

  byPrice(): NaiveBook {
    const book = new NaiveBook();
    for (const order of this.list) book.addLots(order.side, order.ticks, order.lots);
    return book;
  }
}

type Command =
  | { do: 'add'; id: number; side: Side; ticks: number; lots: number }
  | { do: 'reduce' | 'execute'; id: number; lots: number }
  | { do: 'remove'; id: number }
  | { do: 'clear' };

/** Few ids, so that they are reused, doubled and missed; some so large that only all 53 bits tell them apart. */
const id = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 40 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 9 }).map((n) => Number.MAX_SAFE_INTEGER - n * 2 ** 32) },
);
const lots = fc.integer({ min: 1, max: 20 });
const side = fc.constantFrom<Side>(Side.BID, Side.ASK);
const ticks = fc.integer({ min: -3, max: 3 });
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 20, arbitrary: fc.record({ do: fc.constant('add' as const), id, side, ticks, lots }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('reduce' as const, 'execute' as const), id, lots }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('remove' as const), id }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
);

function apply(book: OrderBook | NaiveOrders, step: Command): boolean {
  if (step.do === 'add') return book.add(step.side, step.ticks, step.lots, step.id);
  if (step.do === 'remove') return book.remove(step.id);
  if (step.do === 'clear') {
    if (book instanceof OrderBook) book.clear();
    else book.list = [];
    return true;
  }
  if (step.do === 'execute' && book instanceof OrderBook) return book.execute(step.id, step.lots);
  return book.reduce(step.id, step.lots);
}

function queueOf(book: OrderBook, at: Side, price: number): NaiveOrder[] {
  const ids = new Float64Array(64);
  const sizes = new Float64Array(64);
  const count = book.queue(at, price, ids, sizes);
  return Array.from({ length: count }, (_, i) => ({ id: ids[i], side: at, ticks: price, lots: sizes[i] }));
}

describe('OrderBook', () => {
  it('equals a list of orders: levels, queues, places', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 150 }), (commands) => {
        const book = new OrderBook({ expectedOrders: 2, windowTicks: 64 });
        const oracle = new NaiveOrders();
        for (const step of commands) {
          expect(apply(book, step)).toBe(apply(oracle, step));
          expect(book.orderCount).toBe(oracle.list.length);
          if (step.do !== 'clear') {
            expect(book.lotsAhead(step.id)).toBe(oracle.lotsAhead(step.id));
            expect(book.lotsOf(step.id)).toBe(oracle.find(step.id)?.lots ?? Number.NaN);
          }
        }
        for (const at of [Side.BID, Side.ASK]) {
          for (let price = -3; price <= 3; price++) {
            expect(queueOf(book, at, price)).toEqual(oracle.queue(at, price));
            expect(book.ordersAt(at, price)).toBe(oracle.queue(at, price).length);
          }
        }
        expect(levelsOf(book.levels)).toEqual(levelsOf(oracle.byPrice()));
        expect(book.levels.underflows).toBe(0);
      }),
      { seed: 34200, numRuns: 200 },
    );
  });

  it('knows how much trades before an order', () => {
    const book = new OrderBook();
    [10, 20, 30].forEach((size, i) => {
      book.add(Side.BID, 100, size, i + 1);
    });
    expect([1, 2, 3].map((order) => book.lotsAhead(order))).toEqual([0, 10, 30]);
    book.reduce(1, 4);
    book.remove(2);
    expect(book.lotsAhead(3)).toBe(6);
    expect(book.lotsAhead(2)).toBeNaN();
    expect(book.levels.bestBidLots).toBe(36);
  });

  it('counts what an orderly stream does not have, and changes nothing by it', () => {
    const book = new OrderBook();
    expect(book.add(Side.ASK, 100, 5, 1)).toBe(true);
    expect(book.add(Side.BID, 90, 9, 1)).toBe(false);
    expect([book.reduce(7, 1), book.execute(7, 1), book.remove(7)]).toEqual([false, false, false]);
    expect(book.faults).toEqual({ unknown: 3, duplicate: 1, overflow: 0, underflow: 0, outOfTurn: 0 });
    expect(levelsOf(book.levels)).toEqual([[], [100, 5]]);
  });

  it('applies an execution out of turn, and one of more than there is, and counts both', () => {
    const book = new OrderBook();
    book.add(Side.ASK, 100, 5, 1);
    book.add(Side.ASK, 100, 7, 2);
    book.execute(2, 3);
    expect([book.lotsOf(2), book.faults.outOfTurn]).toEqual([4, 1]);
    book.execute(1, 6);
    expect(book.faults.underflow).toBe(1);
    expect(levelsOf(book.levels)).toEqual([[], [100, 4]]);
  });

  it('grows up to its stated maximum, then refuses and counts', () => {
    const book = new OrderBook({ expectedOrders: 2, maxOrders: 9 });
    // One slot is the level's own.
    for (let order = 0; order < 10; order++) expect(book.add(Side.BID, 5, 1, order)).toBe(order < 8);
    expect(book.faults.overflow).toBe(2);
    book.remove(3);
    // A new price needs two slots, and only one is free.
    expect(book.add(Side.BID, 6, 1, 20)).toBe(false);
    expect(book.add(Side.BID, 5, 1, 20)).toBe(true);
    expect(book.levels.bestBidLots).toBe(8);
  });

  it('stays as it is through a day of orders that come and go', () => {
    const book = new OrderBook({ expectedOrders: 64, maxOrders: 64 });
    for (let order = 0; order < 100_000; order++) {
      book.add(order % 2 === 0 ? Side.BID : Side.ASK, order % 2 === 0 ? 50 - (order % 7) : 51 + (order % 7), 1, order);
      if (order >= 40) book.remove(order - 40);
    }
    expect(book.faults).toEqual({ unknown: 0, duplicate: 0, overflow: 0, underflow: 0, outOfTurn: 0 });
    expect(book.orderCount).toBe(40);
  });

  it('applies the rows of a batch, and no kind that is not about orders', () => {
    const builder = new BatchBuilder('test:ABC', 0);
    const rows: [EventKind, number, number][] = [
      [EventKind.ADD, 10, 1],
      [EventKind.ADD, 20, 2],
      [EventKind.CANCEL, 4, 1],
      [EventKind.EXECUTE, 1, 1],
      [EventKind.DELETE, 20, 2],
      [EventKind.TRADE, 3, 0],
      [EventKind.LEVEL, 99, 0],
    ];
    for (const [kind, size, order] of rows) builder.push(kind, Side.BID, 100, size, 0, 0, 1, order);
    builder.endMessage();
    const batch = builder.finish() as EventBatch;
    const book = new OrderBook();
    for (let i = 0; i < batch.length; i++) book.applyRow(batch, i);
    expect(levelsOf(book.levels)).toEqual([[100, 5], []]);
    expect(queueOf(book, Side.BID, 100)).toEqual([{ id: 1, side: Side.BID, ticks: 100, lots: 5 }]);
    expect(queueOf(book, Side.ASK, 100)).toEqual([]);
  });
});
