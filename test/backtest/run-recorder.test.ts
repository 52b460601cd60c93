import { describe, expect, it } from 'vitest';
import { Backtest, type BacktestRun, MARKOUT_NS } from '../../src/backtest/index.ts';
import { hashOf } from '../../src/backtest/run-hash.ts';
import { type EventBatch, Fault, Side } from '../../src/market/index.ts';
import { constantLatency, MS, ToyTape, toyOptions } from './toy-market.ts';

const BUY = { side: Side.BID, type: 'market', priceTicks: 0, quantityLots: 1 } as const;

function play(tape: EventBatch, equityEveryNs: number, buyAtNs = 0): BacktestRun {
  const { options } = toyOptions(
    { onStart: (broker) => broker.wakeAt(buyAtNs), onTimer: (broker) => void broker.place(BUY) },
    constantLatency(0, 0, 0),
    { equityEveryNs },
  );
  const backtest = new Backtest(options);
  backtest.apply(tape);
  return backtest.finish();
}

describe('markouts', () => {
  it('are the mid after all that happened up to each horizon, NaN where the run ended before', () => {
    // Bought at 5 ms, at a mid of 100. The mid is 101 from exactly 15 ms on (10 ms later), 102 from just after 105 ms, 103 from 900 ms; the tape ends
    // 12 s after the fill.
    const tape = new ToyTape().snapshot(0, 99, 101).move(15 * MS, [99, 101], [100, 102]);
    tape.move(105 * MS + 1, [100, 102], [101, 103]).move(900 * MS, [101, 103], [102, 104]);
    tape.level(12_005 * MS, Side.BID, 90, 1);
    const [fill] = play(tape.batch(), 1e9, 5 * MS).fills;
    expect(fill).toMatchObject({ exchangeNs: 5 * MS, midTicks: 100, priceTicks: 101 });
    expect(MARKOUT_NS).toEqual([10 * MS, 100 * MS, 1000 * MS, 10_000 * MS, 60_000 * MS]);
    expect([...fill.laterMidTicks]).toEqual([101, 101, 103, 103, Number.NaN]);
  });

  it('are NaN where the book is lost then', () => {
    const tape = new ToyTape()
      .snapshot(0, 99, 101)
      .fault(9 * MS, Fault.GAP)
      .snapshot(50 * MS, 104, 106);
    tape.level(100 * MS, Side.BID, 90, 1);
    const [fill] = play(tape.batch(), 1e9).fills;
    expect([...fill.laterMidTicks]).toEqual([Number.NaN, 105, Number.NaN, Number.NaN, Number.NaN]);
  });
});

describe('equity', () => {
  it('is taken on a grid of time from the first mid on, after all that happened, and at the end', () => {
    // A grid of 10 ms. Bought at 15 ms for 101, one above the mid; the mid moves to 103 at exactly 30 ms, and to 110 at 44 ms.
    const tape = new ToyTape().snapshot(12 * MS, 99, 101).level(28 * MS, Side.BID, 90, 1);
    tape.move(30 * MS, [99, 101], [102, 104]).move(44 * MS, [102, 104], [109, 111]);
    const run = play(tape.batch(), 10 * MS, 15 * MS);
    expect(run.equity).toEqual([
      { ns: 20 * MS, midTicks: 100, positionLots: 1, net: -1, gross: -1 },
      { ns: 30 * MS, midTicks: 103, positionLots: 1, net: 2, gross: 2 },
      { ns: 40 * MS, midTicks: 103, positionLots: 1, net: 2, gross: 2 },
      { ns: 44 * MS, midTicks: 110, positionLots: 1, net: 9, gross: 9 },
    ]);
    expect(run.totals).toEqual({ gross: 9, fees: 0, funding: 0, borrow: 0, impact: 0, net: 9 });
  });

  it('has one point where the grid and the end meet, and none while no mid was ever known', () => {
    const tape = new ToyTape()
      .level(0, Side.BID, 99, 1)
      .level(15 * MS, Side.ASK, 101, 1)
      .level(40 * MS, Side.BID, 98, 1);
    // A bid alone has no mid, so the points of 0 and 10 ms are left out, as is the order that finds nothing to trade with.
    const { options } = toyOptions({}, constantLatency(0, 0, 0), { equityEveryNs: 10 * MS });
    const backtest = new Backtest(options);
    backtest.apply(tape.batch());
    expect(backtest.finish().equity.map(({ ns }) => ns / MS)).toEqual([20, 30, 40]);
  });

  it('marks at the last mid that was known while the book is lost', () => {
    const tape = new ToyTape()
      .snapshot(0, 99, 101)
      .fault(15 * MS, Fault.GAP)
      .snapshot(25 * MS, 109, 111);
    const { equity } = play(tape.batch(), 10 * MS);
    expect(equity.map(({ ns, midTicks, net }) => [ns / MS, midTicks, net])).toEqual([
      [0, 100, -1],
      [10, 100, -1],
      [20, 100, -1],
      [25, 110, 9],
    ]);
  });
});

describe('the hash', () => {
  const run = (): BacktestRun => {
    const tape = new ToyTape().snapshot(0, 99, 101).move(15 * MS, [99, 101], [100, 102]);
    return play(tape.level(200 * MS, Side.BID, 90, 1).batch(), 10 * MS);
  };

  it('is the same for the same run, whatever bits a NaN has', () => {
    const { orders, fills, hash } = run();
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(run().hash).toBe(hash);
    const bits = new BigUint64Array(fills[0].laterMidTicks.buffer);
    expect(Number.isNaN(fills[0].laterMidTicks[4])).toBe(true);
    bits[4] |= 1n;
    expect(Number.isNaN(fills[0].laterMidTicks[4])).toBe(true);
    expect(hashOf(orders, fills)).toBe(hash);
  });

  it('changes with every column of orders and fills', () => {
    const { orders, fills, hash } = run();
    const [order] = orders;
    const [fill] = fills;
    for (const [name, value] of Object.entries(order)) {
      const other = typeof value === 'number' ? (Number.isNaN(value) ? 0 : value + 1) : `${value}!`;
      expect(hashOf([{ ...order, [name]: other }], fills), name).not.toBe(hash);
    }
    for (const [name, value] of Object.entries(fill)) {
      const other =
        typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : Float64Array.of(1, 2, 3, 4, 5);
      expect(hashOf(orders, [{ ...fill, [name]: other }]), name).not.toBe(hash);
    }
  });
});
