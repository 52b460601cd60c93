import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/index.ts';
import { scoreDataset } from '../../src/evaluate/index.ts';
import type { Dataset } from '../../src/models/training.ts';
import { plainDataset } from './plain-dataset.ts';

function randomWalk(seed: number, n: number): Dataset {
  const random = new Random(seed);
  const midTicks: number[] = [];
  let mid = 0;
  for (let i = 0; i < n; i++) {
    mid += random.below(4) === 0 ? (random.bernoulli(0.5) ? 1 : -1) : 0;
    midTicks.push(mid);
  }
  return plainDataset('events:5', { timeNs: midTicks.map((_, i) => i * 1e6), midTicks }, [n / 4, n / 2]);
}

/** Knows the outcome with this much of probability. */
function oracle({ test }: Dataset, sure: number): Float64Array {
  const probabilities = new Float64Array(test.count * 3).fill((1 - sure) / 2);
  test.labels.forEach((label, i) => {
    probabilities[i * 3 + label] = sure;
  });
  return probabilities;
}

describe('scores on the test part', () => {
  it('are those of the whole part, beside every baseline', () => {
    const dataset = randomWalk(1, 8000);
    const scores = scoreDataset(dataset, [{ model: 'oracle', probabilities: oracle(dataset, 0.8) }]);
    expect(scores).toMatchObject({ windows: dataset.test.count, reason: null, simulated: true });
    expect(scores.blockLength).toBeGreaterThanOrEqual(10);
    expect(scores.blocks * scores.blockLength).toBeLessThanOrEqual(scores.windows);
    const [own, prior, ...others] = scores.scores;
    expect(own.logLoss.value).toBeCloseTo(-Math.log(0.8), 12);
    expect(own.logLoss.interval?.low).toBeCloseTo(-Math.log(0.8), 12);
    expect(own).toMatchObject({ model: 'oracle', baseline: false, mcc: { value: 1, interval: { low: 1, high: 1 } } });
    expect(own.accuracy.value).toBe(1);
    expect(own.gain.value).toBeCloseTo(prior.logLoss.value + Math.log(0.8), 12);
    expect(own.gain.interval?.low).toBeGreaterThan(0);
    expect(prior).toMatchObject({ model: 'prior', baseline: true, gain: { value: 0, interval: { low: 0, high: 0 } } });
    expect(others.map(({ model }) => model)).toEqual(['majority', 'persistence', 'martingale', 'transition']);
    expect(Object.keys(scores.over)).toEqual(['prior', 'majority', 'persistence', 'martingale', 'transition']);
    expect(scores.over.prior).toEqual(own.gain);
    expect(scoreDataset(dataset, [{ model: 'oracle', probabilities: oracle(dataset, 0.8) }])).toEqual(scores);
  });

  it('have intervals that hold the truth about as often as they say', () => {
    // Noise against the classes' true shares: the truth is the mean over all seeds.
    const seeds = 24;
    const found = Array.from({ length: seeds }, (_, seed) => {
      const dataset = randomWalk(100 + seed, 2000);
      const random = new Random(seed);
      const probabilities = new Float64Array(dataset.test.count * 3);
      for (let i = 0; i < dataset.test.count; i++) {
        const shares = [1, 2, 1].map((weight) => weight * (0.5 + random.float()));
        const total = shares[0] + shares[1] + shares[2];
        shares.forEach((share, k) => {
          probabilities[i * 3 + k] = share / total;
        });
      }
      return scoreDataset(dataset, [{ model: 'noise', probabilities }]).scores[0];
    });
    for (const key of ['accuracy', 'macroF1', 'logLoss', 'mcc'] as const) {
      const truth = found.reduce((sum, score) => sum + score[key].value, 0) / seeds;
      const held = found.filter(
        ({ [key]: { interval } }) => interval !== null && interval.low <= truth && truth <= interval.high,
      );
      // 95 % of 24 are 23; 18 or fewer happen once in a thousand were it 92 %.
      expect(held.length, `${key}: the interval held ${truth} in ${held.length} of ${seeds}`).toBeGreaterThan(18);
    }
  });

  it('have no intervals where there are too few blocks, and say so', () => {
    const dataset = randomWalk(3, 200);
    const scores = scoreDataset(dataset, [{ model: 'oracle', probabilities: oracle(dataset, 0.9) }]);
    expect(scores.reason).toMatch(/blocks of 10 windows, each twice a label's span; an interval needs 20/);
    expect(scores.scores[0].mcc.interval).toBeNull();
    expect(scores.scores[0].gain.interval).toBeNull();
    expect(scoreDataset(dataset, []).over).toEqual({});
  });
});
