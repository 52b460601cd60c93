import { describe, expect, it } from 'vitest';
import { NS_PER_DAY, NS_PER_SECOND } from '../../../src/core/index.ts';
import { rowTime, sealMatrix, segmentStarts } from '../../../src/models/training/row-matrix.ts';
import { RowMatrixBuilder } from '../../../src/models/training.ts';
import { randomMatrix } from './random-matrix.ts';

const builder = (maxGapNs?: number): RowMatrixBuilder =>
  new RowMatrixBuilder({ names: ['a', 'b'], schemaHash: 'hash', ...(maxGapNs === undefined ? {} : { maxGapNs }) });

describe('RowMatrixBuilder', () => {
  it('keeps rows as they are, in one shared block', () => {
    const rows = builder();
    rows.add(100, 5, 10.5, [1, Number.NaN]);
    rows.add(100, 7, 11, [3, 4]);
    const matrix = rows.build();
    expect(matrix).toMatchObject({ rows: 2, width: 2, names: ['a', 'b'], schemaHash: 'hash', startDay: 100 });
    expect([...matrix.data]).toEqual([1, Number.NaN, 3, 4]);
    expect([...matrix.timeNs]).toEqual([5, 7]);
    expect([...matrix.midTicks]).toEqual([10.5, 11]);
    expect(matrix.data.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(matrix.timeNs.buffer).toBe(matrix.data.buffer);
    expect(matrix.simulated).toBe(false);
  });

  it('is the same by columns as by rows, over many blocks, to the nanosecond', () => {
    const n = 70_001;
    const start = 1_700_000_000_123_456_789n;
    const times = BigInt64Array.from({ length: n }, (_, i) => start + BigInt(i) * 100_003n);
    const mids = Float64Array.from({ length: n }, (_, i) => i / 2);
    const columns = [Float32Array.from({ length: n }, (_, i) => i), Float64Array.from({ length: n }, (_, i) => -i)];
    const byColumns = builder();
    byColumns.addColumns(n, times, mids, columns);
    const byRows = builder();
    const day = Number(start / BigInt(NS_PER_DAY));
    for (let i = 0; i < n; i++) {
      byRows.add(day, Number(times[i] - BigInt(day) * BigInt(NS_PER_DAY)), i / 2, [i, -i]);
    }
    const [one, other] = [byColumns.build(), byRows.build()];
    expect(one.hash).toBe(other.hash);
    expect(one.timeNs[1] - one.timeNs[0]).toBe(100_003);
    expect(rowTime(one, 0)).toBe('2023-11-14T22:13:20.123456789Z');
    expect(one.data[2 * 70_000 + 1]).toBe(-70_000);
  });

  it('begins a segment with a day, a long pause, a step back, rows without a mid, and where it is told to', () => {
    const rows = builder(10 * NS_PER_SECOND);
    rows.cut('source');
    rows.add(100, 0, 1, [0, 0]);
    rows.add(100, 10 * NS_PER_SECOND, 1, [0, 0]);
    rows.add(100, 20 * NS_PER_SECOND + 1, 1, [0, 0]);
    rows.add(100, 20 * NS_PER_SECOND, 1, [0, 0]);
    rows.add(100, 20 * NS_PER_SECOND, Number.NaN, [0, 0]);
    rows.add(100, 20 * NS_PER_SECOND, Number.NaN, [0, 0]);
    rows.add(100, 21 * NS_PER_SECOND, 1, [0, 0]);
    rows.cut('lost');
    rows.cut('source');
    rows.add(100, 22 * NS_PER_SECOND, 1, [0, 0]);
    rows.add(100, NS_PER_DAY - 1, 1, [0, 0]);
    rows.add(100, NS_PER_DAY, 1, [0, 0]);
    rows.add(101, 1, 1, [0, 0]);
    expect(rows.cuts).toEqual({ source: 0, lost: 1, untrusted: 1, day: 1, gap: 2, back: 1 });
    expect(rows.untrusted).toBe(2);
    const matrix = rows.build();
    expect([...matrix.segment]).toEqual([0, 0, 1, 2, 3, 4, 5, 6, 6]);
    expect([...segmentStarts(matrix)]).toEqual([0, 0, 2, 3, 4, 5, 6, 7, 7]);
  });

  it('begins a segment where most signals are forgotten at once, and not where a few are', () => {
    const width = 24;
    const names = Array.from({ length: width }, (_, f) => `x${f}`);
    // Of how many columns each of three rows knows nothing.
    const segments = (unknown: readonly number[]): number[] => {
      const rows = new RowMatrixBuilder({ names, schemaHash: 'h' });
      const columns = names.map((_, f) => Float64Array.from(unknown, (n) => (f < n ? Number.NaN : 1)));
      const times = BigInt64Array.from(unknown, (_, i) => BigInt(i));
      rows.addColumns(unknown.length, times, new Float64Array(unknown.length).fill(5), columns);
      return [...rows.build().segment];
    };
    expect(segments([0, 8, 8])).toEqual([0, 1, 1]);
    expect(segments([0, 7, 14])).toEqual([0, 0, 0]);
    expect(segments([12, 20, 24])).toEqual([0, 1, 1]);
    expect(segments([24, 0, 24])).toEqual([0, 0, 1]);
  });

  it('counts days from its first row, wherever that lies', () => {
    const rows = builder();
    rows.add(100, NS_PER_DAY + 5, 1, [0, 0]);
    rows.add(101, 6, 1, [0, 0]);
    const { startDay, timeNs, segment } = rows.build();
    expect([startDay, ...timeNs]).toEqual([101, 5, 6]);
    expect([...segment]).toEqual([0, 0]);
  });

  it('hashes every bit', () => {
    const matrix = randomMatrix({ seed: 1, rows: 50 });
    expect(randomMatrix({ seed: 1, rows: 50 }).hash).toBe(matrix.hash);
    const changes = [
      { names: ['x_0', 'x_1', 'y'] },
      { schemaHash: 'other' },
      { startDay: 1 },
      { simulated: true },
      { data: matrix.data.map((x, i) => (i === 77 ? x + 1 : x)) },
      { timeNs: matrix.timeNs.map((x, i) => (i === 49 ? x + 1 : x)) },
      { midTicks: matrix.midTicks.map((x, i) => (i === 3 ? x + 0.5 : x)) },
      { segment: matrix.segment.map((x) => x + 1) },
    ];
    const hashes = changes.map((change) => sealMatrix({ ...matrix, ...change }).hash);
    expect(new Set([matrix.hash, ...hashes]).size).toBe(changes.length + 1);
  });

  it('says that there are no rows, and why', () => {
    expect(() => builder().build()).toThrow(/have no rows to learn from; give a longer recording/);
    const untrusted = builder();
    untrusted.add(1, 1, Number.NaN, [1, 2]);
    expect(() => untrusted.build()).toThrow(/the book is not trusted on any of its 1 rows/);
  });

  it('takes rows of its own width alone', () => {
    expect(() => builder().add(1, 1, 1, [1])).toThrow(/a row has the columns/);
    expect(() => builder().addColumns(1, new BigInt64Array(1), new Float64Array(1), [])).toThrow(
      /block has the columns/,
    );
  });

  it('tells that rows are simulated', () => {
    const rows = builder();
    rows.markSimulated();
    rows.add(1, 1, 1, [1, 2]);
    expect(rows.build().simulated).toBe(true);
  });
});
