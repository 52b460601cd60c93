import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { formatTarget, parseTarget, TargetStream } from '../../../src/models/index.ts';
import { createDataset, labelRows, resolveTarget } from '../../../src/models/training.ts';
import { matrixOf, randomMatrix } from './random-matrix.ts';

/** Rows whose next moves are the given ones. */
const walk = (moves: readonly number[]): Parameters<typeof matrixOf>[0] => {
  let mid = 1000;
  return [0, ...moves].map((move, i) => {
    mid += move;
    return { ns: i * 1e6, mid };
  });
};

describe('resolveTarget', () => {
  it('takes the quantiles of the moves, as numpy.quantile gives them', () => {
    const moves = [3, -1, 4, -1.5, 5, -9, 2, 6, -5, 3.5];
    const matrix = matrixOf(walk(moves));
    const whole = [{ from: 0, to: matrix.rows }];
    // numpy.quantile([3, -1, 4, -1.5, 5, -9, 2, 6, -5, 3.5], [0.25, 0.75]) is [-1.375, 3.875].
    expect(formatTarget(resolveTarget(matrix, parseTarget('events:1/quantiles:0.25'), whole))).toBe(
      'events:1/ticks:-1.375,3.875',
    );
    // Thirds fall on order statistics: with ten moves the fourth and the seventh.
    expect(formatTarget(resolveTarget(matrix, parseTarget('events:1/terciles'), whole))).toMatch(
      /^events:1\/ticks:-1(\.0{9,}\d+)?,3(\.\d+)?$/,
    );
  });

  it('learns of the training rows alone, and of no move that ends behind them', () => {
    const early = [1, -1, 2, -2, 1, -1, 2, -2, 3];
    const calm = matrixOf(walk([...early, 0, 0, 0, 0, 0, 0]));
    const wild = matrixOf(walk([...early, 90, -80, 70, 99, -95, 90]));
    const training = [{ from: 0, to: early.length + 1 }];
    for (const text of [
      'events:1/terciles',
      'events:3/quantiles:0.1',
      'time:2/terciles',
      'events:1/quantiles:0.2+1ms',
    ]) {
      const of = (matrix: typeof calm): string => formatTarget(resolveTarget(matrix, parseTarget(text), training));
      expect(of(wild)).toBe(of(calm));
      expect(of(wild)).not.toBe(formatTarget(resolveTarget(wild, parseTarget(text), [{ from: 0, to: wild.rows }])));
    }
  });

  it('makes a target that can be written, read and streamed, with a third of the moves in each class', () => {
    const matrix = randomMatrix({ seed: 5, rows: 6000, width: 1, breaks: 0.001, market: true });
    const whole = [{ from: 0, to: matrix.rows }];
    const target = resolveTarget(matrix, parseTarget('events:20/vwap5/terciles+3ms'), whole);
    expect(parseTarget(formatTarget(target))).toEqual(target);
    expect(new TargetStream(target).target).toBe(target);
    const counts = [0, 0, 0];
    for (const label of labelRows(matrix, target).classes) if (label >= 0) counts[label]++;
    const all = counts[0] + counts[1] + counts[2];
    for (const count of counts) expect(count / all).toBeCloseTo(1 / 3, 1);
  });

  it('leaves numbers as they are, and says where there are none to be learnt', () => {
    const matrix = matrixOf(walk([1, 2]));
    const target = parseTarget('events:5/ticks:2');
    expect(resolveTarget(matrix, target, [])).toBe(target);
    expect(() => resolveTarget(matrix, parseTarget('events:5/terciles'), [{ from: 0, to: 3 }])).toThrow(
      'no training row sees the end of events:5/terciles',
    );
  });

  it('is what a dataset does before it labels its rows', () => {
    // Behind the training part the moves are ten times as large, and must not be heard of.
    const random = new Random(1);
    const moves = Array.from({ length: 2999 }, (_, i) => (random.below(21) - 10) * (i < 1800 ? 0.5 : 5));
    const matrix = matrixOf(walk(moves));
    const dataset = createDataset({ matrix, target: parseTarget('events:20/terciles'), length: 1 });
    const train = [{ from: 0, to: 1800 }];
    expect(dataset.target).toEqual(resolveTarget(matrix, parseTarget('events:20/terciles'), train));
    expect(dataset.target.threshold?.kind).toBe('ticks');
    const { classes } = labelRows(matrix, dataset.target);
    for (const [i, row] of dataset.test.rows.entries()) expect(dataset.test.labels[i]).toBe(classes[row]);
    expect(dataset.withLength(4).target).toBe(dataset.target);
  });
});
