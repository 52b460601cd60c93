import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { fitScaler, identityScaler, refuseInfinities } from '../../../src/models/training/scaler.ts';
import type { RowMatrix } from '../../../src/models/training.ts';
import { randomMatrix } from './random-matrix.ts';

const ranges = [
  { from: 0, to: 40 },
  { from: 60, to: 90 },
];

/** The definition, column by column. */
function naive(matrix: RowMatrix, f: number): { mean: number; deviation: number } {
  const values = ranges
    .flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => matrix.data[(from + i) * matrix.width + f]))
    .filter((value) => !Number.isNaN(value));
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length) };
}

describe('the scaler', () => {
  it('is the mean and deviation of the training rows alone, NaN left out', () => {
    const matrix = randomMatrix({ seed: 3, rows: 120, width: 5, missing: 0.2 });
    const { scaler, constant, empty } = fitScaler(matrix, ranges);
    for (let f = 0; f < 5; f++) {
      const { mean, deviation } = naive(matrix, f);
      expect(scaler.mean[f]).toBe(Math.fround(mean));
      expect(scaler.deviation[f]).toBeCloseTo(deviation, 6);
    }
    expect([constant, empty, scaler.clip]).toEqual([[], [], 10]);
    // No other row has a say.
    for (let row = 40; row < 60; row++) matrix.data.fill(1e9, row * 5, row * 5 + 5);
    expect(fitScaler(matrix, ranges).scaler).toEqual(scaler);
  });

  it('holds to a small deviation around a large mean', () => {
    const random = new Random(1);
    const matrix = randomMatrix({ seed: 3, rows: 120, width: 1, missing: 0 });
    for (let i = 0; i < 120; i++) matrix.data[i] = 1e6 + random.normal();
    expect(fitScaler(matrix, ranges).scaler.deviation[0]).toBeCloseTo(naive(matrix, 0).deviation, 6);
  });

  it('names columns that do not vary or say nothing, and makes them 0', () => {
    const matrix = randomMatrix({ seed: 3, rows: 120, width: 4, missing: 0 });
    for (let row = 0; row < 120; row++) {
      matrix.data[row * 4 + 1] = 0.1;
      matrix.data[row * 4 + 2] = Number.NaN;
      matrix.data[row * 4 + 3] = row % 2 === 0 ? 0 : 1e-40;
    }
    const { scaler, constant, empty } = fitScaler(matrix, ranges);
    expect(constant).toEqual(['x_1', 'x_3']);
    expect(empty).toEqual(['x_2']);
    expect([...scaler.deviation.subarray(1)]).toEqual([1, 1, 1]);
    expect(scaler.mean[1]).toBe(Math.fround(0.1));
    expect(scaler.mean[2]).toBe(0);
  });

  it('leaves scaled numbers alone', () => {
    expect(identityScaler(2)).toEqual({ mean: new Float32Array(2), deviation: Float32Array.of(1, 1), clip: 1e6 });
  });

  it.each([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('refuses %s anywhere, saying where', (value) => {
    const matrix = randomMatrix({ seed: 3, rows: 120, width: 3 });
    refuseInfinities(matrix);
    matrix.data[119 * 3 + 1] = value;
    expect(() => refuseInfinities(matrix)).toThrow(
      expect.objectContaining({
        code: 'bad-input',
        message: expect.stringMatching(
          new RegExp(`^the column "x_1" is ${value} in row 119 \\(2022-01-08T09:30:\\d\\d\\.\\d{9}Z\\);`),
        ),
        context: expect.objectContaining({ column: 'x_1', row: 119 }),
      }),
    );
  });
});
