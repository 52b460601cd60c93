import { describe, expect, it } from 'vitest';
import { parseTarget } from '../../../src/models/index.ts';
import { createDataset, type DatasetOptions, describeDataset, RowMatrixBuilder } from '../../../src/models/training.ts';
import { DAY, matrixOf, randomMatrix } from './random-matrix.ts';

const matrix = randomMatrix({ seed: 4, rows: 5000, width: 3, breaks: 0.001 });
const made = (options: Partial<DatasetOptions> = {}): ReturnType<typeof createDataset> =>
  createDataset({ matrix, target: parseTarget('events:10'), length: 20, ...options });

describe('createDataset', () => {
  it('cuts in order of time, scales by the training rows and tells the classes', () => {
    const data = made();
    const { train, validation, test } = data;
    expect(train.rows.at(-1)).toBeLessThan(validation.rows[0]);
    expect(validation.rows.at(-1)).toBeLessThan(test.rows[0]);
    expect(data.prior.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    expect(data.prior).toHaveLength(3);
    for (let k = 0; k < 3; k++) {
      const count = train.labels.filter((label) => label === k).length;
      expect(data.prior[k]).toBeCloseTo(count / train.count, 12);
    }
    expect(data.notes).toEqual([]);
    expect(data.parts.map(({ name, rows }) => [name, rows])).toEqual([
      ['train', 3000],
      ['validation', 500],
      ['test', 1500],
    ]);
    expect(Math.abs(data.scaler.mean[2] - 20)).toBeLessThan(0.1);
  });

  it('gives windows of another length; with a reach, of the very same rows', () => {
    const free = made();
    expect(free.withLength(40).train.length).toBe(40);
    expect(free.withLength(40).train.count).toBeLessThan(free.train.count);
    expect(free.withLength(5).withLength(20).test.rows).toEqual(free.test.rows);
    const held = made({ reach: 50 });
    for (const length of [1, 10, 50]) {
      const other = held.withLength(length);
      expect(other.test.rows).toEqual(held.test.rows);
      expect(other.test.labels).toEqual(held.test.labels);
      expect(other.test.length).toBe(length);
    }
  });

  it('is the same whatever comes after: cutting the test rows off changes no training window', () => {
    const all = made();
    const shares = { train: 0.75, validation: 0.125, test: 0.125 };
    const shorter = new RowMatrixBuilder({ names: matrix.names, schemaHash: matrix.schemaHash });
    for (let i = 0; i < 4000; i++) {
      if (i > 0 && matrix.segment[i] !== matrix.segment[i - 1]) shorter.cut('lost');
      shorter.add(DAY, matrix.timeNs[i], matrix.midTicks[i], matrix.data.subarray(3 * i, 3 * i + 3));
    }
    const cut = made({ matrix: shorter.build(), shares });
    expect(cut.train.rows).toEqual(all.train.rows);
    expect(cut.train.labels).toEqual(all.train.labels);
    expect(cut.scaler).toEqual(all.scaler);
    expect(cut.validation.rows).toEqual(all.validation.rows);
  });

  it('says which columns tell nothing, and that rows are simulated', () => {
    const builder = new RowMatrixBuilder({ names: ['a', 'b', 'c'], schemaHash: 'h' });
    builder.markSimulated();
    for (let i = 0; i < 1000; i++) builder.add(DAY, i * 1e6, ((i * i) % 11) >> 1, [1, i, Number.NaN]);
    const { notes, train } = made({ matrix: builder.build() });
    expect(notes).toEqual([
      'The column a does not vary in the training rows: 0 for every model.',
      'The column c has no number in the training rows: 0 for every model.',
      'Some of these rows are simulated: scores on them say nothing of a market.',
    ]);
    const x = new Float32Array(20 * 3).fill(9);
    train.fill(null, 0, 1, x, 1, new Int32Array(1));
    expect([x[0], x[2], x[3], x[5]]).toEqual([0, 0, 0, 0]);
  });

  it('names eight columns at most', () => {
    const names = Array.from({ length: 12 }, (_, i) => `x${i}`);
    const builder = new RowMatrixBuilder({ names, schemaHash: 'h' });
    for (let i = 0; i < 1000; i++)
      builder.add(
        DAY,
        i * 1e6,
        ((i * i) % 11) >> 1,
        names.map(() => 2),
      );
    const [note] = made({ matrix: builder.build() }).notes;
    expect(note).toBe(
      'The columns x0, x1, x2, x3, x4, x5, x6, x7 and 4 more do not vary in the training rows: 0 for every model.',
    );
  });
});

describe('createDataset refuses, before time is spent,', () => {
  const refused = (options: Partial<DatasetOptions>, message: RegExp): void =>
    expect(() => made(options)).toThrow(
      expect.objectContaining({ code: 'bad-input', message: expect.stringMatching(message) }),
    );

  it('a class that training lacks', () => {
    // Rises until the test part begins.
    const rows = Array.from({ length: 1000 }, (_, i) => ({ ns: i, mid: i < 700 ? i : 1400 - i }));
    refused(
      { matrix: matrixOf(rows), target: parseTarget('events:1') },
      /no training window of events:1 has the class "down" or "flat" \(down 0, flat 0, up 580\)/,
    );
    refused({ matrix: matrixOf(rows), target: parseTarget('next-change') }, /has the class "down" \(down 0, up 580\)/);
  });

  it('a horizon longer than the data', () => {
    refused(
      { target: parseTarget('events:4999'), matrix: randomMatrix({ seed: 1, rows: 900, breaks: 0 }) },
      /no row has a label of events:4999: the longest stretch without a break has 900 rows/,
    );
    refused({ target: parseTarget('time:3600000') }, /no row has a label of time:3600000/);
    refused(
      {
        matrix: matrixOf(Array.from({ length: 100 }, (_, ns) => ({ ns, mid: 1 }))),
        target: parseTarget('next-change'),
      },
      /no row has a label of next-change/,
    );
  });

  it('a part with too few windows, saying where its rows went', () => {
    refused(
      { matrix: randomMatrix({ seed: 2, rows: 300, breaks: 0 }) },
      /the validation part has 1 of the 32 windows of 20 rows that it needs for events:10: of its 30 rows 10 fall to the embargo, 0 have no label, 10 have one that is known too late and 9 have too few rows behind them/,
    );
    refused({ least: 4000 }, /the train part has \d+ of the 4000 windows/);
    refused({ length: 3000 }, /too few rows behind them/);
  });

  it('an infinite number', () => {
    const bad = randomMatrix({ seed: 2, rows: 2000 });
    bad.data[4001] = Number.NEGATIVE_INFINITY;
    refused({ matrix: bad }, /the column "x_2" is -Infinity in row 1333/);
  });
});

describe('describeDataset', () => {
  it('is a table of parts with times, classes and what was left out', () => {
    const builder = new RowMatrixBuilder({ names: ['a'], schemaHash: 'feed' });
    for (let i = 0; i < 2000; i++) builder.add(DAY, i * 1e6, ((i * i) % 11) >> 1, [2]);
    const text = describeDataset(made({ matrix: builder.build() }));
    expect(text).toMatchInlineSnapshot(`
      "2,000 rows of 1 signal (schema feed), 1 segment
      target events:10, windows of 20 rows

      part         rows  windows    down    flat      up  embargo  no label  purged  no window                     from                       to
      train       1,200    1,171  36.3 %  27.3 %  36.4 %        0         0      10         19  2022-01-08T00:00:00.019  2022-01-08T00:00:01.189
      validation    200      171  36.3 %  27.5 %  36.3 %       10         0      10          9  2022-01-08T00:00:01.219  2022-01-08T00:00:01.389
      test          600      571  36.4 %  27.3 %  36.3 %       10        10       0          9  2022-01-08T00:00:01.419  2022-01-08T00:00:01.989
      note: The column a does not vary in the training rows: 0 for every model.
      "
    `);
  });
});
