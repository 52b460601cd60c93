import { beforeEach, describe, expect, it } from 'vitest';
import { createExchange, queueAssumption, tradesMissing } from '../../../src/backtest/exchange/create-exchange.ts';
import { LevelExchange } from '../../../src/backtest/exchange/level-exchange.ts';
import { queueModelOf } from '../../../src/backtest/queue/queue-model.ts';
import { EventFlag, EventKind, Fault, type Instrument, Side } from '../../../src/market/index.ts';
import { A, add, B, execute, fault, instrumentOf, level, type Row, reduce, trade, VenueTape } from './venue-tape.ts';

let tape: VenueTape;

function open(queue = 'risk-averse', extra: Partial<Instrument> = {}): LevelExchange {
  tape = new VenueTape();
  const exchange = new LevelExchange(instrumentOf(extra), queueModelOf(queue), tape.sink);
  tape.exchange = exchange;
  // Bids 100 × 10, 99 × 20; asks 102 × 8, 103 × 9.
  tape.snapshot(level(B, 100, 10), level(B, 99, 20), level(A, 102, 8), level(A, 103, 9));
  return exchange;
}

/** Heads a message that changes nothing, so that it has a number of its own in the chain. */
const delta = (): Row => [EventKind.DELTA, Side.NONE, 0, 0, tape.sequence];

/** What our first resting bid has before it. */
const ahead = (exchange: LevelExchange): number => exchange.own.bids[0].ahead;

beforeEach(() => void open());

describe('resting orders by level', () => {
  it('stand behind the level and fill in parts: lost partial fills', () => {
    tape.limit(B, 100, 5);
    expect(tape.heard()).toEqual(['1 accepted 5']);
    // 10 before us: 7 trade → 3 before us. 5 trade → 3 of them before us, 2 are ours. 1 and 9: ours are 1, then the last 2.
    tape.message(trade(A, 100, 7));
    expect(tape.fills()).toEqual([]);
    tape.message(trade(A, 100, 5));
    expect(tape.fills()).toEqual(['1 buy 2@100 maker left 3']);
    tape.message(trade(A, 100, 1));
    expect(tape.fills()).toEqual(['1 buy 1@100 maker left 2']);
    tape.message(trade(A, 100, 9));
    expect(tape.fills()).toEqual(['1 buy 2@100 maker left 0']);
    expect(tape.exchange.positionLots).toBe(5);
    expect(tape.exchange.openOrders).toBe(0);
  });

  it('use the lots of one trade once: liquidity used twice', () => {
    tape.limit(B, 100, 4);
    tape.limit(B, 100, 4);
    tape.limit(B, 101, 3);
    tape.heard();
    // 20 lots sold at 100 meet 101 first (3 of ours), then the 10 before us, then 4 and, of the 3 that are left, 3.
    tape.message(trade(A, 100, 20));
    expect(tape.fills()).toEqual(['3 buy 3@101 maker left 0', '1 buy 4@100 maker left 0', '2 buy 3@100 maker left 1']);
    expect(tape.exchange.positionLots).toBe(10);
  });

  it('are filled first by a trade through their price, up to its size', () => {
    tape.limit(B, 100, 6);
    tape.heard();
    // It printed at 99, so 100 was empty: whoever sold met us first. 4 lots, and nobody is before us any more.
    tape.message(trade(A, 99, 4));
    expect(tape.fills()).toEqual(['1 buy 4@100 maker left 2']);
    tape.message(trade(A, 100, 1));
    expect(tape.fills()).toEqual(['1 buy 1@100 maker left 1']);
    // Bought at 99 or sold above us: not ours.
    tape.message(trade(B, 99, 4), trade(A, 101, 4));
    expect(tape.fills()).toEqual([]);
  });

  it('are filled by a best price that crosses theirs, up to the lots there, once', () => {
    tape.limit(B, 101, 5);
    tape.limit(B, 101, 5);
    tape.heard();
    // 7 lots offered at 101: 5 to the first, 2 to the second. They stay on the tape, and are used up.
    tape.message(level(A, 101, 7));
    expect(tape.fills()).toEqual(['1 buy 5@101 maker left 0', '2 buy 2@101 maker left 3']);
    tape.message(level(A, 101, 7));
    tape.message(level(A, 103, 9));
    expect(tape.fills()).toEqual([]);
    // 9 are two more.
    tape.message(level(A, 101, 9));
    expect(tape.fills()).toEqual(['2 buy 2@101 maker left 1']);
    // Through our price: still at our price.
    tape.message(level(A, 101, 0), level(A, 100, 0), level(B, 100, 0), level(A, 100, 3));
    expect(tape.fills()).toEqual(['2 buy 1@101 maker left 0']);
  });

  it('judge a trade of unknown side by the mid before its message', () => {
    tape.limit(B, 100, 6);
    tape.limit(A, 102, 6);
    tape.heard();
    // The mid is 101. At 102 somebody bought: 8 before us, 2 ours. At 100 somebody sold: 10 before us, 1 ours. At 101 nobody knows.
    tape.message(trade(Side.NONE, 102, 10));
    expect(tape.fills()).toEqual(['2 sell 2@102 maker left 4']);
    tape.message(trade(Side.NONE, 100, 11));
    expect(tape.fills()).toEqual(['1 buy 1@100 maker left 5']);
    tape.message(trade(Side.NONE, 101, 50));
    expect(tape.fills()).toEqual([]);
  });

  it('move forward with the level as the queue model says', () => {
    const exchange = open('rigtorp');
    tape.limit(B, 99, 5);
    // 20 before us; 20 → 30: the ten came behind us. 30 → 24: 6 · 20/30 = 4 of them were before us.
    tape.message(level(B, 99, 30));
    expect(ahead(exchange)).toBe(20);
    tape.message(level(B, 99, 24));
    expect(ahead(exchange)).toBe(16);
  });

  it("count a trade's own decrease once, whichever is told first", () => {
    const exchange = open('rigtorp');
    tape.limit(B, 100, 5);
    tape.messageAt(5_000, level(B, 100, 40));
    // Trade first: 10 before us − 4 = 6; then 40 → 36 is explained by it.
    tape.messageAt(6_000, trade(A, 100, 4));
    tape.messageAt(7_000, level(B, 100, 36));
    expect(ahead(exchange)).toBe(6);
    // Level first: 36 → 30 gives us 6 · 6/36 = 1 → 5. The print of 6 lots, no later than the level: back to 6, less 6 traded = 0.
    tape.messageAt(8_000, level(B, 100, 30));
    expect(ahead(exchange)).toBe(5);
    tape.messageAt(8_000, trade(A, 100, 6));
    expect(ahead(exchange)).toBe(0);
    expect(tape.fills()).toEqual([]);
    // It explained the fall before: the next one, 30 → 24, is of its own; nobody is before us.
    tape.messageAt(9_000, level(B, 100, 24));
    tape.messageAt(9_500, trade(A, 100, 1));
    expect(tape.fills()).toEqual(['1 buy 1@100 maker left 4']);
  });

  it('read tapes by order as levels: an execution is a trade and a decrease in one', () => {
    tape = new VenueTape();
    const exchange = new LevelExchange(instrumentOf({ byOrder: true }), queueModelOf('rigtorp'), tape.sink);
    tape.exchange = exchange;
    tape.snapshot(add(B, 100, 6, 1), add(B, 100, 4, 2), add(A, 102, 8, 3));
    tape.limit(B, 100, 5);
    tape.message(add(B, 100, 10, 4));
    // 3 executed: 7 before us of 17. Then 4 taken back of 17: 7 − 4 · 7/17.
    tape.message(execute(B, 100, 3, 1));
    expect(ahead(exchange)).toBe(7);
    tape.message(reduce(B, 100, 4, 4));
    expect(ahead(exchange)).toBeCloseTo(7 - 28 / 17, 12);
    expect(exchange.tradesSeen).toBe(1);
  });

  it('stand behind whatever a level beyond the window turns out to hold', () => {
    const exchange = open('risk-averse', { depthLimit: 2 });
    tape.limit(B, 98, 5);
    expect(ahead(exchange)).toBe(Number.POSITIVE_INFINITY);
    tape.message(level(B, 100, 0), level(B, 98, 7));
    expect(ahead(exchange)).toBe(7);
    // Out of sight and back again with 6: no more than 6 can be before us.
    tape.message([EventKind.LEVEL, B, 98, 0, 0, EventFlag.HIDDEN], level(B, 100, 3));
    expect(ahead(exchange)).toBe(7);
    tape.message(level(B, 100, 0), [EventKind.LEVEL, B, 98, 6, 0, EventFlag.REVEALED]);
    expect(ahead(exchange)).toBe(6);
    // A price that came into view and is empty: the first trade there is ours.
    tape.limit(B, 96, 2);
    tape.message(level(B, 99, 0), level(B, 95, 5));
    tape.message(level(B, 98, 0));
    tape.heard();
    tape.message(trade(A, 96, 1));
    expect(tape.fills()).toEqual(['1 buy 1@98 maker left 4']);
  });
});

describe('takers by level', () => {
  it('walk the book at the venue as it is on arrival: a fill at the signal’s own quote', () => {
    // The order was decided on 102 × 8; by its arrival 102 is gone.
    tape.message(level(A, 102, 0));
    tape.market(B, 12);
    expect(tape.heard()).toEqual([
      '1 accepted 12',
      '1 buy 9@103 taker left 3',
      '1 cancelled 3: immediate-or-cancel: there was no more to take at its price',
    ]);
  });

  it('remember what they took until it is refreshed: liquidity used twice', () => {
    tape.market(B, 5);
    expect(tape.fills()).toEqual(['1 buy 5@102 taker left 0']);
    // 8 − 5 = 3 are left at 102.
    tape.market(B, 4);
    expect(tape.fills()).toEqual(['2 buy 3@102 taker left 1', '2 buy 1@103 taker left 0']);
    // All 8 are taken; 8 → 10: two came anew. 10 → 4: no more than 4 of the 10 that we took can still be shown. 4 → 9: five new.
    tape.message(level(A, 102, 10));
    tape.limit(B, 102, 9, { timeInForce: 'ioc' });
    expect(tape.fills()).toEqual(['3 buy 2@102 taker left 7']);
    tape.message(level(A, 102, 4));
    tape.message(level(A, 102, 9));
    tape.limit(B, 102, 9, { timeInForce: 'ioc' });
    expect(tape.fills()).toEqual(['4 buy 5@102 taker left 4']);
    // It goes with the level.
    tape.message(level(A, 102, 0));
    tape.message(level(A, 102, 6));
    tape.limit(B, 102, 9, { timeInForce: 'ioc' });
    expect(tape.fills()).toEqual(['5 buy 6@102 taker left 3']);
  });

  it('fill or kill, post-only, immediate or cancel', () => {
    tape.limit(B, 102, 9, { timeInForce: 'fok' });
    expect(tape.heard()).toEqual(['1 accepted 9', '1 cancelled 9: fill-or-kill: not all of it could trade at once']);
    tape.limit(B, 102, 8, { timeInForce: 'fok' });
    expect(tape.fills()).toEqual(['2 buy 8@102 taker left 0']);
    // 102 is all ours to take no more, and 103 is not reached: it rests, and is filled by what comes to it.
    tape.limit(B, 102, 2, { postOnly: true });
    expect(tape.heard()).toEqual(['3 accepted 2']);
    tape.message(level(A, 102, 9));
    expect(tape.fills()).toEqual(['3 buy 1@102 maker left 1']);
    tape.limit(B, 103, 2, { postOnly: true });
    expect(tape.heard()).toEqual(['4 rejected 2: post-only: it would trade on arrival']);
    tape.limit(A, 101, 1, { timeInForce: 'ioc' });
    expect(tape.heard().at(-1)).toMatch(/self-trade prevention/);
  });

  it('stop at our own orders: the newest is cancelled', () => {
    tape.limit(A, 102, 5);
    tape.message(level(A, 102, 20));
    tape.heard();
    // 8 of the tape stand before our own offer: those trade, the other 4 are cancelled.
    tape.limit(B, 103, 12);
    expect(tape.heard()).toEqual([
      '2 accepted 12',
      '2 buy 8@102 taker left 4',
      '2 cancelled 4: self-trade prevention: it came upon an order of our own, and the newest is cancelled',
    ]);
    tape.limit(A, 101, 1);
    tape.market(B, 1);
    expect(tape.heard().at(-1)).toMatch(/^4 cancelled 1: self-trade/);
  });

  it('look as deep as they need', () => {
    tape.message(...Array.from({ length: 150 }, (_, k) => level(A, 110 + k, 1)));
    tape.market(B, 8 + 9 + 120);
    expect(tape.exchange.positionLots).toBe(137);
  });
});

describe('orders and the venue', () => {
  it('reduce-only orders are cut to the position, on arrival and later', () => {
    tape.limit(A, 103, 5, { reduceOnly: true });
    expect(tape.heard()).toEqual(['1 rejected 5: reduce-only: there is no position that it would reduce']);
    tape.market(B, 4);
    tape.limit(A, 103, 9, { reduceOnly: true });
    tape.limit(A, 102, 9, { reduceOnly: true });
    tape.heard();
    // 3 sold at the bid: 1 is left to reduce, and both orders are cut to it; then it is gone.
    tape.market(A, 3);
    expect(tape.heard()).toEqual(['5 accepted 3', '5 sell 3@100 taker left 0', '4 replaced 1', '3 replaced 1']);
    tape.market(A, 1);
    expect(tape.heard().slice(2)).toEqual([
      '4 cancelled 1: reduce-only: there is no position left that it would reduce',
      '3 cancelled 1: reduce-only: there is no position left that it would reduce',
    ]);
    expect(tape.exchange.openOrders).toBe(0);
  });

  it('replace: less at the same price keeps the place, all else loses it', () => {
    const exchange = tape.exchange as LevelExchange;
    const id = tape.limit(B, 100, 5);
    tape.message(level(B, 100, 30));
    exchange.replace(id, 100, 3, tape.now);
    expect(ahead(exchange)).toBe(10);
    exchange.replace(id, 100, 4, tape.now);
    expect(ahead(exchange)).toBe(30);
    exchange.replace(id, 102, 6, tape.now);
    expect(tape.heard()).toEqual([
      '1 accepted 5',
      '1 replaced 3',
      '1 replaced 4',
      '1 replaced 6',
      '1 buy 6@102 taker left 0',
    ]);
    exchange.replace(id, 101, 6, tape.now);
    exchange.cancel(id, tape.now);
    const gone = 'the order is gone: it traded or was cancelled before';
    expect(tape.heard()).toEqual([`1 refused 0: ${gone}`, `1 refused 0: ${gone}`]);
    const maker = tape.limit(B, 100, 5, { postOnly: true });
    exchange.replace(maker, 102, 5, tape.now);
    exchange.replace(maker, 101, 0, tape.now);
    expect(tape.heard().slice(1)).toEqual([
      '2 refused 5: post-only: at the new price it would trade on arrival',
      '2 refused 5: a replaced order has a price in whole ticks and at least one lot',
    ]);
    exchange.cancel(maker, tape.now);
    expect(tape.heard()).toEqual(['2 cancelled 5: cancelled by its owner']);
  });

  it('a halt fills nothing, and takes limit orders and cancels', () => {
    const id = tape.limit(B, 101, 2);
    tape.message(delta(), fault(Fault.HALT));
    expect(tape.exchange.halted).toBe(true);
    tape.message(level(A, 101, 5), trade(A, 100, 50), trade(A, 101, 50));
    tape.market(B, 1);
    tape.limit(B, 101, 1);
    tape.exchange.cancel(id, tape.now);
    expect(tape.heard()).toEqual([
      '1 accepted 2',
      '2 rejected 1: trading is halted',
      '3 accepted 1',
      '1 cancelled 2: cancelled by its owner',
    ]);
    // Trading goes on, and 101 is offered.
    tape.message(delta(), fault(Fault.RESUME));
    expect(tape.fills()).toEqual(['3 buy 1@101 maker left 0']);
  });

  it('a lost book fills nothing; then we stand at the back, and fill where the new book crosses us', () => {
    const exchange = tape.exchange as LevelExchange;
    tape.limit(B, 100, 2);
    tape.limit(B, 101, 3);
    tape.market(A, 4);
    tape.heard();
    tape.message(fault(Fault.GAP));
    expect(exchange.trusted).toBe(false);
    tape.message(trade(A, 90, 99));
    tape.market(B, 1);
    expect(tape.heard()).toEqual(['4 rejected 1: the tape lost the book, or has not told it yet']);
    tape.snapshot(level(B, 100, 25), level(A, 101, 2));
    expect(tape.heard()).toEqual(['2 buy 2@101 maker left 1']);
    expect(exchange.own.bids[1].ahead).toBe(25);
  });

  it('the close cancels what rests', () => {
    tape.limit(B, 100, 2);
    tape.limit(A, 105, 2);
    tape.exchange.close(tape.now, 'the tape ended');
    tape.limit(B, 100, 2);
    expect(tape.heard()).toEqual([
      '1 accepted 2',
      '2 accepted 2',
      '1 cancelled 2: the tape ended',
      '2 cancelled 2: the tape ended',
      '3 rejected 2: the market is over: the tape ended',
    ]);
  });

  it('an old message is passed over', () => {
    tape.limit(B, 100, 2);
    tape.heard();
    tape.sequence -= 1;
    tape.message(level(B, 99, 5), trade(A, 90, 99));
    expect(tape.fills()).toEqual([]);
  });
});

describe('a tape without trades', () => {
  it('is named at the end, for the models that need them', () => {
    const instrument = instrumentOf();
    const queue = queueModelOf('rigtorp');
    expect(tradesMissing(open('rigtorp'), queue, instrument)?.message).toMatch(
      /^toy:TOY: the tape has no trades, and the queue model "rigtorp"/,
    );
    tape.message(trade(A, 100, 1));
    expect(tradesMissing(tape.exchange, queue, instrument)).toBeNull();
    expect(tradesMissing(open('none'), queueModelOf('none'), instrument)).toBeNull();
  });
});

describe('the exchange of an instrument', () => {
  it('is by order where the tape is, unless levels are asked for', () => {
    const queue = queueModelOf('power:3');
    const sink = (): void => {};
    const byOrder = instrumentOf({ byOrder: true });
    expect(createExchange({ instrument: byOrder, queue, sink }).needsTrades).toBe(false);
    expect(createExchange({ instrument: byOrder, queue, sink, by: 'levels' }).needsTrades).toBe(true);
    expect(createExchange({ instrument: instrumentOf(), queue, sink }).needsTrades).toBe(true);
    expect(() => createExchange({ instrument: instrumentOf(), queue, sink, by: 'orders' })).toThrow(
      'tells levels, not orders',
    );
    expect(queueAssumption({ instrument: byOrder, queue })).toMatch(/^queue: exact/);
    expect(queueAssumption({ instrument: instrumentOf(), queue })).toBe(queue.assumption);
  });
});
