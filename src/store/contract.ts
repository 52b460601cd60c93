/**
 * Tables of rows, whatever keeps them: what a store promises, and nothing of how. Writers and readers pass blocks of columns,
 * never rows, so that a million rows cost no million objects.
 */

/** `timestamp` is nanoseconds since 1970-01-01 UTC, exact, in a BigInt64Array. */
export type ColumnType = 'float' | 'double' | 'integer' | 'timestamp' | 'text';

export interface Column {
  /** Lower case with underscores. */
  readonly name: string;
  readonly type: ColumnType;
}

export interface TableSchema {
  readonly columns: readonly Column[];
  /** Travels with the table: schema hash, instrument, clock, versions. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** float → Float32Array, double → Float64Array, integer → Int32Array, timestamp → BigInt64Array, text → strings. NaN stays NaN. */
export type ColumnData = Float32Array | Float64Array | Int32Array | BigInt64Array | readonly string[];

export interface Block {
  readonly length: number;
  /** In the order of the schema's columns (or of the names that were asked for), each at least `length` long. */
  readonly columns: readonly ColumnData[];
}

export interface TableWriter {
  /** Copies what it is given: the caller may reuse its arrays. */
  append(block: Block): Promise<void>;
  /** Everything is durable and visible; only then does the table exist. */
  finish(): Promise<{ readonly rows: number; readonly bytes: number }>;
  /** Leaves nothing behind. */
  abort(): Promise<void>;
}

export interface TableReader {
  readonly schema: TableSchema;
  readonly rows: number;
  /** Blocks of the named columns, in the order of the rows. Throws `not-found` for a column that there is not. */
  read(names: readonly string[]): AsyncIterable<Block>;
  close(): Promise<void>;
}

/** Tables by name, kept together. */
export interface Store {
  /** Names of the tables that are finished, in the order of the alphabet. */
  tables(): Promise<readonly string[]>;
  /** Throws `already-exists` where there is one of that name, `bad-argument` where the name is no lower case word. */
  create(name: string, schema: TableSchema): Promise<TableWriter>;
  /** Throws `not-found`, naming what there is. */
  open(name: string): Promise<TableReader>;
  /** Ends what is still being written as `abort` does. */
  close(): Promise<void>;
}
