import { describe, expect, it } from 'vitest';
import type { OrderSide, Strategy } from '../../../src/backtest/index.ts';
import { Random } from '../../../src/core/index.ts';
import { addedCost, costedCurve, monotoneSweep } from '../../../src/evaluate/index.ts';
import { Side } from '../../../src/market/index.ts';
import { feeOf, play, simTape, TERMS } from './sim-tape.ts';

const COSTS_BPS = [0, 0.5, 1, 2, 3, 4, 5];

interface Listed {
  readonly ns: number;
  readonly side: OrderSide;
  readonly market: boolean;
}

/** Sends a fixed list of orders at fixed times: it cannot know of any costs. */
function sender(list: readonly Listed[]): Strategy {
  let next = 0;
  return {
    name: 'list',
    onStart: (broker) => broker.wakeAt(list[0].ns),
    onTimer: (broker) => {
      const { side, market } = list[next++];
      const priceTicks = side === Side.BID ? broker.book.bestBidTicks : broker.book.bestAskTicks;
      if (broker.trusted) broker.place({ side, type: market ? 'market' : 'limit', priceTicks, quantityLots: 2 });
      if (next < list.length) broker.wakeAt(list[next].ns);
    },
  };
}

describe('costs', () => {
  it('floor: net profit falls monotonically as costs rise from 0 to 5 bps for a fixed list of orders', async () => {
    for (const mode of ['null', 'realistic', 'oracle'] as const) {
      const tape = await simTape(mode, 7, 8000);
      const { tsEventNs } = tape.batches[0];
      const random = new Random(1);
      const list = Array.from({ length: 200 }, (_, i) => ({
        ns: tsEventNs[0] + (i + 1) * 0.3e9,
        side: random.bernoulli(0.5) ? Side.BID : Side.ASK,
        market: random.bernoulli(0.5),
      }));
      const runs = COSTS_BPS.map((bps) => play(tape, sender(list), { fees: feeOf(bps) }));
      const [free] = runs;
      expect(free.orders.length).toBe(list.length);
      expect(free.fills.length).toBeGreaterThan(100);
      const points = runs.map(({ totals }, i) => ({ at: COSTS_BPS[i], value: totals.net }));
      expect(monotoneSweep(points, 'falls')).toEqual({ holds: true, breaks: [], kendall: -1 });
      const curve = costedCurve(free, TERMS);
      runs.forEach((run, i) => {
        // The same fills, so the same profit before costs; and reckoning costs afterwards comes to the same as paying them.
        expect(run.totals.gross).toBe(free.totals.gross);
        expect(addedCost(curve, COSTS_BPS[i]).net).toBeCloseTo(run.totals.net, 8);
      });
    }
  }, 120_000);
});
