import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { BookcastError } from '../core/index.ts';
import { BlockAppender } from './block-appender.ts';
import type { Block, TableReader, TableSchema, TableWriter } from './contract.ts';
import { literal, loadDuckDb, OFFLINE, storeError } from './duckdb.ts';
import { NewFile } from './new-file.ts';
import { checkSchema } from './schema.ts';
import { TableQuery } from './table-query.ts';

/** Rows wait in memory, beyond this on disk: in a database file from the start, all would be packed twice. */
const MEMORY = { memory_limit: '1GB', threads: '2' };

/** Each thread holds a group of rows, raw and packed: wide tables have fewer rows in each. */
const GROUP_BYTES = 32 * 1024 * 1024;
const GROUP_ROWS = { least: 2048, most: 122_880 };

/**
 * A new Parquet file (zstd), which appears under its name when it is finished, whole. Until then its rows are in memory, and what
 * is too much for it in a hidden folder beside it. Throws `already-exists`, and `bad-argument` where the folder cannot be written to.
 */
export async function createParquet(path: string, schema: TableSchema): Promise<TableWriter> {
  checkSchema(schema);
  const duckdb = await loadDuckDb();
  const file = NewFile.create(path);
  try {
    const instance = await duckdb.DuckDBInstance.create(':memory:', {
      ...OFFLINE,
      ...MEMORY,
      temp_directory: file.aside('waiting'),
    });
    const connection = await instance.connect();
    const appender = await BlockAppender.create(connection, 'rows', schema);
    return new ParquetWriter({ file, schema, instance, connection, appender });
  } catch (cause) {
    file.discard();
    throw storeError(path, cause);
  }
}

/** Of a value; of a text, a guess. */
const BYTES = { float: 4, double: 8, integer: 4, timestamp: 8, text: 32 } as const;

interface Work {
  readonly file: NewFile;
  readonly schema: TableSchema;
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
  readonly appender: BlockAppender;
}

class ParquetWriter implements TableWriter {
  readonly #work: Work;
  #open = true;

  constructor(work: Work) {
    this.#work = work;
  }

  async append(block: Block): Promise<void> {
    await this.#orAbort(async () => this.#work.appender.append(block));
  }

  async finish(): Promise<{ rows: number; bytes: number }> {
    const { file, schema, connection, appender } = this.#work;
    return await this.#orAbort(async () => {
      appender.close();
      await connection.run(`COPY rows TO ${literal(file.aside('rows.parquet'))} (${copyOptions(schema)})`);
      this.#close();
      return { rows: appender.rows, bytes: file.publish('rows.parquet') };
    });
  }

  async abort(): Promise<void> {
    this.#close();
    this.#work.file.discard();
  }

  #close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#work.connection.closeSync();
    this.#work.instance.closeSync();
  }

  async #orAbort<T>(step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (cause) {
      await this.abort();
      throw storeError(this.#work.file.path, cause);
    }
  }
}

/** A Parquet file of ours, or of any program that writes the same kinds of columns. */
export async function openParquet(path: string): Promise<TableReader> {
  requireFile(path);
  const duckdb = await loadDuckDb();
  const instance = await duckdb.DuckDBInstance.create(':memory:', { ...OFFLINE });
  try {
    const file = literal(resolve(path).replace(/[[*?]/g, (special) => `[${special}]`));
    const connection = await instance.connect();
    try {
      const counted = await connection.runAndReadAll(`SELECT num_rows FROM parquet_file_metadata(${file})`);
      const pairs = await connection.runAndReadAll(`SELECT key, value FROM parquet_kv_metadata(${file})`);
      const decoder = new TextDecoder();
      const text = (blob: unknown): string => decoder.decode((blob as { bytes: Uint8Array }).bytes);
      return await TableQuery.create(instance, {
        path,
        from: `read_parquet(${file}, hive_partitioning = false)`,
        rows: Number(counted.getRows()[0][0]),
        metadata: Object.fromEntries(pairs.getRows().map(([key, value]) => [text(key), text(value)])),
      });
    } finally {
      connection.closeSync();
    }
  } catch (cause) {
    instance.closeSync();
    throw storeError(path, cause);
  }
}

function copyOptions({ columns, metadata }: TableSchema): string {
  const rowBytes = columns.reduce((sum, { type }) => sum + BYTES[type], 0);
  const fitting = Math.floor(GROUP_BYTES / rowBytes / GROUP_ROWS.least) * GROUP_ROWS.least;
  const groupRows = Math.min(GROUP_ROWS.most, Math.max(GROUP_ROWS.least, fitting));
  const pairs = Object.entries(metadata).map(([key, value]) => `${literal(key)}: ${literal(value)}`);
  const kept = pairs.length === 0 ? [] : [`KV_METADATA {${pairs.join(', ')}}`];
  return ['FORMAT parquet', 'COMPRESSION zstd', `ROW_GROUP_SIZE ${groupRows}`, ...kept].join(', ');
}

/** Throws `not-found`, or `bad-input` where a folder is in its place. */
export function requireFile(path: string): void {
  if (!existsSync(path)) throw new BookcastError('not-found', `${path}: no such file`, { path });
  if (!statSync(path).isFile()) throw new BookcastError('bad-input', `${path} is a folder, not a file`, { path });
}
