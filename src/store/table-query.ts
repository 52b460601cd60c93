import type { DuckDBConnection, DuckDBDataChunk, DuckDBInstance, DuckDBVector } from '@duckdb/node-api';
import { assert, BookcastError } from '../core/index.ts';
import type { Block, Column, ColumnData, TableReader, TableSchema } from './contract.ts';
import { columnTypeOf, quoted, SQL_TYPES, storeError } from './duckdb.ts';
import { emptyColumn } from './schema.ts';

/** Large enough that a block's own cost is lost in it, small enough that 300 columns of doubles are 40 MB. */
const BLOCK_ROWS = 16_384;

interface Origin {
  /** For messages. */
  readonly path: string;
  /** What stands behind FROM. */
  readonly from: string;
  readonly rows: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A table that DuckDB reads, wherever it lies. Each reading has a connection of its own, so that several may run at a time. */
export class TableQuery implements TableReader {
  readonly schema: TableSchema;
  readonly rows: number;
  readonly #instance: DuckDBInstance;
  readonly #origin: Origin;
  #open = true;

  private constructor(instance: DuckDBInstance, origin: Origin, columns: readonly Column[]) {
    this.#instance = instance;
    this.#origin = origin;
    this.rows = origin.rows;
    this.schema = { columns, metadata: origin.metadata };
  }

  /** Takes the instance over: closing the reader closes it. Throws `bad-input` where a column is of no kind that we know. */
  static async create(instance: DuckDBInstance, origin: Origin): Promise<TableQuery> {
    const connection = await instance.connect();
    try {
      const result = await connection.run(`SELECT * FROM ${origin.from} LIMIT 0`);
      const types = result.columnTypes();
      const columns = result.columnNames().map((name, at): Column => {
        const type = columnTypeOf(String(types[at]));
        if (type !== null) return { name, type };
        const known = Object.values(SQL_TYPES).join(', ');
        throw new BookcastError(
          'bad-input',
          `${origin.path}: the column "${name}" is ${types[at]}, and a table here is made of ${known}; convert it where the file was written`,
          { path: origin.path, column: name },
        );
      });
      return new TableQuery(instance, origin, columns);
    } finally {
      connection.closeSync();
    }
  }

  read(names: readonly string[]): AsyncIterable<Block> {
    assert(this.#open, 'a table is read before it is closed');
    assert(names.length > 0, 'a reading names at least one column');
    const columns = names.map((name) => {
      const column = this.schema.columns.find((candidate) => candidate.name === name);
      if (column !== undefined) return column;
      const all = this.schema.columns.map((candidate) => candidate.name);
      const some = all.length > 12 ? `${all.slice(0, 12).join(', ')} and ${all.length - 12} more` : all.join(', ');
      throw new BookcastError('not-found', `${this.#origin.path} has no column "${name}"; it has ${some}`, {
        path: this.#origin.path,
        column: name,
      });
    });
    return this.#blocks(columns);
  }

  async close(): Promise<void> {
    if (this.#open) this.#instance.closeSync();
    this.#open = false;
  }

  async *#blocks(columns: readonly Column[]): AsyncGenerator<Block> {
    const { path, from } = this.#origin;
    const connection = await this.#instance.connect();
    try {
      let block = new BlockFiller(path, columns, Math.min(BLOCK_ROWS, this.rows));
      for await (const chunk of this.#chunks(connection, columns, from)) {
        for (let at = 0; at < chunk.rowCount; ) {
          at += block.take(chunk, at);
          if (!block.isFull) continue;
          yield block.filled();
          block = new BlockFiller(path, columns, BLOCK_ROWS);
        }
      }
      if (block.length > 0) yield block.filled();
    } catch (cause) {
      throw storeError(path, cause);
    } finally {
      connection.closeSync();
    }
  }

  async *#chunks(
    connection: DuckDBConnection,
    columns: readonly Column[],
    from: string,
  ): AsyncGenerator<DuckDBDataChunk> {
    const result = await connection.stream(`SELECT ${columns.map(({ name }) => quoted(name)).join(', ')} FROM ${from}`);
    for (
      let chunk = await result.fetchChunk();
      chunk !== null && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    ) {
      yield chunk;
    }
  }
}

/** A block in the making. */
class BlockFiller {
  length = 0;
  readonly #path: string;
  readonly #columns: readonly Column[];
  readonly #capacity: number;
  readonly #data: ColumnData[];

  constructor(path: string, columns: readonly Column[], capacity: number) {
    this.#path = path;
    this.#columns = columns;
    this.#capacity = capacity;
    this.#data = columns.map(({ type }) => emptyColumn(type, capacity));
  }

  get isFull(): boolean {
    return this.length === this.#capacity;
  }

  /** Copies rows from `at` on, as many as there is room for, and says how many. */
  take(chunk: DuckDBDataChunk, at: number): number {
    const count = Math.min(chunk.rowCount - at, this.#capacity - this.length);
    for (let column = 0; column < this.#columns.length; column++) {
      this.#takeColumn(column, chunk.getColumnVector(column), at, count);
    }
    this.length += count;
    return count;
  }

  filled(): Block {
    const length = this.length;
    const columns = this.#data.map((data) =>
      data.length === length ? data : ArrayBuffer.isView(data) ? data.subarray(0, length) : data.slice(0, length),
    );
    return { length, columns };
  }

  #takeColumn(column: number, vector: DuckDBVector, at: number, count: number): void {
    const data = this.#data[column];
    const { items, validity } = vector as unknown as { items?: typeof data; validity: { data: unknown } };
    if (ArrayBuffer.isView(data)) {
      assert(items?.constructor === data.constructor, 'a vector of DuckDB is an array of the same kind');
      data.set((items as typeof data).subarray(at, at + count) as never, this.length);
      // Without a mask, every value is there.
      if (validity.data === null) return;
    }
    for (let row = 0; row < count; row++) {
      const value = vector.getItem(at + row);
      if (value === null) this.#takeNull(column, this.length + row);
      else if (!ArrayBuffer.isView(data)) (data as string[])[this.length + row] = value as string;
    }
  }

  /** Other programs write what is absent as NULL. A number that is absent is `NaN` here; nothing else can be. */
  #takeNull(column: number, row: number): void {
    const { name, type } = this.#columns[column];
    const data = this.#data[column];
    if (data instanceof Float32Array || data instanceof Float64Array) {
      data[row] = Number.NaN;
      return;
    }
    throw new BookcastError(
      'bad-input',
      `${this.#path}: the column "${name}" (${type}) has a NULL, which only float and double columns may have; fill it where the file was written`,
      { path: this.#path, column: name },
    );
  }
}
