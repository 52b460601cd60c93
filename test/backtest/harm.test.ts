import { describe, expect, it } from 'vitest';
import {
  Backtest,
  type BacktestRun,
  type Broker,
  type OrderRequest,
  OrderState,
  RiskGate,
  type Strategy,
  tapeVenue,
} from '../../src/backtest/index.ts';
import { queueModelOf } from '../../src/backtest/queue/queue-model.ts';
import { type EventBatch, EventKind, Side } from '../../src/market/index.ts';
import { constantLatency, MS, ToyTape, toyOptions } from './toy-market.ts';

const BID_99: OrderRequest = { side: Side.BID, type: 'limit', priceTicks: 99, quantityLots: 2 };
const BUY: OrderRequest = { side: Side.BID, type: 'market', priceTicks: 0, quantityLots: 1 };

type Overrides = Parameters<typeof toyOptions>[2];

/** A run on the exchange by level, one millisecond each way. */
function play(strategy: Partial<Strategy>, batches: readonly EventBatch[], overrides: Overrides = {}): BacktestRun {
  const venue = tapeVenue(queueModelOf('risk-averse'));
  const { options } = toyOptions(strategy, constantLatency(MS, MS, MS), { venue, ...overrides });
  const backtest = new Backtest(options);
  for (const batch of batches) backtest.apply(batch);
  return backtest.finish();
}

const quiet = (): EventBatch =>
  new ToyTape()
    .snapshot(0, 99, 101)
    .level(5 * MS, Side.BID, 98, 1)
    .sold(10 * MS, 90, 50)
    .level(20 * MS, Side.BID, 97, 1)
    .batch();

describe('what a strategy may do without harm to anything but itself', () => {
  it('cancels and replaces, in the same call, an order that its own limits refused', () => {
    const run = play(
      {
        onStart: (broker) => {
          const id = broker.place({ ...BID_99, quantityLots: 50 });
          broker.replace(id, 98, 1);
          broker.cancel(id);
        },
      },
      [quiet()],
      { risk: new RiskGate({ maxOrderLots: 10 }) },
    );
    expect(run.orders.map(({ state }) => state)).toEqual([OrderState.REJECTED]);
    expect(run.ended).toBe(null);
  });

  it('throws just after its own limits refused an order', () => {
    const run = play(
      {
        onStart: (broker) => {
          broker.place({ ...BID_99, quantityLots: 50 });
          throw new Error('boom');
        },
      },
      [quiet()],
      { risk: new RiskGate({ maxOrderLots: 10 }) },
    );
    expect(run.ended).toBe('onStart threw: boom');
  });

  it('writes to orders that it was shown: what is on the way to the venue stays as it was sent', () => {
    const run = play(
      {
        onStart: (broker) => {
          broker.place(BID_99);
          const [order] = broker.orders;
          (order.request as { priceTicks: number }).priceTicks = 200;
        },
      },
      [quiet()],
    );
    // A frozen object throws where it is written to.
    expect(run.ended).toMatch(/^onStart threw: Cannot assign to read only property/);
    expect(run.orders[0]).toMatchObject({ priceTicks: 99, filledLots: 0 });
  });

  it('keeps the list of its orders: it stays as it was, and nobody can write to it', () => {
    const kept: (readonly unknown[])[] = [];
    const run = play(
      {
        onStart: (broker) => {
          broker.place(BUY);
          kept.push(broker.orders);
          broker.place(BID_99);
          kept.push(broker.orders);
        },
        onReport: (broker) => {
          (broker.orders as unknown[]).length = 0;
        },
      },
      [quiet()],
    );
    expect(kept.map(({ length }) => length)).toEqual([1, 2]);
    expect(run.ended).toMatch(/^onReport threw: Cannot assign to read only property/);
    expect(run.orders.map(({ state }) => state)).toEqual([OrderState.FILLED, OrderState.CANCELLED]);
  });

  it('is ended where a method returns a promise: what it would do later has no time', async () => {
    let late = 0;
    const run = play(
      {
        onMarket: async (broker: Broker) => {
          await null;
          late++;
          broker.place(BUY);
        },
      } as unknown as Partial<Strategy>,
      [quiet()],
    );
    expect(run.ended).toBe('onMarket returned a promise: a strategy acts within the call, not later');
    expect(run.orders).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(late).toBe(1);
  });

  it('is not told of the rows after its message, and writes to none that the venue reads', () => {
    let seen = 0;
    const tape = new ToyTape().snapshot(0, 99, 101);
    for (let k = 1; k <= 9; k++) tape.level(k * MS, Side.BID, 90, k);
    tape.level(10 * MS, Side.ASK, 105, 777);
    const run = play(
      {
        onMarket: (broker, batch, from) => {
          if (broker.nowNs < 10 * MS) for (const lots of batch.sizeLots) if (lots === 777) seen++;
          if (batch.kind[from] === EventKind.LEVEL) batch.sizeLots.fill(0);
          batch.priceTicks.fill(1);
          if (broker.nowNs === 5 * MS) broker.place(BUY);
        },
      },
      [tape.batch()],
    );
    expect(seen).toBe(0);
    expect(run.fills.map(({ priceTicks }) => priceTicks)).toEqual([101]);
  });

  it('places thousands of orders at once', () => {
    const run = play(
      {
        onStart: (broker) => {
          for (let k = 0; k < 5000; k++) broker.place({ ...BID_99, priceTicks: 10 + (k % 80), quantityLots: 1 });
        },
      },
      [quiet()],
    );
    expect(run.orders).toHaveLength(5000);
    expect(run.ended).toBe(null);
    // The print of 50 lots at 90 is below none of 10 to 89: nothing fills.
    expect(run.fills).toEqual([]);
    expect(run.orders.every(({ state }) => state === OrderState.CANCELLED)).toBe(true);
  });
});

describe('risk limits', () => {
  it('know no more than we do: they stop trading when the loss has reached us, not when it happened', () => {
    // The feed takes 10 ms. Bought one at 101, the mid falls to 50 at 30 ms: at our side at 40 ms, and the first point of the grid after it stops.
    const refused: number[] = [];
    const tape = new ToyTape().snapshot(0, 99, 101);
    for (let k = 1; k < 30; k++) tape.level(k * MS, Side.BID, 40, k);
    tape.move(30.5 * MS, [99, 101], [49, 51]);
    for (let k = 31; k < 60; k++) tape.level(k * MS, Side.BID, 40, k);
    const venue = tapeVenue(queueModelOf('risk-averse'));
    const { options } = toyOptions(
      {
        onStart: (broker) => void broker.place(BUY),
        onMarket: (broker) => void broker.place({ ...BID_99, priceTicks: 10, timeInForce: 'ioc' }),
        onReport: (broker, { reason }) => {
          if (reason?.startsWith('trading is stopped') === true) refused.push(broker.nowNs);
        },
      },
      constantLatency(10 * MS, MS, MS),
      { venue, risk: new RiskGate({ maxLoss: 20 }), equityEveryNs: MS },
    );
    const backtest = new Backtest(options);
    backtest.apply(tape.batch());
    const run = backtest.finish();
    expect(refused[0]).toBe(42 * MS);
    // 101 paid, 50 the mid.
    expect(run.notes.join()).toContain('the loss of 51 reached the limit of 20 at 0.041 s');
  });

  it('do not count an order twice, nor one that they refused', () => {
    const states: unknown[] = [];
    const run = play(
      {
        onStart: (broker) => {
          // Just the limit; then one lot too many; then nothing is left of either limit.
          broker.place({ ...BID_99, quantityLots: 12 });
          broker.place({ ...BID_99, quantityLots: 9 });
          broker.place({ ...BID_99, quantityLots: 2 });
          broker.place({ ...BID_99, quantityLots: 1 });
          broker.place({ ...BID_99, side: Side.ASK, priceTicks: 120, quantityLots: 1 });
          states.push(broker.orders.map(({ id }) => id));
        },
      },
      [quiet()],
      { risk: new RiskGate({ maxPositionLots: 10, maxOpenOrders: 2 }) },
    );
    expect(states).toEqual([[2, 4]]);
    const rejected = run.orders.filter(({ state }) => state === OrderState.REJECTED);
    expect(rejected.map(({ id, reason }) => `${id}: ${reason?.slice(0, 15)}`)).toEqual([
      '1: 12 lots more co',
      '3: 2 lots more cou',
      '5: 2 orders are op',
    ]);
  });

  it('count a larger order that a replace asks for and nobody confirmed yet', () => {
    const told: (string | null)[] = [];
    play(
      {
        onStart: (broker) => {
          const id = broker.place({ ...BID_99, quantityLots: 1 });
          broker.replace(id, 99, 9);
          broker.place({ ...BID_99, quantityLots: 5 });
        },
        onReport: (_, { reason }) => void told.push(reason),
      },
      [quiet()],
      { risk: new RiskGate({ maxPositionLots: 10 }) },
    );
    expect(told[0]).toContain('5 lots more could make the position 14 long (0 held long, 9 in open orders)');
  });
});
