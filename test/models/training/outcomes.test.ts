import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ContinuousTarget,
  ContinuousTargetStream,
  emptyDecision,
  marketColumnsOf,
  parseContinuousTarget,
} from '../../../src/models/index.ts';
import { outcomeRows, type RowMatrix } from '../../../src/models/training.ts';
import { matrixOf, randomMatrix } from './random-matrix.ts';

/** What the online path hands out, reset between segments. */
function online(matrix: RowMatrix, target: ContinuousTarget): { values: number[]; knownAt: number[] } {
  const values = new Array<number>(matrix.rows).fill(Number.NaN);
  const knownAt = new Array<number>(matrix.rows).fill(-1);
  const stream = new ContinuousTargetStream(target);
  const decision = emptyDecision(new Float64Array(0));
  const { imbalance, tradedLots } = matrix.market!;
  for (let row = 0; row < matrix.rows; row++) {
    if (row > 0 && matrix.segment[row] !== matrix.segment[row - 1]) stream.reset();
    decision.index = row;
    decision.tsNs = matrix.timeNs[row];
    decision.midTicks = matrix.midTicks[row];
    decision.imbalance = imbalance[row];
    decision.tradedLots = tradedLots[row];
    stream.onDecision(decision, (_slot, { index }, outcome) => {
      values[index] = outcome;
      knownAt[index] = row;
    });
  }
  return { values, knownAt };
}

describe('outcomes', () => {
  it.each([
    'log-wait',
    'log-wait+10ms',
    'imbalance@events:5',
    'imbalance@time:40',
    'imbalance@volume:20',
    'imbalance@next-change',
    'imbalance@time:40+7.5ms',
  ])('of %s are those of the online path to the last bit, and known with the same row', (text) => {
    const target = parseContinuousTarget(text);
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 200 }), (seed, rows) => {
        const matrix = randomMatrix({ seed, rows, width: 1, breaks: 0.03, market: true });
        const { values, knownAt } = outcomeRows(matrix, target);
        expect({ values: [...values], knownAt: [...knownAt] }).toEqual(online(matrix, target));
      }),
    );
  });

  it('are of the row itself, neither of the one before nor of the one behind', () => {
    const matrix = matrixOf([5, 5, 6, 6, 5].map((mid, i) => ({ ns: i ** 2 * 1e9, mid })));
    const { values, knownAt } = outcomeRows(matrix, parseContinuousTarget('log-wait'));
    expect([...values]).toEqual([Math.log(4), Math.log(3), Math.log(12), Math.log(7), Number.NaN]);
    expect([...knownAt]).toEqual([2, 2, 4, 4, -1]);
  });

  it('need the columns that they are made of', () => {
    const target = parseContinuousTarget('imbalance@volume:5');
    expect(marketColumnsOf(target)).toEqual(['imbalance', 'tradedLots']);
    expect(marketColumnsOf(parseContinuousTarget('log-wait'))).toEqual([]);
    const matrix = matrixOf([5, 6].map((mid, ns) => ({ ns, mid })));
    expect(() => outcomeRows(matrix, target)).toThrow('the rows have no column imbalance');
  });
});
