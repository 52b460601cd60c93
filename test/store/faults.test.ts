import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadDuckDb, storeError } from '../../src/store/duckdb.ts';
import { createParquet, openDuckDb, openParquet, openTable, type TableSchema } from '../../src/store/index.ts';
import { readAll } from './contract.ts';

const SCHEMA: TableSchema = { columns: [{ name: 'x', type: 'double' }], metadata: { k: 'v' } };
const ONE = { length: 1, columns: [Float64Array.of(1.5)] };

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'bookcast-faults-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A file that somebody else's SQL made. */
async function byHand(path: string, sql: string): Promise<string> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (${sql}) TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  return path;
}

describe('a Parquet file', () => {
  it('that is not there, is a folder, or is no Parquet file', async () => {
    const at = folder();
    await expect(openParquet(join(at, 'no.parquet'))).rejects.toMatchObject({ code: 'not-found' });
    await expect(openParquet(at)).rejects.toThrow(`${at} is a folder, not a file`);
    const text = join(at, 'text.parquet');
    writeFileSync(text, 'time,x\n1,2\n'.repeat(50));
    await expect(openParquet(text)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining(`${text} is damaged, or not what its name says`),
    });
    writeFileSync(join(at, 'empty.parquet'), '');
    await expect(openParquet(join(at, 'empty.parquet'))).rejects.toMatchObject({ code: 'bad-input' });
  });

  it('that was cut short or damaged', async () => {
    const path = join(folder(), 'x.parquet');
    const writer = await createParquet(path, SCHEMA);
    await writer.append({ length: 5000, columns: [Float64Array.from({ length: 5000 }, (_, i) => Math.sin(i))] });
    await writer.finish();
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, bytes.length - 100));
    await expect(openParquet(path)).rejects.toMatchObject({ code: 'bad-input' });
    writeFileSync(path, bytes.fill(0xa5, 4, 60));
    const reader = await openParquet(path);
    await expect(readAll(reader, ['x'])).rejects.toMatchObject({ code: 'bad-input' });
    await reader.close();
  });

  it('that exists already, or comes to exist meanwhile, is not touched', async () => {
    const at = folder();
    const path = join(at, 'x.parquet');
    writeFileSync(path, 'mine');
    await expect(createParquet(path, SCHEMA)).rejects.toMatchObject({ code: 'already-exists' });
    rmSync(path);
    const writer = await createParquet(path, SCHEMA);
    await writer.append(ONE);
    writeFileSync(path, 'mine');
    await expect(writer.finish()).rejects.toThrow(`${path} exists; choose another name or remove it`);
    expect(readdirSync(at)).toEqual(['x.parquet']);
    expect(readFileSync(path, 'utf8')).toBe('mine');
  });

  it('in a folder that is not there', async () => {
    const path = join(folder(), 'no', 'x.parquet');
    await expect(createParquet(path, SCHEMA)).rejects.toMatchObject({
      code: 'bad-argument',
      message: expect.stringContaining(`cannot write ${path}`),
    });
  });

  it('leaves nothing behind when it is given up, or an append fails', async () => {
    const at = folder();
    const writer = await createParquet(join(at, 'x.parquet'), SCHEMA);
    await writer.append(ONE);
    expect(readdirSync(at)).toHaveLength(1);
    await writer.abort();
    expect(readdirSync(at)).toEqual([]);
    const other = await createParquet(join(at, 'x.parquet'), SCHEMA);
    await expect(other.append({ length: 1, columns: [] })).rejects.toThrow('assertion failed');
    expect(readdirSync(at)).toEqual([]);
  });

  it('of another program: NULL is NaN in numbers, an error elsewhere; other kinds of columns are named', async () => {
    const at = folder();
    const numbers = await openParquet(
      await byHand(join(at, 'n.parquet'), 'SELECT * FROM (VALUES (1.5::FLOAT, 2::INTEGER), (NULL, NULL)) t(f, n)'),
    );
    expect(await readAll(numbers, ['f'])).toEqual([[1.5, Number.NaN]]);
    await expect(readAll(numbers, ['n'])).rejects.toThrow(/the column "n" \(integer\) has a NULL/);
    await numbers.close();
    const other = await byHand(join(at, 'd.parquet'), "SELECT DATE '2020-01-01' AS day");
    await expect(openParquet(other)).rejects.toThrow(/the column "day" is DATE, and a table here is made of FLOAT,/);
  });

  it('under a folder that looks like a partition has no columns that it does not hold', async () => {
    const at = join(folder(), 'day=2020-01-01');
    mkdirSync(at);
    const writer = await createParquet(join(at, 'x.parquet'), SCHEMA);
    await writer.finish();
    const reader = await openParquet(join(at, 'x.parquet'));
    expect(reader.schema.columns).toEqual(SCHEMA.columns);
    await reader.close();
  });
});

describe('a DuckDB file', () => {
  it('that another process has open', async () => {
    const path = join(folder(), 'x.duckdb');
    const store = await openDuckDb(path);
    await (await store.create('rows', SCHEMA)).finish();
    const script = `import { openDuckDb } from '${join(import.meta.dirname, '../../src/store/index.ts')}';
      await openDuckDb(process.argv[1], { readOnly: true }).catch((error) => process.stdout.write(error.code + ' ' + error.message));`;
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', script, path], { encoding: 'utf8' });
    expect(said).toContain(`not-ready ${path} is open in another process (PID ${process.pid})`);
    await store.close();
  });

  it('that this process writes to cannot be opened for reading alone beside it', async () => {
    const path = join(folder(), 'x.duckdb');
    const store = await openDuckDb(path);
    await (await store.create('rows', SCHEMA)).finish();
    await expect(openTable(path)).rejects.toMatchObject({ code: 'not-ready' });
    const beside = await openDuckDb(path);
    expect(await beside.tables()).toEqual(['rows']);
    await beside.close();
    await store.close();
    await (await openTable(path)).close();
  });

  it('that is not there, is a folder, is no database, or has no folder', async () => {
    const at = folder();
    const path = join(at, 'x.duckdb');
    await expect(openDuckDb(path, { readOnly: true })).rejects.toMatchObject({ code: 'not-found' });
    await expect(openDuckDb(at)).rejects.toThrow('is a folder, not a file');
    writeFileSync(path, 'not a database'.repeat(1000));
    await expect(openDuckDb(path)).rejects.toMatchObject({ code: 'bad-input' });
    await expect(openDuckDb(join(at, 'no', 'x.duckdb'))).rejects.toMatchObject({ code: 'bad-argument' });
  });

  it('that was made for a table that never came is removed', async () => {
    const at = folder();
    const store = await openDuckDb(join(at, 'x.duckdb'));
    const writer = await store.create('rows', SCHEMA);
    await writer.append(ONE);
    await store.close();
    await store.close();
    expect(readdirSync(at)).toEqual([]);
  });

  it('has tables whose names need no quotes', async () => {
    const store = await openDuckDb(join(folder(), 'x.duckdb'));
    await expect(store.create('My Rows', SCHEMA)).rejects.toMatchObject({ code: 'bad-argument' });
    await store.close();
  });

  it('keeps a reader alive after the store is closed, and its tables after a comment that is none of ours', async () => {
    const path = join(folder(), 'x.duckdb');
    const instance = await DuckDBInstance.create(path);
    const connection = await instance.connect();
    await connection.run("CREATE TABLE a AS SELECT 1.5::DOUBLE AS x; COMMENT ON TABLE a IS 'by hand'");
    await connection.run(`CREATE TABLE b AS SELECT 2.5::DOUBLE AS x; COMMENT ON TABLE b IS '{"k": 1, "l": "m"}'`);
    connection.closeSync();
    instance.closeSync();
    const store = await openDuckDb(path, { readOnly: true });
    const [a, b] = [await store.open('a'), await store.open('b')];
    await store.close();
    expect(await readAll(a, ['x'])).toEqual([[1.5]]);
    expect([a.schema.metadata, b.schema.metadata]).toEqual([{}, { l: 'm' }]);
    await a.close();
    await b.close();
  });
});

describe('a table by its place', () => {
  it('is a Parquet file, a database with one table, or one table of several', async () => {
    const at = folder();
    const parquet = await createParquet(join(at, 'x.parquet'), SCHEMA);
    await parquet.append(ONE);
    await parquet.finish();
    const path = join(at, 'x.duckdb');
    const store = await openDuckDb(path);
    for (const name of ['one', 'two']) {
      const writer = await store.create(name, SCHEMA);
      await writer.append(ONE);
      await writer.finish();
      if (name === 'one') continue;
      await store.close();
    }
    for (const place of [join(at, 'x.parquet'), `${path}#one`, `${path}#two`]) {
      const reader = await openTable(place);
      expect(reader.schema.metadata).toMatchObject({ k: 'v' });
      expect(await readAll(reader, ['x']), place).toEqual([[1.5]]);
      await reader.close();
    }
    await expect(openTable(path)).rejects.toThrow(`has 2 tables; give one of ${path}#one, ${path}#two`);
    await expect(openTable(`${path}#three`)).rejects.toThrow('no table "three"; it has one, two');
    await expect(openTable(join(at, 'rows.csv'))).rejects.toThrow('names no table; give FILE.parquet');
  });

  it('in a database without tables', async () => {
    const path = join(folder(), 'x.duckdb');
    const instance = await DuckDBInstance.create(path);
    instance.closeSync();
    expect(existsSync(path)).toBe(true);
    await expect(openTable(path)).rejects.toThrow(`${path} has no table at all`);
    await expect(openTable(`${path}#a`)).rejects.toThrow('has no table at all');
  });
});

describe('the engine', () => {
  it('is missed with the command that installs it', async () => {
    const missing = async (): Promise<never> => {
      throw new Error("Cannot find package '@duckdb/node-api' imported from store\nRequire stack: …");
    };
    await expect(loadDuckDb(missing)).rejects.toMatchObject({
      code: 'missing-package',
      message: expect.stringContaining('npm install @duckdb/node-api@1.5.5-r.5'),
    });
    const { optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(`@duckdb/node-api@${optionalDependencies['@duckdb/node-api']}`).toBe('@duckdb/node-api@1.5.5-r.5');
  });

  it.each([
    ['IO Error: No space left on device', 'disk-failed'],
    ['Serialization Error: trying to read a database file with version number 99', 'unsupported-version'],
    ['IO Error: Could not set lock on file "x": Conflicting lock is held', 'not-ready'],
    ['Something nobody foresaw\nwith a second line', 'bad-input'],
  ])('says "%s" as %s', (message, code) => {
    const error = storeError('x.duckdb', new Error(message));
    expect(error).toMatchObject({ code });
    expect(error.message).toContain('x.duckdb');
    expect(error.message).not.toContain('\n');
  });
});
