import { describe, expect, it } from 'vitest';
import { anchorWords, latencyWords, thresholdWords } from '../../src/cli/target-words.ts';
import { parseTarget } from '../../src/models/index.ts';

describe('a target in words', () => {
  it.each([
    ['events:10', 'the mid', 'any move', 'none'],
    [
      'events:50/vwap5/ticks:2+5ms',
      'the middle between the mean prices of the best 5 levels of each side',
      'more than 2 ticks',
      '5 ms',
    ],
    ['time:100/ticks:-1,1.5', 'the mid', 'above 1.5 or below -1 ticks', 'none'],
    ['events:10/spread:0.5', 'the mid', 'more than 0.5 of the spread', 'none'],
    ['events:10/bps:1', 'the mid', 'more than 1 basis points', 'none'],
    ['events:10/quantiles:0.2', 'the mid', 'beyond the quantile 0.2 of either end, in the training rows', 'none'],
  ])('%s', (text, ...words) => {
    const target = parseTarget(text);
    expect([anchorWords(target), thresholdWords(target), latencyWords(target)]).toEqual(words);
  });
});
