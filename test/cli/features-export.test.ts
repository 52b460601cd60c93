import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openTable, type TableReader } from '../../src/store/index.ts';
import { type ArrayColumn, readAll } from '../store/contract.ts';
import { usdmSession } from '../support/session.ts';
import { cli, type Run, tempFile, tempFolder, testIo } from './support.ts';

const recording = (): string => tempFile('session.txt', usdmSession({ updates: 900 }));

async function exported(...argv: string[]): Promise<Run> {
  const run = await cli(['features', ...argv]);
  expect(run.status, run.err).toBe(0);
  return run;
}

/** A table by its columns' names. */
async function tableOf(place: string): Promise<{ reader: TableReader; columns: Record<string, ArrayColumn> }> {
  const reader = await openTable(place);
  const names = reader.schema.columns.map((column) => column.name);
  const data = await readAll(reader, names);
  await reader.close();
  return { reader, columns: Object.fromEntries(names.map((name, at) => [name, data[at]])) };
}

/** The rows that the CSV has, as numbers. */
async function csvOf(...argv: string[]): Promise<{ names: string[]; times: string[]; rows: number[][] }> {
  const [head, ...lines] = (await exported(...argv)).out.trimEnd().split('\n');
  const cells = lines.map((line) => line.split(','));
  return {
    names: head.split(',').slice(3),
    times: cells.map((row) => row[1]),
    rows: cells.map((row) => [row[2], ...row.slice(3)].map(Number)),
  };
}

function isoOf(ns: bigint): string {
  const seconds = new Date(Number(ns / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(ns % 1_000_000_000n).padStart(9, '0')}Z`;
}

describe('features --out', () => {
  it('writes to Parquet what the CSV says, as floats or to the last bit as doubles', async () => {
    const file = recording();
    const csv = await csvOf(file);
    const folder = tempFolder();
    for (const flags of [[], ['--double']]) {
      const out = join(folder, `rows${flags.length}.parquet`);
      const { err } = await exported(file, '--out', out, ...flags);
      expect(err).toMatch(
        /^\d[\d,]* rows of \d+ signals \(schema [0-9a-f]{16}\) to .*\.parquet, [\d,]+ kB in \d+\.\d s$/m,
      );
      const { columns } = await tableOf(out);
      expect(Object.keys(columns).slice(6)).toEqual(csv.names);
      expect((columns.time as bigint[]).map(isoOf)).toEqual(csv.times);
      expect(columns.mid_ticks).toEqual(csv.rows.map((row) => row[0]));
      csv.names.forEach((name, at) => {
        const values = csv.rows.map((row) => (flags.length === 0 ? Math.fround(row[at + 1]) : row[at + 1]));
        expect(columns[name], name).toEqual(values);
      });
      expect(csv.names.some((name) => Number.isNaN(columns[name][0]))).toBe(true);
      columns.bid_ticks.forEach((bid, at) => {
        expect((Number(bid) + Number(columns.ask_ticks[at])) / 2).toBe(columns.mid_ticks[at]);
      });
      // What was received later is never earlier.
      expect(columns.received.every((ns, at) => at === 0 || ns >= columns.received[at - 1])).toBe(true);
    }
    expect(readdirSync(folder).sort()).toEqual(['rows0.parquet', 'rows1.parquet']);
  });

  it('says in the file all that a reader needs', async () => {
    const file = recording();
    const out = join(tempFolder(), 'rows.parquet');
    const { err } = await exported(file, '--out', out, '--clock', 'events:50');
    const { metadata, columns } = (await tableOf(out)).reader.schema;
    expect(metadata).toMatchObject({
      'bookcast.format': '1',
      'bookcast.version': JSON.parse(readFileSync('package.json', 'utf8')).version,
      'bookcast.clock': 'events:50',
      'bookcast.fit': '',
      'bookcast.fit_until': '',
      'bookcast.origin': 'recorded',
    });
    expect(err).toContain(`(schema ${metadata['bookcast.schema_hash']})`);
    const said = JSON.parse(metadata['bookcast.columns']) as { name: string; unit: string; version: number }[];
    expect(said.map(({ name }) => name)).toEqual(columns.slice(6).map(({ name }) => name));
    expect(said.every(({ unit, version }) => unit !== '' && version > 0)).toBe(true);
    expect(JSON.parse(metadata['bookcast.instrument'])).toMatchObject({ name: 'BTCUSDT/USDM', tickSize: '0.10' });
    expect(JSON.parse(metadata['bookcast.sources'])).toEqual([
      { name: 'session.txt', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
  });

  it('names every file of a tape, and says that simulated rows are', async () => {
    const tape = join(tempFolder(), 'tape');
    await cli(['record', '--out', tape, '--messages', '3000', '--seed', '4']);
    const out = join(tempFolder(), 'rows.parquet');
    await exported(tape, '--out', out);
    const { metadata } = (await tableOf(out)).reader.schema;
    expect(metadata['bookcast.origin']).toBe('simulated');
    const sources = JSON.parse(metadata['bookcast.sources']) as { name: string }[];
    expect(sources.map(({ name }) => name)).toEqual(readdirSync(tape).map((name) => `tape/${name}`));
  });

  it('writes the same to DuckDB, under the name that is asked for', async () => {
    const file = recording();
    const folder = tempFolder();
    const [parquet, database] = [join(folder, 'rows.parquet'), join(folder, 'rows.duckdb')];
    await exported(file, '--out', parquet);
    await exported(file, '--out', database);
    await exported(file, '--out', `${database}#by_time`, '--clock', 'time:250');
    const plain = await tableOf(parquet);
    const stored = await tableOf(`${database}#features`);
    expect(stored.columns).toEqual(plain.columns);
    expect(stored.reader.schema).toEqual(plain.reader.schema);
    expect((await tableOf(`${database}#by_time`)).reader.schema.metadata['bookcast.clock']).toBe('time:250');
    const again = await cli(['features', file, '--out', database]);
    expect(again).toMatchObject({ status: 1, err: expect.stringContaining('has a table "features" already') });
  });

  it.each([
    ['event', 900],
    ['events:100', 20],
    ['volume:0.2', 20],
    ['mid', 100],
  ])('takes rows by the clock %s', async (clock, least) => {
    const { times } = await csvOf(recording(), '--clock', clock);
    expect(times.length).toBeGreaterThanOrEqual(least * 0.5);
    expect(times).toEqual([...times].sort());
  });

  it('takes rows on a grid of the clock that the instrument runs on, where it falls between messages', async () => {
    const out = join(tempFolder(), 'rows.parquet');
    await exported(recording(), '--out', out, '--clock', 'time:100');
    const { columns } = await tableOf(out);
    const received = columns.received as bigint[];
    expect(received.length).toBeGreaterThan(200);
    received.forEach((ns, at) => {
      expect(ns).toBe(received[0] + 100_000_000n * BigInt(at));
      expect((columns.time as bigint[])[at] <= ns).toBe(true);
    });
  });

  it('computes the signals that are asked for, in that order', async () => {
    const { names } = await csvOf(recording(), '--set', 'spread,ofi');
    expect(names.slice(0, 2)).toEqual(['spread', 'ofi_1']);
  });
});

describe('features with a peer', () => {
  it('leaves the own signals as they are, and says whose they are', async () => {
    const [own, other] = [1, 2].map((seed) => tempFile(`session${seed}.txt`, usdmSession({ seed, updates: 900 })));
    const alone = await csvOf(own);
    const folder = tempFolder();
    const out = join(folder, 'rows.parquet');
    await exported(own, '--out', out, '--double', '--set', 'core,full', '--peer', other);
    const { columns, reader } = await tableOf(out);
    alone.names.forEach((name, at) => {
      // The peer's messages cut the time over which sums fade, which moves their last digits.
      columns[name].forEach((value, row) => {
        const expected = alone.rows[row][at + 1];
        if (Number.isNaN(expected)) expect(value, name).toBe(expected);
        else expect(Math.abs(Number(value) - expected), name).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(expected)));
      });
    });
    expect(JSON.parse(reader.schema.metadata['bookcast.peer'])).toMatchObject({ name: 'BTCUSDT/USDM' });
    const sources = JSON.parse(reader.schema.metadata['bookcast.sources']) as { name: string }[];
    expect(sources.map(({ name }) => name)).toEqual(['session1.txt', 'session2.txt']);
    const said = JSON.parse(reader.schema.metadata['bookcast.columns']) as { family: string }[];
    expect(said.some(({ family }) => family === 'cross')).toBe(true);
  });
});

describe('features, asked for what cannot be', () => {
  const mistake = async (...argv: string[]): Promise<string> => {
    const { status, out, err } = await cli(['features', ...argv]);
    expect(status, err).not.toBe(0);
    expect(out).toBe('');
    expect(err).not.toMatch(/^\s+at /m);
    return err;
  };

  it('suggests the nearest name of a signal, and names the clocks', async () => {
    const file = recording();
    expect(await mistake(file, '--set', 'microprize')).toContain('did you mean microprice');
    expect(await mistake(file, '--clock', 'hourly')).toContain('events:N');
  });

  it('says what a set leaves out and why, and refuses what was asked for by name', async () => {
    const file = recording();
    const { err } = await exported(file, '--set', 'full', '--out', join(tempFolder(), 'rows.parquet'));
    expect(err).toMatch(/signals? (is|are) left out \(.*\): needs every order by name \(L3\), and binance:BTCUSDT/);
    expect(err).toMatch(/left out \(.*hawkes.*\): needs a fit/);
    expect(await mistake(file, '--set', 'core,hawkes')).toContain('the signal hawkes needs a fit');
  });

  it('needs a name that says the form, and a folder that is there', async () => {
    const file = recording();
    expect(await mistake(file, '--out', 'rows.txt')).toContain('FILE.parquet, FILE.duckdb');
    expect(await mistake(file, '--out', '/no/such/folder/rows.parquet')).toContain('cannot write /no/such/folder');
    expect(await mistake(file, '--out', '/no/such/folder/rows.duckdb')).toContain('cannot write /no/such/folder');
  });

  it.each(['rows.csv', 'rows.parquet', 'rows.duckdb'])('leaves no half %s', async (name) => {
    const folder = tempFolder();
    mkdirSync(join(folder, 'out'));
    const out = join(folder, 'out', name);
    // Stopped before the end.
    const io = testIo();
    io.stopNow();
    const stopped = await cli(['features', recording(), '--out', out], io);
    expect(stopped).toMatchObject({ status: 1, err: expect.stringContaining(`${out} was not written`) });
    // A recording that ends in the middle of its bytes.
    const whole = gzipSync(usdmSession({ updates: 20_000 }));
    const cut = join(folder, 'cut.gz');
    writeFileSync(cut, whole.subarray(0, whole.length - 1000));
    expect(await mistake(cut, '--out', out)).toContain('cut.gz');
    expect(readdirSync(join(folder, 'out'))).toEqual([]);
    // And one that is there stays as it is.
    if (name === 'rows.duckdb') return;
    writeFileSync(out, 'mine');
    expect(await mistake(recording(), '--out', out)).toContain(`${out} exists; choose another name or remove it`);
    expect(readFileSync(out, 'utf8')).toBe('mine');
  });
});
