import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NS_PER_MS } from '../../../src/core/index.ts';
import { emptyDecision, marketColumnsOf, parseTarget, type Target, TargetStream } from '../../../src/models/index.ts';
import { labelRows, type RowMatrix } from '../../../src/models/training.ts';
import { matrixOf, randomMatrix } from './random-matrix.ts';

/** What the online path hands out, reset between segments. */
function online(matrix: RowMatrix, target: Target): { classes: number[]; knownAt: number[] } {
  const classes = new Array<number>(matrix.rows).fill(-1);
  const knownAt = new Array<number>(matrix.rows).fill(-1);
  const stream = new TargetStream(target);
  const decision = emptyDecision(new Float64Array(0));
  for (let row = 0; row < matrix.rows; row++) {
    if (row > 0 && matrix.segment[row] !== matrix.segment[row - 1]) stream.reset();
    decision.index = row;
    decision.tsNs = matrix.timeNs[row];
    decision.midTicks = matrix.midTicks[row];
    const { spreadTicks, tradedLots, vwap5Ticks } = matrix.market ?? {};
    if (spreadTicks !== undefined) {
      decision.spreadTicks = spreadTicks[row];
      decision.tradedLots = tradedLots[row];
      decision.fairTicks = vwap5Ticks[row];
    }
    stream.onDecision(decision, (_slot, { index }, label) => {
      classes[index] = label;
      knownAt[index] = row;
    });
  }
  return { classes, knownAt };
}

const targets = [
  'events:1',
  'events:3',
  'events:10',
  'time:1',
  'time:20',
  'time:100',
  'volume:1',
  'volume:40',
  'next-change',
  'next-change:once',
  'events:5/vwap5',
  'events:5/ticks:-0.5,1',
  'events:10/spread:0.5',
  'time:50/bps:5',
  'volume:30/vwap5/ticks:1',
  'events:3+10ms',
  'events:5/vwap5/spread:0.25+7.5ms',
  'time:20+10ms',
  'volume:12+10ms',
  'next-change+10ms',
  'next-change:once+25ms',
];

describe('labels', () => {
  it.each(targets)('of %s are those of the online path, and known with the same row', (text) => {
    const target = parseTarget(text);
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 200 }),
        fc.double({ min: 0, max: 0.2 }),
        (seed, rows, breaks) => {
          const matrix = randomMatrix({ seed, rows, width: 1, breaks, market: true });
          const { classes, knownAt } = labelRows(matrix, target);
          const learnt = target.once === true ? knownAt.map((at, row) => (classes[row] < 0 ? -1 : at)) : knownAt;
          expect({ classes: [...classes], knownAt: [...learnt] }).toEqual(online(matrix, target));
        },
      ),
    );
  });

  it.each(['time:100', 'next-change', 'time:90+10ms', 'next-change+10ms', 'events:100+100ms'])(
    'of %s leave out what the online ring has no room for',
    (text) => {
      const target = parseTarget(text);
      // A mid that stands still for longer than the ring, all within a moment.
      const rows = Array.from({ length: 40_000 }, (_, i) => ({ ns: i, mid: i < 30_000 ? 1 : 2 }));
      rows.push({ ns: 200 * NS_PER_MS, mid: 3 });
      const matrix = matrixOf(rows);
      const labels = labelRows(matrix, target);
      const expected = online(matrix, target);
      expect(expected.classes.filter((label) => label < 0).length).toBeGreaterThan(10_000);
      expect([...labels.classes]).toEqual(expected.classes);
      expect([...labels.knownAt]).toEqual(expected.knownAt);
    },
  );

  it('of a time are exact to the nanosecond', () => {
    const at = 50_000 * 1e9 + 1;
    const step = (ns: number): number =>
      labelRows(
        matrixOf([
          { ns: at, mid: 1 },
          { ns: at + ns, mid: 2 },
          { ns: at + ns + 1, mid: 1 },
        ]),
        parseTarget('time:1'),
      ).classes[0];
    // At the very end of the horizon the new mid holds; a nanosecond later it is the old one that did.
    expect(step(NS_PER_MS)).toBe(2);
    expect(step(NS_PER_MS + 1)).toBe(1);
  });

  it('say when they are known also of rows that are no examples, so that an embargo has an end', () => {
    const matrix = matrixOf([1, 1, 2, 2, 2, 1, 1, 3].map((mid, i) => ({ ns: i, mid })));
    const { classes, knownAt } = labelRows(matrix, parseTarget('next-change:once'));
    expect([...classes]).toEqual([-1, -1, 0, -1, -1, 1, -1, -1]);
    expect([...knownAt]).toEqual([2, 2, 5, 5, 5, 7, 7, -1]);
  });

  it('are of the row itself, neither of the one before nor of the one behind', () => {
    const mids = [10, 10.5, 10.5, 10, 11, 11, 10.5];
    const matrix = matrixOf(mids.map((mid, i) => ({ ns: i * NS_PER_MS, mid })));
    const of = (text: string): number[] => [...labelRows(matrix, parseTarget(text)).classes];
    expect(of('events:1')).toEqual([2, 1, 0, 2, 1, 0, -1]);
    expect(of('events:2')).toEqual([2, 0, 2, 2, 0, -1, -1]);
    expect(of('time:2')).toEqual([2, 0, 2, 2, -1, -1, -1]);
    expect(of('next-change')).toEqual([1, 0, 0, 1, 0, 0, -1]);
    expect(of('events:2/ticks:0.5')).toEqual([1, 1, 1, 2, 1, -1, -1]);
  });

  it('need the columns that their target is made of', () => {
    const matrix = matrixOf([1, 2].map((mid, ns) => ({ ns, mid })));
    for (const [text, column] of [
      ['volume:1', 'tradedLots'],
      ['events:1/vwap5', 'vwap5Ticks'],
      ['events:1/spread:1', 'spreadTicks'],
    ]) {
      expect(() => labelRows(matrix, parseTarget(text))).toThrow(
        `the rows have no column ${column}, which the target needs`,
      );
      expect(marketColumnsOf(parseTarget(text))).toEqual([column]);
    }
    expect(() => labelRows(matrix, parseTarget('events:1/terciles'))).toThrow('quantiles of training rows');
  });

  it('never reach over a segment', () => {
    const matrix = matrixOf([1, 2, 3, 4].map((mid, i) => ({ ns: i, mid, segment: i >> 1 })));
    expect([...labelRows(matrix, parseTarget('events:1')).classes]).toEqual([2, -1, 2, -1]);
    expect([...labelRows(matrix, parseTarget('next-change')).classes]).toEqual([1, -1, 1, -1]);
  });
});
