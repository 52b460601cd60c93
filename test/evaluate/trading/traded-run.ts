import type { BacktestRun, FillRecord } from '../../../src/backtest/index.ts';
import { OrderState } from '../../../src/backtest/index.ts';
import { Random } from '../../../src/core/index.ts';
import { fillRecord, orderRecord } from '../../backtest/money.ts';

const NS = 1e9;

/**
 * Three orders in a minute, in the money of `LINEAR` (0.05 USD a tick and lot): 10 lots bought at 99 as maker with the mid at 100, 10 sold at 103 as taker with the mid
 * at 104, and one order cancelled. The mid a second after the purchase is 99, after the sale 104. Fees 0.1 and 0.3 USD.
 */
export function handMadeRun(more: Partial<BacktestRun> = {}): BacktestRun {
  const marks = (second: number): Float64Array => new Float64Array([second, second, second, Number.NaN, Number.NaN]);
  const fills: FillRecord[] = [
    fillRecord(10, 99, {
      orderId: 1,
      maker: true,
      exchangeNs: 5 * NS,
      midTicks: 100,
      laterMidTicks: marks(99),
      fee: 0.1,
    }),
    fillRecord(-10, 103, { orderId: 2, exchangeNs: 20 * NS, midTicks: 104, laterMidTicks: marks(104), fee: 0.3 }),
  ];
  const filled = { filledLots: 10, state: OrderState.FILLED };
  return {
    strategy: 'by hand',
    instrument: 'toy:XY',
    origin: 'recorded',
    currency: 'USD',
    assumptions: ['latency: none'],
    notes: [],
    startDay: 20_000,
    startNs: 0,
    endNs: 60 * NS,
    events: 120,
    messages: 60,
    orders: [
      orderRecord(1, { arrivedNs: 2 * NS, ...filled }),
      orderRecord(2, {
        side: fills[1].side,
        sentMidTicks: 104,
        arrivedMidTicks: 104,
        sentNs: 20 * NS,
        arrivedNs: 20 * NS,
        ...filled,
      }),
      orderRecord(3),
    ],
    fills,
    // 10 lots for 4 ticks: 40 × 0.05 = 2 USD gross, of which 0.4 USD are fees.
    equity: Array.from({ length: 61 }, (_, second) => ({
      ns: second * NS,
      midTicks: second < 5 ? 100 : 104,
      positionLots: second >= 5 && second < 20 ? 10 : 0,
      gross: second < 5 ? 0 : second < 20 ? 2.5 : 2,
      net: second < 5 ? 0 : second < 20 ? 2.4 : 1.6,
    })),
    totals: { gross: 2, fees: 0.4, funding: 0, borrow: 0, impact: 0, net: 1.6 },
    ended: null,
    hash: 'ab'.repeat(32),
    ...more,
  };
}

/** The same orders and fills, with an equity that gains `drift` USD a second on average, and as much noise as asked for. */
export function driftingRun(drift: number, noise: number, seed: number, seconds = 600): BacktestRun {
  const random = new Random(seed);
  let net = 0;
  const equity = Array.from({ length: seconds + 1 }, (_, second) => {
    if (second > 0) net += drift + noise * random.normal();
    return { ns: second * NS, midTicks: 100, positionLots: 0, gross: net + 0.4, net };
  });
  return handMadeRun({
    equity,
    endNs: seconds * NS,
    totals: { gross: net + 0.4, fees: 0.4, funding: 0, borrow: 0, impact: 0, net },
  });
}
