import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { createParquet, openDuckDb, openParquet, type Store } from '../../src/store/index.ts';
import { storeContract } from './contract.ts';
import { memoryStore } from './memory-store.ts';

const root = mkdtempSync(join(tmpdir(), 'bookcast-store-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let made = 0;

/** A folder of Parquet files as a store, so that one suite holds for both. */
function parquetFolder(): Store {
  // Brackets, stars and quotes mean something to DuckDB, and must not.
  const folder = join(root, `it's [${made++}] *.d`);
  mkdirSync(folder);
  const path = (name: string): string => join(folder, `${name}.parquet`);
  return {
    tables: async () =>
      readdirSync(folder)
        .filter((name) => !name.startsWith('.'))
        .map((name) => name.slice(0, -'.parquet'.length))
        .sort(),
    create: async (name, schema) => await createParquet(path(name), schema),
    open: async (name) => await openParquet(path(name)),
    close: async () => {},
  };
}

storeContract('a store in memory, the oracle', async () => memoryStore());
storeContract('Parquet files', async () => parquetFolder());
storeContract('a DuckDB file', async () => await openDuckDb(join(root, `${made++}.duckdb`)));
