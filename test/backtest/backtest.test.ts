import { describe, expect, it } from 'vitest';
import { Backtest, type BacktestRun, type Broker, OrderState, ReportKind } from '../../src/backtest/index.ts';
import { RiskGate } from '../../src/backtest/risk/risk-gate.ts';
import { type EventBatch, Side } from '../../src/market/index.ts';
import { constantLatency, FREE, MS, ToyTape, toyOptions } from './toy-market.ts';

const BUY = { side: Side.BID, type: 'market', priceTicks: 0, quantityLots: 1 } as const;
const BID_99 = { side: Side.BID, type: 'limit', priceTicks: 99, quantityLots: 2 } as const;

function play(options: ConstructorParameters<typeof Backtest>[0], ...batches: EventBatch[]): BacktestRun {
  const backtest = new Backtest(options);
  for (const batch of batches) backtest.apply(batch);
  return backtest.finish();
}

describe('the engine', () => {
  it('takes a message at the venue when it happens and at our side when it reaches us, and orders likewise', () => {
    // Feed 3, entry 5, response 7 ms. The message of 10 ms reaches us at 13; the order sent then is at the venue at 18 and its reports are here at 25.
    const log: string[] = [];
    const { options, venue } = toyOptions(
      {
        onStart: (broker) => void log.push(`${broker.nowNs / MS}: start`),
        onMarket: (broker, batch, from) => {
          log.push(`${broker.nowNs / MS}: market ${batch.sequence[from]}, mid ${broker.book.mid}`);
          if (batch.sequence[from] === 2) broker.place(BUY);
        },
        onReport: (broker, { kind }) => {
          log.push(`${broker.nowNs / MS}: report ${kind}, holds ${broker.positionLots}`);
        },
      },
      constantLatency(3 * MS, 5 * MS, 7 * MS),
    );
    const tape = new ToyTape().snapshot(0, 99, 101).move(10 * MS, [99, 101], [100, 102]);
    tape.move(17 * MS, [100, 102], [101, 103]).level(30 * MS, Side.BID, 90, 1);
    const run = play(options, tape.batch());
    expect(log).toEqual([
      '0: start',
      '3: market 1, mid 100',
      '13: market 2, mid 101',
      '20: market 3, mid 102',
      `25: report ${ReportKind.ACCEPTED}, holds 0`,
      `25: report ${ReportKind.FILLED}, holds 1`,
      '33: market 4, mid 102',
    ]);
    expect(venue().log).toEqual([
      '0: message 1',
      `${10 * MS}: message 2`,
      `${17 * MS}: message 3`,
      `${18 * MS}: order 1`,
      `${30 * MS}: message 4`,
      `${30 * MS}: close`,
    ]);
    // It saw an ask of 102 and paid 103: the venue had moved meanwhile.
    expect(run.fills).toMatchObject([{ priceTicks: 103, midTicks: 102, exchangeNs: 18 * MS, localNs: 25 * MS }]);
    expect(run.orders).toMatchObject([
      { sentNs: 13 * MS, sentMidTicks: 101, arrivedNs: 18 * MS, arrivedMidTicks: 102, state: OrderState.FILLED },
    ]);
    expect(run).toMatchObject({ events: 11, messages: 4, startNs: 0, endNs: 30 * MS, ended: null, startDay: 20000 });
  });

  it('does what comes at one time in the order carry, market, orders, reports, our market, timer', () => {
    const log: string[] = [];
    let paid = false;
    const { options, venue } = toyOptions(
      {
        onStart: (broker) => broker.wakeAt(1),
        onMarket: (_, batch, from) => void log.push(`market ${batch.sequence[from]}`),
        onReport: (_, { kind }) => void log.push(`report ${kind}`),
        onTimer: (broker) => {
          log.push('timer');
          if (broker.orders.length === 0) broker.place(BID_99);
        },
      },
      constantLatency(0, 0, 0),
      {
        ledger: {
          ...FREE,
          carry: {
            assumption: 'carry: once',
            nextNs: (nowNs) => (nowNs < 1 ? 1 : Number.POSITIVE_INFINITY),
            due: (nowNs) => {
              if (paid || nowNs < 1) return { funding: 0, borrow: 0 };
              paid = true;
              log.push('carry');
              return { funding: 3, borrow: 0 };
            },
          },
        },
      },
    );
    const tape = new ToyTape()
      .snapshot(0, 99, 101)
      .level(1, Side.BID, 98, 1)
      .level(1, Side.BID, 97, 1)
      .level(2, Side.BID, 96, 1);
    const run = play(options, tape.batch());
    expect(log.slice(0, 7)).toEqual([
      'market 1',
      'carry',
      'market 2',
      'market 3',
      'timer',
      `report ${ReportKind.ACCEPTED}`,
      'market 4',
    ]);
    expect(venue().log.slice(1, 4)).toEqual(['1: message 2', '1: message 3', '1: order 1']);
    expect(run.totals).toEqual({ gross: 0, fees: 0, funding: 3, borrow: 0, impact: 0, net: -3 });
  });

  it('keeps what was sent later behind what was sent earlier, and messages in their order', () => {
    const delays = [9, 1];
    const feeds = [0, 8, 0];
    const seen: number[] = [];
    const { options, venue } = toyOptions(
      {
        onStart: (broker) => {
          broker.place(BID_99);
          broker.place({ ...BID_99, priceTicks: 98 });
        },
        onMarket: (broker) => void seen.push(broker.nowNs),
      },
      { assumption: '', feed: () => feeds.shift()!, entry: () => delays.shift()!, response: () => 0 },
    );
    play(options, new ToyTape().snapshot(0, 99, 101).level(2, Side.BID, 98, 1).level(5, Side.BID, 97, 1).batch());
    expect(seen).toEqual([0, 10, 10]);
    // Both would have reached the venue at 9, after the tape's end.
    expect(venue().log.at(-1)).toBe('5: close');
  });

  it('refuses what reaches the venue after the end of the tape, and cancels what rests', () => {
    const told: string[] = [];
    const sent: boolean[] = [];
    const { options } = toyOptions(
      {
        onStart: (broker) => void broker.place(BID_99),
        onMarket: (broker, batch, from) => {
          if (batch.sequence[from] === 2) broker.place({ ...BID_99, tag: 'late' });
        },
        onReport: (broker, { orderId, kind, reason }) => {
          told.push(`${orderId}: ${kind} ${reason}`);
          const id = broker.place(BID_99);
          sent.push(broker.orders.some((order) => order.id === id));
        },
      },
      constantLatency(0, 2, 0),
    );
    const run = play(options, new ToyTape().snapshot(0, 99, 101).level(3, Side.BID, 98, 1).batch());
    // The order of its start is taken at 2 and rests to the end; the report makes it send another, which would be there at 4.
    expect(run.orders.map(({ state, reason, endedNs, tag }) => ({ state, reason, endedNs, tag }))).toEqual([
      { state: OrderState.CANCELLED, reason: 'the tape has ended', endedNs: 3, tag: null },
      { state: OrderState.REJECTED, reason: 'the tape has ended', endedNs: Number.NaN, tag: null },
      { state: OrderState.REJECTED, reason: 'the tape has ended', endedNs: Number.NaN, tag: 'late' },
    ]);
    // That it was cancelled is known after the end: what it would send then is no order.
    expect(sent).toEqual([true, false]);
    expect(told).toEqual([`1: ${ReportKind.ACCEPTED} null`, `1: ${ReportKind.CANCELLED} the tape has ended`]);
  });

  it('wakes the strategy at the earliest of its wishes, once, and not in the past', () => {
    const woken: number[] = [];
    const { options } = toyOptions(
      {
        onStart: (broker) => {
          broker.wakeAt(7);
          broker.wakeAt(4);
          broker.wakeAt(9);
        },
        onTimer: (broker) => {
          woken.push(broker.nowNs);
          if (woken.length === 1) broker.wakeAt(-5);
        },
      },
      constantLatency(0, 0, 0),
    );
    play(options, new ToyTape().snapshot(0, 99, 101).level(20, Side.BID, 98, 1).batch());
    expect(woken).toEqual([4, 4]);
  });

  it('tells a position only once the report is here', () => {
    const positions: string[] = [];
    const { options } = toyOptions(
      {
        onStart: (broker) => void broker.place(BID_99),
        onMarket: (broker) => void positions.push(`${broker.nowNs / MS}: ${broker.positionLots}`),
      },
      constantLatency(0, 0, 5 * MS),
    );
    const tape = new ToyTape().snapshot(0, 99, 101).sold(1 * MS, 99, 5);
    tape
      .level(2 * MS, Side.BID, 98, 1)
      .level(6 * MS, Side.BID, 98, 2)
      .level(7 * MS, Side.BID, 98, 3);
    play(options, tape.batch());
    // It traded at 1 ms and we learn of it at 6 ms, before the message of 6 ms.
    expect(positions).toEqual(['0: 0', '1: 0', '2: 0', '6: 2', '7: 2']);
  });
});

describe('a strategy that fails', () => {
  const tape = (): EventBatch =>
    new ToyTape().snapshot(0, 99, 101).level(5, Side.BID, 98, 1).sold(6, 90, 1).level(9, Side.BID, 97, 1).batch();
  const boom = (): never => {
    throw new Error('boom');
  };

  it.each(['onStart', 'onMarket', 'onReport', 'onTimer'] as const)(
    'is ended where %s throws, its orders cancelled',
    (method) => {
      let calls = 0;
      const fails = (broker: Broker): void => {
        calls++;
        if (broker.orders.length === 0) broker.place(BID_99);
        boom();
      };
      const strategy = {
        onStart: (broker: Broker): void => {
          broker.place(BID_99);
          broker.wakeAt(3);
        },
        [method]: fails,
      };
      const { options, venue } = toyOptions(strategy, constantLatency(1, 1, 1));
      const run = play(options, tape());
      expect(run.ended).toBe(`${method} threw: boom`);
      expect(calls).toBe(1);
      expect(run.orders.map(({ state }) => state)).toEqual([OrderState.CANCELLED]);
      expect(venue().log.filter((line) => line.endsWith('cancel 1'))).toHaveLength(1);
      expect(run.fills).toEqual([]);
      expect(run.messages).toBe(4);
    },
  );

  it('is ended where it sends an order that no venue could take', () => {
    const { options } = toyOptions(
      { onStart: (broker) => void broker.place({ ...BID_99, quantityLots: 0.5 }) },
      constantLatency(1, 1, 1),
    );
    const run = play(options, tape());
    expect(run.ended).toBe('onStart threw: place: quantityLots is 0.5, expected a whole number of lots above 0');
    expect(run.orders).toEqual([]);
  });

  it('is ended where it acts without end while no time passes', () => {
    const { options } = toyOptions(
      { onStart: (b) => b.wakeAt(3), onTimer: (b) => b.wakeAt(b.nowNs) },
      constantLatency(1, 1, 1),
    );
    expect(play(options, tape()).ended).toBe('it acted 100000 times while no time passed');
  });

  it('says also what was thrown that is no error', () => {
    const { options } = toyOptions(
      {
        onMarket: () => {
          throw 'text';
        },
      },
      constantLatency(1, 1, 1),
    );
    expect(play(options, tape()).ended).toBe('onMarket threw: text');
  });
});

describe('risk limits', () => {
  it('answer at once, and the order never reaches the venue', () => {
    const told: string[] = [];
    const { options, venue } = toyOptions(
      {
        onMarket: (broker, batch, from) => {
          if (batch.sequence[from] === 1) broker.place(BID_99);
          if (batch.sequence[from] === 2) broker.replace(1, 99, 50);
          if (batch.sequence[from] === 3) broker.place({ ...BID_99, quantityLots: 50 });
        },
        onReport: (broker, { kind, reason }) => void told.push(`${broker.nowNs}: ${kind} ${reason}`),
      },
      constantLatency(0, 1, 1),
      { risk: new RiskGate({ maxOrderLots: 10 }) },
    );
    const tape = new ToyTape()
      .snapshot(0, 99, 101)
      .level(10, Side.BID, 98, 1)
      .level(20, Side.BID, 98, 2)
      .level(30, Side.BID, 98, 3);
    const run = play(options, tape.batch());
    const why = 'an order of 50 lots is above the limit of 10';
    expect(told.slice(0, 3)).toEqual([
      `2: ${ReportKind.ACCEPTED} null`,
      `10: ${ReportKind.REFUSED} ${why}`,
      `20: ${ReportKind.REJECTED} ${why}`,
    ]);
    expect(venue().log.filter((line) => /order|replace/.test(line))).toEqual(['1: order 1']);
    expect(run.orders[1]).toMatchObject({ state: OrderState.REJECTED, reason: why, arrivedNs: Number.NaN });
    expect(run.assumptions).toContain('risk: orders up to 10 lots');
  });

  it('stop trading at a loss: orders are cancelled, the position is closed, and the run says why', () => {
    // Bought one at 101; the mid falls to 90: at the next point of the grid, 2 ms, the loss is 11 of 10.
    const { options } = toyOptions(
      {
        onStart: (broker) => void broker.place(BUY),
        onMarket: (broker, batch, from) => {
          if (batch.sequence[from] === 2) broker.place({ ...BID_99, priceTicks: 50 });
          if (batch.sequence[from] === 4) broker.place(BUY);
        },
      },
      constantLatency(0, 1, 1),
      { risk: new RiskGate({ maxLoss: 10, flatten: true }), equityEveryNs: MS },
    );
    const tape = new ToyTape().snapshot(0, 100, 101).level(10, Side.BID, 80, 1);
    tape
      .move(1.5 * MS, [100, 101], [89, 91])
      .level(3 * MS, Side.BID, 80, 2)
      .level(4 * MS, Side.BID, 80, 3);
    const run = play(options, tape.batch());
    expect(run.orders.map(({ state, type, reduceOnly }) => [state, type, reduceOnly])).toEqual([
      [OrderState.FILLED, 'market', false],
      [OrderState.CANCELLED, 'limit', false],
      [OrderState.FILLED, 'market', true],
      [OrderState.REJECTED, 'market', false],
    ]);
    expect(run.equity.at(-1)?.positionLots).toBe(0);
    // Bought at 101, sold at 89.
    expect(run.totals.net).toBe(-12);
    expect(run.notes).toEqual(['the loss of 11 reached the limit of 10 at 0.002 s']);
  });
});
