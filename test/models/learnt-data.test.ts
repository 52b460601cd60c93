import { describe, expect, it } from 'vitest';
import { NS_PER_DAY } from '../../src/core/index.ts';
import { spansByDay } from '../../src/models/index.ts';
import { learntAt } from '../../src/models/learnt-data.ts';

const LEARNT = { instruments: ['binance-usdm:BTCUSDT'], spans: spansByDay(19_943, [5e9, 9e9, 7e9, NS_PER_DAY + 1]) };

describe('what a model learnt from', () => {
  it('is one span for each UTC day', () => {
    expect(LEARNT.spans).toEqual([
      [19_943, 5e9, 9e9],
      [19_944, 1, 1],
    ]);
    expect(spansByDay(19_943, [])).toEqual([]);
  });

  it.each([
    ['binance-usdm:BTCUSDT', 19_943, 5e9, true],
    ['binance-usdm:BTCUSDT', 19_943, 9e9, true],
    ['binance-usdm:BTCUSDT', 19_943, 5e9 - 1, false],
    ['binance-usdm:BTCUSDT', 19_943, 9e9 + 1, false],
    // A stream of the day before goes on past midnight.
    ['binance-usdm:BTCUSDT', 19_942, NS_PER_DAY + 6e9, true],
    ['binance-usdm:BTCUSDT', 19_942, 6e9, false],
    ['binance-spot:BTCUSDT', 19_943, 6e9, false],
  ])('holds %s on day %i at %d ns: %s', (instrument, day, tsNs, expected) => {
    expect(learntAt(LEARNT, instrument, day, tsNs)).toBe(expected);
  });
});
