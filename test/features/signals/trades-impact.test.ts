import { describe, expect, it } from 'vitest';
import { Side } from '../../../src/market/index.ts';
import { ask, bid, delta, type Message, other, type Row, snapshot, trade } from '../random-market.ts';
import { geometric, lastOf, SECOND, START, trades, valuesOf } from './trades-market.ts';

const { BID, ASK, NONE } = Side;
const e = Math.exp;

/** Every level has five lots; the mid is 101. */
const EVEN = snapshot(0, [bid(100, 5), bid(99, 5), ask(102, 5), ask(103, 5)]);
/** The mid rises by a tick and falls again; every level in view keeps its five lots. */
const UP: Row[] = [bid(101, 5), ask(102, 0)];
const DOWN: Row[] = [bid(101, 0), ask(102, 5)];

const buy = (seconds: number, ...lots: number[]): Message =>
  other(
    seconds * SECOND,
    lots.map((q) => trade(BID, 102, q)),
  );
const move = (seconds: number, rows: Row[]): Message => delta(seconds * SECOND, rows);
/** Only lets time pass: a trade of nobody's side. */
const until = (seconds: number): Message => other(seconds * SECOND, [trade(NONE, 101, 1)]);

describe('VPIN', () => {
  it('is the mean one-sidedness of twenty buckets of three average levels', () => {
    // Buckets of 15: ten bought and five sold, |10 − 5| / 15, nineteen times; then fifteen of nobody's side, 0.
    const one = Array.from({ length: 19 }, () => [10, -5]).flat();
    const messages = [START, ...trades(one), other(SECOND, [trade(NONE, 101, 15)])];
    const rows = valuesOf('vpin', messages).flat();
    expect(rows.slice(0, -1).every(Number.isNaN)).toBe(true);
    expect(rows.at(-1)).toBeCloseTo(19 / 3 / 20, 12);
  });

  it('splits a trade at the edge of a bucket', () => {
    // Ten bought, twenty sold: five fill the bucket (⅓), fifteen the next one (1).
    const messages = [START, ...trades(Array.from({ length: 10 }, () => [10, -20]).flat())];
    expect(lastOf('vpin', messages)[0]).toBeCloseTo((1 / 3 + 1) / 2, 12);
  });

  it('fills as many buckets as a huge trade has room for, and carries the rest over', () => {
    expect(lastOf('vpin', [START, ...trades([15e9])])).toEqual([1]);
    // Seven of 1,000,000,007 are left; three bought, five sold: |7 + 3 − 5| / 15 takes the place of one of twenty ones.
    const rest = [START, ...trades([15e9 + 7, 3, -5])];
    expect(lastOf('vpin', rest)[0]).toBeCloseTo((19 + 5 / 15) / 20, 12);
  });

  it('sets the size of a bucket when it opens', () => {
    // The first is opened at 15 and filled to 5; then an ask of 202 makes the average level 30.03, yet ten more fill it.
    const open = [START, ...trades([5]), delta(SECOND, [ask(102, 202)]), ...trades([10], 2 * SECOND)];
    const keep = 1 - 1 / 500;
    const size = (3 * (5 * keep + 55)) / (keep + 1);
    const enough = Math.ceil(19 * size);
    expect(lastOf('vpin', [...open, ...trades([enough - 1], 3 * SECOND)])).toEqual([Number.NaN]);
    expect(lastOf('vpin', [...open, ...trades([enough], 3 * SECOND)])).toEqual([1]);
  });
});

describe('regressions over closed seconds', () => {
  const lambdas = (messages: readonly Message[]): number[] =>
    ['kyle', 'hasbrouck'].map((name) => lastOf(name, messages)[0]);

  it('are the slope of the move on what was bought, for an average level', () => {
    // Buys of 4 and 9 in the 31st second, and a move of 1: x = 13, or √4 + √9 = 5. All other seconds are still.
    const [kyle, hasbrouck] = lambdas([EVEN, buy(30.5, 4, 9), move(30.6, UP), until(31)]);
    expect(kyle).toBeCloseTo((1 / 13) * 5, 12);
    expect(hasbrouck).toBeCloseTo((1 / 5) * Math.sqrt(5), 12);
  });

  it('weigh a second e^(−1/60) as much as the next one', () => {
    // Ten bought in each of two seconds, and only in the later one a move: the mean move at x = 10 is 1 / (1 + f), at 0 it is 0.
    const [kyle, hasbrouck] = lambdas([EVEN, buy(29.5, 10), buy(30.5, 10), move(30.6, UP), until(31)]);
    const y = 1 / (1 + e(-1 / 60));
    expect(kyle).toBeCloseTo((y / 10) * 5, 12);
    expect(hasbrouck).toBeCloseTo((y / Math.sqrt(10)) * Math.sqrt(5), 12);
  });

  it('have an intercept: a drift that goes with no trade is no impact', () => {
    // Up by a tick in every second, with a buy in one of them or without.
    const step = (k: number): Row[] => [bid(101 + k, 5), ask(102 + k, 0), ask(103 + k, 5)];
    const steps = Array.from({ length: 30 }, (_, k) => move(k + 1.5, step(k)));
    const messages = [EVEN, ...steps, buy(20.7, 10), until(31)].sort((a, b) => a.tsNs - b.tsNs);
    expect(lambdas(messages)[0]).toBeCloseTo(0, 12);
  });

  it('read nothing of a second that is still open', () => {
    const closed = [EVEN, buy(30.5, 10), move(30.6, UP), until(31)];
    expect(lambdas([...closed, buy(31.2, 50), move(31.9, DOWN)])).toEqual(lambdas(closed));
    expect(lambdas([...closed, buy(31.2, 50), move(31.9, DOWN), until(32)])).not.toEqual(lambdas(closed));
  });

  it('are NaN where volume did not vary, and before thirty seconds with a move', () => {
    expect(lambdas([EVEN, move(30.6, UP), until(40)])).toEqual([Number.NaN, Number.NaN]);
    // The first second has no mid at its beginning.
    expect(lambdas([EVEN, buy(5.5, 10), move(5.6, UP), until(30.9)])).toEqual([Number.NaN, Number.NaN]);
    expect(lambdas([EVEN, buy(5.5, 10), move(5.6, UP), until(31)]).every(Number.isFinite)).toBe(true);
  });

  it('forget everything in a silence of more than a minute', () => {
    const known = [EVEN, buy(30.5, 10), move(30.6, UP), until(31)];
    // The second of the last message is the 32nd; sixty silent ones after it are borne, sixty-one are not.
    expect(lambdas([...known, until(92)]).every(Number.isFinite)).toBe(true);
    expect(lambdas([...known, until(93)])).toEqual([Number.NaN, Number.NaN]);
  });

  it('pass over seconds without a mid', () => {
    // Both sides are back within the next second: neither it nor the one before has a move, so thirty more are needed.
    const gone = move(10.5, [bid(100, 0), bid(99, 0)]);
    const back = move(11.5, [bid(100, 5), bid(99, 5)]);
    const market = [EVEN, buy(5.5, 10), move(5.6, UP), move(5.7, [bid(101, 0)]), gone, back];
    expect(lambdas([...market, until(32)])).toEqual([Number.NaN, Number.NaN]);
    expect(lambdas([...market, until(33)]).every(Number.isFinite)).toBe(true);
  });
});

describe('Amihud’s illiquidity', () => {
  /** Ten seconds each: so many lots traded, and the mid up or down. */
  const bin = (k: number, ...lots: number[]): Message[] => [
    buy(10 * k + 1, ...lots),
    move(10 * k + 2, k % 2 === 0 ? UP : DOWN),
  ];

  it('is the mean of |move| / volume over closed bins with trades', () => {
    // The first bin has no mid at its beginning. In five bins ten lots and a tick, in the sixth twenty.
    const bins = [0, 1, 2, 3, 4, 5].flatMap((k) => bin(k, 4, 6));
    const f = e(-1 / 12);
    const expected = ((0.05 + 0.1 * (geometric(f, 6) - 1)) / geometric(f, 6)) * 5;
    const rows = valuesOf('amihud', [
      EVEN,
      ...bins,
      ...bin(6, 20),
      move(69.9, DOWN),
      move(69.95, UP),
      until(70),
    ]).flat();
    expect(rows.slice(0, -1).every(Number.isNaN)).toBe(true);
    expect(rows.at(-1)).toBeCloseTo(expected, 12);
  });

  it('leaves out bins without a trade, whatever the mid did', () => {
    const bins = [0, 1, 2, 3, 4, 5].flatMap((k) => bin(k, 10));
    // Nothing trades in the seventh and the next five bins but the mid moves in one; then ten lots and a tick.
    const messages = [EVEN, ...bins, move(75, UP), buy(121, 10), move(122, DOWN), buy(130, 1)];
    expect(lastOf('amihud', messages)[0]).toBeCloseTo(0.1 * 5, 12);
  });
});

describe('the permanent impact of an order', () => {
  /** Each order moves the mid by its sign less half the sign of the one before: half of an impact is taken back. */
  const signs = [...'----+--++-+-++++'.repeat(4)].map((sign) => (sign === '+' ? 1 : -1));

  /** Orders a millisecond apart, and after each the ask that gives the mid; the bid stays. */
  function market(count: number): Message[] {
    const messages = [snapshot(0, [bid(100, 5), ask(200, 5)])];
    let askTicks = 200;
    for (let n = 0; n < count; n++) {
      messages.push(other(n * 1e6 + 1, [trade(signs[n] > 0 ? BID : ASK, 150, 1)]));
      const next = askTicks + 2 * signs[n] - (signs[n - 1] ?? 0);
      messages.push(delta(n * 1e6 + 2, [ask(askTicks, 0), ask(next, 5)]));
      askTicks = next;
    }
    return messages;
  }

  it('is what a surprise adds up to once the market has answered', () => {
    // With r = x − ½ x′ exactly, a = 0, b₀ = 1 and b₁ = −½. Of x on u = r′ and l = x′ the normal equations say c and d.
    const lines = Array.from({ length: 48 }, (_, k) => {
      const n = k + 1;
      return { x: signs[n], l: signs[n - 1], u: signs[n - 1] - (signs[n - 2] ?? 0) / 2, w: e(-(47 - k) / 128) };
    });
    const sum = (value: (line: (typeof lines)[number]) => number): number =>
      lines.reduce((total, line) => total + line.w * value(line), 0);
    const [uu, ul, ll] = [sum(({ u }) => u * u), sum(({ u, l }) => u * l), sum(({ l }) => l * l)];
    const [xu, xl] = [sum(({ x, u }) => x * u), sum(({ x, l }) => x * l)];
    const c = (xu * ll - xl * ul) / (uu * ll - ul * ul);
    const d = (xl * uu - xu * ul) / (uu * ll - ul * ul);
    const rows = valuesOf('permanent_impact', market(50)).flat();
    // The 48th pair is whole when the fiftieth order begins.
    expect(rows.slice(0, 99).every(Number.isNaN)).toBe(true);
    expect(rows[99]).toBeCloseTo(0.5 / (1 - d - c * 0.5), 12);
    // Of sides that chance might have drawn, about half a tick.
    expect(rows[99]).toBeCloseTo(0.5, 1);
  });

  it('is NaN where moves and signs cannot be told apart, and where no mid moves', () => {
    // Every order moves the mid by its sign: r′ is x′.
    const same = [snapshot(0, [bid(100, 5), ask(200, 5)])];
    let askTicks = 200;
    for (const [n, sign] of signs.entries()) {
      same.push(other(n * 1e6 + 1, [trade(sign > 0 ? BID : ASK, 150, 1)]));
      same.push(delta(n * 1e6 + 2, [ask(askTicks, 0), ask(askTicks + 2 * sign, 5)]));
      askTicks += 2 * sign;
    }
    expect(lastOf('permanent_impact', same)).toEqual([Number.NaN]);
    const still = [START, ...trades(signs)];
    expect(lastOf('permanent_impact', still)).toEqual([Number.NaN]);
  });
});
