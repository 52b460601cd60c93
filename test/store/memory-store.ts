import { BookcastError } from '../../src/core/index.ts';
import type { Block, Store, TableReader, TableSchema, TableWriter } from '../../src/store/index.ts';
import { checkBlock, checkSchema } from '../../src/store/schema.ts';

interface Table {
  readonly schema: TableSchema;
  readonly blocks: readonly Block[];
}

/** The contract at its plainest, against which the real stores are held: tables are copies in a map. */
export function memoryStore(): Store {
  const tables = new Map<string, Table>();
  const fail = (code: 'not-found' | 'already-exists', what: string): never => {
    throw new BookcastError(code, what);
  };
  return {
    tables: async () => [...tables.keys()].sort(),
    create: async (name, schema) => {
      checkSchema(schema);
      if (tables.has(name)) fail('already-exists', `there is a table "${name}"`);
      return writerInto((blocks) => tables.set(name, { schema, blocks }), schema);
    },
    open: async (name) => readerOf(tables.get(name) ?? fail('not-found', `no table "${name}"`)),
    close: async () => {},
  };
}

function writerInto(keep: (blocks: readonly Block[]) => void, schema: TableSchema): TableWriter {
  const blocks: Block[] = [];
  return {
    append: async (block) => {
      checkBlock(schema, block);
      blocks.push({ length: block.length, columns: block.columns.map((data) => data.slice(0, block.length)) });
    },
    finish: async () => {
      keep(blocks);
      return { rows: rowsOf(blocks), bytes: 0 };
    },
    abort: async () => {},
  };
}

function rowsOf(blocks: readonly Block[]): number {
  return blocks.reduce((sum, block) => sum + block.length, 0);
}

function readerOf({ schema, blocks }: Table): TableReader {
  const names = schema.columns.map((column) => column.name);
  return {
    schema,
    rows: rowsOf(blocks),
    read: (asked) => {
      const places = asked.map((name) => names.indexOf(name));
      if (places.includes(-1)) {
        const name = asked[places.indexOf(-1)];
        throw new BookcastError('not-found', `the table has no column "${name}"; it has ${names.join(', ')}`);
      }
      return pick(blocks, places);
    },
    close: async () => {},
  };
}

async function* pick(blocks: readonly Block[], places: readonly number[]): AsyncGenerator<Block> {
  for (const { length, columns } of blocks) {
    if (length > 0) yield { length, columns: places.map((at) => columns[at]) };
  }
}
