import { describe, expect, it } from 'vitest';
import { formatTarget, parseTarget } from '../../src/models/index.ts';
import { MoveRule, parseThreshold } from '../../src/models/threshold.ts';

const ruleOf = (word: string, classes = 3): MoveRule => new MoveRule(classes, parseThreshold(word)!, word);

describe('MoveRule', () => {
  it.each([
    // Move, spread and mid, all in ticks; the class. A bound itself is flat.
    ['ticks:2', 2, 1, 100, 1],
    ['ticks:2', 2.5, 1, 100, 2],
    ['ticks:2', -2, 1, 100, 1],
    ['ticks:2', -2.5, 1, 100, 0],
    ['ticks:-1,0.5', 1, 1, 100, 2],
    ['ticks:-1,0.5', -1, 1, 100, 1],
    ['ticks:-1,0.5', -1.5, 1, 100, 0],
    ['ticks:1,2', 1, 1, 100, 1],
    ['ticks:1,2', 0.5, 1, 100, 0],
    ['spread:0.5', 1, 2, 100, 1],
    ['spread:0.5', 1.5, 2, 100, 2],
    ['spread:0.5', -1.5, 2, 100, 0],
    ['spread:0.5', 1.5, 3, 100, 1],
    ['bps:2', 2, 1, 10_000, 1],
    ['bps:2', 2.5, 1, 10_000, 2],
    ['bps:2', -2.5, 1, 10_000, 0],
    ['bps:2', -2.5, 1, 20_000, 1],
  ])('%s: a move of %d at a spread of %d and a mid of %d is of class %d', (word, move, spread, mid, label) => {
    expect(ruleOf(word).classOf(move, spread, mid)).toBe(label);
  });

  it('has two classes where there is no flat', () => {
    const rule = new MoveRule(2, undefined, 'next-change');
    expect([rule.classOf(0.5, 1, 100), rule.classOf(-0.5, 1, 100)]).toEqual([1, 0]);
  });
});

describe('thresholds in the text of a target', () => {
  it.each([
    ['events:50/ticks:2', 'events:50/ticks:2'],
    ['events:50/ticks:-2,2', 'events:50/ticks:2'],
    ['events:50/ticks:-1.50,2', 'events:50/ticks:-1.5,2'],
    ['events:50/ticks:-0.3333333333333333,1e-7', 'events:50/ticks:-0.3333333333333333,1e-7'],
    ['events:50/ticks:0', 'events:50'],
    ['events:50/ticks:-0,0', 'events:50'],
    ['time:100/spread:0.50', 'time:100/spread:0.5'],
    ['volume:7/bps:1/vwap5+0.250ms', 'volume:7/vwap5/bps:1+0.25ms'],
    ['events:50/terciles', 'events:50/terciles'],
    ['events:50/quantiles:0.25', 'events:50/quantiles:0.25'],
  ])('%s is %s, and that is itself', (text, canonical) => {
    expect(formatTarget(parseTarget(text))).toBe(canonical);
    expect(formatTarget(parseTarget(canonical))).toBe(canonical);
    expect(parseTarget(canonical)).toEqual(parseTarget(text));
  });

  it.each([
    ['events:50/ticks:2,1', '"/ticks:2,1" is no anchor or threshold'],
    ['events:50/ticks:-1', '"/ticks:-1" is no anchor'],
    ['events:50/ticks:x', '"/ticks:x" is no anchor'],
    ['events:50/ticks:1e9', 'is no anchor or threshold'],
    ['events:50/ticks:9999999999999999', 'is no anchor or threshold'],
    ['events:50/spread:9999999999999999', 'is no anchor or threshold'],
    ['events:50/spread:0', '/spread:SHARE, /bps:N (above 0)'],
    ['events:50/spread:1,2', 'is no anchor or threshold'],
    ['events:50/bps:-1', 'is no anchor or threshold'],
    ['events:50/quantiles:0.5', '(above 0, below 0.5)'],
    ['events:50/terciles/ticks:1', 'or a second one'],
    ['events:50/vwap5/vwap6', 'or a second one'],
    ['events:50/vwap0', '/vwap takes 1 to 32 levels of a side'],
    ['events:50/vwap33', '/vwap takes 1 to 32 levels of a side'],
    ['next-change/vwap5', 'the next change is one of the mid, of any size; leave out "/vwap5"'],
    ['next-change/ticks:1', 'leave out "/ticks:1"'],
    ['events:50+0ms', 'the latency must be above 0 and at most 60000 ms'],
    ['events:50+60001ms', 'the latency must be above 0'],
    ['events:50+5', 'is no target'],
    ['events:50+5ms/vwap5', 'is no target'],
    ['events:50:once', 'is no target'],
    ['volume:0', 'the horizon must be 1 to 999999999 lots'],
  ])('%s is refused: %s', (text, message) => {
    expect(() => parseTarget(text)).toThrow(message);
  });
});
