import { describe, expect, it } from 'vitest';
import { Backtest, type Strategy, WindowedStrategy } from '../../../src/backtest/index.ts';
import { Side } from '../../../src/market/index.ts';
import { constantLatency, MS, ToyTape, toyOptions } from '../toy-market.ts';

const options = (strategy: Strategy, entryMs = 1) =>
  toyOptions({}, constantLatency(MS, entryMs * MS, MS), { strategy }).options;

/** A market of 100 at 102 from 0 ms to 1,000 ms, with a message every 10 ms. */
function tape(): ToyTape {
  const toy = new ToyTape().snapshot(0, 100, 102);
  for (let ms = 10; ms <= 1000; ms += 10) toy.level(ms * MS, Side.BID, 99, ms);
  return toy;
}

/** Buys a lot with each message and rests an order besides; writes down what it is told and when. */
function greedy(log: string[]): Strategy {
  let rests = false;
  return {
    name: 'greedy',
    onStart: ({ nowNs }) => log.push(`start ${nowNs / MS}`),
    onMarket: (broker) => {
      log.push(`market ${broker.nowNs / MS}`);
      if (!broker.trusted) return;
      broker.place({ side: Side.BID, type: 'market', priceTicks: 0, quantityLots: 1 });
      if (!rests) broker.place({ side: Side.BID, type: 'limit', priceTicks: 50, quantityLots: 1 });
      rests = true;
      broker.wakeAt(broker.nowNs + 3 * MS);
    },
    onTimer: ({ nowNs }) => log.push(`timer ${nowNs / MS}`),
  };
}

describe('a strategy within a window', () => {
  it('acts from its beginning to its end alone; then its orders go and its position is closed', () => {
    const log: string[] = [];
    const backtest = new Backtest(options(new WindowedStrategy(greedy(log), 500 * MS, 540 * MS)));
    backtest.apply(tape().batch());
    const run = backtest.finish();
    // Messages reach us a millisecond late: those of 500 to 530 ms lie within, the first of them at 501 ms; that of 540 is too late.
    expect(log).toEqual(['start 500', ...[501, 511, 521, 531].flatMap((ms) => [`market ${ms}`, `timer ${ms + 3}`])]);
    const bought = run.fills.filter(({ side }) => side === Side.BID);
    const sold = run.fills.filter(({ side }) => side === Side.ASK);
    expect(bought.map(({ exchangeNs }) => exchangeNs / MS)).toEqual([502, 512, 522, 532]);
    // At 540 ms on our clock: an order for all four lots, a millisecond on the way.
    expect(sold.map(({ exchangeNs, quantityLots }) => [exchangeNs / MS, quantityLots])).toEqual([[541, 4]]);
    expect(run.orders.filter(({ filledLots }) => filledLots === 0).map(({ endedNs }) => endedNs / MS)).toEqual([541]);
    expect(run.equity.at(-1)?.positionLots).toBe(0);
    // Four lots bought at 102 and sold at 100 lose 8 ticks, and nothing moves behind that.
    expect(run.totals.gross).toBe(-8);
  });

  it('tries again until the position is 0: what filled on the way to the end is closed, too', () => {
    const late: Strategy = {
      name: 'late',
      onMarket: (broker) => {
        // Sent at 531 ms, it trades at 581 ms with an entry of 50 ms: behind the window's end at 540 ms.
        if (broker.nowNs === 531 * MS) broker.place({ side: Side.BID, type: 'market', priceTicks: 0, quantityLots: 2 });
      },
    };
    const windowed = new WindowedStrategy(late, 500 * MS, 540 * MS);
    const backtest = new Backtest(options(windowed, 50));
    backtest.apply(tape().batch());
    const { fills } = backtest.finish();
    expect(fills.map(({ side, exchangeNs }) => [side, exchangeNs / MS])).toEqual([
      [Side.BID, 581],
      [Side.ASK, 632],
    ]);
  });

  it('does nothing where the tape ends before it begins', () => {
    const log: string[] = [];
    const backtest = new Backtest(options(new WindowedStrategy(greedy(log), 5000 * MS, 6000 * MS)));
    backtest.apply(tape().batch());
    expect(backtest.finish().orders).toEqual([]);
    expect(log).toEqual([]);
  });
});
