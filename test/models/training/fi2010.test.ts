import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFi2010File } from '../../../src/models/training/fi2010-file.ts';
import { type Fi2010Options, openFi2010, type PreparedDataset } from '../../../src/models/training.ts';
import { type MadeFile, madeFile, writeFolder } from './fi2010-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'bookcast-fi2010-'));
let files: Map<string, MadeFile>;
beforeAll(() => {
  const train = [200, 180, 220, 190, 210];
  const test = [60, 70, 50, 80, 90];
  files = writeFolder(join(folder, 'z'), 'NoAuction_ZScore', {
    'Train 7': train,
    'Test 7': test,
    'Test 8': test,
    'Test 9': test,
    'Train 1': test,
    'Test 1': train,
  });
  writeFolder(join(folder, 'raw'), 'Auction_DecPre', { 'Train 2': train, 'Test 2': test });
});
afterAll(() => rmSync(folder, { recursive: true }));

const opened = (options: Partial<Fi2010Options> = {}): Promise<PreparedDataset> =>
  openFi2010({ folder: join(folder, 'z'), horizon: 10, length: 10, ...options });

function written(text: string): string {
  const path = join(folder, 'one.txt');
  writeFileSync(path, text);
  return path;
}

describe('readFi2010File', () => {
  it('turns the matrix, to the last bit of 32', async () => {
    const { lines, text } = madeFile(5, [30, 40]);
    for (const features of [40, 144]) {
      const { events, data, labels } = await readFi2010File(written(text), features, 30);
      expect(events).toBe(70);
      for (let i = 0; i < events; i++) {
        const row = Array.from({ length: features }, (_, f) => Math.fround(lines[f][i]));
        expect([...data.subarray(i * features, (i + 1) * features)]).toEqual(row);
      }
      expect([...labels]).toEqual(lines[146]);
    }
  });

  it.each([10, 20, 30, 50, 100].map((horizon, at) => [horizon, 144 + at]))(
    'reads the labels of %i events',
    async (horizon, line) => {
      const { lines, text } = madeFile(6, [50]);
      expect([...(await readFi2010File(written(text), 40, horizon)).labels]).toEqual(lines[line]);
    },
  );

  it('reads numbers however they are written, and needs no last line end', async () => {
    const values = [
      '1',
      '-1.5',
      '+2.',
      '.25',
      '1e3',
      '1.0E-2',
      '-9.870000000000000000e-01',
      '123456789012345678',
      '1e-30',
      '0',
    ];
    const lines = Array.from({ length: 149 }, (_, i) =>
      (i < 144 ? values : values.map(() => '2')).join(i % 2 ? '\t' : '  '),
    );
    const { data } = await readFi2010File(written(lines.join('\r\n')), 40, 10);
    expect([...data.subarray(0, 1)]).toEqual([1]);
    expect(Array.from(values, (_, i) => data[i * 40 + 39])).toEqual(values.map((value) => Math.fround(Number(value))));
  });

  it('reads files longer than a chunk, and than its first guess of events', async () => {
    const row = (from: number): string => Array.from({ length: 150_000 }, (_, i) => (from + i) % 1000).join(' ');
    const lines = Array.from({ length: 149 }, (_, i) => (i < 40 ? row(i) : i < 144 ? '0' : '1 '.repeat(150_000)));
    const { events, data } = await readFi2010File(written(lines.join('\n')), 40, 100);
    expect(events).toBe(150_000);
    for (const [i, f] of [
      [0, 0],
      [149_999, 0],
      [149_999, 39],
      [77_777, 20],
    ])
      expect(data[i * 40 + f]).toBe((f + i) % 1000);
  });

  const broken: [string, (lines: string[]) => string[], RegExp][] = [
    ['cut off', (lines) => lines.slice(0, 100), /has 100 lines, and a matrix of FI-2010 has 149/],
    ['turned', () => Array.from({ length: 500 }, () => '1 '.repeat(149)), /has 500 lines/],
    ['empty', () => [], /has 0 lines/],
    [
      'short of a number',
      (lines) => lines.with(6, lines[6].replace(/ +\S+$/, '')),
      /line 7 has 19 numbers, and the first line has 20/,
    ],
    ['long by a number', (lines) => lines.with(6, `${lines[6]} 1`), /line 7 has 21 numbers, and the first line has 20/],
    [
      'with a word',
      (lines) => lines.with(3, lines[3].replace(/\S+$/, 'NaN')),
      /line 4 has "NaN" where a number should be \(number 20 of the line\)/,
    ],
    ['with a hole', (lines) => lines.with(3, lines[3].replace(/\S+$/, '1.2.3')), /line 4 has "1.2.3" where/],
    ['with half a number', (lines) => lines.with(3, lines[3].replace(/\S+$/, '1.5e')), /line 4 has "1.5e" where/],
    ['with an exponent that is none', (lines) => lines.with(3, lines[3].replace(/\S+$/, '1e1x')), /"1e1x" where/],
    ['with text', (lines) => lines.with(0, 'x'.repeat(100)), /line 1 has a word that is no number/],
    [
      'with a label that is none',
      (lines) => lines.with(145, '4 '.repeat(20)),
      /line 146 has the label 4, and labels are 1 \(up\)/,
    ],
  ];
  it.each(broken)('refuses a file %s', async (_, change, message) => {
    const lines = madeFile(7, [20]).text.trimEnd().split('\n');
    await expect(readFi2010File(written(change(lines).join('\n')), 40, 20)).rejects.toThrow(
      expect.objectContaining({ code: 'bad-input', message: expect.stringMatching(message) }),
    );
  });

  it('says that a file is not there', async () => {
    await expect(readFi2010File(join(folder, 'none.txt'), 40, 10)).rejects.toThrow(/cannot read .*none.txt/);
  });
});

describe('openFi2010', () => {
  it('has the published split of setup 2, the last fifth of training for validation', async () => {
    const { matrix, parts, train, validation, test, target } = await opened({ length: 1, embargo: 0 });
    expect(matrix.rows).toBe(1000 + 3 * 350);
    expect(parts.map(({ rows }) => rows)).toEqual([800, 200, 1050]);
    expect([train.rows[0], validation.rows[0], test.rows[0]]).toEqual([0, 800, 1000]);
    expect(test.count).toBe(1050);
    expect(matrix.names.slice(0, 5)).toEqual(['ask_price_1', 'ask_size_1', 'bid_price_1', 'bid_size_1', 'ask_price_2']);
    expect(target.classes).toEqual(['down', 'flat', 'up']);
    expect(matrix.schemaHash).toMatch(/^[0-9a-f]{16}$/);
  });

  it('has the published labels as they are, 3 for falling prices', async () => {
    const { test } = await opened({ length: 1, horizon: 50 });
    const published = ['Test 7', 'Test 8', 'Test 9'].flatMap((name) => files.get(name)!.lines[147]);
    expect([...test.labels]).toEqual(published.map((label) => 3 - label));
  });

  it('has the numbers as they are, where they come scaled', async () => {
    const { train } = await opened({ length: 2, features: 144 });
    const x = new Float32Array(2 * 144);
    train.fill(null, 0, 1, x, 1, new Int32Array(1));
    const { lines } = files.get('Train 7')!;
    expect([...x]).toEqual([0, 1].flatMap((i) => Array.from({ length: 144 }, (_, f) => Math.fround(lines[f][i]))));
  });

  it('cuts where the mid jumps from one stock to the next, and can be told not to', async () => {
    const cut = await opened({ length: 20 });
    expect(cut.segments).toBe(20);
    const ends = new Set([200, 380, 600, 790, 1000]);
    for (let row = 1; row < 1000; row++) {
      expect(cut.matrix.segment[row] !== cut.matrix.segment[row - 1], `${row}`).toBe(ends.has(row));
    }
    for (const row of cut.train.rows) expect(cut.matrix.segment[row - 19]).toBe(cut.matrix.segment[row]);
    const whole = await opened({ length: 20, jump: null });
    expect(whole.segments).toBe(4);
    expect(whole.train.count).toBeGreaterThan(cut.train.count);
    expect(whole.notes.at(-1)).toMatch(/Windows may reach from one stock or day into the next/);
  });

  it('purges labels that look into validation, and keeps an embargo', async () => {
    const { train, validation } = await opened({ length: 1 });
    expect(train.rows.at(-1)).toBe(789);
    expect(validation.rows[0]).toBe(810);
  });

  it('says that its labels are smoothed, and where from', async () => {
    const { notes } = await opened({ horizon: 20 });
    expect(notes[0]).toMatch(
      /labels are smoothed: the mean of the next 20 mids.*Ntakaris et al\. 2018, Journal of Forecasting 37\(8\)/,
    );
    expect(notes[1]).toMatch(
      /^Files: Train_Dst_NoAuction_ZScore_CF_7.txt, Test_Dst_NoAuction_ZScore_CF_7.txt, .*validation is the last fifth/,
    );
    expect(notes[2]).toMatch(/more than 50 median moves \(16 times\)/);
  });

  it('has the anchored folds, other normalisations scaled by training, and auctions', async () => {
    const fold = await opened({ protocol: 1, length: 1 });
    expect(fold.parts.map(({ rows }) => rows)).toEqual([280, 70, 1000]);
    const raw = await opened({
      folder: join(folder, 'raw'),
      protocol: 2,
      normalisation: 'decimal-precision',
      auction: true,
    });
    expect(raw.scaler.clip).toBe(10);
    expect(raw.scaler.deviation[0]).not.toBe(1);
    expect(raw.matrix.schemaHash).not.toBe(fold.matrix.schemaHash);
  });

  it('gives windows of other lengths of the same rows', async () => {
    const data = await opened({ length: 10, reach: 30, least: 10 });
    expect(data.withLength(30).test.rows).toEqual(data.test.rows);
  });

  it('refuses what there is not', async () => {
    await expect(opened({ horizon: 40 })).rejects.toThrow(/has labels for 10, 20, 30, 50, 100 events, not for 40/);
    await expect(opened({ protocol: 10 })).rejects.toThrow(/folds 1 to 9 and setup-2, not 10/);
    await expect(opened({ protocol: 3 })).rejects.toThrow(
      /lacks Train_Dst_NoAuction_ZScore_CF_3.txt, Test_Dst_NoAuction_ZScore_CF_3.txt; unpack/,
    );
    await expect(opened({ folder: join(folder, 'nowhere') })).rejects.toThrow(/cannot read the folder/);
  });
});
