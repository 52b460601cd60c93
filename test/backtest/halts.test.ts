import { describe, expect, it } from 'vitest';
import { LevelExchange } from '../../src/backtest/exchange/level-exchange.ts';
import {
  Backtest,
  type BacktestRun,
  type Broker,
  type OrderRequest,
  type Strategy,
  tapeVenue,
} from '../../src/backtest/index.ts';
import { queueModelOf } from '../../src/backtest/queue/queue-model.ts';
import { NS_PER_DAY } from '../../src/core/index.ts';
import { BatchBuilder, type EventBatch, EventKind, Fault, type Instrument, Side } from '../../src/market/index.ts';
import { A, B, instrumentOf, level, trade, VenueTape } from './exchange/venue-tape.ts';
import { constantLatency, MS, TOY, toyOptions } from './toy-market.ts';

const BY_ORDER: Instrument = { ...TOY, byOrder: true };
const VENUES = [
  ['by level', TOY],
  ['by order', BY_ORDER],
] as const;

/** Both kinds of tape with the same market: lots of an order a level, whose id is its price. */
class Market {
  readonly builder = new BatchBuilder('test:TOY', 20000, 64);
  readonly #byOrder: boolean;
  #sequence = 0;

  constructor(instrument: Instrument) {
    this.#byOrder = instrument.byOrder === true;
  }

  snapshot(ns: number, bid: number, ask: number, restart = 0): this {
    this.#sequence += restart + 1;
    this.#row(EventKind.SNAPSHOT, Side.NONE, 0, 0, ns);
    this.#rest(Side.BID, bid, ns);
    this.#rest(Side.ASK, ask, ns);
    return this.#end();
  }

  /** Ten lots come to rest. */
  rests(ns: number, side: Side, ticks: number): this {
    this.#sequence++;
    this.#rest(side, ticks, ns);
    return this.#end();
  }

  /** The ten lots that rest at a price leave. */
  leaves(ns: number, side: Side, ticks: number): this {
    this.#sequence++;
    if (this.#byOrder) this.#row(EventKind.DELETE, side, ticks, 10, ns, ticks);
    else this.#row(EventKind.LEVEL, side, ticks, 0, ns);
    return this.#end();
  }

  /** A trade off the displayed book: whoever displays lots at the price or better was first. */
  prints(ns: number, aggressor: Side, ticks: number, lots: number): this {
    this.#sequence++;
    this.#row(EventKind.TRADE, aggressor, ticks, lots, ns);
    return this.#end();
  }

  fault(ns: number, fault: Fault): this {
    this.builder.push(EventKind.FAULT, Side.NONE, 0, fault, ns, ns, 0, 0);
    return this.#end();
  }

  /** A message is missing. */
  skip(): this {
    this.#sequence += 5;
    return this;
  }

  batch(): EventBatch {
    return this.builder.finish()!;
  }

  #rest(side: Side, ticks: number, ns: number): void {
    this.#row(this.#byOrder ? EventKind.ADD : EventKind.LEVEL, side, ticks, 10, ns, ticks);
  }

  #row(kind: EventKind, side: Side, ticks: number, lots: number, ns: number, id = 0): void {
    this.builder.push(kind, side, ticks, lots, ns, ns, this.#sequence, id);
  }

  #end(): this {
    this.builder.endMessage();
    return this;
  }
}

const bid = (priceTicks: number, quantityLots = 2): OrderRequest => ({
  side: Side.BID,
  type: 'limit',
  priceTicks,
  quantityLots,
});
function place(broker: Broker, ...orders: readonly OrderRequest[]): void {
  for (const order of orders) broker.place(order);
}

const BUY: OrderRequest = { side: Side.BID, type: 'market', priceTicks: 0, quantityLots: 1 };

/** Does each thing at its time, in ms. No latency: orders come after the message of their time. */
function script(steps: readonly (readonly [number, (broker: Broker) => void])[]): Partial<Strategy> {
  let next = 0;
  const wake: NonNullable<Strategy['onTimer']> = (broker) => {
    while (next < steps.length && steps[next][0] * MS <= broker.nowNs) steps[next++][1](broker);
    if (next < steps.length) broker.wakeAt(steps[next][0] * MS);
  };
  return { onStart: wake, onTimer: wake };
}

function play(instrument: Instrument, strategy: Partial<Strategy>, batch: EventBatch): BacktestRun {
  const venue = tapeVenue(queueModelOf('risk-averse'));
  const { options } = toyOptions(strategy, constantLatency(0, 0, 0), { instrument, venue, equityEveryNs: MS });
  const backtest = new Backtest(options);
  backtest.apply(batch);
  return backtest.finish();
}

const fates = (run: BacktestRun): string[] =>
  run.orders.map(({ id, filledLots, reason }) => `${id}: ${filledLots}${reason === null ? '' : ` ${reason}`}`);
const fills = (run: BacktestRun): string[] =>
  run.fills.map(({ orderId, exchangeNs, quantityLots, priceTicks, maker }) => {
    return `${exchangeNs / MS}: ${orderId} ${quantityLots}@${priceTicks} ${maker ? 'maker' : 'taker'}`;
  });

describe.each(VENUES)('a run on a tape %s', (_, instrument) => {
  it('fills nothing in a halt, takes limit orders and cancels, and fills what the market came to on resuming', () => {
    const tape = new Market(instrument)
      .snapshot(0, 99, 105)
      .fault(10 * MS, Fault.HALT)
      .prints(20 * MS, Side.ASK, 99, 50)
      .rests(30 * MS, Side.ASK, 103)
      .fault(40 * MS, Fault.RESUME)
      .rests(50 * MS, Side.BID, 90);
    const run = play(
      instrument,
      script([
        [5, (broker) => place(broker, bid(100), bid(101))],
        [15, (broker) => broker.place(BUY)],
        [16, (broker) => broker.place({ ...bid(110), timeInForce: 'ioc' })],
        [17, (broker) => broker.place(bid(104, 3))],
        [18, (broker) => broker.cancel(1)],
        [25, (broker) => broker.replace(2, 102, 1)],
      ]),
      tape.batch(),
    );
    // At 40 ms the ask of 103, come in the halt, stands against our bid of 104: it fills at our price. That of 102 rests to the end.
    expect(fills(run)).toEqual(['40: 5 3@104 maker']);
    expect(fates(run)).toEqual([
      '1: 0 cancelled by its owner',
      '2: 0 the tape has ended',
      '3: 0 trading is halted',
      '4: 0 trading is halted',
      '5: 3',
    ]);
    expect(run.orders[0].endedNs).toBe(18 * MS);
    expect(run.ended).toBe(null);
  });

  it('cancels the newer of two of our own orders that came to stand crossed in a halt', () => {
    const tape = new Market(instrument)
      .snapshot(0, 99, 105)
      .fault(10 * MS, Fault.HALT)
      .fault(40 * MS, Fault.RESUME)
      .rests(50 * MS, Side.BID, 90);
    const run = play(
      instrument,
      script([
        [15, (broker) => broker.place(bid(103))],
        [16, (broker) => broker.place({ ...bid(101), side: Side.ASK })],
      ]),
      tape.batch(),
    );
    expect(fills(run)).toEqual([]);
    expect(fates(run)).toEqual([
      '1: 0 the tape has ended',
      '2: 0 self-trade prevention: it came upon an order of our own, and the newest is cancelled',
    ]);
    expect(run.orders[1].endedNs).toBe(40 * MS);
  });

  it('fills nothing while the book is lost, and then what the new book has come to; equity is marked at the last mid', () => {
    const tape = new Market(instrument)
      .snapshot(0, 99, 105)
      .rests(10 * MS, Side.BID, 98)
      .skip()
      .rests(20 * MS, Side.BID, 97)
      .prints(30 * MS, Side.ASK, 90, 50)
      .snapshot(40 * MS, 95, 103)
      .prints(50 * MS, Side.ASK, 100, 1);
    const run = play(
      instrument,
      script([
        [1, (broker) => broker.place(BUY)],
        [5, (broker) => place(broker, bid(104), bid(100), bid(95))],
        [25, (broker) => broker.place(BUY)],
        [26, (broker) => broker.place(bid(102))],
        [27, (broker) => broker.cancel(4)],
      ]),
      tape.batch(),
    );
    // 104 is filled by the ask of the new book; the print of 1 lot at 100 meets our bid of 102, which stands above it.
    expect(fills(run)).toEqual(['1: 1 1@105 taker', '40: 2 2@104 maker', '50: 6 1@102 maker']);
    expect(fates(run)).toEqual([
      '1: 1',
      '2: 2',
      '3: 0 the tape has ended',
      '4: 0 cancelled by its owner',
      '5: 0 the tape lost the book, or has not told it yet',
      '6: 1 the tape has ended',
    ]);
    // Bought one at 105. At 30 ms the book is lost; with our own bids of others' lots left out, the last mid was (99 + 105) / 2.
    const [lost] = run.equity.filter(({ ns }) => ns === 30 * MS);
    expect(lost).toMatchObject({ midTicks: 102, positionLots: 1, net: -3 });
    // Marked 10 ms after 1 ms: 102. The second fill's mark lies past the gap, and its mid before it is that of a lost book.
    expect(run.fills[0].laterMidTicks[0]).toBe(102);
    expect(run.fills[1].laterMidTicks[0]).toBe(99);
    expect(run.fills[0].laterMidTicks[1]).toBeNaN();
    for (const { net, gross } of run.equity) expect(Number.isFinite(net) && Number.isFinite(gross)).toBe(true);
  });
});

describe('a tape by level over midnight', () => {
  it('takes a print of the new day for later than the level told the day before', () => {
    const tape = new VenueTape();
    const exchange = new LevelExchange(instrumentOf(), queueModelOf('rigtorp'), tape.sink);
    tape.exchange = exchange;
    tape.snapshot(level(B, 100, 10), level(A, 102, 10));
    tape.limit(B, 100, 5);
    // Told late in the day: 4 of 10 left, all before us. Six stand before us.
    tape.messageAt(NS_PER_DAY - 1000, level(B, 100, 6));
    expect(exchange.own.bids[0].ahead).toBe(6);
    // A second past midnight six trade: the level's loss was told before and explains none of them, so we are first.
    const next = new BatchBuilder('toy:TOY', 1, 4);
    next.push(EventKind.TRADE, A, 100, 6, 1e9, 1e9, tape.sequence + 1, 0);
    next.endMessage();
    const batch = next.finish()!;
    exchange.onMessage(batch, 0, 1, NS_PER_DAY + 1e9);
    expect(exchange.own.bids[0].ahead).toBe(0);
  });
});

describe('takers by level before an order of our own', () => {
  it('take the lots before it once', () => {
    const tape = new VenueTape();
    tape.exchange = new LevelExchange(instrumentOf(), queueModelOf('rigtorp'), tape.sink);
    tape.snapshot(level(B, 100, 10), level(A, 102, 5));
    // Our ask stands behind five lots; five more come behind it.
    tape.limit(A, 102, 4);
    tape.message(level(A, 102, 10));
    tape.limit(B, 102, 3, { timeInForce: 'ioc' });
    expect(tape.fills()).toEqual(['2 buy 3@102 taker left 0']);
    // Two are left before our own order, where the rest of this one stops.
    tape.limit(B, 102, 4, { timeInForce: 'ioc' });
    expect(tape.fills()).toEqual(['3 buy 2@102 taker left 2']);
    // What trades next meets the ask: nobody stands before it.
    tape.message(trade(B, 102, 4));
    expect(tape.fills()).toEqual(['1 sell 4@102 maker left 0']);
  });
});
