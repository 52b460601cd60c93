import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTarget, parseTarget } from '../../../src/models/index.ts';
import { segmentStarts } from '../../../src/models/training/row-matrix.ts';
import { fitScaler } from '../../../src/models/training/scaler.ts';
import { splitByTime } from '../../../src/models/training/split.ts';
import { createWindows, type Selection, selectWindows } from '../../../src/models/training/windows.ts';
import { labelRows, type RowMatrix, type Scaler } from '../../../src/models/training.ts';
import { matrixOf, randomMatrix } from './random-matrix.ts';

const shares = { train: 0.6, validation: 0.1, test: 0.3 };

/** One number as a net is to see it. */
function scaled(matrix: RowMatrix, { mean, deviation, clip }: Scaler, row: number, f: number): number {
  const value = matrix.data[row * matrix.width + f];
  if (Number.isNaN(value)) return 0;
  return Math.fround(Math.max(-clip, Math.min(clip, (value - mean[f]) / deviation[f])));
}

describe('Windows.fill', () => {
  it('writes each window time-major, scaled, cut and without NaN, in any order and at any stride', () => {
    const matrix = randomMatrix({ seed: 9, rows: 80, width: 3, breaks: 0, missing: 0.2 });
    matrix.data[5 * 3] = 1e6;
    matrix.data[6 * 3] = -1e6;
    const { scaler } = fitScaler(matrix, [{ from: 20, to: 80 }], 2);
    const length = 4;
    const rows = Int32Array.from({ length: 77 }, (_, i) => i + 3);
    const windows = createWindows(matrix, scaler, length, { rows, labels: rows.map((row) => row % 3) });
    expect(windows).toMatchObject({ length, count: 77 });
    const order = Int32Array.of(9, 0, 76, 2, 2, 40);
    const [stride, n, from] = [7, 4, 1];
    const x = new Float32Array(length * stride * 3).fill(99);
    const y = new Int32Array(stride).fill(99);
    windows.fill(order, from, n, x, stride, y);
    expect([...y]).toEqual([...order.slice(1, 5)].map((window) => rows[window] % 3).concat([99, 99, 99]));
    for (let t = 0; t < length; t++) {
      for (let b = 0; b < stride; b++) {
        for (let f = 0; f < 3; f++) {
          const expected = b < n ? scaled(matrix, scaler, rows[order[from + b]] - 3 + t, f) : 99;
          expect(x[(t * stride + b) * 3 + f], `${t} ${b} ${f}`).toBeCloseTo(expected, 6);
        }
      }
    }
    expect(Math.max(...x.slice(0, 9))).toBeLessThanOrEqual(99);
    windows.fill(null, 2, 3, x, 3, y);
    expect(x[0]).toBeCloseTo(scaled(matrix, scaler, 2, 0), 6);
    expect([...x.subarray(0, 36)].filter((value) => value === 2 || value === -2).length).toBeGreaterThan(0);
  });

  it('refuses what does not fit', () => {
    const matrix = randomMatrix({ seed: 9, rows: 10, width: 1 });
    const { scaler } = fitScaler(matrix, [{ from: 0, to: 10 }]);
    const windows = createWindows(matrix, scaler, 2, { rows: Int32Array.of(1, 2), labels: new Int32Array(2) });
    const y = new Int32Array(4);
    expect(() => windows.fill(null, 1, 2, new Float32Array(8), 4, y)).toThrow(/windows to fill are there/);
    expect(() => windows.fill(Int32Array.of(0), 0, 2, new Float32Array(8), 4, y)).toThrow(/windows to fill are there/);
    expect(() => windows.fill(null, 0, 2, new Float32Array(3), 2, y)).toThrow(/has room/);
    expect(() => windows.fill(null, 0, 2, new Float32Array(8), 1, y)).toThrow(/has room/);
    expect(() => createWindows(matrix, scaler, 0, { rows: y, labels: y })).toThrow(/a window has rows/);
  });
});

const scenes = fc.record({
  seed: fc.integer(),
  rows: fc.integer({ min: 3, max: 300 }),
  breaks: fc.constantFrom(0, 0.01, 0.1),
  reach: fc.integer({ min: 1, max: 12 }),
  embargo: fc.integer({ min: 0, max: 3 }),
  target: fc.constantFrom('events:1', 'events:7', 'time:5', 'time:60', 'next-change').map(parseTarget),
});

describe('selectWindows', () => {
  it('keeps parts apart: labels, windows and embargo, whatever the market', () => {
    fc.assert(
      fc.property(scenes, ({ seed, rows, breaks, reach, embargo, target }) => {
        const matrix = randomMatrix({ seed, rows, width: 1, breaks });
        const labels = labelRows(matrix, target);
        const starts = segmentStarts(matrix);
        const parts = splitByTime(matrix, shares);
        const select = (ranges: typeof parts.train): Selection =>
          selectWindows({ labels, starts, ranges, reach, embargo });
        const [train, validation, test] = [parts.train, parts.validation, parts.test].map(select);
        const firstOf = (ranges: typeof parts.train): number => ranges[0]?.from ?? rows;
        const ends = [firstOf(parts.validation), firstOf(parts.test), rows];
        const begins = [0, ends[0], ends[1]];
        [train, validation, test].forEach((part, p) => {
          const end = p === 0 ? Math.min(ends[0], ends[1]) : ends[p];
          part.rows.forEach((row, i) => {
            // No label is made of a mid at or after the first row of the next part.
            expect(labels.knownAt[row]).toBeLessThan(end);
            expect(labels.knownAt[row]).toBeGreaterThan(row);
            expect(part.labels[i]).toBe(labels.classes[row]);
            // No window reaches into the part before, or over a segment.
            const first = row - reach + 1;
            expect(first).toBeGreaterThanOrEqual(begins[p]);
            expect(matrix.segment[first]).toBe(matrix.segment[row]);
            // No row of the embargo ends a window.
            const begin = begins[p];
            if (embargo === 0 || starts[row] >= begin) return;
            expect(labels.knownAt[begin]).toBeGreaterThan(begin);
            expect(row).toBeGreaterThanOrEqual(labels.knownAt[begin]);
            if (target.kind === 'events') expect(row - begin).toBeGreaterThanOrEqual(embargo * target.horizon);
            if (target.kind === 'time') {
              expect(matrix.timeNs[row] - matrix.timeNs[begin]).toBeGreaterThan(embargo * target.horizon * 1e6);
            }
          });
          expect([...part.rows]).toEqual([...part.rows].sort((a, b) => a - b));
        });
        // Every row is a window's end, or counted under one reason.
        const accounted = [train, validation, test].flatMap(({ rows: own, dropped }) => [
          own.length,
          ...Object.values(dropped),
        ]);
        expect(accounted.reduce((a, b) => a + b, 0)).toBe(rows);
      }),
      { numRuns: 500 },
    );
  });

  it('drops just what it must', () => {
    const matrix = matrixOf(Array.from({ length: 100 }, (_, i) => ({ ns: i, mid: i })));
    const labels = labelRows(matrix, parseTarget('events:5'));
    const starts = segmentStarts(matrix);
    const { train, validation, test } = splitByTime(matrix, shares);
    const select = (ranges: typeof train): Selection => selectWindows({ labels, starts, ranges, reach: 8, embargo: 1 });
    expect(formatTarget(parseTarget('events:5'))).toBe('events:5');
    const learnt = select(train);
    expect([learnt.rows[0], learnt.rows.at(-1), learnt.rows.length]).toEqual([7, 54, 48]);
    expect(learnt.dropped).toEqual({ embargo: 0, unknown: 0, purged: 5, short: 7 });
    // 60–64 embargo, 65 and 66 have fewer than eight rows from 60 on, from 65 to 69 the label is known in the test part.
    expect(select(validation).dropped).toEqual({ embargo: 5, unknown: 0, purged: 5, short: 0 });
    const tested = select(test);
    expect([tested.rows[0], tested.rows.at(-1)]).toEqual([77, 94]);
    expect(tested.dropped).toEqual({ embargo: 5, unknown: 5, purged: 0, short: 2 });
  });
});
