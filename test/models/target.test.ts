import { describe, expect, it } from 'vitest';
import { BookcastError } from '../../src/core/index.ts';
import { formatTarget, parseTarget } from '../../src/models/index.ts';

describe('parseTarget', () => {
  it('reads what may follow', () => {
    const classes = ['down', 'flat', 'up'];
    expect(parseTarget('volume:500')).toEqual({ kind: 'volume', horizon: 500, classes });
    expect(parseTarget('next-change:once')).toEqual({
      kind: 'next-change',
      horizon: 1,
      classes: ['down', 'up'],
      once: true,
    });
    expect(parseTarget('events:50/vwap5/ticks:-1,2+5ms')).toEqual({
      kind: 'events',
      horizon: 50,
      classes,
      anchorLevels: 5,
      threshold: { kind: 'ticks', low: -1, high: 2 },
      latencyMs: 5,
    });
  });

  it('has no more keys than a target needs, so that what is written of old ones stays the same', () => {
    for (const text of ['events:10', 'time:100', 'next-change']) {
      expect(Object.keys(parseTarget(text))).toEqual(['kind', 'horizon', 'classes']);
    }
  });

  it('reads the three kinds', () => {
    expect(parseTarget('events:10')).toEqual({ kind: 'events', horizon: 10, classes: ['down', 'flat', 'up'] });
    expect(parseTarget('time:100')).toEqual({ kind: 'time', horizon: 100, classes: ['down', 'flat', 'up'] });
    expect(parseTarget('next-change')).toEqual({ kind: 'next-change', horizon: 1, classes: ['down', 'up'] });
  });

  it('is undone by formatTarget', () => {
    const more = ['volume:9', 'next-change:once+2ms', 'events:1/vwap32+0.000001ms', 'time:5/vwap1/spread:2'];
    for (const text of ['events:1', 'events:100000', 'time:3600000', 'next-change', ...more]) {
      expect(formatTarget(parseTarget(text))).toBe(text);
    }
  });

  it.each([
    ['', '"" is no target; use events:N'],
    ['events', '"events" is no target'],
    ['events:1.5', 'is no target'],
    ['events:-1', 'is no target'],
    ['time:', 'is no target'],
    ['next-change:2', 'is no target'],
    ['events:0', 'the horizon must be 1 to 100000 decision points'],
    ['events:100001', 'the horizon must be 1 to 100000 decision points'],
    ['time:3600001', 'the horizon must be 1 to 3600000 milliseconds'],
  ])('refuses %j and says what to write', (text, message) => {
    expect(() => parseTarget(text)).toThrow(message);
    expect(() => parseTarget(text)).toThrow(BookcastError);
  });
});
