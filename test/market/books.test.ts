import { LadderBook, OrderBook, type Side } from '../../src/market/index.ts';
import { type BookDriver, bookContract } from './book-contract.ts';
import { NaiveBook } from './naive-book.ts';

/** A book of orders, changed by price: a level is given one order, or loses lots from the front of its queue. */
function orderDriver(): BookDriver {
  const book = new OrderBook({ expectedOrders: 4, windowTicks: 64 });
  const ids = new Float64Array(64);
  const sizes = new Float64Array(64);
  let nextId = 0;
  const driver: BookDriver = {
    view: book.levels,
    setLevel(side: Side, ticks: number, lots: number) {
      const count = book.queue(side, ticks, ids, sizes);
      for (let i = 0; i < count; i++) book.remove(ids[i]);
      if (lots > 0) book.add(side, ticks, lots, nextId++);
    },
    addLots(side: Side, ticks: number, delta: number) {
      if (delta > 0) book.add(side, ticks, delta, nextId++);
      const count = book.queue(side, ticks, ids, sizes);
      for (let i = 0, left = -delta; i < count && left > 0; left -= sizes[i++]) {
        book.reduce(ids[i], Math.min(left, sizes[i]));
      }
    },
    clear: () => book.clear(),
  };
  return driver;
}

function viewed(book: LadderBook | NaiveBook): BookDriver {
  return {
    view: book,
    setLevel: (side, ticks, lots) => book.setLevel(side, ticks, lots),
    addLots: (side, ticks, lots) => book.addLots(side, ticks, lots),
    clear: () => book.clear(),
  };
}

bookContract('NaiveBook', () => viewed(new NaiveBook()));
bookContract('LadderBook', () => viewed(new LadderBook()));
bookContract('LadderBook with a window of 64 ticks', () => viewed(new LadderBook({ windowTicks: 64 })));
bookContract('LadderBook with a window of 1024 ticks', () => viewed(new LadderBook({ windowTicks: 1024 })));
bookContract('OrderBook by price', orderDriver);
