import { assert } from '../core/index.ts';
import type { Block, ColumnType, TableSchema } from './contract.ts';

/** Names that need no quotes in SQL, Polars and pandas, and that differ by more than their case. */
const NAME = /^[a-z][a-z0-9_]*$/;

export function isName(name: string): boolean {
  return NAME.test(name);
}

/** Text that every kind of store gives back as it was: no NUL, which ends a text in C, and no half of a surrogate pair. */
function isKept(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** Throws a programmer's error where a schema is none. */
export function checkSchema({ columns, metadata }: TableSchema): void {
  assert(columns.length > 0, 'a table has at least one column');
  const names = columns.map((column) => column.name);
  for (const name of names) assert(isName(name), `a column's name is lower case with underscores, not "${name}"`);
  assert(new Set(names).size === names.length, 'every column has a name of its own');
  const keys = Object.keys(metadata);
  assert(new Set(keys.map((key) => key.toLowerCase())).size === keys.length, 'metadata keys differ by more than case');
  for (const [key, value] of Object.entries(metadata)) {
    assert(key.length > 0 && isKept(key) && isKept(value), 'metadata are text without NUL');
  }
}

const ARRAYS = { float: Float32Array, double: Float64Array, integer: Int32Array, timestamp: BigInt64Array } as const;

/** Throws a programmer's error where a block is not of this schema. */
export function checkBlock({ columns }: TableSchema, block: Block): void {
  assert(block.columns.length === columns.length, 'a block has the columns of its table');
  assert(Number.isInteger(block.length) && block.length >= 0, 'a block has a length');
  for (const [at, { name, type }] of columns.entries()) {
    const data = block.columns[at];
    assert(isOf(data, type), `the column ${name} is a column of ${type}`);
    assert(data.length >= block.length, `the column ${name} is as long as its block`);
    if (type !== 'text') continue;
    // A half of a surrogate pair would be stored as a question mark.
    for (const text of data as readonly string[]) assert(text.isWellFormed(), `the column ${name} holds Unicode text`);
  }
}

function isOf(data: Block['columns'][number], type: ColumnType): boolean {
  return type === 'text' ? Array.isArray(data) : data instanceof ARRAYS[type];
}

/** A column of `length` places to be filled. */
export function emptyColumn(type: ColumnType, length: number): Block['columns'][number] {
  return type === 'text' ? new Array<string>(length).fill('') : new ARRAYS[type](length);
}
