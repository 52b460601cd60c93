import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/index.ts';
import { BlockSums, blockBootstrap, PairedLosses } from '../../src/evaluate/index.ts';

/** A series whose neighbours share most of their noise: a moving sum over `span` draws, as overlapping labels give. */
function overlapping(random: Random, n: number, span: number, mean: number): number[] {
  const noise = Array.from({ length: n + span }, () => random.normal());
  return Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < span; j++) sum += noise[i + j];
    return mean + sum / Math.sqrt(span);
  });
}

describe('BlockSums', () => {
  it('keeps the sums of consecutive blocks, whatever the length of the series', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 200 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 30 }),
        (values, minLength, most) => {
          const kept = new BlockSums(16);
          for (const value of values) kept.add(value);
          expect(kept.n).toBe(values.length);
          expect(kept.total).toBe(values.reduce((a, b) => a + b, 0));
          expect(kept.blocks).toBeLessThan(16);
          const { length, means } = kept.means(minLength, most);
          expect(length).toBeGreaterThanOrEqual(minLength);
          expect(means.length).toBeLessThanOrEqual(most);
          means.forEach((mean, b) => {
            const block = values.slice(b * length, (b + 1) * length);
            expect(block.length).toBe(length);
            expect(mean).toBeCloseTo(block.reduce((a, v) => a + v, 0) / length, 9);
          });
        },
      ),
    );
  });

  it('refuses a capacity that cannot be joined in pairs', () => {
    expect(() => new BlockSums(3)).toThrow('pairs');
  });
});

describe('blockBootstrap', () => {
  it('is the same for the same seed', () => {
    const means = Float64Array.from({ length: 30 }, (_, i) => Math.sin(i));
    expect(blockBootstrap(means, new Random(1))).toEqual(blockBootstrap(means, new Random(1)));
    expect(blockBootstrap(means, new Random(1))).not.toEqual(blockBootstrap(means, new Random(2)));
  });

  it('is near the normal interval for many blocks', () => {
    const random = new Random(5);
    const n = 2000;
    const means = Float64Array.from({ length: n }, () => random.normal());
    const mean = means.reduce((a, b) => a + b) / n;
    const sd = Math.sqrt(means.reduce((a, b) => a + (b - mean) ** 2, 0) / n);
    const { low, high } = blockBootstrap(means, random);
    expect(low).toBeCloseTo(mean - (1.96 * sd) / Math.sqrt(n), 2);
    expect(high).toBeCloseTo(mean + (1.96 * sd) / Math.sqrt(n), 2);
  });

  it('refuses a single block', () => {
    expect(() => blockBootstrap(Float64Array.of(1), new Random(1))).toThrow('has blocks');
  });
});

describe('PairedLosses', () => {
  it('reports who is better by how much, and how sure that is', () => {
    const random = new Random(8);
    const paired = new PairedLosses(2, [0, 1]);
    for (let i = 0; i < 5000; i++) {
      const noise = random.normal();
      paired.add(Float64Array.of(1 + 0.1 * random.normal(), noise, 0.95));
    }
    const [steady, noisy] = paired.gains(10, random);
    expect(steady).toMatchObject({ rival: 0, n: 5000, blocks: 89, blockLength: 56, reason: null });
    expect(steady.gain).toBeCloseTo(0.05, 2);
    expect(steady.interval?.low).toBeGreaterThan(0.04);
    expect(steady.interval?.high).toBeLessThan(0.06);
    expect(noisy.gain).toBeLessThan(-0.9);
    expect(noisy.interval?.high).toBeLessThan(-0.8);
  });

  it('gives no interval where there is too little, and says why', () => {
    const paired = new PairedLosses(0, [1]);
    const random = new Random(1);
    expect(paired.gains(1, random)[0]).toMatchObject({
      n: 0,
      gain: null,
      interval: null,
      reason: 'no label has resolved yet',
    });
    for (let i = 0; i < 390; i++) paired.add(Float64Array.of(0, 1));
    expect(paired.gains(10, random)[0]).toMatchObject({
      gain: 1,
      interval: null,
      blocks: 19,
      blockLength: 20,
      reason: "19 blocks of 20 decisions, each twice a label's span; an interval needs 20",
    });
    for (let i = 0; i < 10; i++) paired.add(Float64Array.of(0, 1));
    expect(paired.gains(10, random)[0]).toMatchObject({ interval: { low: 1, high: 1 }, blocks: 20, reason: null });
    // Before any label has resolved, the span is not known either.
    expect(new PairedLosses(0, [1]).gains(Number.NaN, random)[0].gain).toBeNull();
  });

  it.each([0, 0.2])('covers the true gain %d of overlapping labels about 95 times in 100', (truth) => {
    let covered = 0;
    const seeds = 150;
    for (let seed = 0; seed < seeds; seed++) {
      const random = new Random(seed);
      const paired = new PairedLosses(0, [1]);
      for (const value of overlapping(random, 2000, 10, truth)) paired.add(Float64Array.of(0, value));
      const { interval } = paired.gains(10, random, 500)[0];
      expect(interval).not.toBeNull();
      if (interval !== null && interval.low < truth && truth < interval.high) covered++;
    }
    expect(covered / seeds).toBeGreaterThan(0.88);
    expect(covered / seeds).toBeLessThan(0.99);
  });

  it('refuses to compare a model with itself', () => {
    expect(() => new PairedLosses(1, [0, 1])).toThrow('no rival of itself');
  });
});
