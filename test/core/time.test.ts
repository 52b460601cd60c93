import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayOfEpochMs, isoTime, NS_PER_DAY, parseDay, systemClock, zoneOffsetNs } from '../../src/core/index.ts';

// LOBSTER's sample day, 09:30:00.017459617 in New York.
const DAY = 15512;
const OPEN_NS = (13 * 3600 + 30 * 60) * 1e9 + 17_459_617;

describe('time', () => {
  it('counts days from 1970, before it too', () => {
    expect(parseDay('1970-01-01')).toBe(0);
    expect(parseDay('2012-06-21')).toBe(DAY);
    expect(dayOfEpochMs(Date.UTC(2012, 5, 21, 23, 59, 59, 999))).toBe(DAY);
    expect(dayOfEpochMs(-1)).toBe(-1);
    for (const text of ['2012-13-01', '21.06.2012', '2012-6-21', '']) expect(parseDay(text)).toBeNaN();
  });

  it('prints nanoseconds', () => {
    expect(isoTime(OPEN_NS, DAY)).toBe('2012-06-21T13:30:00.017459617Z');
    expect(isoTime(0, DAY)).toBe('2012-06-21T00:00:00.000000000Z');
    expect(isoTime(-1, 0)).toBe('1969-12-31T23:59:59.999999999Z');
    expect(isoTime(NS_PER_DAY, DAY)).toBe('2012-06-22T00:00:00.000000000Z');
  });

  it('prints every instant exactly, days past midnight and before 1970 too', () => {
    const ns = fc.integer({ min: -(2 ** 52), max: 2 ** 52 });
    const day = fc.integer({ min: -10000, max: 50000 });
    fc.assert(
      fc.property(ns, day, (time, on) => {
        const [, seconds, fraction] = /^(.+)\.(\d{9})Z$/.exec(isoTime(time, on)) as RegExpExecArray;
        const epochNs = BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction);
        expect(epochNs).toBe(BigInt(on) * 86_400_000_000_000n + BigInt(time));
      }),
      { seed: 4, numRuns: 300 },
    );
  });
});

describe('zoneOffsetNs', () => {
  it('knows a zone’s summer and winter, and parts of hours', () => {
    const hour = 3600e9;
    expect(zoneOffsetNs('America/New_York', DAY)).toBe(-4 * hour);
    expect(zoneOffsetNs('America/New_York', parseDay('2012-01-17'))).toBe(-5 * hour);
    // The day that the clocks went forward, at 2 in the morning.
    expect(zoneOffsetNs('America/New_York', parseDay('2012-03-11'))).toBe(-4 * hour);
    expect(zoneOffsetNs('Asia/Kolkata', DAY)).toBe(5.5 * hour);
    expect(zoneOffsetNs('UTC', DAY)).toBe(0);
  });
});

describe('systemClock', () => {
  it('tells the present, and never goes back', () => {
    expect(Math.abs(systemClock.nowMs() - Date.now())).toBeLessThan(1000);
    const before = systemClock.monotonicNs();
    expect(systemClock.monotonicNs()).toBeGreaterThanOrEqual(before);
  });
});
