import { describe, expect, it } from 'vitest';
import { RecordedFeed } from '../../../src/backtest/latency/feed-delay.ts';
import { InterpolatedOrders, parsePlacements } from '../../../src/backtest/latency/order-delay.ts';
import { parseLatency } from '../../../src/backtest/latency/parse-latency.ts';
import { NS_PER_DAY, parseDay } from '../../../src/core/index.ts';

const MS = 1e6;
const DAY = parseDay('2026-01-05');
const MIDNIGHT = BigInt(DAY) * BigInt(NS_PER_DAY);
const CONTEXT = { startDay: DAY, seed: 7 };
const CONSTANT = { feedMs: 1.5, entryMs: 2, responseMs: 1 };

/** Rows of a file of placements from ms after the run's first midnight. */
function placed(rows: readonly (readonly [number, number, number])[]): string {
  const ns = (ms: number): bigint => MIDNIGHT + BigInt(ms * MS);
  return ['sent_ns,exchange_ns,received_ns', ...rows.map((row) => row.map(ns).join(','))].join('\n');
}

describe('constant latency', () => {
  it('takes as long as it says', () => {
    const latency = parseLatency(CONSTANT, 'latency', CONTEXT);
    expect([latency.feed(5, 9), latency.entry(5), latency.response(5)]).toEqual([1.5 * MS, 2 * MS, MS]);
    expect(latency.assumption).toBe('latency: feed: 1.5 ms; orders: 2 ms there, 1 ms back');
  });
});

describe('recorded feed', () => {
  it('is the recorded difference less the least one so far, plus the floor', () => {
    // Our clock is 50 ms behind: differences of −48, −49, −40 and −49.5 ms.
    const feed = new RecordedFeed(MS);
    const delays = [-48, -49, -40, -49.5].map((ms, i) => feed.feed(i * 1e9, i * 1e9 + ms * MS) / MS);
    // The least so far is −48, −49, −49, −49.5: the third message took 9 ms more than the fastest.
    expect(delays).toEqual([1, 1, 10, 1]);
  });

  it('uses nothing later than the message', () => {
    const [short, long] = [new RecordedFeed(0), new RecordedFeed(0)];
    expect([3, 7].map((ms) => short.feed(0, ms * MS))).toEqual(
      [3, 7, 1].map((ms) => long.feed(0, ms * MS)).slice(0, 2),
    );
  });

  it('is named in settings', () => {
    const latency = parseLatency({ feed: 'recorded', floorMs: 0.5, entryMs: 0, responseMs: 0 }, 'latency', CONTEXT);
    expect(latency.feed(0, 100)).toBe(0.5 * MS);
    expect(latency.assumption).toMatch(/as recorded.*plus 0.5 ms/);
  });
});

describe('placements', () => {
  const text = placed([
    [0, 2, 3],
    [1000, 1004, 1007],
  ]);

  it('measures entry and response', () => {
    const { entryNs, responseNs } = parsePlacements(text, 'mine.csv');
    expect([...entryNs]).toEqual([2 * MS, 4 * MS]);
    expect([...responseNs]).toEqual([MS, 3 * MS]);
  });

  it('draws from them by a seed: the same seed gives the same delays', () => {
    const settings = { feedMs: 0, placements: 'mine.csv' };
    const [one, same, other] = [7, 7, 8].map((seed) =>
      parseLatency(settings, 'latency', { startDay: DAY, seed, read: () => text }),
    );
    const draws = (model: typeof one): number[] => Array.from({ length: 40 }, () => model.entry(0));
    const drawn = draws(one);
    expect(drawn).toEqual(draws(same));
    expect(drawn).not.toEqual(draws(other));
    expect(new Set(drawn)).toEqual(new Set([2 * MS, 4 * MS]));
    expect([MS, 3 * MS]).toContain(one.response(0));
    expect(one.assumption).toMatch(/drawn from 2 placements of mine.csv \(seed 7\), median 2 ms there, 1 ms back/);
  });

  it('interpolates in time between them, and holds the first and the last', () => {
    const settings = { feedMs: 0, placements: 'mine.csv', draw: 'in-time' };
    const latency = parseLatency(settings, 'latency', { ...CONTEXT, read: () => text });
    // Halfway between 2 and 4 ms; the response between the venue's 2 and 1004 ms.
    expect([-5, 0, 500, 1000, 9000].map((ms) => latency.entry(ms * MS) / MS)).toEqual([2, 2, 3, 4, 4]);
    expect(latency.response(503 * MS) / MS).toBe(2);
    expect(latency.assumption).toMatch(/interpolated in time/);
  });

  it('does not interpolate from another day', () => {
    expect(() => new InterpolatedOrders(parsePlacements(text, 'mine.csv'), DAY + 9)).toThrow(
      /no placement is within a day/,
    );
  });

  it.each([
    ['sent_ns,exchange_ns\n1,2', /mine\.csv, line 1: the head lacks received_ns/],
    ['sent_ns,exchange_ns,received_ns\n1,x,3', /line 2, column exchange_ns: found "x", expected a whole number/],
    ['sent_ns,exchange_ns,received_ns\n1,2,3\n\n9,8,10', /line 4, column exchange_ns: found "8".*clocks/],
    ['sent_ns,exchange_ns,received_ns\n1,5,4', /line 2, column received_ns.*clocks/],
    ['sent_ns,exchange_ns,received_ns\n5,6,7\n4,6,7', /line 3, column sent_ns.*not before that of the line before/],
  ])('says line and column: %j', (wrong, message) => {
    expect(() => parsePlacements(wrong, 'mine.csv')).toThrow(message);
  });
});

describe('parseLatency', () => {
  it.each([
    [undefined, /there is no latency\. Give feedMs/],
    [{ feedMs: 1, entryMs: 1 }, /latency\.responseMs is absent, and must be a number from 0/],
    [{ ...CONSTANT, entryMs: -1 }, /entryMs is -1/],
    [{ ...CONSTANT, feed: 'fast' }, /feed is "fast", and must be "recorded"/],
    [{ ...CONSTANT, feed: 'recorded' }, /feedMs.*absent beside feed: recorded/],
    [{ ...CONSTANT, floorMs: 1 }, /floorMs.*absent without/],
    [{ ...CONSTANT, placements: 'x' }, /entryMs.*absent beside placements/],
    [{ ...CONSTANT, draw: 'random' }, /draw.*absent without placements/],
    [{ feedMs: 1, placements: 'x' }, /no file can be read/],
    [{ latencyMs: 1 }, /no key "latencyMs"/],
  ])('refuses %j', (data, message) => {
    expect(() => parseLatency(data, 'latency', CONTEXT)).toThrow(message);
  });
});
