import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRecording } from '../../src/cli/inputs.ts';
import { type MatrixOptions, type MatrixSource, openRowMatrix } from '../../src/cli/row-matrix-source.ts';
import { Forecaster } from '../../src/forecast/index.ts';
import { MartingaleModel, marketColumnsOf, parseTarget } from '../../src/models/index.ts';
import { createDataset, labelRows } from '../../src/models/training.ts';
import { dataPath, needs } from '../support/data.ts';
import { usdmSession } from '../support/session.ts';
import { cli, tempFile, tempFolder, testIo } from './support.ts';

const opened = (paths: readonly string[], options: Partial<MatrixOptions> = {}): Promise<MatrixSource> =>
  openRowMatrix({ io: testIo(), version: '0.0.0' }, paths, { cache: null, ...options });

const session = (seed = 1, options = {}): string =>
  tempFile(`session-${seed}.txt`, usdmSession({ seed, updates: 700, ...options }));

/** Two sessions in one file: between them the book is lost, and a snapshot some messages later brings it back. */
function brokenSession(): string {
  const later = usdmSession({ seed: 8, updates: 500 })
    .replace(/^\d+/gm, (ns) => String(BigInt(ns) + 30_000_000_000n))
    .replace(/"(E|T)":(\d+)/g, (_, key, ms) => `"${key}":${Number(ms) + 30_000}`)
    .replace(/"(U|u|pu|lastUpdateId)":(\d+)/g, (_, key, id) => `"${key}":${Number(id) + 1_000_000}`);
  return tempFile('broken.txt', usdmSession({ seed: 7, updates: 500 }) + later);
}

async function exported(recording: string, out: string, ...flags: string[]): Promise<string> {
  const run = await cli(['features', recording, '--out', out, ...flags]);
  expect(run.status, run.err).toBe(0);
  return out;
}

/** Labels as the forecaster learnt them, by decision, and the decisions that it made. */
async function onlineLabels(
  path: string,
  target: string,
): Promise<{ labels: number[]; times: number[]; rows: Float32Array[] }> {
  const source = await openRecording([path]);
  const labels: number[] = [];
  const times: number[] = [];
  const rows: Float32Array[] = [];
  const forecaster = new Forecaster(
    source.instrument,
    parseTarget(target),
    {
      onForecast: ({ abstained, row }) => {
        if (abstained !== null) return;
        labels.push(-1);
        rows.push(Float32Array.from(row));
      },
      onOutcome: ({ index, tsNs }, label) => {
        labels[index] = label;
        times[index] = tsNs;
      },
    },
    { models: [new MartingaleModel(parseTarget(target))] },
  );
  for await (const batch of source.batches()) forecaster.apply(batch);
  return { labels, times, rows };
}

describe('openRowMatrix', () => {
  it('has the same rows from a recording, its Parquet file and its database', async () => {
    const file = session();
    const folder = tempFolder();
    const fromTape = await opened([file]);
    const fromParquet = await opened([await exported(file, join(folder, 'a.parquet'))]);
    const fromDatabase = await opened([await exported(file, join(folder, 'a.duckdb#rows'))]);
    expect(fromTape.matrix.rows).toBeGreaterThan(400);
    expect(fromTape.matrix.hash).toBe(fromParquet.matrix.hash);
    expect(fromTape.matrix.hash).toBe(fromDatabase.matrix.hash);
    expect(fromTape.matrix.simulated).toBe(false);
  });

  it.each([
    'events:5',
    'time:100',
    'volume:40',
    'next-change',
    'next-change:once',
    'events:5/vwap5/spread:0.25',
    'time:200/bps:0.005+20ms',
    'volume:40/vwap3+20ms',
  ])('has the labels of %s that the forecaster learns, over a gap too', async (target) => {
    const file = brokenSession();
    const { matrix, notes } = await opened([file], { market: marketColumnsOf(parseTarget(target)) });
    const { labels, rows } = await onlineLabels(file, target);
    expect(labels).toHaveLength(matrix.rows);
    expect([...labelRows(matrix, parseTarget(target)).classes]).toEqual(labels);
    expect(new Set(labels).size).toBeGreaterThan(2);
    rows.forEach((row, i) => {
      expect(matrix.data.subarray(i * matrix.width, (i + 1) * matrix.width)).toEqual(row);
    });
    expect(matrix.segment.at(-1)).toBe(1);
    expect(notes.at(-1)).toBe('no window reaches over 1 lost books');
  });

  it('reads of a table no more of the book than its mid, and says so', async () => {
    const file = session();
    const table = await exported(file, join(tempFolder(), 'a.parquet'));
    await expect(opened([table], { market: ['tradedLots'] })).rejects.toThrow(
      /a\.parquet: files of features have of the book only its mid, and the target needs tradedLots; give the recording/,
    );
    const cache = join(tempFolder(), 'cache');
    const plain = await opened([file], { cache });
    const more = await opened([file], { cache, market: ['tradedLots', 'imbalance'] });
    expect(readdirSync(cache)).toHaveLength(2);
    expect((await opened([file], { cache, market: ['tradedLots', 'imbalance'] })).matrix).toEqual(more.matrix);
    expect(more.matrix.data).toEqual(plain.matrix.data);
    expect(plain.matrix.market).toBeUndefined();
    expect(more.matrix.market!.tradedLots.at(-1)).toBeGreaterThan(0);
  });

  it('sees in a table where the book was lost, though no row says so', async () => {
    const file = brokenSession();
    const table = await exported(file, join(tempFolder(), 'a.parquet'));
    const { matrix } = await opened([table]);
    expect(matrix.segment.at(-1)).toBe(1);
    expect(matrix.hash).toBe((await opened([file])).matrix.hash);
  });

  it('reads several files in order of time, whatever their order on the command line', async () => {
    const folder = tempFolder();
    const early = await exported(session(1), join(folder, 'early.parquet'));
    const later = session(2);
    writeFileSync(later, readFileSync(later, 'utf8').replace(/^17000/gm, '17001'));
    const late = await exported(later, join(folder, 'late.parquet'));
    const one = await opened([late, early]);
    const other = await opened([early, late]);
    expect(one.matrix.hash).toBe(other.matrix.hash);
    expect(one.matrix.segment.at(-1)).toBe(1);
    const times = one.matrix.timeNs;
    for (let i = 1; i < times.length; i++) expect(times[i]).toBeGreaterThanOrEqual(times[i - 1]);
    // A table and a recording of the same signals make one matrix, too.
    expect((await opened([early, later])).matrix.hash).toBe(one.matrix.hash);
  });

  it('refuses files of different signals, naming both', async () => {
    const folder = tempFolder();
    const core = await exported(session(1), join(folder, 'core.parquet'));
    const few = await exported(session(1), join(folder, 'few.parquet'), '--set', 'spread,imbalance');
    await expect(opened([core, few])).rejects.toThrow(
      expect.objectContaining({
        code: 'schema-mismatch',
        message: expect.stringMatching(
          /core\.parquet has the schema [0-9a-f]{16} and .*few\.parquet has [0-9a-f]{16}: \d+ columns only in the first \(.*\), 0 only in the second; one model/,
        ),
      }),
    );
  });

  it('keeps rows in a cache, and refuses a damaged one', async () => {
    const folder = tempFolder();
    const file = session();
    const first = await opened([file], { cache: join(folder, 'cache') });
    expect(readdirSync(join(folder, 'cache'))).toHaveLength(1);
    const again = await opened([file], { cache: join(folder, 'cache') });
    expect(again.matrix).toEqual(first.matrix);
    expect(again.notes).toEqual(first.notes);
    await opened([file], { cache: join(folder, 'cache'), set: 'spread' });
    await opened([file], { cache: join(folder, 'cache'), maxGapNs: 1e6 });
    expect(readdirSync(join(folder, 'cache'))).toHaveLength(3);
    const bytes = readFileSync(first.cached!);
    bytes[bytes.length - 5] ^= 4;
    rmSync(first.cached!);
    writeFileSync(first.cached!, bytes);
    await expect(opened([file], { cache: join(folder, 'cache') })).rejects.toThrow(/is damaged.*remove it/);
  });

  it('says what windows may not reach over', async () => {
    const { notes, matrix } = await opened([session(3, { dropUpdate: 350 })], { maxGapNs: 50e6 });
    expect(matrix.segment.at(-1)).toBeGreaterThan(10);
    expect(notes.at(-1)).toMatch(/^no window reaches over [\d,]+ pauses of more than 0\.050 s$/);
    const grid = await opened([session(3, { dropUpdate: 350 })], { clock: 'time:100' });
    expect(grid.notes.at(-1)).toMatch(/^[\d,]+ rows without a mid are left out$/);
    const mid = await opened([session(3)], { clock: 'mid' });
    expect(mid.matrix.rows).toBeGreaterThan(10);
  });

  it('refuses what is not there, or no data', async () => {
    await expect(opened([])).rejects.toThrow(/no data were named/);
    await expect(opened(['/nowhere/a.parquet'])).rejects.toThrow(/no such file/);
    await expect(opened(['/nowhere/tape'])).rejects.toThrow(/no such file or folder/);
    await expect(opened([tempFile('x.parquet', 'no parquet at all')])).rejects.toThrow(
      expect.objectContaining({ code: 'bad-input' }),
    );
    await expect(opened([session()], { set: 'nothing' })).rejects.toThrow(
      expect.objectContaining({ code: 'bad-argument' }),
    );
  });

  it('stops when it is told to', async () => {
    const io = testIo();
    io.stopNow();
    const reading = openRowMatrix({ io, version: '0' }, [session()], { cache: null });
    await expect(reading).rejects.toThrow(/stopped while the data were read/);
  });
});

const GOOG = 'lobster/LOBSTER_SampleFile_GOOG_2012-06-21_10.zip';
const USDM = 'binance/usdm_btcusdt_20240808.gz';
describe.each([
  [GOOG, ['time:1000']],
  [USDM, ['events:10', 'time:1000', 'next-change']],
])('a recording: %s', (name, targets) => {
  const path = dataPath(name);
  it.skipIf(path === null)(`has the rows and labels of the online path${needs(name)}`, async () => {
    const { matrix } = await opened([path!]);
    for (const text of targets) {
      const { labels } = await onlineLabels(path!, text);
      expect(labels).toHaveLength(matrix.rows);
      expect([...labelRows(matrix, parseTarget(text)).classes]).toEqual(labels);
    }
    const data = createDataset({ matrix, target: parseTarget('events:10'), length: 50 });
    expect(data.train.count).toBeGreaterThan(1000);
  });
});
