import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventKind, Side } from '../../../src/market/index.ts';
import { MatchingEngine, type OrderSink } from '../../../src/venues/sim/matching-engine.ts';

type Row = [kind: number, side: number, ticks: number, lots: number, id: number];
type BookSide = 0 | 1;

function recorder(): { rows: Row[]; sink: OrderSink } {
  const rows: Row[] = [];
  return { rows, sink: { row: (...row) => rows.push(row) } };
}

/** The same rules over one sorted array a side: price, then time. */
class NaiveExchange {
  readonly rows: Row[] = [];
  readonly sides: { id: number; ticks: number; lots: number }[][] = [[], []];
  lastId = 0;

  place(side: BookSide, ticks: number, lots: number, rests = true): number {
    const against = this.sides[1 - side];
    const ordered = lots;
    while (lots > 0 && against.length > 0 && (side === 0 ? against[0].ticks <= ticks : against[0].ticks >= ticks)) {
      const traded = Math.min(lots, against[0].lots);
      this.rows.push([EventKind.EXECUTE, 1 - side, against[0].ticks, traded, against[0].id]);
      lots -= traded;
      against[0].lots -= traded;
      if (against[0].lots === 0) against.shift();
    }
    if (lots > 0 && rests) {
      this.rows.push([EventKind.ADD, side, ticks, lots, ++this.lastId]);
      this.sides[side].push({ id: this.lastId, ticks, lots });
      // A stable sort keeps the order of arrival within a price.
      this.sides[side].sort((a, b) => (side === 0 ? b.ticks - a.ticks : a.ticks - b.ticks));
    }
    return ordered - lots;
  }

  cancel(id: number, lots: number): void {
    const side = this.sides[0].some((order) => order.id === id) ? 0 : 1;
    const at = this.sides[side].findIndex((order) => order.id === id);
    const order = this.sides[side][at];
    this.rows.push([lots === order.lots ? EventKind.DELETE : EventKind.CANCEL, side, order.ticks, lots, id]);
    order.lots -= lots;
    if (order.lots === 0) this.sides[side].splice(at, 1);
  }
}

const commands = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant('place' as const),
      side: fc.constantFrom<BookSide>(0, 1),
      ticks: fc.integer({ min: 95, max: 105 }),
      lots: fc.integer({ min: 1, max: 9 }),
    }),
    fc.record({
      do: fc.constant('take' as const),
      side: fc.constantFrom<BookSide>(0, 1),
      lots: fc.integer({ min: 1, max: 20 }),
    }),
    fc.record({ do: fc.constant('cancel' as const), pick: fc.nat(), part: fc.integer({ min: 1, max: 9 }) }),
  ),
  { maxLength: 120 },
);

describe('MatchingEngine', () => {
  it('does exactly what a sorted array would: same trades, same queues, nothing lost, never crossed', () => {
    fc.assert(
      fc.property(commands, (list) => {
        const { rows, sink } = recorder();
        const engine = new MatchingEngine(sink);
        const naive = new NaiveExchange();
        let [placed, traded, cancelled] = [0, 0, 0];
        for (const command of list) {
          if (command.do === 'place') {
            placed += command.lots;
            const rest = engine.place(command.side, command.ticks, command.lots);
            const matched = naive.place(command.side, command.ticks, command.lots);
            placed -= matched;
            traded += matched;
            expect(rest?.lots ?? 0).toBe(command.lots - matched);
          } else if (command.do === 'take') {
            const limit = command.side === 0 ? 1e9 : -1e9;
            const matched = engine.take(command.side, command.lots);
            expect(matched).toBe(naive.place(command.side, limit, command.lots, false));
            traded += matched;
          } else if (engine.orders.length > 0) {
            const order = engine.orders[command.pick % engine.orders.length];
            const lots = Math.min(command.part, order.lots);
            cancelled += lots;
            naive.cancel(order.id, lots);
            engine.cancel(order, lots);
          }
          expect(rows).toEqual(naive.rows);
          const bid = engine.level(Side.BID, 0);
          const ask = engine.level(Side.ASK, 0);
          if (bid && ask) expect(bid.priceTicks).toBeLessThan(ask.priceTicks);
        }
        const resting: Row[] = [];
        engine.report({ row: (...row) => resting.push(row) });
        expect(resting).toEqual(
          naive.sides.flatMap((side, s) => side.map((order) => [EventKind.ADD, s, order.ticks, order.lots, order.id])),
        );
        expect(resting.length).toBe(engine.orders.length);
        expect(resting.every(([, , , lots]) => lots > 0)).toBe(true);
        expect(resting.reduce((sum, row) => sum + row[3], 0)).toBe(placed - traded - cancelled);
        for (const side of [Side.BID, Side.ASK] as const) {
          for (let depth = 0; depth < engine.levelCount(side); depth++) {
            const level = engine.level(side, depth)!;
            const sum = resting.filter((r) => r[1] === side && r[2] === level.priceTicks).reduce((s, r) => s + r[3], 0);
            expect(level.lots).toBe(sum);
            expect(engine.lotsAt(side, level.priceTicks)).toBe(sum);
          }
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('trades the oldest order first and rests the remainder of a marketable limit order', () => {
    const { rows, sink } = recorder();
    const engine = new MatchingEngine(sink);
    engine.place(Side.ASK, 101, 5);
    engine.place(Side.ASK, 100, 2);
    engine.place(Side.ASK, 100, 3);
    rows.length = 0;
    const rest = engine.place(Side.BID, 100, 9);
    expect(rows).toEqual([
      [EventKind.EXECUTE, Side.ASK, 100, 2, 2],
      [EventKind.EXECUTE, Side.ASK, 100, 3, 3],
      [EventKind.ADD, Side.BID, 100, 4, 4],
    ]);
    expect(rest?.lots).toBe(4);
    expect(engine.bestTicks(Side.BID)).toBe(100);
    expect(engine.bestTicks(Side.ASK)).toBe(101);
    expect(engine.lotsAt(Side.ASK, 100)).toBe(0);
  });

  it('drops what a market order finds no counterparty for', () => {
    const { sink } = recorder();
    const engine = new MatchingEngine(sink);
    engine.place(Side.BID, 10, 3);
    expect(engine.take(Side.ASK, 5)).toBe(3);
    expect(engine.take(Side.ASK, 5)).toBe(0);
    expect(engine.levelCount(Side.BID)).toBe(0);
    expect(engine.bestLots(Side.BID)).toBe(0);
  });

  it('refuses sizes that are no orders, and cancels of more than rests', () => {
    const { sink } = recorder();
    const engine = new MatchingEngine(sink);
    expect(() => engine.place(Side.BID, 10, 0)).toThrow(/whole number of lots/);
    expect(() => engine.take(Side.BID, 1.5)).toThrow(/whole number of lots/);
    const order = engine.place(Side.BID, 10, 2)!;
    expect(() => engine.cancel(order, 3)).toThrow(/no more than what rests/);
    engine.cancel(order, 2);
    expect(() => engine.cancel(order, 1)).toThrow(/no more than what rests/);
  });
});
