import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { segmentsOf, splitByTime } from '../../../src/models/training/split.ts';
import { parseShares, RowMatrixBuilder } from '../../../src/models/training.ts';
import { DAY, matrixOf, randomMatrix } from './random-matrix.ts';

const shares = { train: 0.6, validation: 0.1, test: 0.3 };

describe('splitByTime', () => {
  it('cuts one recording by its rows', () => {
    const matrix = matrixOf(Array.from({ length: 100 }, (_, i) => ({ ns: i, mid: 1 })));
    expect(splitByTime(matrix, shares)).toEqual({
      train: [{ from: 0, to: 60 }],
      validation: [{ from: 60, to: 70 }],
      test: [{ from: 70, to: 100 }],
    });
  });

  it('keeps rows of one instant together', () => {
    const matrix = matrixOf(Array.from({ length: 10 }, (_, i) => ({ ns: i >= 4 && i < 8 ? 4 : i, mid: 1 })));
    const parts = splitByTime(matrix, shares);
    expect(parts.train).toEqual([{ from: 0, to: 4 }]);
    expect(parts.validation).toEqual([]);
    expect(parts.test).toEqual([{ from: 4, to: 10 }]);
  });

  it('gives every row to one part, and none of a later part is older than one of an earlier', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 300 }), (seed, rows) => {
        const matrix = randomMatrix({ seed, rows, width: 1, breaks: 0.1 });
        const parts = splitByTime(matrix, shares);
        const seen = new Int8Array(rows).fill(-1);
        [parts.train, parts.validation, parts.test].forEach((ranges, part) => {
          for (const { from, to } of ranges) {
            expect(matrix.segment[from]).toBe(matrix.segment[to - 1]);
            for (let row = from; row < to; row++) {
              expect(seen[row]).toBe(-1);
              seen[row] = part;
            }
          }
        });
        for (let row = 1; row < rows; row++) expect(seen[row]).toBeGreaterThanOrEqual(seen[row - 1]);
        expect(seen[0]).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('cuts overlapping recordings at the same instants', () => {
    const builder = new RowMatrixBuilder({ names: ['x'], schemaHash: 'h' });
    for (let i = 0; i < 100; i++) builder.add(DAY, i * 1e6, 1, [0]);
    builder.cut('source');
    for (let i = 0; i < 50; i++) builder.add(DAY, i * 2e6 + 5e5, 1, [0]);
    const matrix = builder.build();
    const parts = splitByTime(matrix, shares);
    const times = (part: 'train' | 'validation' | 'test'): number[] =>
      parts[part].flatMap(({ from, to }) => [...matrix.timeNs.subarray(from, to)]);
    expect(parts.train).toHaveLength(2);
    expect(Math.max(...times('train'))).toBeLessThan(Math.min(...times('validation')));
    expect(Math.max(...times('validation'))).toBeLessThan(Math.min(...times('test')));
    expect(times('train')).toHaveLength(90);
    expect(times('test')).toHaveLength(45);
  });

  it('finds segments', () => {
    const matrix = matrixOf([0, 0, 1, 2, 2].map((segment, ns) => ({ ns, mid: 1, segment })));
    expect(segmentsOf(matrix)).toEqual([
      { from: 0, to: 2 },
      { from: 2, to: 3 },
      { from: 3, to: 5 },
    ]);
  });
});

describe('parseShares', () => {
  it('reads percentages', () => {
    expect(parseShares('60/10/30')).toEqual({ train: 0.6, validation: 0.1, test: 0.3 });
    expect(parseShares('33.3 / 33.3 / 33.4').test).toBeCloseTo(0.334, 12);
  });

  it.each(['', '60', '60/40', '60/10/20', '60/10/30/0', '100/0/0', 'a/b/c', '-10/50/60', '60//40'])(
    'refuses "%s"',
    (text) => {
      expect(() => parseShares(text)).toThrow(/is no split; give the percentages.*such as 60\/10\/30/);
    },
  );
});
