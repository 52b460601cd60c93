import { describe, expect, it } from 'vitest';
import { EventFlag, EventKind, Side } from '../../../src/market/index.ts';
import { ask, bid, delta, type Message, other, type Row, snapshot, trade } from '../random-market.ts';
import { average, lastOf, MS, rowsOf, type Scene, SECOND, start } from './queue-market.ts';

const { atan, exp, log, sqrt } = Math;

describe('activity', () => {
  it('event rate: ln(1 + book events a second), the venue’s bookkeeping left out', () => {
    const revealed = { ...bid(98, 1), flags: EventFlag.REVEALED };
    const messages = [start, delta(SECOND, [bid(100, 7), ask(102, 3), revealed]), delta(2 * SECOND, [bid(100, 8)])];
    // Two events a second ago and one now: (2 e⁻¹ + 1) / (1 − e⁻²).
    expect(lastOf('event_rate', messages).event_rate_1s).toBeCloseTo(log(1 + (2 * exp(-1) + 1) / (1 - exp(-2))), 12);
  });

  it('mid age: seconds since the last move, NaN before the first', () => {
    const messages = [
      start,
      delta(5e6, [bid(100, 7)]),
      delta(7e6, [bid(101, 1)]),
      other(10e6, [trade(Side.BID, 102, 1)]),
    ];
    const ages = rowsOf('mid_age', messages).map((row) => row.mid_age);
    expect(ages.slice(0, 3)).toEqual([Number.NaN, Number.NaN, 0]);
    expect(ages[3]).toBeCloseTo(log(4), 12);
  });

  it('time that goes back stands still', () => {
    const messages = [start, delta(7e6, [bid(101, 1)]), delta(3e6, [bid(101, 2)]), delta(4e6, [bid(101, 3)])];
    expect(lastOf('mid_age', messages).mid_age).toBeCloseTo(log(2), 12);
  });

  it('flicker: changes of the best price a second, each side for itself', () => {
    // The bid improves after 1 s and retreats after 2; the ask empties after 2 s.
    const gone = delta(2 * SECOND, [bid(101, 0), ask(102, 0), ask(104, 0)]);
    const messages = [start, delta(SECOND, [bid(101, 5)]), delta(SECOND, [bid(101, 6)]), gone];
    const { touch_flicker_bid, touch_flicker_ask } = lastOf('touch_flicker', messages);
    expect(touch_flicker_bid).toBeCloseTo((exp(-1) + 1) / (1 - exp(-2)), 12);
    expect(touch_flicker_ask).toBeCloseTo(1 / (1 - exp(-2)), 12);
    expect(Object.values(lastOf('touch_flicker', messages.slice(0, 1))).every(Number.isNaN)).toBe(true);
  });
});

describe('the best queues', () => {
  it('length: over its mean by time, an empty side counted as nothing', () => {
    // The bid is 8 for 10 s, then 5 for 10 s, then 10; the ask is 2 for 10 s, absent for 10 s, then 3.
    const messages = [
      start,
      delta(10 * SECOND, [bid(101, 5), ask(102, 0), ask(104, 0)]),
      delta(20 * SECOND, [bid(101, 10), ask(103, 3)]),
    ];
    const rows = rowsOf('queue_length', messages);
    const watched = 1 - exp(-2);
    expect(rows[2].queue_length_bid).toBeCloseTo((10 * watched) / (8 * (exp(-1) - exp(-2)) + 5 * (1 - exp(-1))), 12);
    expect(rows[2].queue_length_ask).toBeCloseTo((3 * watched) / (2 * (exp(-1) - exp(-2))), 12);
    expect(rows[1].queue_length_bid).toBeCloseTo(5 / 8, 12);
    expect(rows[1].queue_length_ask).toBeNaN();
    expect(Object.values(rows[0]).every(Number.isNaN)).toBe(true);
    // A side that is quoted for the first time has no mean yet.
    const first = [snapshot(0, [bid(100, 8)]), delta(10 * SECOND, [ask(102, 2)])];
    expect(lastOf('queue_length', first)).toEqual({ queue_length_bid: 1, queue_length_ask: Number.NaN });
  });

  it('age: seconds since the best price of the side changed, not its size', () => {
    const messages = [
      start,
      delta(1 * MS, [bid(101, 5)]),
      delta(3 * MS, [bid(101, 6), ask(102, 1)]),
      delta(4 * MS, [ask(102, 0)]),
      other(10 * MS, [trade(Side.BID, 104, 1)]),
    ];
    const rows = rowsOf('queue_age', messages);
    expect(rows[2]).toEqual({ queue_age_bid: 0.002, queue_age_ask: Number.NaN });
    expect(rows[4].queue_age_bid).toBeCloseTo(0.009, 12);
    expect(rows[4].queue_age_ask).toBeCloseTo(0.006, 12);
    // An empty side has no queue; quoted again, even at the old price, it is new.
    const emptied = [
      ...messages,
      delta(11 * MS, [ask(104, 0)]),
      delta(12 * MS, [ask(104, 6)]),
      delta(14 * MS, [bid(99, 5)]),
    ];
    expect(
      rowsOf('queue_age', emptied)
        .map((row) => row.queue_age_ask)
        .slice(-3),
    ).toEqual([Number.NaN, 0, 0.002]);
  });
});

describe('queue race', () => {
  const race = (messages: readonly Message[]): number => lastOf('queue_race', messages).queue_race;
  /** The formula for queues of equal variance. */
  const formula = (x: number, y: number, rho = 0): number => {
    const k = sqrt((1 + rho) / (1 - rho));
    return atan((k * (x - y)) / (x + y)) / atan(k);
  };

  it('begins with independent queues of equal variance: 2 p − 1 with p = ½ + (2/π) arctan((x − y)/(x + y))', () => {
    expect(race([start])).toBeCloseTo((4 / Math.PI) * atan(0.6), 12);
    // Without an ask there is no race.
    expect(race([start, delta(1, [ask(102, 0), ask(104, 0)])])).toBeNaN();
  });

  it('takes variances and correlation from whole seconds, blended with a prior of one level', () => {
    // In the first second the bid grows by 3 and the ask shrinks by 1; both by 2 in the second; the third is quiet.
    const messages = [
      start,
      delta(0.5 * SECOND, [bid(100, 11)]),
      delta(0.6 * SECOND, [ask(102, 1)]),
      delta(1.2 * SECOND, [bid(100, 13), ask(102, 3)]),
      other(3.5 * SECOND, [trade(Side.BID, 102, 1)]),
    ];
    // Seconds end 2, 1 and 0 seconds before the last whole one ended. 23, 22 and 26 lots on 4 levels.
    const [first, second] = [exp(-0.2), exp(-0.1)];
    const prior = average(5, 23 / 4, 22 / 4, 26 / 4) ** 2;
    const sb = sqrt(prior + 9 * first + 4 * second);
    const sa = sqrt(prior + 1 * first + 4 * second);
    const rho = (-3 * first + 4 * second) / (sb * sa);
    expect(race(messages)).toBeCloseTo(formula(13 / sb, 3 / sa, rho), 12);
    // Within its second a change is queue, but no moment yet.
    expect(race(messages.slice(0, 3))).toBeCloseTo(formula(11, 1), 12);
  });

  it('is certain where a queue is nearly gone, and a tie where both are alike', () => {
    expect(race([start, delta(1, [bid(100, 1e9)])])).toBeCloseTo(1, 8);
    expect(race([start, delta(1, [bid(100, 2)])])).toBe(0);
  });

  it('solves the diffusion’s equation: f is harmonic for u + 2ρ-correlated queues, ±1 on the edges', () => {
    // f_xx + 2ρ f_xy + f_yy = 0 inside the quadrant, by differences; f = 1 where y = 0 and −1 where x = 0.
    const h = 1e-3;
    for (const rho of [-0.7, 0, 0.4]) {
      for (const [x, y] of [
        [1, 2],
        [3, 0.5],
        [1, 1],
      ] as const) {
        const f = (dx: number, dy: number): number => formula(x + dx * h, y + dy * h, rho);
        const xx = f(1, 0) - 2 * f(0, 0) + f(-1, 0);
        const yy = f(0, 1) - 2 * f(0, 0) + f(0, -1);
        const xy = (f(1, 1) - f(1, -1) - f(-1, 1) + f(-1, -1)) / 4;
        expect(Math.abs(xx + 2 * rho * xy + yy) / h ** 2).toBeLessThan(1e-4);
        expect(formula(x, 0, rho)).toBeCloseTo(1, 12);
        expect(formula(0, y, rho)).toBeCloseTo(-1, 12);
      }
    }
  });
});

describe('durations', () => {
  /** `count` book messages, 10 ms apart. */
  const regular = (count: number): Message[] => [
    start,
    ...Array.from({ length: count }, (_, i) => delta((i + 1) * 10 * MS, [bid(99, 5 + (i % 2))])),
  ];
  const keep = 1 - 1 / 50;
  /** Σ keep^k over so many durations. */
  const weight = (count: number): number => (1 - keep ** count) / (1 - keep);

  it('mean of book messages', () => {
    expect(lastOf('duration', regular(49)).duration_book).toBeNaN();
    expect(lastOf('duration', regular(50)).duration_book).toBeCloseTo(0.01, 12);
    // Fifty of 10 ms and then one of 100 ms.
    const messages = [...regular(50), delta(600 * MS, [bid(99, 9)])];
    const w = weight(51);
    expect(lastOf('duration', messages).duration_book).toBeCloseTo((0.1 + 0.01 * (w - 1)) / w, 12);
  });

  it('runs of trades: prints within 1 ms of the one before are of its run', () => {
    // Runs begin every 20 ms; each goes on for three prints, 0.9 ms apart, and so longer than 1 ms.
    const prints = Array.from({ length: 51 }, (_, i) =>
      [0, 0.9, 1.8].map((ms) => other((i * 20 + ms) * MS, [trade(i % 2 === 0 ? Side.BID : Side.ASK, 102, 1)])),
    ).flat();
    const rows = rowsOf('duration', [start, ...prints]);
    expect(rows.at(-4)!.duration_trades).toBeNaN();
    expect(rows.at(-1)!.duration_trades).toBeCloseTo(0.02, 12);
  });

  it('of messages at one time is 0: no time passed at all', () => {
    const messages = [start, ...Array.from({ length: 60 }, (_, i) => delta(0, [bid(99, 5 + (i % 2))]))];
    expect(lastOf('duration', messages).duration_book).toBe(0);
  });
});

describe('orders by name', () => {
  const order = (kind: EventKind, side: Side, price: number, lots: number, id: number): Row => ({
    kind,
    side,
    price,
    lots,
    id,
  });
  const add = (side: Side, id: number, price: number): Row => order(EventKind.ADD, side, price, 3, id);
  const remove = (side: Side, id: number, price: number): Row => order(EventKind.DELETE, side, price, 3, id);
  const scene: Scene = { instrument: { byOrder: true } };
  const messages = [
    start,
    delta(1000 * MS, [add(Side.BID, 1, 99), add(Side.BID, 2, 99), add(Side.ASK, 3, 105)]),
    // Exactly 100 ms old, at its best.
    delta(1100 * MS, [remove(Side.BID, 1, 99)]),
    delta(1101 * MS, [remove(Side.ASK, 3, 105)]),
    // 10 s old, and one whose beginning nobody saw.
    delta(11_000 * MS, [remove(Side.BID, 2, 99), remove(Side.BID, 77, 100)]),
  ];

  it('fleeting share: deletions within 100 ms among all of known age', () => {
    const young = exp(-0.99);
    const { fleeting_share_bid, fleeting_share_ask } = lastOf('fleeting_share', messages, scene);
    expect(fleeting_share_bid).toBeCloseTo(young / (young + 1), 12);
    expect(fleeting_share_ask).toBe(0);
  });

  it('order lifetime: mean ln(1 + ms) of the deleted', () => {
    const young = exp(-0.99);
    const { order_lifetime_bid, order_lifetime_ask } = lastOf('order_lifetime', messages, scene);
    expect(order_lifetime_bid).toBeCloseTo((log(101) * young + log(10_001)) / (young + 1), 12);
    expect(order_lifetime_ask).toBeCloseTo(log(102), 12);
  });

  it('wait for the decay time and for a deletion', () => {
    for (const name of ['fleeting_share', 'order_lifetime']) {
      expect(Object.values(lastOf(name, messages.slice(0, 4), scene)).every(Number.isNaN), name).toBe(true);
      const unknown = [start, delta(11 * SECOND, [remove(Side.BID, 77, 100)])];
      expect(Object.values(lastOf(name, unknown, scene)).every(Number.isNaN), name).toBe(true);
    }
  });

  it('an order whose place another one took is no longer known', () => {
    const displaced = [start, delta(SECOND, [add(Side.BID, 1, 99)]), delta(2 * SECOND, [add(Side.BID, 1 + 8192, 98)])];
    const ended = [...displaced, delta(12 * SECOND, [remove(Side.BID, 1, 99)])];
    expect(lastOf('order_lifetime', ended, scene).order_lifetime_bid).toBeNaN();
    const other = [...ended, delta(12 * SECOND, [remove(Side.BID, 1 + 8192, 98)])];
    expect(lastOf('order_lifetime', other, scene).order_lifetime_bid).toBeCloseTo(log(10_001), 12);
  });
});
