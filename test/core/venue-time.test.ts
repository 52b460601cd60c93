import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isoTime, NO_TIME, NS_PER_DAY, parseDay, VenueTime } from '../../src/core/index.ts';

const DAY = parseDay('2026-08-09');

describe('VenueTime', () => {
  it('reads times as exact nanoseconds since the day, before and after it', () => {
    const time = new VenueTime(DAY);
    expect(time.readText('2026-08-09T21:05:48.228568804Z')).toBe(((21 * 60 + 5) * 60 + 48) * 1e9 + 228568804);
    expect(time.readText('2026-08-08T23:59:59Z')).toBe(-1e9);
    expect(time.readText('2026-08-10T00:00:00.5Z')).toBe(NS_PER_DAY + 5e8);
    expect(time.readText('2026-08-09T02:00:00+02:00')).toBe(0);
    expect(time.readText('2026-08-08T19:00:00.000001-05:00')).toBe(1000);
    // A leap second is the next minute's first.
    expect(time.readText('2026-08-08T23:59:60Z')).toBe(0);
  });

  it('is the inverse of isoTime', () => {
    const time = new VenueTime(DAY);
    fc.assert(
      fc.property(fc.integer({ min: -90 * 864e11, max: 90 * 864e11 }), (ns) => {
        expect(time.readText(isoTime(ns, DAY))).toBe(ns);
      }),
    );
  });

  it('knows the times that stand for none', () => {
    const time = new VenueTime(DAY);
    expect(time.readText('0001-01-01T00:00:00.000000Z')).toBe(NO_TIME);
    expect(time.readText('1970-01-01T00:00:00Z')).toBe(NO_TIME);
  });

  it('refuses what is no time', () => {
    const time = new VenueTime(DAY);
    const good = '2026-08-09T21:05:48.228Z';
    const wrong = [
      '',
      good.slice(0, -1),
      good.replace('T', ' '),
      good.replace('05:48', '05-48'),
      good.replace('21:', '24:'),
      good.replace('05:', '60:'),
      good.replace('48.', '61.'),
      good.replace('.228', '.'),
      good.replace('.228', '.2285688041'),
      good.replace('2026-', '2026/'),
      good.replace('08-09', '08-32'),
      good.replace('08-09', '13-01'),
      good.replace('08-09', '02-29'),
      good.replace('2026', '20x6'),
      good.replace('Z', '+0200'),
      good.replace('Z', '+02-00'),
    ];
    for (const text of wrong) expect(time.readText(text), text).toBeNaN();
    expect(time.readText('2024-02-29T00:00:00Z')).not.toBeNaN();
  });
});
