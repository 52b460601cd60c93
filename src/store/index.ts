export type {
  Block,
  Column,
  ColumnData,
  ColumnType,
  Store,
  TableReader,
  TableSchema,
  TableWriter,
} from './contract.ts';
export { openDuckDb } from './duckdb-store.ts';
export { NewFile } from './new-file.ts';
export { openTable, parseTablePlace, type TablePlace } from './open-table.ts';
export { createParquet, openParquet } from './parquet-file.ts';
