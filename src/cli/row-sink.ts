import { closeSync, openSync, writeFileSync } from 'node:fs';
import { BookcastError, isoTime } from '../core/index.ts';
import type { SampledRow } from '../features/index.ts';
import type { Store, TableSchema, TableWriter } from '../store/index.ts';
import { createParquet, NewFile, openDuckDb, parseTablePlace } from '../store/index.ts';
import { RowBlocks, rowNs, signalColumns } from './feature-table.ts';

/** Where rows go. A file appears when it is finished, whole, or not at all. */
export interface RowSink {
  add(row: SampledRow): void;
  /** Lets what was added go, so that memory stays small. */
  flush(): Promise<void>;
  /** Bytes of the file; null where there is none. */
  finish(): Promise<number | null>;
  abort(): Promise<void>;
}

/** The table of a database that is named without one. */
const TABLE = 'features';

/** `FILE.parquet`, `FILE.duckdb`, `FILE.duckdb#table` or `FILE.csv`; CSV to `print` where no file is named. */
export async function openRowSink(
  out: string | undefined,
  table: TableSchema,
  print: (text: string) => void,
): Promise<RowSink> {
  const signals = signalColumns(table);
  const names = signals.map((column) => column.name);
  if (out === undefined) return new CsvSink(names, print);
  if (/\.csv$/i.test(out)) return new CsvFile(out, names);
  const place = parseTablePlace(out);
  if (place === null) {
    throw new BookcastError(
      'bad-argument',
      `--out ${out}: the name must say the form: FILE.parquet, FILE.duckdb (or FILE.duckdb#table) or FILE.csv`,
    );
  }
  const blocks = new RowBlocks(names.length, signals[0].type === 'double');
  if (place.kind === 'parquet') return new TableSink(blocks, await createParquet(place.path, table), null);
  const store = await openDuckDb(place.path);
  try {
    return new TableSink(blocks, await store.create(place.table ?? TABLE, table), store);
  } catch (error) {
    await store.close();
    throw error;
  }
}

class TableSink implements RowSink {
  readonly #blocks: RowBlocks;
  readonly #writer: TableWriter;
  readonly #store: Store | null;

  constructor(blocks: RowBlocks, writer: TableWriter, store: Store | null) {
    this.#blocks = blocks;
    this.#writer = writer;
    this.#store = store;
  }

  add(row: SampledRow): void {
    this.#blocks.add(row);
  }

  async flush(): Promise<void> {
    for (const block of this.#blocks.take(false)) await this.#writer.append(block);
  }

  async finish(): Promise<number> {
    for (const block of this.#blocks.take(true)) await this.#writer.append(block);
    const { bytes } = await this.#writer.finish();
    await this.#store?.close();
    return bytes;
  }

  async abort(): Promise<void> {
    await this.#writer.abort();
    await this.#store?.close();
  }
}

/** Text for other tools: these columns stay as they are. Signals with all their digits. */
class CsvSink implements RowSink {
  readonly #write: (text: string) => void;
  readonly #lines: string[];

  constructor(names: readonly string[], write: (text: string) => void) {
    this.#write = write;
    this.#lines = [`decision,time,midTicks,${names.join(',')}\n`];
  }

  add(sampled: SampledRow): void {
    const { index, day, midTicks, row } = sampled;
    this.#lines.push(`${index},${isoTime(rowNs(sampled), day)},${midTicks},${row.join(',')}\n`);
  }

  async flush(): Promise<void> {
    const text = this.#lines.splice(0).join('');
    if (text !== '') this.#write(text);
  }

  async finish(): Promise<number | null> {
    await this.flush();
    return null;
  }

  async abort(): Promise<void> {}
}

/** As a file. */
class CsvFile implements RowSink {
  readonly #file: NewFile;
  readonly #sink: CsvSink;
  #descriptor: number | null;

  constructor(path: string, names: readonly string[]) {
    this.#file = NewFile.create(path);
    const descriptor = openSync(this.#file.aside('rows.csv'), 'w');
    this.#descriptor = descriptor;
    this.#sink = new CsvSink(names, (text) => writeFileSync(descriptor, text));
  }

  add(row: SampledRow): void {
    this.#sink.add(row);
  }

  async flush(): Promise<void> {
    await this.#sink.flush();
  }

  async finish(): Promise<number> {
    await this.#sink.finish();
    this.#close();
    return this.#file.publish('rows.csv');
  }

  async abort(): Promise<void> {
    this.#close();
    this.#file.discard();
  }

  #close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }
}
