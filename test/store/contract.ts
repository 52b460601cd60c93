import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Block, ColumnData, ColumnType, Store, TableReader, TableSchema } from '../../src/store/index.ts';

const ALL: TableSchema = {
  columns: [
    { name: 'at', type: 'timestamp' },
    { name: 'f', type: 'float' },
    { name: 'd', type: 'double' },
    { name: 'n', type: 'integer' },
    { name: 'word', type: 'text' },
  ],
  metadata: { 'bookcast.format': 'test', 'quotes \'and" more': "it's", empty: '' },
};

const ROWS: Block = {
  length: 6,
  columns: [
    BigInt64Array.of(0n, 1n, -1n, 1_340_285_400_017_459_617n, 2n ** 63n - 1n, -(2n ** 63n)),
    Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1.5, 1e-45),
    Float64Array.of(-0, Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 5e-324, Number.MAX_VALUE),
    Int32Array.of(0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 7),
    ['', "it's", 'a\0b', 'Größe 😀', 'x'.repeat(5000), 'NULL'],
  ],
};

export type ArrayColumn = (number | bigint | string)[];

/** A table as plain arrays, whatever its blocks. */
export async function readAll(reader: TableReader, names: readonly string[]): Promise<ArrayColumn[]> {
  const columns = names.map((): ArrayColumn => []);
  for await (const block of reader.read(names)) {
    expect(block.length).toBeGreaterThan(0);
    block.columns.forEach((data, at) => {
      for (let row = 0; row < block.length; row++) columns[at].push(data[row]);
    });
  }
  return columns;
}

function plain(data: ColumnData, length: number): ArrayColumn {
  return Array.from({ length }, (_, row) => data[row]);
}

/** Writes one table and opens it. */
export async function written(store: Store, schema: TableSchema, blocks: readonly Block[]): Promise<TableReader> {
  const writer = await store.create('rows', schema);
  for (const block of blocks) await writer.append(block);
  const { rows } = await writer.finish();
  expect(rows).toBe(blocks.reduce((sum, block) => sum + block.length, 0));
  return await store.open('rows');
}

/** What every store keeps to. `make` gives an empty store of its own to each test. */
export function storeContract(title: string, make: () => Promise<Store>): void {
  const made = async (): Promise<Store> => {
    const store = await make();
    onTestFinished(() => store.close());
    return store;
  };

  describe(title, () => {
    it('gives back every kind of value as it was, and the metadata', async () => {
      const reader = await written(await made(), ALL, [ROWS]);
      expect(reader.rows).toBe(6);
      expect(reader.schema.columns).toEqual(ALL.columns);
      expect(reader.schema.metadata).toMatchObject(ALL.metadata);
      const names = ALL.columns.map((column) => column.name);
      const found = await readAll(reader, names);
      ROWS.columns.forEach((data, at) => {
        expect(found[at], names[at]).toEqual(plain(data, 6));
      });
      await reader.close();
    });

    it('gives the columns that were asked for, in that order, in arrays of their kind', async () => {
      const reader = await written(await made(), ALL, [ROWS]);
      for await (const { columns } of reader.read(['n', 'at', 'f', 'n'])) {
        expect(columns.map((data) => data.constructor)).toEqual([Int32Array, BigInt64Array, Float32Array, Int32Array]);
      }
      expect(await readAll(reader, ['word'])).toEqual([ROWS.columns[4]]);
      await reader.close();
    });

    it('keeps the order of the rows over many blocks, and copies what it is given', async () => {
      const store = await made();
      const schema: TableSchema = { columns: [{ name: 'n', type: 'integer' }], metadata: {} };
      const writer = await store.create('rows', schema);
      const data = new Int32Array(7000);
      const expected: number[] = [];
      for (const length of [1, 2047, 2048, 2049, 0, 7000, 6999, 7000, 3]) {
        for (let row = 0; row < length; row++) {
          data[row] = expected.length;
          expected.push(expected.length);
        }
        await writer.append({ length, columns: [data] });
        data.fill(-1);
      }
      await writer.finish();
      const reader = await store.open('rows');
      expect(reader.rows).toBe(expected.length);
      const [first, second] = await Promise.all([readAll(reader, ['n']), readAll(reader, ['n'])]);
      expect(first[0]).toEqual(expected);
      expect(second[0]).toEqual(expected);
      for await (const block of reader.read(['n'])) {
        expect(block.columns[0][0]).toBe(0);
        break;
      }
      await reader.close();
    });

    it('keeps a table without rows', async () => {
      const reader = await written(await made(), ALL, []);
      expect(reader.rows).toBe(0);
      expect(reader.schema.columns).toEqual(ALL.columns);
      expect(await readAll(reader, ['f', 'word'])).toEqual([[], []]);
      await reader.close();
    });

    it('names a column that there is not, and those that there are', async () => {
      const reader = await written(await made(), ALL, [ROWS]);
      expect(() => reader.read(['f', 'price'])).toThrow(/has no column "price"; it has at, f, d, n, word/);
      await reader.close();
    });

    it('shows a table when it is finished, and nothing of one that was given up', async () => {
      const store = await made();
      expect(await store.tables()).toEqual([]);
      const given = await store.create('given_up', ALL);
      await given.append(ROWS);
      const writer = await store.create('rows', ALL);
      await writer.append(ROWS);
      expect(await store.tables()).toEqual([]);
      await given.abort();
      await given.abort();
      await writer.finish();
      expect(await store.tables()).toEqual(['rows']);
      await expect(store.open('given_up')).rejects.toMatchObject({ code: 'not-found' });
      // The name is free again.
      const again = await store.create('given_up', ALL);
      await again.finish();
      expect(await store.tables()).toEqual(['given_up', 'rows']);
    });

    it('refuses to write over a table', async () => {
      const store = await made();
      await (await written(store, ALL, [ROWS])).close();
      await expect(store.create('rows', ALL)).rejects.toMatchObject({ code: 'already-exists' });
    });

    it.each([
      ['too few columns', { length: 6, columns: ROWS.columns.slice(1) }],
      ['a column of another kind', { length: 6, columns: ROWS.columns.with(1, new Float64Array(6)) }],
      ['a short column', { length: 7, columns: ROWS.columns }],
      ['text that is no Unicode', { length: 1, columns: ROWS.columns.with(4, ['\ud800']) }],
    ])('gives up a table that is given %s', async (_, block: Block) => {
      const store = await made();
      const writer = await store.create('rows', ALL);
      await expect(writer.append(block)).rejects.toThrow('assertion failed');
      expect(await store.tables()).toEqual([]);
    });

    it.each([
      ['no columns', []],
      ['two columns of one name', [ALL.columns[0], ALL.columns[0]]],
      ['a name that needs quotes', [{ name: 'Mid Price', type: 'float' as ColumnType }]],
    ])('refuses a schema with %s', async (_, columns) => {
      const store = await made();
      await expect(store.create('rows', { columns, metadata: {} })).rejects.toThrow('assertion failed');
    });

    it('gives back any table, cut in any way', async () => {
      await fc.assert(
        fc.asyncProperty(anyTable(), fc.array(fc.nat({ max: 40 })), async ({ schema, block }, cuts) => {
          const store = await make();
          try {
            const reader = await written(store, schema, cutInto(block, cuts));
            expect(reader.schema.columns).toEqual(schema.columns);
            expect(reader.schema.metadata).toMatchObject(schema.metadata);
            const found = await readAll(
              reader,
              schema.columns.map((column) => column.name),
            );
            expect(found).toEqual(block.columns.map((data) => plain(data, block.length)));
            await reader.close();
          } finally {
            await store.close();
          }
        }),
        { numRuns: 25 },
      );
    });
  });
}

function cutInto({ length, columns }: Block, cuts: readonly number[]): Block[] {
  const ends = [...cuts.filter((cut) => cut <= length).sort((a, b) => a - b), length];
  return ends.map((end, at) => {
    const from = at === 0 ? 0 : ends[at - 1];
    return { length: end - from, columns: columns.map((data) => data.slice(from, end)) };
  });
}

const VALUES: Record<ColumnType, (length: number) => fc.Arbitrary<ColumnData>> = {
  float: (length) => fc.float32Array({ minLength: length, maxLength: length }),
  double: (length) => fc.float64Array({ minLength: length, maxLength: length }),
  integer: (length) => fc.int32Array({ minLength: length, maxLength: length }),
  timestamp: (length) => fc.bigInt64Array({ minLength: length, maxLength: length }),
  text: (length) => fc.array(fc.string({ unit: 'binary' }), { minLength: length, maxLength: length }),
};

function anyTable(): fc.Arbitrary<{ schema: TableSchema; block: Block }> {
  const types = fc.array(fc.constantFrom<ColumnType>('float', 'double', 'integer', 'timestamp', 'text'), {
    minLength: 1,
    maxLength: 6,
  });
  const text = fc.string({ unit: 'binary' }).map((value) => value.replaceAll('\0', ''));
  const metadata = fc.dictionary(fc.stringMatching(/^[a-z'". ]{1,12}$/), text);
  return fc.tuple(types, fc.nat({ max: 40 }), metadata).chain(([kinds, length, pairs]) =>
    fc.tuple(...kinds.map((kind) => VALUES[kind](length))).map((columns) => ({
      schema: { columns: kinds.map((type, at) => ({ name: `c${at}_${type}`, type })), metadata: { ...pairs } },
      block: { length, columns },
    })),
  );
}
