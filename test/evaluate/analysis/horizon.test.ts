import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { futureOf, HORIZONS, type Horizon } from '../../../src/evaluate/analysis/horizon.ts';
import { missingBySlice, sessionSlices } from '../../../src/evaluate/analysis/session-slices.ts';

const rows = (length: number): Horizon => ({ kind: 'rows', length, label: `${length} rows` });
const seconds = (length: number): Horizon => ({ kind: 'time', length, label: `${length} s` });

describe('futureOf', () => {
  it('is the mid some rows later less the row’s own, and unknown where either is', () => {
    const mid = Float64Array.of(10, 11, Number.NaN, 13, 9);
    const { moveTicks, meanRows, moved } = futureOf(rows(1), mid, new Float64Array(5));
    expect([...moveTicks]).toEqual([1, Number.NaN, Number.NaN, -4, Number.NaN]);
    expect(meanRows).toBe(1);
    expect(moved).toBe(1);
  });

  it('takes the mid that stands some time later: that of the last row by then', () => {
    const mid = Float64Array.of(10, 12, 15, 15, 20, 30);
    const timeNs = Float64Array.of(0, 4e8, 1e9, 1e9, 1.9e9, 2.4e9);
    const { moveTicks, meanRows } = futureOf(seconds(1), mid, timeNs);
    // Row 0 is settled by row 3 (its second is over at 1.0 s, inclusive), row 1 by row 3, and the rest after the end.
    expect([...moveTicks]).toEqual([5, 3, 15 - 15 + 5, 5, Number.NaN, Number.NaN]);
    expect(meanRows).toBe((3 + 2 + 2 + 1) / 4);
  });

  it('counts a time that goes back as standing still', () => {
    const mid = Float64Array.of(1, 2, 3, 4);
    const { moveTicks } = futureOf(seconds(1), mid, Float64Array.of(0, 9e8, 5e8, 2e9));
    expect([...moveTicks]).toEqual([2, 1, 0, Number.NaN]);
  });

  it('is what a search through all rows finds', () => {
    const row = fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 3 }));
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), (steps) => {
        let now = 0;
        const times = steps.map(([step]) => (now += step * 3e8));
        const mid = steps.map(([, ticks]) => ticks);
        const { moveTicks } = futureOf(seconds(1), Float64Array.from(mid), Float64Array.from(times));
        times.forEach((time, i) => {
          const last = times.findLastIndex((other) => other <= time + 1e9);
          const known = time + 1e9 <= times[times.length - 1];
          expect(moveTicks[i]).toBe(known ? mid[last] - mid[i] : Number.NaN);
        });
      }),
    );
  });

  it('never looks past the end: cutting the rows changes no move that was known', () => {
    const mid = Float64Array.from({ length: 300 }, (_, i) => Math.round(10 * Math.sin(i)));
    const time = Float64Array.from({ length: 300 }, (_, i) => i * 7e7);
    for (const horizon of HORIZONS) {
      const whole = futureOf(horizon, mid, time).moveTicks;
      const cut = futureOf(horizon, mid.subarray(0, 200), time.subarray(0, 200)).moveTicks;
      for (let i = 0; i < 200; i++) if (!Number.isNaN(cut[i])) expect(cut[i]).toBe(whole[i]);
    }
  });
});

describe('sessionSlices', () => {
  it('cuts a session into equal parts of time', () => {
    const { ofRow, edgesNs, byDay } = sessionSlices(Float64Array.of(0, 1, 9, 10, 24, 25, 39, 40), 0, 4);
    expect([...ofRow]).toEqual([0, 0, 0, 1, 2, 2, 3, 3]);
    expect(edgesNs).toEqual([0, 10, 20, 30, 40]);
    expect(byDay).toBe(false);
  });

  it('takes the time of day of a longer file', () => {
    const hour = 3600e9;
    const day = 24 * hour;
    // From 10:00 on: 10, 12, 20 o'clock, and the same a day later.
    const times = Float64Array.of(0, 2 * hour, 10 * hour, day, day + 2 * hour, day + 10 * hour);
    const { ofRow, edgesNs, byDay } = sessionSlices(times, 10 * hour, 2);
    expect([...ofRow]).toEqual([0, 0, 1, 0, 0, 1]);
    expect(edgesNs).toEqual([10 * hour, 15 * hour, 20 * hour]);
    expect(byDay).toBe(true);
  });

  it('tells the part that is missing in each, and of an empty one nothing', () => {
    const slices = sessionSlices(Float64Array.of(0, 1, 39, 40), 0, 4);
    expect(missingBySlice(Uint8Array.of(1, 0, 0, 0), slices)).toEqual([0.5, Number.NaN, Number.NaN, 1]);
    expect(sessionSlices(new Float64Array(0), 0, 4).edgesNs).toEqual([]);
  });
});
