import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import {
  brierDecomposition,
  CalibrationBins,
  calibrationBands,
  calibrationError,
  selectiveAccuracy,
} from '../../../src/evaluate/index.ts';
import { equalMassBins } from '../../../src/evaluate/metrics/equal-mass-bins.ts';
import { latentPath } from '../../../src/evaluate/metrics/simulated-labels.ts';
import { perfectForecasts, sharpened } from '../made-forecasts.ts';

describe('bins of equal mass', () => {
  it('hold every row once, in order, and never part equal values', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 120 }), (values) => {
        const { binOf, counts, sums } = equalMassBins(Float64Array.from(values), 15);
        expect(counts.length).toBeLessThanOrEqual(15);
        counts.forEach((count, b) => {
          const own = values.filter((_, row) => binOf[row] === b);
          expect(own.length).toBe(count);
          expect(count).toBeGreaterThan(0);
          expect(own.reduce((sum, value) => sum + value, 0)).toBe(sums[b]);
          const later = values.filter((_, row) => binOf[row] > b);
          expect(Math.max(...own)).toBeLessThan(Math.min(...later, Number.POSITIVE_INFINITY));
        });
      }),
    );
  });

  it('are equally large where values differ', () => {
    const values = Float64Array.from({ length: 300 }, (_, i) => (i * 7919) % 300);
    expect(Array.from(equalMassBins(values).counts)).toEqual(new Array(15).fill(20));
  });
});

describe('expected calibration error', () => {
  it('is what can be worked out by hand', () => {
    // Two bins: the rows held for 0.6, of which one in two came true, and those held for 0.9, of which all did.
    const probabilities = Float64Array.of(0.6, 0.4, 0.4, 0.6, 0.9, 0.1, 0.1, 0.9);
    const error = calibrationError(Int8Array.of(0, 0, 0, 1), probabilities, 2);
    expect(error.topLabel).toBeCloseTo((0.1 + 0.1) / 2, 12);
    // The first class: rows held for 0.1 and 0.4, one of which came true, and those held for 0.6 and 0.9, which both did. The second mirrors it.
    expect(error.classwise).toBeCloseTo((0.5 + 0.5) / 4, 12);
  });

  it('of a constant forecast does not depend on the order of the rows', () => {
    const probabilities = new Float64Array(400).fill(0.5);
    const labels = Int8Array.from({ length: 200 }, (_, row) => (row < 100 ? 0 : 1));
    expect(calibrationError(labels, probabilities)).toEqual({ topLabel: 0, classwise: 0 });
  });

  it('of a perfect model lies in its band about 95 times in 100; of one too sure of itself it does not', () => {
    let [top, byClass, sharp] = [0, 0, 0];
    const seeds = 100;
    for (let seed = 0; seed < seeds; seed++) {
      const { labels, probabilities } = perfectForecasts(new Random(seed), 1500, 3);
      const bins = [probabilities, sharpened(probabilities, 3, 2)].map((p) => new CalibrationBins(p, 3));
      const errors = bins.map((one) => one.error(one.hits(labels)));
      const bands = calibrationBands(bins, { span: 1, simulations: 100, seed: seed + 1000 });
      if (errors[0].topLabel >= bands[0].topLabel.low && errors[0].topLabel <= bands[0].topLabel.high) top++;
      if (errors[0].classwise >= bands[0].classwise.low && errors[0].classwise <= bands[0].classwise.high) byClass++;
      if (errors[1].topLabel > bands[1].topLabel.high) sharp++;
    }
    expect(top).toBeGreaterThan(85);
    expect(byClass).toBeGreaterThan(85);
    expect(sharp).toBe(seeds);
  });

  it('has a wider band where labels overlap', () => {
    const { probabilities } = perfectForecasts(new Random(3), 3000, 3);
    // Forecasts that stay the same for long, as those of overlapping labels do.
    const slow = probabilities.map((_, i) => probabilities[Math.floor(i / 300) * 300 + (i % 3)]);
    const bins = [new CalibrationBins(slow, 3)];
    const [plain] = calibrationBands(bins, { span: 1, simulations: 100, seed: 1 });
    const [overlapping] = calibrationBands(bins, { span: 50, simulations: 100, seed: 1 });
    expect(overlapping.topLabel.mean).toBeGreaterThan(3 * plain.topLabel.mean);
    expect(calibrationBands(bins, { span: 1, simulations: 100, seed: 1 })).toEqual([plain]);
  });

  it('draws latent numbers that overlap as far as they should', () => {
    const path = new Float64Array(40_000);
    latentPath(new Random(9), 10, path);
    const correlation = (lag: number): number => {
      let sum = 0;
      for (let row = lag; row < path.length; row++) sum += path[row] * path[row - lag];
      return sum / (path.length - lag);
    };
    expect(correlation(0)).toBeCloseTo(1, 1);
    expect(correlation(5)).toBeCloseTo(0.5, 1);
    expect(Math.abs(correlation(15))).toBeLessThan(0.06);
  });
});

describe('reliability curves', () => {
  it('of a perfect model stay in their bands; those of one too sure of itself do not', () => {
    const { labels, probabilities } = perfectForecasts(new Random(4), 6000, 3);
    const outside = [1, 2].map((power) => {
      const bins = new CalibrationBins(sharpened(probabilities, 3, power), 3);
      const [band] = calibrationBands([bins], { span: 1, simulations: 200, seed: 5 });
      const curves = bins.curves(labels, band);
      expect(curves.map((curve) => curve.reduce((rows, point) => rows + point.rows, 0))).toEqual([6000, 6000, 6000]);
      return curves.flat().filter(({ observed, band: { low, high } }) => observed < low || observed > high).length;
    });
    expect(outside[0]).toBeLessThanOrEqual(6);
    expect(outside[1]).toBeGreaterThan(25);
  });
});

describe("Murphy's decomposition", () => {
  it('sums to the Brier score exactly', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 2, max: 5 }),
        (seed, rows, classes) => {
          const { labels, probabilities } = perfectForecasts(new Random(seed), rows, classes);
          const whole = brierDecomposition(labels, probabilities);
          for (const parts of [whole, ...whole.perClass]) {
            const { brier, reliability, resolution, uncertainty, binning } = parts;
            expect(reliability - resolution + uncertainty + binning).toBeCloseTo(brier, 12);
          }
        },
      ),
    );
  });

  it('puts what is wrong with a forecast where it belongs', () => {
    const { labels, probabilities } = perfectForecasts(new Random(7), 8000, 3);
    const perfect = brierDecomposition(labels, probabilities);
    const sharp = brierDecomposition(labels, sharpened(probabilities, 3, 2.5));
    expect(perfect.reliability).toBeLessThan(0.01);
    expect(sharp.reliability).toBeGreaterThan(5 * perfect.reliability);
    expect(sharp.resolution).toBeCloseTo(perfect.resolution, 1);
    const constant = brierDecomposition(
      Int8Array.of(0, 1, 1, 1),
      Float64Array.of(0.25, 0.75, 0.25, 0.75, 0.25, 0.75, 0.25, 0.75),
    );
    expect(constant).toMatchObject({ brier: 0.375, reliability: 0, resolution: 0, uncertainty: 0.375, binning: 0 });
  });
});

describe('selective accuracy', () => {
  it('is that of the surest rows, equally sure ones by their mean', () => {
    // Sureness 0.9 (right), 0.8 (right, wrong), 0.6 (wrong).
    const probabilities = Float64Array.of(0.8, 0.2, 0.9, 0.1, 0.6, 0.4, 0.2, 0.8);
    const labels = Int8Array.of(0, 0, 1, 0);
    expect(selectiveAccuracy(labels, probabilities, [0.25, 0.5, 0.75, 1])).toEqual([
      { coverage: 0.25, confidence: 0.9, accuracy: 1 },
      { coverage: 0.5, confidence: 0.8, accuracy: 0.75 },
      { coverage: 0.75, confidence: 0.8, accuracy: 2 / 3 },
      { coverage: 1, confidence: 0.6, accuracy: 0.5 },
    ]);
  });

  it('ends at the accuracy of all, whatever the order of the rows', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 60 }), (seed, rows) => {
        const { labels, probabilities } = perfectForecasts(new Random(seed), rows, 3);
        const coarse = probabilities.map((p) => Math.round(p * 4));
        const reversed = coarse.toReversed();
        const mirrored = Int8Array.from(labels.toReversed(), (label) => 2 - label);
        const forwards = selectiveAccuracy(labels, coarse);
        expect(forwards).toHaveLength(20);
        const ties = coarse.some((p, i) => i % 3 === 0 && new Set([p, coarse[i + 1], coarse[i + 2]]).size < 3);
        if (!ties) {
          selectiveAccuracy(mirrored, reversed).forEach((point, i) => {
            expect(point.accuracy).toBeCloseTo(forwards[i].accuracy, 12);
          });
        }
      }),
    );
  });

  it('refuses coverages that do not rise', () => {
    expect(() => selectiveAccuracy(Int8Array.of(0), Float64Array.of(1, 0), [0.5, 0.5])).toThrow('coverages rise');
  });
});
