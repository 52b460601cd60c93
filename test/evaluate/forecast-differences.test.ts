import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/index.ts';
import { binRows, gainOver, lossesOverTime } from '../../src/evaluate/index.ts';
import { perfectForecasts, sharpened } from './made-forecasts.ts';

const { labels, probabilities } = perfectForecasts(new Random(5), 1000, 3);
const loss = (p: Float64Array, from: number, to: number): number => {
  let sum = 0;
  for (let row = from; row < to; row++) sum -= Math.log(p[3 * row + labels[row]]);
  return sum / (to - from);
};

describe('gainOver', () => {
  it('is the difference of the mean log-losses, with an interval around it', () => {
    const worse = sharpened(probabilities, 3, 3);
    const { value, interval } = gainOver(probabilities, worse, { labels, blockLength: 10, seed: 1 });
    expect(value).toBeCloseTo(loss(worse, 0, 1000) - loss(probabilities, 0, 1000), 10);
    expect(interval!.low).toBeGreaterThan(0);
    expect(interval!.low < value && value < interval!.high).toBe(true);
  });

  it('has no interval of too few blocks', () => {
    expect(gainOver(probabilities, probabilities, { labels, blockLength: 100, seed: 1 })).toEqual({
      value: 0,
      interval: null,
    });
  });
});

describe('lossesOverTime', () => {
  it('cuts the rows into runs of one length, and forgets none', () => {
    const bins = Array.from({ length: 7 }, (_, b) => binRows(1000, 7, b));
    expect(bins[0][0]).toBe(0);
    expect(bins[6][1]).toBe(1000);
    for (let b = 1; b < 7; b++) expect(bins[b][0]).toBe(bins[b - 1][1]);
    const found = lossesOverTime(labels, probabilities, 7);
    found.forEach((value, b) => {
      expect(value).toBeCloseTo(loss(probabilities, ...bins[b]), 10);
    });
  });
});
