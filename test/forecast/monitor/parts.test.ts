import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { ChangeAlarms } from '../../../src/forecast/monitor/change-alarms.ts';
import { LatencyHistogram } from '../../../src/forecast/monitor/latency-histogram.ts';
import { StabilityWatch } from '../../../src/forecast/monitor/stability-watch.ts';
import { WindowSums } from '../../../src/forecast/monitor/window-sums.ts';

describe('WindowSums', () => {
  it('sums the last .9 to 1 of the window, and everything', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 60 }),
        fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 300 }),
        (w, xs) => {
          const sums = new WindowSums(3, w);
          xs.forEach((x, i) => {
            sums.values[1] = x;
            sums.commit();
            sums.count(2);
            const { steps } = sums;
            expect(steps).toBeLessThanOrEqual(w);
            // A tenth is dropped at once, and what a window has beyond ten equal blocks is never used.
            expect(steps).toBeGreaterThan(Math.min(i, 9 * Math.floor(w / 10)) - (i < steps ? 1 : 0));
            expect(sums.sum(1)).toBe(xs.slice(i + 1 - steps, i + 1).reduce((a, b) => a + b, 0));
            expect(sums.total(1)).toBe(xs.slice(0, i + 1).reduce((a, b) => a + b, 0));
            expect(sums.sum(0)).toBe(0);
            expect(sums.sum(2)).toBe(steps);
          });
        },
      ),
    );
  });
});

describe('LatencyHistogram', () => {
  it('has quantiles at most 1 / 32 above the true ones', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        (durations, q) => {
          const histogram = new LatencyHistogram();
          for (const ns of durations) histogram.record(ns);
          const sorted = [...durations].sort((a, b) => a - b);
          const truth = sorted[Math.ceil(q * sorted.length) - 1];
          expect(histogram.quantile(q)).toBeGreaterThanOrEqual(truth);
          expect(histogram.quantile(q)).toBeLessThanOrEqual(truth * (1 + 1 / 32) + 1e-9);
        },
      ),
    );
  });

  it('says what a long run took, in order', () => {
    const histogram = new LatencyHistogram();
    expect(histogram.snapshot()).toEqual({
      count: 0,
      meanNs: null,
      p50Ns: null,
      p99Ns: null,
      p999Ns: null,
      maxNs: null,
    });
    const random = new Random(1);
    const all: number[] = [];
    for (let i = 0; i < 100_000; i++) all.push(Math.round(random.exponential(20_000)));
    for (const ns of all) histogram.record(ns);
    all.sort((a, b) => a - b);
    const found = histogram.snapshot();
    for (const [q, value] of [
      [0.5, found.p50Ns],
      [0.99, found.p99Ns],
      [0.999, found.p999Ns],
    ] as const) {
      const truth = all[Math.ceil(q * all.length) - 1];
      expect(value! / truth).toBeGreaterThanOrEqual(1);
      expect(value! / truth).toBeLessThan(1.032);
    }
    expect(found.maxNs).toBe(all[all.length - 1]);
    expect(found.meanNs).toBeCloseTo(all.reduce((a, b) => a + b, 0) / all.length, 6);
  });

  it('takes durations that no clock should give', () => {
    const histogram = new LatencyHistogram();
    for (const ns of [-5, 0, 0.5, 1e300, Number.POSITIVE_INFINITY]) histogram.record(ns);
    expect(histogram.count).toBe(5);
    expect(histogram.quantile(0.6)).toBeLessThanOrEqual(1.04);
  });
});

describe('StabilityWatch', () => {
  const edges = [-1, 0, 1];
  // Shares of a standard normal below −1, to 0, to 1 and above, of the nine tenths that are known.
  const shares = [0.1587, 0.3413, 0.3413, 0.1587].map((s) => 0.9 * s);
  const signal = { name: 'a', edges, shares: [...shares, 0.1] };

  function psiOf(next: (random: Random) => number, count = 5000): number {
    const watch = new StabilityWatch([signal], 10_000);
    const random = new Random(2);
    for (let i = 0; i < count; i++) watch.add(Float64Array.of(next(random)));
    return watch.snapshot()[0].psi!;
  }

  it('is all but 0 for the same population, and large for others', () => {
    const same = (random: Random): number => (random.bernoulli(0.1) ? Number.NaN : random.normal());
    expect(psiOf(same)).toBeLessThan(0.005);
    expect(psiOf((random) => same(random) + 1)).toBeGreaterThan(0.25);
    expect(psiOf((random) => (random.bernoulli(0.6) ? Number.NaN : random.normal()))).toBeGreaterThan(0.25);
    expect(Number.isFinite(psiOf(() => Number.NaN))).toBe(true);
  });

  it('is the formula', () => {
    const watch = new StabilityWatch([signal], 1000);
    expect(watch.snapshot()).toEqual([{ name: 'a', psi: null, missing: null, missingInTraining: 0.1 }]);
    // An edge belongs to the bin below it.
    for (const x of [-2, -1, -0.5, 0, 0.5, 2, Number.NaN, Number.NaN]) watch.add(Float64Array.of(x));
    const counts = [2, 2, 1, 1, 2];
    const expected = counts.reduce((sum, n, b) => {
      const now = (n + 0.5) / 10.5;
      const then = (8 * signal.shares[b] + 0.5) / 10.5;
      return sum + (now - then) * Math.log(now / then);
    }, 0);
    expect(watch.snapshot()[0].psi).toBeCloseTo(expected, 12);
    expect(watch.snapshot()[0].missing).toBe(0.25);
  });
});

describe('ChangeAlarms', () => {
  it('sounds once for one change, and again after it fell silent', () => {
    const alarms = new ChangeAlarms(0.5, 0.1);
    expect(alarms.snapshot()).toEqual({ alarms: 0, last: [], probability: null });
    const said = [0.1, 0.6, 0.9, 0.3, 0.7, 0.05, 0.5, 0.2].map((p, i) => alarms.add(i, p));
    expect(said).toEqual([false, true, false, false, false, false, true, false]);
    expect(alarms.snapshot()).toEqual({
      alarms: 2,
      last: [
        { tsNs: 1, probability: 0.6 },
        { tsNs: 6, probability: 0.5 },
      ],
      probability: 0.2,
    });
  });

  it('keeps the last 32', () => {
    const alarms = new ChangeAlarms(0.5, 0.5);
    for (let i = 0; i < 200; i++) alarms.add(i, i % 2);
    expect(alarms.snapshot().alarms).toBe(100);
    expect(alarms.snapshot().last.map(({ tsNs }) => tsNs)).toEqual(Array.from({ length: 32 }, (_, i) => 137 + 2 * i));
  });

  it('rearms only below where it sounds', () => {
    expect(() => new ChangeAlarms(0.1, 0.5)).toThrow(/rearms below/);
  });
});
