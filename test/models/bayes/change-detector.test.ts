import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { ChangeDetector, logGammaRatio } from '../../../src/models/index.ts';

/**
 * Adams and MacKay's recursion without pruning, from the observations themselves: for each run length the density of the next observation comes from the
 * batch posterior of the last so many. Returns the posterior over run lengths 0 … n.
 */
function unpruned(data: readonly number[], hazard: number): number[] {
  const density = (run: readonly number[], x: number): number => {
    const n = run.length;
    const mean = run.reduce((a, b) => a + b, 0) / (n + 1);
    const shape = 1 + n / 2;
    const scale = 1 + run.reduce((sum, v) => sum + (v - mean) ** 2, mean ** 2) / 2;
    const variance = (scale * (n + 2)) / (shape * (n + 1));
    const z = ((x - mean) ** 2 / variance / (2 * shape)) as number;
    return Math.exp(logGammaRatio(shape)) / Math.sqrt(2 * Math.PI * shape * variance) / (1 + z) ** (shape + 0.5);
  };
  let posterior = [1];
  data.forEach((x, t) => {
    const weighed = posterior.map((p, r) => p * density(data.slice(t - r, t), x));
    const sum = weighed.reduce((a, b) => a + b);
    posterior = [hazard, ...weighed.map((p) => ((1 - hazard) * p) / sum)];
  });
  return posterior;
}

/** Observations of variance 1 (or of what `draw` says) in which the mean jumps by `jump` at `at`. */
function stream(seed: number, n: number, at: number, jump: number, deviation = 1): number[] {
  const random = new Random(seed);
  return Array.from({ length: n }, (_, t) => (t < at ? random.normal() : jump + deviation * random.normal()));
}

/** Observations after the change until it is more likely than not; what was thought before is a false alarm. */
function delayOf(data: readonly number[], at: number, within: number): { delay: number; early: boolean } {
  const detector = new ChangeDetector();
  let early = false;
  for (let t = 0; t < data.length; t++) {
    detector.observe(data[t]);
    if (detector.changeWithin(within) <= 0.5) continue;
    if (t >= at) return { delay: t - at + 1, early };
    early = true;
  }
  return { delay: Number.POSITIVE_INFINITY, early };
}

describe('ChangeDetector', () => {
  it('is the recursion without pruning, to 1e-9, while nothing has to be pruned', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 120 }),
        fc.constantFrom(1 / 2000, 1 / 50, 0.3),
        (seed, n, hazard) => {
          const data = stream(seed, n, Math.floor(n / 2), 2, 1.5);
          const detector = new ChangeDetector({ hazard });
          for (const x of data) detector.observe(x);
          const oracle = unpruned(data, hazard);
          expect(detector.runs).toBe(n + 1);
          expect(detector.observed).toBe(n);
          oracle.forEach((p, r) => {
            expect(Math.abs(detector.probabilityOf(r) - p)).toBeLessThan(1e-9);
          });
          const mean = oracle.reduce((sum, p, r) => sum + p * r, 0);
          expect(Math.abs(detector.meanRun - mean)).toBeLessThan(1e-9 * Math.max(1, mean));
          expect(oracle[detector.likeliestRun]).toBeCloseTo(Math.max(...oracle), 9);
          const recent = oracle.slice(0, Math.min(7, n)).reduce((a, b) => a + b);
          expect(Math.abs(detector.changeWithin(7) - recent)).toBeLessThan(1e-9);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('loses little by pruning to 200: the posterior of a long stream is the whole one to a hundredth', () => {
    const data = stream(8, 900, 600, 1.5);
    const [pruned, whole] = [new ChangeDetector(), new ChangeDetector({ kept: 1000 })];
    let worst = 0;
    for (const x of data) {
      pruned.observe(x);
      whole.observe(x);
      worst = Math.max(worst, Math.abs(pruned.changeWithin(50) - whole.changeWithin(50)));
      expect(pruned.runs).toBeLessThanOrEqual(200);
    }
    const oracle = unpruned(data.slice(0, 300), 1 / 2000);
    const half = new ChangeDetector({ kept: 1000 });
    for (const x of data.slice(0, 300)) half.observe(x);
    oracle.forEach((p, r) => {
      expect(Math.abs(half.probabilityOf(r) - p)).toBeLessThan(1e-9);
    });
    expect(whole.runs).toBe(901);
    expect(worst).toBeLessThan(0.01);
    expect(Math.abs(pruned.likeliestRun - 300)).toBeLessThan(5);
  });

  it('finds planted changes of the mean and of the variance, the sooner the larger', () => {
    const medians = [
      { jump: 1, deviation: 1 },
      { jump: 2, deviation: 1 },
      { jump: 4, deviation: 1 },
      { jump: 0, deviation: 3 },
    ].map(({ jump, deviation }) => {
      const delays = Array.from({ length: 40 }, (_, seed) => {
        const { delay } = delayOf(stream(seed, 800, 500, jump, deviation), 500, 100);
        return delay;
      }).sort((a, b) => a - b);
      expect(delays.filter((delay) => delay > 100).length).toBeLessThan(4);
      return delays[20];
    });
    expect(medians[0]).toBeLessThan(30);
    expect(medians[1]).toBeLessThan(10);
    expect(medians[2]).toBeLessThan(5);
    expect(medians[3]).toBeLessThan(15);
    expect(medians[0]).toBeGreaterThan(medians[1]);
    expect(medians[1]).toBeGreaterThan(medians[2]);
  });

  it('cries wolf seldom where nothing changes', () => {
    const thresholds = [0.5, 0.8];
    const alarms = [0, 0];
    const [streams, length] = [40, 2500];
    for (let seed = 0; seed < streams; seed++) {
      const detector = new ChangeDetector();
      const last = [-200, -200];
      for (const [t, x] of stream(1000 + seed, length, length, 0).entries()) {
        detector.observe(x);
        const probability = detector.changeWithin(100);
        thresholds.forEach((threshold, i) => {
          if (t - last[i] < 200 || probability <= threshold) return;
          alarms[i]++;
          last[i] = t;
        });
      }
    }
    // In 100,000 observations it expects 50 changes, and there are none: 19 and 3 alarms when this was written.
    expect(alarms[0]).toBeLessThan(35);
    expect(alarms[1]).toBeLessThan(10);
    expect(alarms[1]).toBeLessThan(alarms[0]);
  });

  it('survives what no run explains: a posterior still, and no later harm', () => {
    const detector = new ChangeDetector({ kept: 50 });
    const random = new Random(9);
    for (let t = 0; t < 6000; t++) detector.observe(t === 5500 ? 1e6 : random.normal());
    expect(detector.changeWithin(Number.POSITIVE_INFINITY)).toBeLessThanOrEqual(1 + 1e-12);
    expect(Math.abs(detector.likeliestRun - 499)).toBeLessThan(4);
    expect(() => detector.observe(Number.NaN)).toThrow('finite');
  });

  it('does not take the beginning of the stream for a change', () => {
    const detector = new ChangeDetector();
    expect(detector.changeWithin(10)).toBe(0);
    detector.observe(0.1);
    expect(detector.changeWithin(10)).toBeCloseTo(1 / 2000, 12);
  });

  it('refuses options that are no distribution', () => {
    expect(() => new ChangeDetector({ hazard: 0 })).toThrow('possible');
    expect(() => new ChangeDetector({ kept: 1 })).toThrow('two run lengths');
    expect(() => new ChangeDetector({ scale: 0 })).toThrow('prior');
  });
});
