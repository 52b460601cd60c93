import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchBuilder, EventKind, LadderBook, Side } from '../../src/market/index.ts';
import { levelsOf } from './naive-book.ts';

/** A level: its side, its price near the middle, deep, or far above all, and its size. */
const level = fc.record({
  side: fc.constantFrom(Side.BID, Side.ASK),
  away: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 20 }) },
    { weight: 2, arbitrary: fc.integer({ min: -40, max: 900 }) },
  ),
  lots: fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 1, max: 5 }) },
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.constantFrom(-1, -0, Number.MAX_SAFE_INTEGER) },
  ),
});
const kind = fc.oneof(
  { weight: 15, arbitrary: fc.constant(EventKind.LEVEL) },
  { weight: 1, arbitrary: fc.constantFrom(EventKind.ADD, EventKind.TRADE, EventKind.DELTA) },
);
const message = fc.record({
  rows: fc.array(fc.tuple(kind, level), { minLength: 1, maxLength: 25 }),
  /** Levels read after it, so that later messages find a cache to spoil. */
  reads: fc.constantFrom(0, 0, 1, 3, 10),
});

function state(book: LadderBook): unknown {
  return {
    levels: levelsOf(book),
    hash: book.hash(),
    count: [book.levelCount(Side.BID), book.levelCount(Side.ASK)],
    best: [book.bestBidTicks, book.bestBidLots, book.bestAskTicks, book.bestAskLots],
    crossed: book.crossed,
    underflows: book.underflows,
  };
}

describe('rows applied in runs', () => {
  it('leave the book as the same rows one by one', () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 12 }), (messages) => {
        const runs = new LadderBook({ windowTicks: 64 });
        const single = new LadderBook({ windowTicks: 64 });
        const builder = new BatchBuilder('test:ABC', 0);
        const ticks = new Int32Array(10);
        const lots = new Float64Array(10);
        for (const { rows, reads } of messages) {
          for (const [of, { side, away, lots: size }] of rows) {
            builder.push(of, side, side === Side.BID ? 1000 - away : 1001 + away, size, 0, 0, 1, 0);
          }
          builder.endMessage();
          const batch = builder.finish()!;
          runs.applyRows(batch, 0, batch.length);
          for (let i = 0; i < batch.length; i++) single.applyRow(batch, i);
          expect(state(runs)).toEqual(state(single));
          for (const side of [Side.BID, Side.ASK] as const) {
            const count = runs.top(side, reads, ticks, lots);
            const read = [...ticks.subarray(0, count), ...lots.subarray(0, count)];
            expect(single.top(side, reads, ticks, lots)).toBe(count);
            expect([...ticks.subarray(0, count), ...lots.subarray(0, count)]).toEqual(read);
          }
        }
      }),
      { numRuns: 600 },
    );
  });
});
