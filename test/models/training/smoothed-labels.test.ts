import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import * as serving from '../../../src/models/index.ts';
import { labelRows, type RowMatrix, smoothedBounds, smoothedLabels } from '../../../src/models/training.ts';
import { matrixOf, randomMatrix } from './random-matrix.ts';

/** A mid that goes half a tick up or down, as a coin falls: nothing can be known of where it goes. */
function randomWalk(seed: number, rows: number): RowMatrix {
  const random = new Random(seed);
  let mid = 20_000;
  return matrixOf(
    Array.from({ length: rows }, (_, i) => {
      mid += random.bernoulli(0.5) ? 0.5 : -0.5;
      return { ns: i * 1e6, mid };
    }),
  );
}

function macroF1(labels: Int8Array, said: Int8Array, from: number): number {
  let sum = 0;
  for (let k = 0; k < 3; k++) {
    let [hits, twice] = [0, 0];
    for (let row = from; row < labels.length; row++) {
      if (labels[row] < 0) continue;
      if (labels[row] === k && said[row] === k) hits++;
      if (labels[row] === k) twice++;
      if (said[row] === k) twice++;
    }
    sum += (2 * hits) / twice / 3;
  }
  return sum;
}

describe('smoothed labels', () => {
  it('are the mean of the next mids against that of the last, by definition', () => {
    const matrix = randomMatrix({ seed: 3, rows: 400, width: 1, breaks: 0.03 });
    const options = { length: 6, bound: 0.0004, martingaleBound: 0.0002 };
    const { classes, knownAt, martingale } = smoothedLabels(matrix, options);
    const { midTicks, segment } = matrix;
    const mean = (from: number): number => midTicks.subarray(from, from + 6).reduce((sum, mid) => sum + mid, 0) / 6;
    const classOf = (move: number, bound: number): number => (move > bound ? 2 : move < -bound ? 0 : 1);
    const seen = new Set<number>();
    for (let row = 0; row < matrix.rows; row++) {
      const whole = row >= 5 && row + 6 < matrix.rows && segment[row - 5] === segment[row + 6];
      const past = whole ? mean(row - 5) : Number.NaN;
      const label = whole ? classOf(mean(row + 1) / past - 1, 0.0004) : -1;
      expect(classes[row]).toBe(label);
      expect(knownAt[row]).toBe(whole ? row + 6 : -1);
      expect(martingale[row]).toBe(whole ? classOf(midTicks[row] / past - 1, 0.0002) : -1);
      seen.add(label);
    }
    expect([...seen].sort()).toEqual([-1, 0, 1, 2]);
  });

  it.each([10, 20, 50, 100])('make a random walk look predictable, %d mids in a mean', (length) => {
    const matrix = randomWalk(length, 60_000);
    const bounds = smoothedBounds(matrix, length, [{ from: 0, to: 30_000 }]);
    const { classes, martingale } = smoothedLabels(matrix, bounds);
    const leak = macroF1(classes, martingale, 30_000);
    expect(leak).toBeGreaterThan(0.52);
    expect(leak).toBeLessThan(0.64);
    // The same forecast has nothing to say of the mid against the mid now.
    const honest = labelRows(matrix, serving.parseTarget(`events:${length}/ticks:${Math.sqrt(length) / 4}`)).classes;
    expect(macroF1(honest, martingale, 30_000)).toBeLessThan(0.37);
  });

  it('take their bounds of the given rows alone', () => {
    const matrix = randomWalk(1, 4000);
    const bounds = smoothedBounds(matrix, 10, [{ from: 0, to: 2000 }]);
    const later = new Float64Array(matrix.midTicks);
    for (let row = 2000; row < later.length; row++) later[row] += 500 * (row % 3);
    expect(smoothedBounds({ ...matrix, midTicks: later }, 10, [{ from: 0, to: 2000 }])).toEqual(bounds);
    const flat = smoothedLabels(matrix, bounds).classes.subarray(0, 1990);
    expect(flat.filter((label) => label === 1).length / flat.length).toBeCloseTo(1 / 3, 1);
    expect(() => smoothedBounds(matrix, 10, [{ from: 0, to: 12 }])).toThrow(
      'no training row has 10 rows on both sides',
    );
  });

  it('are not to be had where models serve', () => {
    expect(Object.keys(serving).filter((name) => /smooth/i.test(name))).toEqual([]);
    expect(() => serving.parseTarget('smoothed:10')).toThrow('is no target');
  });
});
