import { describe, expect, it } from 'vitest';
import { Side } from '../../../src/market/index.ts';
import { ask, bid, delta, type Message, other, snapshot, trade } from '../random-market.ts';
import { lastOf, moved, startOf, until, valuesOf } from './volatility-market.ts';

const SECOND = 1e9;
/** Bids 100 × 8 and 99 × 4, asks 102 × 2 and 104 × 6: mid 101. */
const start = snapshot(0, [bid(100, 8), bid(99, 4), ask(102, 2), ask(104, 6)]);
const bidAt = (tsNs: number, price: number): Message => delta(tsNs, [bid(price, 1)]);
const gone = (tsNs: number, price: number): Message => delta(tsNs, [bid(price, 0)]);

describe('past return', () => {
  it('runs from burst end to burst end', () => {
    // Mids 101 | 101.5, then in the same burst 101 | 101.5: bursts end at 101, at 101, and now it is 101.5.
    const messages = [start, bidAt(1, 101), gone(1, 101), bidAt(2, 101)];
    expect(valuesOf('return', messages).map(([one]) => one)).toEqual([Number.NaN, 0.5, 0, 0.5]);
  });

  it('reaches back as many bursts as it says, and no further than it has seen', () => {
    // The mid rises by 1 a burst: fifty bursts ago it was 50 lower.
    const rising = moved(Array.from({ length: 60 }, (_, i) => [i + 1, i + 1]));
    const rows = valuesOf('return', [startOf(), ...rising]);
    expect(rows[9]).toEqual([1, Number.NaN, Number.NaN]);
    expect(rows[10]).toEqual([1, 10, Number.NaN]);
    expect(rows[49]).toEqual([1, 10, Number.NaN]);
    expect(rows[50]).toEqual([1, 10, 50]);
    expect(rows[60]).toEqual([1, 10, 50]);
  });
});

describe('realised volatility', () => {
  it('is the root of squared moves a second', () => {
    const messages = [start, bidAt(1 * SECOND, 101), gone(2 * SECOND, 101)];
    // Moves of ½ one second ago and −½ now: ¼ (e⁻¹ + 1) / (1 − e⁻²).
    const rows = valuesOf('volatility', messages).map(([fast]) => fast);
    expect(rows[0]).toBeNaN();
    expect(rows[2]).toBeCloseTo(Math.sqrt((0.25 * (Math.exp(-1) + 1)) / (1 - Math.exp(-2))), 12);
  });

  it('counts the move across a moment without a bid', () => {
    const messages = [start, delta(1, [bid(100, 0), bid(99, 0)]), delta(1 * SECOND, [bid(98, 1)])];
    // Mid 101 → none → 100: one move of −1, now.
    expect(lastOf('volatility', messages)[0]).toBeCloseTo(Math.sqrt(1 / (1 - Math.exp(-1))), 12);
    expect(lastOf('volatility', [...messages, delta(11 * SECOND, [bid(98, 0)])])).toEqual([Number.NaN, Number.NaN]);
  });
});

describe('autocorrelation of moves', () => {
  const path = (steps: readonly number[]): Message[] => {
    const offsets = steps.map((_, i) => steps.slice(0, i + 1).reduce((a, b) => a + b, 0));
    return [startOf(), ...moved(offsets.map((offset, i) => [i + 1, offset]))];
  };
  const alternating = (count: number): number[] => Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 1 : -1));

  it('is −63 / 64 where every move is taken back and 63 / 64 where every one goes on', () => {
    expect(lastOf('return_autocorrelation', path(alternating(63)))[0]).toBeNaN();
    expect(lastOf('return_autocorrelation', path(alternating(64)))[0]).toBeCloseTo(-63 / 64, 12);
    expect(lastOf('return_autocorrelation', path(new Array<number>(64).fill(3)))[0]).toBeCloseTo(63 / 64, 12);
  });

  it('is of the last 64 moves', () => {
    // Sixty of ±1 (the last one −1), then 2, 2, −4, 1: products −59 − 2 + 4 − 8 − 4 = −69, squares 60 + 4 + 4 + 16 + 1 = 85,
    // and the sixteen moves of 5 before do not count.
    const steps = [...new Array<number>(16).fill(5), ...alternating(60), 2, 2, -4, 1];
    expect(lastOf('return_autocorrelation', path(steps))[0]).toBeCloseTo(-69 / 85, 12);
  });

  it('does not mind messages that leave the mid, nor a moment without a side', () => {
    const [first, ...rest] = path(alternating(64));
    const between = rest.flatMap((message) => [message, other(message.tsNs, [trade(Side.BID, 1001, 1)])]);
    const quiet = [first, delta(1, [bid(999, 7)]), delta(2, [bid(999, 0)]), delta(3, [bid(999, 5)]), ...between];
    expect(lastOf('return_autocorrelation', quiet)[0]).toBeCloseTo(-63 / 64, 12);
  });
});

describe('time of day', () => {
  const at = (seconds: number): number[] => lastOf('time_of_day', [startOf(seconds * SECOND)]);

  it('is a point on the circle of the day and on that of the hour', () => {
    const close = (got: readonly number[], want: readonly number[]): void =>
      got.forEach((x, i) => {
        expect(x).toBeCloseTo(want[i], 12);
      });
    // Midnight, 06:00, 12:30, and 18:15 UTC.
    close(at(0), [0, 1, 0, 1]);
    close(at(6 * 3600), [1, 0, 0, 1]);
    const half = (2 * Math.PI * 12.5) / 24;
    close(at(12.5 * 3600), [Math.sin(half), Math.cos(half), 0, -1]);
    const quarter = (2 * Math.PI * 18.25) / 24;
    close(at(18.25 * 3600), [Math.sin(quarter), Math.cos(quarter), 1, 0]);
    // A day that began before midnight, and one that goes past it.
    close(at(30 * 3600), [1, 0, 0, 1]);
    close(at(-18 * 3600), [1, 0, 0, 1]);
  });

  it('moves on every ten seconds, forwards and back', () => {
    const rows = valuesOf('time_of_day', [startOf(900 * SECOND), until(909.9), until(910), until(899.5)]);
    expect(rows[1]).toEqual(rows[0]);
    expect(rows[2]).toEqual(at(910));
    expect(rows[3]).toEqual(at(890));
  });
});
