import { BookcastError } from '../core/index.ts';
import type { ColumnType } from './contract.ts';

type DuckDb = typeof import('@duckdb/node-api');

/** The package as `package.json` pins it. */
const PACKAGE = '@duckdb/node-api@1.5.5-r.5';

/** Nothing is fetched from the network behind the user's back. */
export const OFFLINE: Readonly<Record<string, string>> = {
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
};

/**
 * The engine, loaded when a store is first used: it weighs 70 MB and is optional, since nothing that trades or serves needs it.
 * Throws `missing-package` where it is not there or does not run on this machine.
 */
export async function loadDuckDb(load: () => Promise<DuckDb> = () => import('@duckdb/node-api')): Promise<DuckDb> {
  try {
    return await load();
  } catch (cause) {
    const [why] = (cause as Error).message.split('\n');
    throw new BookcastError(
      'missing-package',
      `Parquet and DuckDB files need a package that is not here (${why}); install it with "npm install ${PACKAGE}"`,
      { cause },
    );
  }
}

export const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  float: 'FLOAT',
  double: 'DOUBLE',
  integer: 'INTEGER',
  timestamp: 'TIMESTAMP_NS',
  text: 'VARCHAR',
};

/** What a column of that SQL type is here; null where the house has no such column. */
export function columnTypeOf(sqlType: string): ColumnType | null {
  const found = Object.entries(SQL_TYPES).find(([, sql]) => sql === sqlType);
  return found === undefined ? null : (found[0] as ColumnType);
}

/** A name in SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text in SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

const REASONS: readonly (readonly [RegExp, (path: string, found: string) => BookcastError])[] = [
  [
    /set lock on file|different configuration|already attached|file handle conflict/i,
    (path, found) => {
      const holder = /held in .*?(PID \d+)/.exec(found)?.[1];
      const who = holder === undefined ? 'somewhere else' : `in another process (${holder})`;
      return new BookcastError(
        'not-ready',
        `${path} is open ${who}, and a DuckDB file has one writer or many readers; close it there, then try again`,
        { path },
      );
    },
  ],
  [
    /version number|newer version/i,
    (path, found) =>
      new BookcastError('unsupported-version', `${path} was written by another version of DuckDB: ${found}`, { path }),
  ],
  [
    /magic bytes|not a valid DuckDB|too small to be a Parquet|not a parquet|corrupt|deserial|thrift|footer/i,
    (path, found) =>
      new BookcastError('bad-input', `${path} is damaged, or not what its name says: ${found}`, { path }),
  ],
  [
    /no space left|disk is full|quota/i,
    (path) =>
      new BookcastError('disk-failed', `${path}: the disk is full; make room or choose another folder`, { path }),
  ],
];

/** What DuckDB says of a file, for users: its first line, and the reason where it is known. A mistake of ours stays what it is. */
export function storeError(path: string, cause: unknown): Error {
  const { message } = cause as Error;
  if (cause instanceof BookcastError || message.startsWith('assertion failed')) return cause as Error;
  const [found] = message.split('\n');
  const reason = REASONS.find(([pattern]) => pattern.test(found));
  if (reason === undefined) return new BookcastError('bad-input', `${path}: ${found}`, { path, cause });
  return reason[1](path, found);
}
