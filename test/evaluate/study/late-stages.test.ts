import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { walkLateStages } from '../../../src/evaluate/index.ts';
import { ConformalSets, OnlineTemperature } from '../../../src/forecast/index.ts';
import { perfectForecasts, sharpened } from '../made-forecasts.ts';

const N = 4000;
const DELAY = 7;
const { labels, probabilities } = perfectForecasts(new Random(8), N, 3);
const bold = sharpened(probabilities, 3, 2.5);
const rows = Int32Array.from({ length: N }, (_, i) => 2 * i);
const knownAt = Int32Array.from({ length: 2 * N }, (_, row) => row + 2 * DELAY);

const walk = (given: ArrayLike<number> = labels, known = knownAt) =>
  walkLateStages({
    classes: 3,
    rows,
    labels: given,
    knownAt: known,
    probabilities: bold,
    calibrator: new OnlineTemperature({ classes: 3 }),
    sets: new ConformalSets({ classes: 3, coverage: 0.9 }),
  });
const loss = (p: Float64Array): number => labels.reduce((sum, label, i) => sum - Math.log(p[3 * i + label]), 0) / N;

describe('walkLateStages', () => {
  it('cools what is too sure of itself, and holds the truth as often as asked', () => {
    const { served, covered, kept, sizes } = walk();
    expect(loss(served)).toBeLessThan(loss(bold) - 0.05);
    expect(covered.reduce((sum, one) => sum + one, 0) / N).toBeCloseTo(0.9, 1);
    // What the theory's set held, the one served holds, too; an empty one holds nothing.
    expect(kept.every((one, i) => one <= covered[i])).toBe(true);
    expect(kept.reduce((sum, one) => sum + one, 0) / N).toBeCloseTo(0.9, 2);
    expect(sizes.every((size) => size >= 1 && size <= 3)).toBe(true);
  });

  it('learns from no label before a row has brought it', () => {
    const whole = walk();
    const from = 2000;
    const other = labels.map((label, i) => (i < from ? label : (label + 1) % 3));
    const changed = walk(other);
    const same = 3 * (from + DELAY);
    expect(changed.served.subarray(0, same)).toEqual(whole.served.subarray(0, same));
    expect(changed.served.subarray(same, same + 3)).not.toEqual(whole.served.subarray(same, same + 3));
  });

  it('tells the promise that was kept from the sets that were served where the likeliest class alone is right too often', () => {
    const sure = Float64Array.from({ length: 3 * N }, (_, i) => (i % 3 === 0 ? 0.96 : 0.02));
    const truth = Int8Array.from({ length: N }, (_, i) => (i % 25 === 7 ? 1 : 0));
    const sets = new ConformalSets({ classes: 3, coverage: 0.9 });
    const all = { classes: 3, rows, labels: truth, knownAt, probabilities: sure, calibrator: null, sets };
    const { covered, kept, sizes } = walkLateStages(all);
    const share = (of: Uint8Array): number => of.reduce((sum, one) => sum + one, 0) / N;
    expect(share(kept)).toBeCloseTo(0.9, 2);
    expect(share(covered)).toBeGreaterThan(0.955);
    expect(Math.min(...sizes)).toBe(1);
  });

  it('serves the ensemble as it is without a calibrator', () => {
    const sets = new ConformalSets({ classes: 3 });
    const all = { classes: 3, rows, labels, knownAt, probabilities: bold, calibrator: null, sets };
    expect(walkLateStages(all).served).toEqual(bold);
    expect(() => walkLateStages({ ...all, labels: [0] })).toThrow(/a label and a forecast/);
  });
});
