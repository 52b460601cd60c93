import { describe, expect, it } from 'vitest';
import { sealFit } from '../../../src/features/fit.ts';
import { FeatureEngine, findSignal } from '../../../src/features/index.ts';
import { EventKind, Side } from '../../../src/market/index.ts';
import {
  ask,
  bid,
  delta,
  instrumentOf,
  type Message,
  other,
  play,
  type Row,
  snapshot,
  trade,
} from '../random-market.ts';

const SECOND = 1e9;
const { BID, ASK } = Side;
const exp = Math.exp;

const FIT = sealFit({
  instrument: 'test:TEST',
  depth: 2,
  messages: 1,
  until: '2026-01-01T00:00:00Z',
  microprice: { fair: new Array<number>(45).fill(0) },
  components: { weights: [0.75, 0.25], explained: 1 },
  hawkes: { baseRate: 1, self: 0, cross: 0, decay: 1, logLikelihood: 0, poissonLogLikelihood: 0 },
});

/** Plays a market of two levels a side and gives, for every message, the signal's columns. */
function values(name: string, messages: readonly Message[], byOrder?: true): number[][] {
  const instrument = instrumentOf({ depthLimit: 2, ...(byOrder && { byOrder }) });
  const engine = new FeatureEngine(instrument, { signals: [findSignal(name)], fit: FIT });
  return play(engine, instrument, messages).map((row) => [...row]);
}
const last = (name: string, messages: readonly Message[], byOrder?: true): number[] =>
  values(name, messages, byOrder).at(-1)!;

/** Bids 100 × 8 and 99 × 4, asks 102 × 2 and 104 × 6: mid 101, average level 20 / 4 = 5 lots. */
const start = snapshot(0, [bid(100, 8), bid(99, 4), ask(102, 2), ask(104, 6)]);
/** Messages that quote what is quoted already: nothing flows, and the average level stays. */
const still = (count: number, tsNs = 0): Message[] => Array.from({ length: count }, () => delta(tsNs, [bid(99, 4)]));
const oneSided = (tsNs: number): Message => delta(tsNs, [bid(100, 0), bid(99, 0)]);

/** The average level after books of these: weights fade by 1 − 1/500 a book message. */
const average = (...means: readonly number[]): number => {
  const weights = means.map((_, n) => (1 - 1 / 500) ** (means.length - 1 - n));
  return means.reduce((sum, x, n) => sum + x * weights[n], 0) / weights.reduce((a, b) => a + b, 0);
};
const fives = (count: number): number[] => new Array<number>(count).fill(5);

describe('ofi', () => {
  const expectFlow = (message: Message, e: readonly number[], levels: number, lots: number): void => {
    // The tenth book message after the first book, and the only one with flow.
    const q = average(...fives(10), lots / levels);
    last('ofi', [start, ...still(9), message]).forEach((x, m) => {
      expect(x).toBeCloseTo(e[m] / q, 12);
    });
  };

  it('is the change of size where the price stays', () => {
    // Bid 1: 8 → 11, prices equal: e₁ = 11 − 8 = 3. Level 2 is untouched: 4 − 4 − 6 + 6 = 0.
    expectFlow(delta(1, [bid(100, 11)]), [3, 0], 4, 23);
    // Ask 1: 2 → 1: e₁ = −1 + 2 = 1: what leaves the ask counts as buying.
    expectFlow(delta(1, [ask(102, 1)]), [1, 0], 4, 19);
  });

  it('is the whole new queue where a side improves', () => {
    // A bid of 5 at 101. Level 1 rises 100 → 101: e₁ = +5. Level 2 rises 99 → 100: e₂ = +8. The bid at 99 leaves the view.
    expectFlow(delta(1, [bid(101, 5)]), [5, 8], 4, 5 + 8 + 2 + 6);
  });

  it('is the whole old queue, taken away, where a side retreats', () => {
    // Ask 102 goes. Level 1 rises 102 → 104: e₁ = +2. Level 2 goes from 104 to nothing, infinitely far: e₂ = +6.
    // The second ask is absent now, so the column is NaN though the flow counted.
    const [ofi1, ofi2] = last('ofi', [start, ...still(9), delta(1, [ask(102, 0)])]);
    expect(ofi1).toBeCloseTo(2 / average(...fives(10), 18 / 3), 12);
    expect(ofi2).toBeNaN();
  });

  it('fades by exp(−1 / 10) a book message, and waits for ten', () => {
    const rows = values('ofi', [
      start,
      ...still(7),
      delta(1, [bid(100, 11)]),
      delta(2, [bid(100, 10)]),
      ...still(1, 3),
    ]);
    expect(rows.slice(0, 10).flat().every(Number.isNaN)).toBe(true);
    // e = 3, −1, 0; the average level 5.75 and 5.5, the latter twice.
    const q = average(...fives(8), 5.75, 5.5, 5.5);
    expect(rows[10][0]).toBeCloseTo((3 * exp(-0.2) - exp(-0.1)) / q, 12);
  });
});

describe('ofi_mean and ofi_integrated', () => {
  // As above, a bid of 5 at 101: e = (5, 8).
  const messages = [start, ...still(99), delta(1, [bid(101, 5)])];
  const q = average(...fives(100), 21 / 4);

  it('weigh all levels alike', () => {
    expect(last('ofi_mean', messages)[0]).toBeCloseTo(6.5 / q, 12);
    expect(last('ofi_mean', messages.slice(1, -1))[0]).toBeNaN();
  });

  it('weigh the levels by the fit: 0.75 · 5 + 0.25 · 8 = 5.75', () => {
    for (const x of last('ofi_integrated', messages)) expect(x).toBeCloseTo(5.75 / q, 12);
    const [fast, slow] = last('ofi_integrated', [start, ...still(8), delta(1, [bid(101, 5)]), ...still(1, 2)]);
    // With the bid at 101 the message that quotes 99 again changes nothing that is in view.
    expect(fast).toBeCloseTo((5.75 * exp(-0.1)) / average(...fives(9), 21 / 4, 21 / 4), 12);
    expect(slow).toBeNaN();
  });
});

describe('ofi_window', () => {
  it('counts the last hundred book messages, and no more', () => {
    const rows = values('ofi_window', [start, delta(0, [bid(100, 11)]), ...still(100)]).map((row) => row[0]);
    // The flow of 3 is the first of a hundred messages, then the hundred-and-first.
    expect(rows[99]).toBeNaN();
    expect(rows[100]).toBeCloseTo(3 / average(5, ...new Array<number>(100).fill(5.75)), 12);
    expect(rows[101]).toBe(0);
  });

  it('counts the running twentieth of a second and the nineteen before', () => {
    const messages = [
      start,
      delta(0.04 * SECOND, [bid(100, 9)]),
      delta(0.06 * SECOND, [bid(100, 11)]),
      delta(0.9 * SECOND, [bid(100, 8)]),
      ...still(1, 1 * SECOND),
      ...still(1, 1.05 * SECOND),
      ...still(1, 9 * SECOND),
    ];
    const rows = values('ofi_window', messages).map((row) => row[1]);
    // Flows 1 in step 0, 2 in step 1, −3 in step 18. At 1 s steps 1 … 20 count, then 2 … 21, then 161 … 180.
    const means = [5, 5.25, 5.75, 5, 5];
    expect(rows[3]).toBeNaN();
    expect(rows[4]).toBeCloseTo((2 - 3) / average(...means), 12);
    expect(rows[5]).toBeCloseTo(-3 / average(...means, 5), 12);
    expect(rows[6]).toBe(0);
  });

  it('counts what flowed while the last ten buckets of two average levels traded', () => {
    const bought = (count: number, lots: number): Message[] =>
      Array.from({ length: count }, () => other(1, [trade(BID, 102, lots)]));
    const volume = (messages: readonly Message[]): number => last('ofi_window', messages)[2];
    const q = average(5, 5.75);
    const flow = [start, delta(1, [bid(100, 11)])];
    // 12 lots are more than 2 Q = 10.75: every trade closes a bucket. The flow of 3 is in the first.
    expect(volume([...flow, ...bought(9, 12)])).toBeNaN();
    expect(volume([...flow, ...bought(10, 12)])).toBeCloseTo(3 / q, 12);
    expect(volume([...flow, ...bought(11, 12)])).toBe(0);
    // Two trades of 6 close one.
    expect(volume([...flow, ...bought(19, 6)])).toBeNaN();
    expect(volume([...flow, ...bought(21, 6)])).toBeCloseTo(3 / q, 12);
    expect(volume([...flow, ...bought(22, 6)])).toBe(0);
  });

  it('is NaN without a bid', () => {
    const messages = [start, ...still(99), ...Array.from({ length: 10 }, () => other(1, [trade(BID, 102, 12)]))];
    expect(last('ofi_window', [...messages, ...still(1, SECOND)]).some(Number.isNaN)).toBe(false);
    expect(last('ofi_window', [...messages, oneSided(SECOND)]).every(Number.isNaN)).toBe(true);
  });
});

describe('ofi_ratio', () => {
  it('is the net flow over the gross', () => {
    const k = exp(-1 / 100);
    const messages = [start, ...still(98), delta(1, [bid(100, 11)]), delta(2, [bid(100, 10)])];
    expect(last('ofi_ratio', messages)[0]).toBeCloseTo((3 * k - 1) / (3 * k + 1), 12);
    expect(last('ofi_ratio', [start, ...still(99), delta(1, [ask(102, 1)])])).toEqual([1]);
  });

  it('is NaN while nothing flows, and while it warms up', () => {
    expect(last('ofi_ratio', [start, ...still(100)])).toEqual([Number.NaN]);
    expect(last('ofi_ratio', [start, ...still(98), delta(1, [ask(102, 1)])])).toEqual([Number.NaN]);
  });
});

describe('ofi_log', () => {
  const ln = Math.log;

  it('counts queues by the logarithm of 1 + q / Q', () => {
    // Bid 8 → 11.
    const q = average(...fives(100), 5.75);
    const grown = last('ofi_log', [start, ...still(99), delta(1, [bid(100, 11)])]);
    expect(grown[0]).toBeCloseTo(ln(1 + 11 / q) - ln(1 + 8 / q), 12);
  });

  it('takes the whole queue where a price moves', () => {
    // A bid of 5 at 101, and the ask of 2 at 102 gives way: ln(1 + 5/Q) + ln(1 + 2/Q). Levels 5, 8 and 6.
    const q = average(...fives(100), 19 / 3);
    const moved = last('ofi_log', [start, ...still(99), delta(1, [bid(101, 5), ask(102, 0)])]);
    expect(moved[0]).toBeCloseTo(ln(1 + 5 / q) + ln(1 + 2 / q), 12);
  });

  it('fades, and waits for a hundred book messages', () => {
    const q = average(...fives(99), 5.75);
    const messages = [start, ...still(98), delta(1, [bid(100, 11)]), ...still(1, 2)];
    expect(last('ofi_log', messages.slice(0, -1))).toEqual([Number.NaN]);
    expect(last('ofi_log', messages)[0]).toBeCloseTo((ln(1 + 11 / q) - ln(1 + 8 / q)) * exp(-1 / 100), 12);
  });
});

describe('ofi_components', () => {
  const order = (kind: EventKind, side: Side, price: number, lots: number): Row => ({ kind, side, price, lots, id: 7 });

  it('tells limit, cancelled and executed orders at the touch apart', () => {
    const messages = [
      start,
      // Two bids at the touch and one ask behind it, which does not count.
      delta(1 * SECOND, [order(EventKind.ADD, BID, 100, 3), order(EventKind.ADD, ASK, 103, 9)]),
      // An ask cancelled helps the bid, a bid executed hurts it.
      delta(2 * SECOND, [order(EventKind.CANCEL, ASK, 102, 1), order(EventKind.EXECUTE, BID, 100, 2)]),
    ];
    // Average levels: 20 / 4; 11, 4, 2, 9 → 6.5; 9, 4, 1, 9 → 5.75.
    const q = average(5, 6.5, 5.75);
    const [limit, cancel, traded] = last('ofi_components', messages, true);
    expect(limit).toBeCloseTo((3 * exp(-1)) / q, 12);
    expect(cancel).toBeCloseTo(1 / q, 12);
    expect(traded).toBeCloseTo(-2 / q, 12);
  });

  it('counts an order inside the spread as one at the touch', () => {
    const inside = delta(1 * SECOND, [order(EventKind.ADD, ASK, 101, 4)]);
    expect(last('ofi_components', [start, inside], true)[0]).toBeCloseTo(-4 / average(5, (8 + 4 + 4 + 2) / 4), 12);
  });

  it('is NaN before a second has passed, and without a bid', () => {
    expect(last('ofi_components', [start, ...still(1, 0.9 * SECOND)], true)).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
    const gone = delta(SECOND, [order(EventKind.DELETE, BID, 100, 8), order(EventKind.DELETE, BID, 99, 4)]);
    expect(last('ofi_components', [start, gone], true)).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });
});

describe('ofi_quotes and ofi_near', () => {
  it('quotes: what joined and was cancelled, without what traded', () => {
    // Bid 8 → 11 and ask 2 → 1: 3 joined the bid, 1 left the ask, bought or cancelled.
    const change = delta(1 * SECOND, [bid(100, 11), ask(102, 1)]);
    const q = average(5, 22 / 4);
    expect(last('ofi_quotes', [start, change])[0]).toBeCloseTo((3 + 1) / q, 12);
    const bought = other(1 * SECOND, [trade(BID, 102, 1)]);
    expect(last('ofi_quotes', [start, bought, change])[0]).toBeCloseTo(3 / q, 12);
  });

  // The ask at 104 grows from 6 to 10: behind the touch, 3 from the mid of 101.
  const deep = delta(1 * SECOND, [ask(104, 10)]);

  it('near: a change weighs by its distance from the best price, up to the deepest, which weighs nothing', () => {
    expect(last('ofi_near', [start, deep])).toEqual([0]);
    // Asks at 102 and 104, and one of 4 joins at 103, which takes 104 out of view: 4 · (1 − 1/2) − 6 · 0.
    expect(last('ofi_near', [start, delta(1 * SECOND, [ask(103, 4)])])[0]).toBeCloseTo(-2 / average(5, 18 / 4), 12);
    // A bid of 5 at 101 takes 99 out: H = 2, and 8 at 100 weigh ½ before and after. The deepest, 99, leaves unnoticed.
    expect(last('ofi_near', [start, delta(1 * SECOND, [bid(101, 5)])])[0]).toBeCloseTo(5 / average(5, 5.25), 12);
    // The bids at 100 go: 8 · 1, and the deepest at 99 weighs 0. Then 99 is the only price and weighs 1.
    const gone = [start, delta(1 * SECOND, [bid(100, 0)])];
    expect(last('ofi_near', gone)[0]).toBeCloseTo(-8 / average(5, 4), 12);
    const more = delta(1 * SECOND, [bid(99, 7)]);
    expect(last('ofi_near', [...gone, more])[0]).toBeCloseTo((-8 + 3) / average(5, 4, 5), 12);
  });

  it.each(['ofi_quotes', 'ofi_near'])('%s is NaN before a second has passed, and without a bid', (name) => {
    expect(last(name, [start, delta(0.99 * SECOND, [ask(104, 10)])])).toEqual([Number.NaN]);
    expect(last(name, [start, deep, oneSided(1 * SECOND)])).toEqual([Number.NaN]);
  });
});

describe('ofi_impact', () => {
  it('is the slope of the moves on the flow, and what the flow still asks for', () => {
    const k = exp(-1 / 100);
    const theta = exp(-1 / 500);
    // Message 499: a bid of 5 at 101, the mid rises ½. Message 500: it goes, e = −5, the mid falls ½. Message 501: ask 2 → 1.
    const messages = [start, ...still(498), delta(1, [bid(101, 5)]), delta(2, [bid(101, 0)]), delta(3, [ask(102, 1)])];
    // A venue of two levels says nothing of the bid at 99 that was pushed out: 8, 2, 6 are left, then 8, 1, 6.
    const means = [...fives(499), 5.25, 16 / 3, 5];
    const q = average(...means);
    const x = [5, 5 * k - 5, 5 * k * k - 5 * k + 1];
    const y = [0.5, 0.5 * k - 0.5, (0.5 * k - 0.5) * k];
    const slope =
      (theta ** 2 * x[0] * y[0] + theta * x[1] * y[1] + x[2] * y[2]) /
      (theta ** 2 * x[0] ** 2 + theta * x[1] ** 2 + x[2] ** 2);
    const rows = values('ofi_impact', messages);
    expect(rows[499]).toEqual([Number.NaN, Number.NaN]);
    expect(rows[501][0]).toBeCloseTo(slope * q, 12);
    expect(rows[501][1]).toBeCloseTo(slope * x[2] - y[2], 12);
    // About Q / 10 ticks a level: 5 lots moved the mid by ½.
    expect(slope * q).toBeGreaterThan(0.3);
    expect(slope * q).toBeLessThan(0.6);
  });

  it('is NaN while nothing flows, and without a bid', () => {
    expect(last('ofi_impact', [start, ...still(500)])).toEqual([Number.NaN, Number.NaN]);
    expect(last('ofi_impact', [start, ...still(500), oneSided(1)])).toEqual([Number.NaN, Number.NaN]);
  });
});
