import { describe, expect, it } from 'vitest';
import { forwardParts } from '../../../src/evaluate/index.ts';
import { parseTarget } from '../../../src/models/index.ts';
import { createDataset, type Range } from '../../../src/models/training.ts';
import { randomMatrix } from '../../models/training/random-matrix.ts';

const SHARES = { train: 0.6, validation: 0.1, test: 0.3 };
const target = parseTarget('events:5');
const rowsOf = (ranges: readonly Range[]): number => ranges.reduce((sum, { from, to }) => sum + to - from, 0);

describe('forwardParts', () => {
  const matrix = randomMatrix({ seed: 2, rows: 3000, breaks: 0.002 });
  const folds = forwardParts(matrix, target, SHARES, 4);

  it('tests every row of the last share once, each behind all that taught', () => {
    expect(folds).toHaveLength(4);
    let next = 2100;
    for (const { train, validation, test } of folds) {
      expect(train[0].from).toBe(0);
      expect(validation[0].from).toBe(train.at(-1)?.to);
      expect(test[0].from).toBe(validation.at(-1)?.to);
      expect(test[0].from).toBe(next);
      next = test.at(-1)?.to as number;
      expect(rowsOf(validation) / (rowsOf(train) + rowsOf(validation))).toBeCloseTo(1 / 7, 2);
      for (const { from, to } of [...train, ...validation, ...test])
        expect(matrix.segment[to - 1]).toBe(matrix.segment[from]);
    }
    expect(next).toBe(3000);
  });

  it('makes datasets whose parts do not touch', () => {
    for (const parts of folds) {
      const { train, validation, test } = createDataset({ matrix, target, length: 1, parts });
      expect(train.rows.at(-1)! + 5).toBeLessThan(validation.rows[0]);
      expect(validation.rows.at(-1)! + 5).toBeLessThan(test.rows[0]);
    }
  });

  it('refuses no number of folds, and recordings beside each other', () => {
    expect(() => forwardParts(matrix, target, SHARES, 1)).toThrow(/1 is no number of folds/);
    const back = { ...matrix, timeNs: matrix.timeNs.map((ns, row) => (row < 1500 ? ns : ns - 1e12)) };
    expect(() => forwardParts(back, target, SHARES, 3)).toThrow(/overlap in time/);
  });
});
