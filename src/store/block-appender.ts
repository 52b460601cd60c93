import type { DuckDBAppender, DuckDBConnection, DuckDBDataChunk, DuckDBType } from '@duckdb/node-api';
import { assert } from '../core/index.ts';
import type { Block, TableSchema } from './contract.ts';
import { loadDuckDb, quoted, SQL_TYPES } from './duckdb.ts';
import { checkBlock } from './schema.ts';

/** Rows of DuckDB's own vectors: what one data chunk holds. */
const CHUNK_ROWS = 2048;

type Numbers = Float32Array | Float64Array | Int32Array | BigInt64Array;

/** Creates a table and fills it by columns: a row costs no call and no object. */
export class BlockAppender {
  /** Rows appended. */
  rows = 0;
  readonly #schema: TableSchema;
  readonly #appender: DuckDBAppender;
  readonly #chunk: DuckDBDataChunk;

  private constructor(schema: TableSchema, appender: DuckDBAppender, chunk: DuckDBDataChunk) {
    this.#schema = schema;
    this.#appender = appender;
    this.#chunk = chunk;
  }

  static async create(connection: DuckDBConnection, table: string, schema: TableSchema): Promise<BlockAppender> {
    const { DuckDBDataChunk, DOUBLE, FLOAT, INTEGER, TIMESTAMP_NS, VARCHAR } = await loadDuckDb();
    const columns = schema.columns.map(({ name, type }) => `${quoted(name)} ${SQL_TYPES[type]}`);
    await connection.run(`CREATE TABLE ${quoted(table)} (${columns.join(', ')})`);
    const types = { float: FLOAT, double: DOUBLE, integer: INTEGER, timestamp: TIMESTAMP_NS, text: VARCHAR };
    const chunk = DuckDBDataChunk.create(schema.columns.map(({ type }): DuckDBType => types[type]));
    return new BlockAppender(schema, await connection.createAppender(table), chunk);
  }

  /** Throws a programmer's error where the block is of another schema; nothing of it is taken then. */
  append(block: Block): void {
    checkBlock(this.#schema, block);
    for (let from = 0; from < block.length; from += CHUNK_ROWS) {
      this.#appendChunk(block, from, Math.min(block.length, from + CHUNK_ROWS));
    }
    this.rows += block.length;
  }

  close(): void {
    this.#appender.closeSync();
  }

  #appendChunk(block: Block, from: number, to: number): void {
    // Frees the texts of the chunk before.
    this.#chunk.reset();
    this.#chunk.rowCount = to - from;
    for (let column = 0; column < block.columns.length; column++) {
      const vector = this.#chunk.getColumnVector(column);
      const data = block.columns[column];
      if (ArrayBuffer.isView(data)) {
        // The library's own setter takes a value at a time, and an object for each timestamp; its vectors are these arrays.
        const { items } = vector as unknown as { items: Numbers };
        assert(items.constructor === data.constructor, 'a vector of DuckDB is an array of the same kind');
        items.set(data.subarray(from, to) as never);
      } else {
        for (let row = from; row < to; row++) vector.setItem(row - from, data[row]);
      }
      vector.flush();
    }
    this.#appender.appendDataChunk(this.#chunk);
  }
}
