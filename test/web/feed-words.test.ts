import { describe, expect, it } from 'vitest';
import { ageText, lossText, rateText, totalText } from '../../web/src/format.ts';

describe('the words of a feed', () => {
  it.each([
    [null, '–'],
    [0, 'now'],
    [99.9, 'now'],
    [100, '0.1 s'],
    [9949, '9.9 s'],
    [9950, '10 s'],
    [119_499, '119 s'],
    [120_000, '2 min'],
    [5_999_999, '99 min'],
  ])('%s ms ago is "%s"', (ms, text) => expect(ageText(ms)).toBe(text));

  it.each([
    [0, '0'],
    [0.04, '0.0'],
    [0.42, '0.4'],
    [9.96, '10'],
    [1234.5, '1,235'],
  ])('a rate of %s is "%s"', (rate, text) => expect(rateText(rate)).toBe(text));

  it('say why there is no forecast, and what is waited for', () => {
    const lost = 'The book lost its sequence: waiting for a snapshot; no forecast until then.';
    expect(lossText('gapped', 'sequence', 'binance')).toBe(lost);
    expect(lossText('gapped', 'checksum', 'kraken')).toMatch(/^The book is no longer known to be the venue's: waiting/);
    expect(lossText('gapped', 'delivery', 'coinbase-exchange')).toMatch(/^The book may have missed messages: waiting/);
    expect(lossText('empty', 'sequence', 'binance')).toMatch(/^No book yet: waiting for binance/);
    expect(lossText('buffering', 'sequence', 'binance')).toMatch(/^The book is not complete: waiting for the snapshot/);
  });

  it('of a sum of sizes have four decimals at most', () => {
    expect([totalText(3_914_960_768, '0.00000001'), totalText(27_323, '0.001')]).toEqual(['39.1496', '27.323']);
  });
});
