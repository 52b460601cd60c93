import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LevelExchange } from '../../../src/backtest/exchange/level-exchange.ts';
import { queueModelOf } from '../../../src/backtest/queue/queue-model.ts';
import { A, B, instrumentOf, level, trade, VenueTape } from './venue-tape.ts';

type Book = Map<number, number>;
interface Own {
  id: number;
  side: 0 | 1;
  price: number;
  left: number;
  ahead: number;
}

/** Better prices first, whatever the side. */
const better = (side: number, a: number, b: number): number => (side === B ? b - a : a - b);
/** `price` lies within the limit of an aggressor of `side`. */
const within = (side: number, price: number, limit: number): boolean => (side === B ? price <= limit : price >= limit);

/** The rules of an exchange by level with the risk-averse queue, on lists that are sorted anew at every step. */
class Oracle {
  readonly books: [Book, Book] = [new Map(), new Map()];
  readonly consumed: [Book, Book] = [new Map(), new Map()];
  orders: Own[] = [];
  readonly fills: string[] = [];

  level(side: 0 | 1, price: number, lots: number): void {
    this.books[side].set(price, lots);
    this.consumed[side].set(price, Math.min(this.consumed[side].get(price) ?? 0, lots));
    for (const order of this.orders)
      if (order.side === side && order.price === price) order.ahead = Math.min(order.ahead, lots);
    this.cross();
  }

  trade(aggressor: 0 | 1, price: number, lots: number): void {
    let left = lots;
    for (const order of this.turns(aggressor === B ? A : B)) {
      if (!within(aggressor, order.price, price)) continue;
      if (order.price !== price) order.ahead = 0;
      // What of this trade gets as far as us, after what our orders before this one had of it.
      const had = Math.max(0, Math.min(order.left, left - order.ahead));
      order.ahead = Math.max(0, order.ahead - left);
      left -= had;
      this.fill(order, order.price, had, 'maker');
    }
    this.cross();
  }

  submit(id: number, side: 0 | 1, price: number, lots: number, rests: boolean): void {
    const other = side === B ? A : B;
    const order: Own = { id, side, price, left: lots, ahead: 0 };
    const own = this.turns(other)[0];
    for (const [at, size] of this.sorted(other)) {
      if (!within(side, at, price) || (own !== undefined && better(other, own.price, at) < 0)) break;
      let free = size - (this.consumed[other].get(at) ?? 0);
      if (own?.price === at) free = Math.min(free, own.ahead);
      const taken = Math.min(order.left, free);
      if (taken <= 0) continue;
      this.take(other, at, taken);
      this.fill(order, at, taken, 'taker');
    }
    const meetsOwn = own !== undefined && within(side, own.price, price);
    if (order.left === 0 || meetsOwn || !rests) return;
    order.ahead = this.books[side].get(price) ?? 0;
    this.orders.push(order);
  }

  cancel(id: number): void {
    this.orders = this.orders.filter((order) => order.id !== id);
  }

  cross(): void {
    for (const side of [B, A] as const) {
      const other = side === B ? A : B;
      for (const order of this.turns(side)) {
        for (const [at, size] of this.sorted(other)) {
          if (!within(side, at, order.price)) continue;
          order.ahead = 0;
          const met = Math.min(order.left, size - (this.consumed[other].get(at) ?? 0));
          if (met <= 0) continue;
          this.take(other, at, met);
          this.fill(order, order.price, met, 'maker');
        }
      }
    }
    this.orders = this.orders.filter((order) => order.left > 0);
  }

  private sorted(side: 0 | 1): [number, number][] {
    return [...this.books[side]].filter(([, lots]) => lots > 0).sort(([a], [b]) => better(side, a, b));
  }

  private turns(side: 0 | 1): Own[] {
    return this.orders
      .filter((order) => order.side === side && order.left > 0)
      .sort((a, b) => better(side, a.price, b.price));
  }

  private take(side: 0 | 1, price: number, lots: number): void {
    this.consumed[side].set(price, (this.consumed[side].get(price) ?? 0) + lots);
    for (const order of this.orders)
      if (order.side === side && order.price === price) order.ahead = Math.max(0, order.ahead - lots);
  }

  private fill(order: Own, price: number, lots: number, how: string): void {
    if (lots <= 0) return;
    order.left -= lots;
    this.fills.push(`${order.id} ${order.side === B ? 'buy' : 'sell'} ${lots}@${price} ${how} left ${order.left}`);
  }
}

const side = fc.constantFrom<0 | 1>(B, A);
const lots = fc.integer({ min: 1, max: 9 });
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constant('level' as const), side, depth: fc.nat(4), lots: fc.nat(12) }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('move' as const), by: fc.constantFrom(-1, 1) }) },
  {
    weight: 3,
    arbitrary: fc.record({ what: fc.constant('trade' as const), side, depth: fc.integer({ min: -1, max: 3 }), lots }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('order' as const),
      side,
      depth: fc.integer({ min: -3, max: 3 }),
      lots,
      rests: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('cancel' as const), one: fc.nat(5) }) },
);

describe('the exchange by level and a naive oracle', () => {
  it('fill the same orders, at the same prices, in the same order, and leave the same places', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const tape = new VenueTape();
        const exchange = new LevelExchange(instrumentOf(), queueModelOf('risk-averse'), tape.sink);
        tape.exchange = exchange;
        const oracle = new Oracle();
        // Bids are at `middle` and below, asks above it: the tape's own book never crosses.
        let middle = 100;
        const at = (of: number, depth: number): number => (of === B ? middle - depth : middle + 1 + depth);
        const set = (of: 0 | 1, price: number, size: number): void => {
          tape.message(level(of, price, size));
          oracle.level(of, price, size);
        };
        tape.snapshot(level(B, 100, 5), level(A, 101, 5));
        oracle.level(B, 100, 5);
        oracle.level(A, 101, 5);
        for (const one of steps) {
          if (one.what === 'level') set(one.side, at(one.side, one.depth), one.lots);
          else if (one.what === 'move') {
            // The level that changes hands is emptied first.
            if (one.by > 0) set(A, middle + 1, 0);
            else set(B, middle, 0);
            middle += one.by;
          } else if (one.what === 'trade') {
            const price = at(one.side === B ? A : B, one.depth);
            tape.message(trade(one.side, price, one.lots));
            oracle.trade(one.side, price, one.lots);
          } else if (one.what === 'order') {
            const price = at(one.side, one.depth);
            const id = tape.limit(one.side, price, one.lots, one.rests ? {} : { timeInForce: 'ioc' });
            oracle.submit(id, one.side, price, one.lots, one.rests);
          } else if (oracle.orders.length > 0) {
            const { id } = oracle.orders[one.one % oracle.orders.length];
            exchange.cancel(id, tape.now);
            oracle.cancel(id);
          }
          expect(tape.fills()).toEqual(oracle.fills.splice(0));
          const places = [...exchange.own.bids, ...exchange.own.asks].map(({ id, left, ahead }) => [id, left, ahead]);
          expect(places.sort(([a], [b]) => a - b)).toEqual(
            oracle.orders.map(({ id, left, ahead }) => [id, left, ahead]).sort(([a], [b]) => a - b),
          );
        }
      }),
      { numRuns: 1000 },
    );
  });
});
