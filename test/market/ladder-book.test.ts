import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/index.ts';
import { BatchBuilder, type EventBatch, EventKind, LadderBook, Side } from '../../src/market/index.ts';
import { levelsOf, NaiveBook } from './naive-book.ts';

describe('LadderBook', () => {
  it('counts reductions below zero and negative sizes, and takes them as zero', () => {
    const book = new LadderBook();
    book.setLevel(Side.BID, 10, 5);
    book.addLots(Side.BID, 10, -6);
    expect(book.levelCount(Side.BID)).toBe(0);
    book.addLots(Side.ASK, 12, -1);
    book.setLevel(Side.ASK, 13, -2);
    expect(book.underflows).toBe(3);
    expect(levelsOf(book)).toEqual([[], []]);
  });

  it('applies the rows of a batch that change a book, and no others', () => {
    const builder = new BatchBuilder('test:ABC', 0);
    const rows: [EventKind, Side, number, number][] = [
      [EventKind.LEVEL, Side.BID, 100, 10],
      [EventKind.ADD, Side.BID, 100, 5],
      [EventKind.CANCEL, Side.BID, 100, 2],
      [EventKind.DELETE, Side.BID, 100, 1],
      [EventKind.EXECUTE, Side.BID, 100, 3],
      [EventKind.ADD, Side.ASK, 101, 8],
      [EventKind.TRADE, Side.BID, 101, 8],
      [EventKind.BBO, Side.ASK, 101, 999],
      [EventKind.SNAPSHOT, Side.NONE, 7, 7],
      [EventKind.DELTA, Side.NONE, 7, 7],
      [EventKind.FAULT, Side.NONE, 7, 1],
    ];
    for (const [kind, side, ticks, lots] of rows) builder.push(kind, side, ticks, lots, 0, 0, 1, 0);
    builder.endMessage();
    const batch = builder.finish() as EventBatch;
    const book = new LadderBook();
    book.applyRows(batch, 0, batch.length);
    expect(levelsOf(book)).toEqual([
      [100, 9],
      [101, 8],
    ]);
  });

  it('keeps the best levels that it is cut to, whatever lies deep or was read before', () => {
    const book = new LadderBook({ windowTicks: 64 });
    const oracle = new NaiveBook();
    const random = new Random(11);
    const ticks = new Int32Array(40);
    const lots = new Float64Array(40);
    const expectedTicks = new Int32Array(40);
    const expectedLots = new Float64Array(40);
    for (let i = 0; i < 6000; i++) {
      for (const side of [Side.BID, Side.ASK] as const) {
        const away = Math.floor(random.exponential(60));
        const price = side === Side.BID ? 1000 - away : 1001 + away;
        const size = random.bernoulli(0.3) ? 0 : 1 + random.below(5);
        book.setLevel(side, price, size);
        oracle.setLevel(side, price, size);
      }
      if (random.bernoulli(0.5)) book.top(Side.BID, [3, 12][random.below(2)], ticks, lots);
      if (!random.bernoulli(0.3)) continue;
      const limit = [1, 10, 35][random.below(3)];
      book.truncate(limit);
      for (const side of [Side.BID, Side.ASK] as const) {
        const kept = oracle.top(side, limit, expectedTicks, expectedLots);
        const all = oracle.levelCount(side);
        const everyTicks = new Int32Array(all);
        oracle.top(side, all, everyTicks, new Float64Array(all));
        for (const price of everyTicks.subarray(kept)) oracle.setLevel(side, price, 0);
        expect(book.levelCount(side)).toBe(kept);
        expect(book.top(side, 40, ticks, lots)).toBe(kept);
        expect([...ticks.subarray(0, kept)]).toEqual([...expectedTicks.subarray(0, kept)]);
        expect([...lots.subarray(0, kept)]).toEqual([...expectedLots.subarray(0, kept)]);
        const best = book.top(side, 12, ticks, lots);
        expect([...ticks.subarray(0, best)]).toEqual([...expectedTicks.subarray(0, best)]);
      }
    }
    book.clear();
    book.truncate(1);
    expect(book.levelCount(Side.BID)).toBe(0);
  });

  it('shows its best levels as they are now, however deep and often they are read', () => {
    const book = new LadderBook({ windowTicks: 64 });
    const oracle = new NaiveBook();
    const random = new Random(7);
    const ticks = new Int32Array(40);
    const lots = new Float64Array(40);
    const expectedTicks = new Int32Array(40);
    const expectedLots = new Float64Array(40);
    for (let i = 0; i < 20_000; i++) {
      const price = 1000 - Math.floor(random.exponential(30));
      const size = random.bernoulli(0.4) ? 0 : 1 + random.below(5);
      book.setLevel(Side.BID, price, size);
      oracle.setLevel(Side.BID, price, size);
      const n = [1, 5, 10, 40][random.below(4)];
      const count = book.top(Side.BID, n, ticks, lots);
      if (i % 10 !== 0) continue;
      expect(count).toBe(oracle.top(Side.BID, n, expectedTicks, expectedLots));
      expect(ticks.subarray(0, count)).toEqual(expectedTicks.subarray(0, count));
      expect(lots.subarray(0, count)).toEqual(expectedLots.subarray(0, count));
    }
  });

  it('keeps thousands of levels that its window does not reach', () => {
    const book = new LadderBook({ windowTicks: 64 });
    const oracle = new NaiveBook();
    for (let i = 0; i < 3000; i++) {
      for (const [side, ticks] of [
        [Side.ASK, 100_000 + ((i * 7919) % 3000) * 10],
        [Side.BID, 99_999 - ((i * 7919) % 3000) * 10],
      ] as const) {
        book.setLevel(side, ticks, i + 1);
        oracle.setLevel(side, ticks, i + 1);
      }
    }
    expect(levelsOf(book)).toEqual(levelsOf(oracle));
    // The market runs through all of them, one way.
    for (let ticks = 100_000; ticks < 129_000; ticks += 10) {
      book.setLevel(Side.ASK, ticks, 0);
      oracle.setLevel(Side.ASK, ticks, 0);
    }
    expect(levelsOf(book)).toEqual(levelsOf(oracle));
  });

  it('has a hash of its levels alone', () => {
    const levels: [Side, number, number][] = [
      [Side.BID, 100, 1],
      [Side.BID, -7, 2 ** 40],
      [Side.ASK, 101, 3],
    ];
    const one = new LadderBook();
    for (const [side, ticks, lots] of levels) one.setLevel(side, ticks, lots);
    const other = new LadderBook({ windowTicks: 64 });
    other.setLevel(Side.ASK, 5_000_000, 9);
    other.setLevel(Side.BID, 4_000_000, 9);
    for (const [side, ticks, lots] of levels.reverse()) other.setLevel(side, ticks, lots);
    other.setLevel(Side.BID, 4_000_000, 0);
    expect(other.hash()).not.toBe(one.hash());
    other.setLevel(Side.ASK, 5_000_000, 0);
    expect(other.hash()).toBe(one.hash());
    expect(Number.isSafeInteger(one.hash())).toBe(true);
    // A size that differs above 2^32 only, a level on the other side, two sizes swapped.
    one.setLevel(Side.BID, -7, 2 ** 41);
    expect(one.hash()).not.toBe(other.hash());
    const bid = new LadderBook();
    bid.setLevel(Side.BID, 5, 1);
    const ask = new LadderBook();
    ask.setLevel(Side.ASK, -5, 1);
    expect(bid.hash()).not.toBe(ask.hash());
    expect(new LadderBook().hash()).toBe(0);
  });

  it('refuses a window that is no window', () => {
    for (const windowTicks of [0, 10, 64.5, 2 ** 30]) expect(() => new LadderBook({ windowTicks })).toThrow('window');
  });
});
