import { existsSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { assert, BookcastError } from '../core/index.ts';
import { BlockAppender } from './block-appender.ts';
import type { Block, Store, TableReader, TableSchema, TableWriter } from './contract.ts';
import { literal, loadDuckDb, OFFLINE, quoted, storeError } from './duckdb.ts';
import { requireFile } from './parquet-file.ts';
import { checkSchema, isName } from './schema.ts';
import { TableQuery } from './table-query.ts';

/**
 * Tables in one DuckDB database file, made where there is none unless `readOnly`. A table's metadata are its comment, as JSON. One
 * process writes at a time, and none reads meanwhile: `not-ready` says which one has it.
 */
export async function openDuckDb(path: string, options: { readOnly?: boolean } = {}): Promise<Store> {
  const { readOnly = false } = options;
  const isNew = !existsSync(path);
  if (readOnly || !isNew) requireFile(path);
  else if (!existsSync(dirname(resolve(path)))) {
    throw new BookcastError('bad-argument', `cannot write ${path}: its folder does not exist`, { path });
  }
  const instance = await openInstance(path, readOnly);
  return new DuckDbStore(path, instance, { readOnly, isNew });
}

async function openInstance(path: string, readOnly: boolean): Promise<DuckDBInstance> {
  const duckdb = await loadDuckDb();
  try {
    // From the cache: two engines of one process on one file would not see each other's lock.
    const mode = readOnly ? 'READ_ONLY' : 'READ_WRITE';
    return await duckdb.DuckDBInstance.fromCache(resolve(path), { ...OFFLINE, memory_limit: '1GB', access_mode: mode });
  } catch (cause) {
    throw storeError(path, cause);
  }
}

class DuckDbStore implements Store {
  readonly #path: string;
  readonly #instance: DuckDBInstance;
  readonly #readOnly: boolean;
  readonly #isNew: boolean;
  readonly #writers = new Set<DuckDbWriter>();
  #open = true;

  constructor(path: string, instance: DuckDBInstance, { readOnly, isNew }: { readOnly: boolean; isNew: boolean }) {
    this.#path = path;
    this.#instance = instance;
    this.#readOnly = readOnly;
    this.#isNew = isNew;
  }

  async tables(): Promise<readonly string[]> {
    return await this.#ask(async (connection) => {
      const sql = `SELECT table_name FROM duckdb_tables() WHERE NOT internal AND database_name = current_database()
        AND schema_name = 'main' ORDER BY 1`;
      return (await connection.runAndReadAll(sql)).getRows().map(([name]) => String(name));
    });
  }

  async create(name: string, schema: TableSchema): Promise<TableWriter> {
    checkSchema(schema);
    assert(!this.#readOnly, 'a store that is written to was not opened for reading alone');
    if (!isName(name)) {
      throw new BookcastError('bad-argument', `a table's name is lower case with underscores, not "${name}"`, { name });
    }
    if ((await this.tables()).includes(name)) {
      throw new BookcastError('already-exists', `${this.#path} has a table "${name}" already; choose another name`, {
        path: this.#path,
        name,
      });
    }
    const connection = await this.#instance.connect();
    try {
      await connection.run('BEGIN');
      const appender = await BlockAppender.create(connection, name, schema);
      const comment = literal(JSON.stringify(schema.metadata));
      await connection.run(`COMMENT ON TABLE ${quoted(name)} IS ${comment}`);
      const writer = new DuckDbWriter(this.#path, connection, appender, () => this.#writers.delete(writer));
      this.#writers.add(writer);
      return writer;
    } catch (cause) {
      connection.closeSync();
      throw storeError(this.#path, cause);
    }
  }

  async open(name: string): Promise<TableReader> {
    const tables = await this.tables();
    if (!tables.includes(name)) {
      const has = tables.length === 0 ? 'no table at all' : `no table "${name}"; it has ${tables.join(', ')}`;
      throw new BookcastError('not-found', `${this.#path} has ${has}`, { path: this.#path, name });
    }
    const [comment, rows] = await this.#ask(async (connection) => {
      const sql = `SELECT comment FROM duckdb_tables() WHERE database_name = current_database() AND table_name = ${literal(name)}`;
      const [[found]] = (await connection.runAndReadAll(sql)).getRows();
      const [[count]] = (await connection.runAndReadAll(`SELECT count(*) FROM ${quoted(name)}`)).getRows();
      return [found, Number(count)];
    });
    const origin = { path: `${this.#path}#${name}`, from: quoted(name), rows, metadata: metadataOf(comment) };
    const instance = await openInstance(this.#path, this.#readOnly);
    try {
      return await TableQuery.create(instance, origin);
    } catch (cause) {
      instance.closeSync();
      throw cause;
    }
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    for (const writer of this.#writers) await writer.abort();
    const isEmpty = this.#isNew && (await this.tables()).length === 0;
    this.#open = false;
    this.#instance.closeSync();
    // What was made for a table that never came is not left behind.
    if (isEmpty) for (const file of [this.#path, `${this.#path}.wal`]) rmSync(file, { force: true });
  }

  async #ask<T>(question: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    assert(this.#open, 'a store is used before it is closed');
    const connection = await this.#instance.connect();
    try {
      return await question(connection);
    } catch (cause) {
      throw storeError(this.#path, cause);
    } finally {
      connection.closeSync();
    }
  }
}

/** One transaction: nobody sees the table before it is finished. */
class DuckDbWriter implements TableWriter {
  readonly #path: string;
  readonly #connection: DuckDBConnection;
  readonly #appender: BlockAppender;
  readonly #ended: () => void;
  #open = true;

  constructor(path: string, connection: DuckDBConnection, appender: BlockAppender, ended: () => void) {
    this.#path = path;
    this.#connection = connection;
    this.#appender = appender;
    this.#ended = ended;
  }

  async append(block: Block): Promise<void> {
    await this.#orAbort(async () => this.#appender.append(block));
  }

  async finish(): Promise<{ rows: number; bytes: number }> {
    return await this.#orAbort(async () => {
      this.#appender.close();
      await this.#connection.run('COMMIT');
      this.#end();
      const files = [this.#path, `${this.#path}.wal`].filter((file) => existsSync(file));
      return { rows: this.#appender.rows, bytes: files.reduce((sum, file) => sum + statSync(file).size, 0) };
    });
  }

  async abort(): Promise<void> {
    if (!this.#open) return;
    // Closing a connection takes back what it did not commit.
    this.#end();
  }

  #end(): void {
    this.#open = false;
    this.#connection.closeSync();
    this.#ended();
  }

  async #orAbort<T>(step: () => Promise<T>): Promise<T> {
    assert(this.#open, 'a table is written to before it is finished');
    try {
      return await step();
    } catch (cause) {
      await this.abort();
      throw storeError(this.#path, cause);
    }
  }
}

/** A comment that is no JSON object of texts is somebody's own, and says nothing to us. */
function metadataOf(comment: unknown): Record<string, string> {
  try {
    const found: unknown = JSON.parse(String(comment));
    if (typeof found !== 'object' || found === null) return {};
    return Object.fromEntries(Object.entries(found).filter(([, value]) => typeof value === 'string'));
  } catch {
    return {};
  }
}
