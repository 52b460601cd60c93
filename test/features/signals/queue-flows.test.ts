import { describe, expect, it } from 'vitest';
import { Side } from '../../../src/market/index.ts';
import { ask, bid, delta, type Message, other, trade } from '../random-market.ts';
import { average, lastOf, rowsOf, SECOND, start } from './queue-market.ts';

const { exp, log } = Math;

/**
 * What happens, at 0, τ and 2τ (τ in seconds), and the average level after each book message:
 * τ   a bid of 5 at 101, better than the best: 5 join at the touch.     25 lots on 5 levels: 5
 * τ   the bid at 99 grows from 4 to 7: 3 join behind.                   28 on 5: 5.6
 * 2τ  2 lots are sold at 101, then the bid there is 1: 4 left, 2 of them executed, 2 cancelled.   24 on 5: 4.8
 * 2τ  the ask at 104 shrinks from 6 to 2: 4 cancelled behind.           20 on 5: 4
 */
const scene = (tau: number): Message[] => [
  start,
  delta(tau * SECOND, [bid(101, 5)]),
  delta(tau * SECOND, [bid(99, 7)]),
  other(2 * tau * SECOND, [trade(Side.ASK, 101, 2)]),
  delta(2 * tau * SECOND, [bid(101, 1)]),
  delta(2 * tau * SECOND, [ask(104, 2)]),
];
const q = average(5, 5, 5.6, 4.8, 4);
/** Of what was there one decay time ago, this much is left. */
const old = exp(-1);
/** ∫₀^2τ e^(−(2τ − s)/τ) ds / τ. */
const watched = 1 - exp(-2);

describe('rates', () => {
  const expectRates = (name: string, expected: Record<string, number>): void => {
    const got = lastOf(name, scene(1));
    expect(Object.keys(got)).toEqual(Object.keys(expected));
    for (const [column, lots] of Object.entries(expected))
      expect(got[column], column).toBeCloseTo(lots / q / watched, 12);
  };

  it('arrivals: what joins, at the touch and behind', () => {
    expectRates('arrival_rate', {
      arrival_rate_touch_bid: 5 * old,
      arrival_rate_touch_ask: 0,
      arrival_rate_deep_bid: 3 * old,
      arrival_rate_deep_ask: 0,
    });
  });

  it('cancellations: what leaves and was not traded', () => {
    expectRates('cancel_rate', {
      cancel_rate_touch_bid: 2,
      cancel_rate_touch_ask: 0,
      cancel_rate_deep_bid: 0,
      cancel_rate_deep_ask: 4,
    });
  });

  it('executions: what leaves and was traded', () => {
    expectRates('execution_rate', { execution_rate_bid: 2, execution_rate_ask: 0 });
  });

  it('are NaN before the decay time has passed, and 0 if nothing happened until then', () => {
    const quiet = [start, other(0.99 * SECOND, [trade(Side.BID, 102, 1)]), other(SECOND, [trade(Side.BID, 102, 1)])];
    for (const name of ['arrival_rate', 'cancel_rate', 'execution_rate']) {
      const rows = rowsOf(name, quiet).map((row) => Object.values(row));
      expect(rows[1].every(Number.isNaN), name).toBe(true);
      expect(
        rows[2].every((x) => x === 0),
        name,
      ).toBe(true);
    }
  });
});

describe('shares and balances', () => {
  it('refill: of what joined at the best price, was cancelled there or executed, the part that joined', () => {
    // 5 joined a second ago, 4 left now. At the ask’s best price nothing happened.
    const { queue_refill_bid, queue_refill_ask } = lastOf('queue_refill', scene(1));
    expect(queue_refill_bid).toBeCloseTo((5 * old) / (5 * old + 4), 12);
    expect(queue_refill_ask).toBeNaN();
  });

  it('are NaN before the decay time has passed', () => {
    const early = [start, delta(0.5 * SECOND, [bid(100, 9), ask(102, 1)])];
    expect(Object.values(lastOf('queue_refill', early)).every(Number.isNaN)).toBe(true);
  });

  it('cancel to trade: of what was cancelled at the touch or executed, the part that was cancelled', () => {
    // 2 and 2 at the bid 10 s ago. 10 s later the bid at 101 goes, 1 lot, untraded. The best ask never lost anything.
    const messages = [...scene(10), delta(30 * SECOND, [bid(101, 0)])];
    const { cancel_to_trade_bid, cancel_to_trade_ask } = lastOf('cancel_to_trade', messages);
    expect(cancel_to_trade_bid).toBeCloseTo((2 * old + 1) / (4 * old + 1), 12);
    expect(cancel_to_trade_ask).toBeNaN();
  });

  it('order to trade: of book events and trades, the part of events', () => {
    // Two events 10 s ago, two now; one trade now.
    const rows = rowsOf('order_to_trade', scene(10)).map((row) => row.order_to_trade);
    expect(rows[0]).toBeNaN();
    expect(rows.at(-1)).toBeCloseTo((2 * old + 2) / (2 * old + 3), 12);
  });
});

describe('waiting times', () => {
  it('depletion: the queue over all that leaves it a second', () => {
    // 1 lot is left at 101, and 4 lots left now: 4 / (10 (1 − e⁻²)) a second. Nothing ever left the best ask.
    const { depletion_time_bid, depletion_time_ask } = lastOf('depletion_time', scene(10));
    expect(depletion_time_bid).toBeCloseTo((10 * watched) / 4, 12);
    expect(depletion_time_ask).toBeNaN();
  });

  it('fill: executions and the cancellations ahead together clear the queue', () => {
    // As much is cancelled as is executed, x = c = 2 / (10 (1 − e⁻²)) a second: T = q / c ln 2 with q = 1.
    const { fill_time_bid, fill_time_ask } = lastOf('fill_time', scene(10));
    expect(fill_time_bid).toBeCloseTo(((10 * watched) / 2) * log(2), 12);
    expect(fill_time_ask).toBeNaN();
  });

  it('fill: without cancellations it is the queue over the executions', () => {
    // All 4 lots traded.
    const messages = scene(10);
    messages[3] = other(20 * SECOND, [trade(Side.ASK, 101, 4)]);
    expect(lastOf('fill_time', messages).fill_time_bid).toBeCloseTo((10 * watched) / 4, 12);
  });

  it('fill: cancellations without executions tell of no wait, nor does an empty side', () => {
    const messages = scene(10);
    messages[3] = other(20 * SECOND, [trade(Side.BID, 102, 4)]);
    expect(lastOf('fill_time', messages).fill_time_bid).toBeNaN();
    const emptied = [...scene(10), delta(21 * SECOND, [bid(101, 0), bid(100, 0), bid(99, 0)])];
    for (const name of ['fill_time', 'depletion_time']) {
      expect(lastOf(name, emptied)[`${name}_bid`], name).toBeNaN();
    }
  });

  it('count what left 70 decay times ago still for what it is worth', () => {
    // The queue of 1 and the 2 + 2 lots of 20 s, at 720 s; then the queue is cancelled, and 8 lots at 100 are the best.
    const faded = exp(-70);
    const quiet = [...scene(10), other(720 * SECOND, [trade(Side.BID, 102, 1)])];
    expect(lastOf('depletion_time', quiet).depletion_time_bid * faded).toBeCloseTo(10 / 4, 12);
    expect(lastOf('fill_time', quiet).fill_time_bid * faded).toBeCloseTo((10 / 2) * log(2), 12);
    const cancelled = [...quiet, delta(720 * SECOND, [bid(101, 0)])];
    expect(lastOf('depletion_time', cancelled).depletion_time_bid).toBeCloseTo(80, 10);
    expect(lastOf('fill_time', cancelled).fill_time_bid).toBeCloseTo(80 * (70 - log(2)), 9);
    expect(lastOf('execution_rate', cancelled).execution_rate_bid).toBe(0);
  });

  it('are NaN before the decay time has passed', () => {
    for (const name of ['fill_time', 'depletion_time', 'cancel_to_trade', 'order_to_trade']) {
      expect(Object.values(lastOf(name, scene(4))).every(Number.isNaN), name).toBe(true);
    }
  });
});
