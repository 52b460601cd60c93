import { BookcastError } from '../core/index.ts';
import type { TableReader } from './contract.ts';
import { openDuckDb } from './duckdb-store.ts';
import { openParquet } from './parquet-file.ts';

/** Where a table lies, as a user names it: `FILE.parquet`, `FILE.duckdb` or `FILE.duckdb#table`. */
export type TablePlace =
  | { readonly kind: 'parquet'; readonly path: string }
  | { readonly kind: 'duckdb'; readonly path: string; readonly table: string | null };

/** Null where the name says neither. */
export function parseTablePlace(text: string): TablePlace | null {
  if (/\.(parquet|pq)$/i.test(text)) return { kind: 'parquet', path: text };
  const match = /^(.+\.(?:duckdb|ddb|db))(?:#(.*))?$/i.exec(text);
  return match === null ? null : { kind: 'duckdb', path: match[1], table: match[2] ?? null };
}

/**
 * Opens `FILE.parquet`, `FILE.duckdb` (its only table) or `FILE.duckdb#table` for reading. Throws `bad-argument` for other names
 * and where a database has several tables, `not-found`, and `bad-input` for what is damaged.
 */
export async function openTable(text: string): Promise<TableReader> {
  const place = parseTablePlace(text);
  if (place === null) {
    throw new BookcastError(
      'bad-argument',
      `${text} names no table; give FILE.parquet, FILE.duckdb or FILE.duckdb#table, as "bookcast features TAPE… --out FILE.parquet" writes them`,
    );
  }
  if (place.kind === 'parquet') return await openParquet(place.path);
  const store = await openDuckDb(place.path, { readOnly: true });
  try {
    return await store.open(place.table ?? (await onlyTable(place.path, await store.tables())));
  } finally {
    await store.close();
  }
}

async function onlyTable(path: string, tables: readonly string[]): Promise<string> {
  if (tables.length === 1) return tables[0];
  if (tables.length === 0) throw new BookcastError('not-found', `${path} has no table at all`, { path });
  const choices = tables.map((name) => `${path}#${name}`).join(', ');
  throw new BookcastError('bad-argument', `${path} has ${tables.length} tables; give one of ${choices}`, { path });
}
