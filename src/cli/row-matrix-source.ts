import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BookcastError } from '../core/index.ts';
import { featureColumns } from '../evaluate/index.ts';
import { instrumentKey } from '../market/index.ts';
import type { MarketColumn } from '../models/index.ts';
import type { RowMatrix } from '../models/training.ts';
import { MAX_GAP_NS, RowMatrixBuilder, readMatrix, writeMatrix } from '../models/training.ts';
import { openTable, parseTablePlace } from '../store/index.ts';
import type { OpenOptions } from './inputs.ts';
import type { Context } from './options.ts';
import { fixed, grouped } from './output.ts';
import { openRecordedRows } from './recorded-rows.ts';
import { sourceFiles } from './source-files.ts';

export interface MatrixOptions extends OpenOptions {
  /** Signals of recordings, as `bookcast features --set`; default `core`. Files of features have those that they have. */
  readonly set?: string;
  /** When rows of recordings are taken; default `burst`, as the forecaster decides. */
  readonly clock?: string;
  /** What the target at hand needs of the book beside its mid (`marketColumnsOf`); recordings alone have it. Default nothing. */
  readonly market?: readonly MarketColumn[];
  /** What "bookcast fit" wrote, for recordings. */
  readonly fit?: string;
  /** Longest pause within a segment, ns; default a minute. */
  readonly maxGapNs?: number;
  /** A folder for the rows as they lie in memory, so that they are made once; null keeps none. */
  readonly cache: string | null;
}

export interface MatrixSource {
  readonly matrix: RowMatrix;
  /** `venue:NAME` of each that the rows come from. */
  readonly instruments: readonly string[];
  /** What a user should know of the data: holes, rows left out. */
  readonly notes: readonly string[];
  /** Where the rows are kept; null where they are not. */
  readonly cached: string | null;
}

/** Rows of one file of features, or of one recording, before they are read. */
export interface RowSource {
  /** For messages. */
  readonly name: string;
  /** `venue:NAME`. */
  readonly instrument: string;
  readonly names: readonly string[];
  readonly schemaHash: string;
  /** ns since 1970 of about its first row: sources are read in this order. */
  readonly firstNs: bigint;
  readonly simulated: boolean;
  /** Adds the rows; returns what a user should know of them. */
  fill(builder: RowMatrixBuilder): Promise<readonly string[]>;
}

/** Goes up when the same sources give other rows. */
const CACHE_FORMAT = 1;

/**
 * Files of features (Parquet, DuckDB) and recordings → one matrix, in order of time. Each folder is a recording of its own, and so are
 * all other files together. From the cache where they were read before. Throws what a user can act on, before anything is computed where
 * it can; `schema-mismatch` where the sources do not have the same columns.
 */
export async function openRowMatrix(
  context: Context,
  paths: readonly string[],
  options: MatrixOptions,
): Promise<MatrixSource> {
  if (paths.length === 0) {
    throw new BookcastError('bad-argument', 'no data were named; give files of features or recordings');
  }
  const tables = paths.filter((path) => parseTablePlace(path) !== null);
  const recordings = recordingsOf(paths.filter((path) => parseTablePlace(path) === null));
  refuseTables(tables, options);
  const sources: RowSource[] = [];
  for (const table of tables) sources.push(await openTableRows(table));
  for (const recording of recordings) sources.push(await openRecordedRows(context, recording, options));
  refuseMismatch(sources);
  const place = options.cache === null ? null : await cachePlace(options.cache, paths, sources, options);
  const instruments = [...new Set(sources.map(({ instrument }) => instrument))].sort();
  if (place !== null && existsSync(place)) {
    const { matrix, facts } = readMatrix(place);
    return { matrix, instruments, notes: JSON.parse(facts.notes) as string[], cached: place };
  }
  const { matrix, notes } = await readSources(context, sources, options);
  if (place !== null) keep(place, matrix, notes);
  return { matrix, instruments, notes, cached: place };
}

/** Files of features say of the book what their signals say, and the mid. */
function refuseTables([table]: readonly string[], { market = [] }: MatrixOptions): void {
  if (table === undefined || market.length === 0) return;
  throw new BookcastError(
    'bad-argument',
    `${table}: files of features have of the book only its mid, and the target needs ${market.join(', ')}; give the recording itself, or a target of the mid in events or time`,
    { path: table, expected: market },
  );
}

/** Files of one instrument make one recording; a folder is one by itself. Throws `not-found`. */
export function recordingsOf(paths: readonly string[]): string[][] {
  for (const path of paths) {
    if (!existsSync(path)) throw new BookcastError('not-found', `${path}: no such file or folder`, { path });
  }
  const isFolder = (path: string): boolean => statSync(path).isDirectory();
  const files = paths.filter((path) => !isFolder(path));
  return [...paths.filter(isFolder).map((path) => [path]), ...(files.length === 0 ? [] : [files])];
}

function refuseMismatch(sources: readonly RowSource[]): void {
  const [first] = sources;
  const other = sources.find(({ schemaHash }) => schemaHash !== first.schemaHash);
  if (other === undefined) return;
  const lacks = first.names.filter((name) => !other.names.includes(name));
  const has = other.names.filter((name) => !first.names.includes(name));
  const differ =
    lacks.length + has.length === 0
      ? 'the same columns in another order, version or fit'
      : `${lacks.length} columns only in the first${shownNames(lacks)}, ${has.length} only in the second${shownNames(has)}`;
  throw new BookcastError(
    'schema-mismatch',
    `${first.name} has the schema ${first.schemaHash} and ${other.name} has ${other.schemaHash}: ${differ}; one model reads one schema, so write them with the same signals`,
    { first: first.name, second: other.name, schemas: [first.schemaHash, other.schemaHash] },
  );
}

function shownNames(names: readonly string[]): string {
  if (names.length === 0) return '';
  return ` (${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''})`;
}

async function readSources(
  { io }: Context,
  sources: readonly RowSource[],
  { maxGapNs = MAX_GAP_NS, market = [] }: MatrixOptions,
): Promise<{ matrix: RowMatrix; notes: string[] }> {
  const inOrder = sources.toSorted((a, b) => (a.firstNs < b.firstNs ? -1 : a.firstNs > b.firstNs ? 1 : 0));
  const { names, schemaHash } = inOrder[0];
  const builder = new RowMatrixBuilder({ names, schemaHash, market, maxGapNs });
  const notes: string[] = [];
  for (const source of inOrder) {
    builder.cut('source');
    if (source.simulated) builder.markSimulated();
    notes.push(...(await source.fill(builder)));
    if (io.stop.aborted) throw new BookcastError('not-ready', 'stopped while the data were read');
  }
  notes.push(...builderNotes(builder, maxGapNs));
  return { matrix: builder.build(), notes };
}

function builderNotes({ untrusted, cuts }: RowMatrixBuilder, maxGapNs: number): string[] {
  const seconds = fixed(maxGapNs / 1e9, maxGapNs % 1e9 === 0 ? 0 : 3);
  const reasons = [
    [cuts.lost, 'lost books'],
    [cuts.untrusted, 'stretches without a mid'],
    [cuts.day, 'changes of day'],
    [cuts.gap, `pauses of more than ${seconds} s`],
    [cuts.back, 'steps back in time'],
  ] as const;
  const found = reasons.filter(([count]) => count > 0).map(([count, what]) => `${grouped(count)} ${what}`);
  return [
    ...(untrusted === 0 ? [] : [`${grouped(untrusted)} rows without a mid are left out`]),
    ...(found.length === 0 ? [] : [`no window reaches over ${found.join(', ')}`]),
  ];
}

/** A file of features, as "bookcast features" writes it. */
async function openTableRows(file: string): Promise<RowSource> {
  const reader = await openTable(file);
  try {
    const { columns, instrument } = featureColumns(reader, file);
    const names = columns.map(({ name }) => name);
    // The clock on which a forecaster of this instrument decides and learns.
    const clock = instrument.burstQuietNs > 0 ? 'received' : 'time';
    const { metadata } = reader.schema;
    return {
      name: file,
      instrument: instrumentKey(instrument),
      names,
      schemaHash: metadata['bookcast.schema_hash'],
      firstNs: await firstTime(reader, clock),
      simulated: metadata['bookcast.origin'] === 'simulated',
      fill: (builder) => fillFromTable(file, clock, names, builder),
    };
  } finally {
    await reader.close();
  }
}

async function firstTime(reader: Awaited<ReturnType<typeof openTable>>, clock: string): Promise<bigint> {
  for await (const { columns } of reader.read([clock])) return (columns[0] as BigInt64Array)[0];
  return 0n;
}

async function fillFromTable(
  file: string,
  clock: string,
  names: readonly string[],
  builder: RowMatrixBuilder,
): Promise<readonly string[]> {
  const reader = await openTable(file);
  try {
    for await (const { length, columns } of reader.read([clock, 'mid_ticks', ...names])) {
      const [times, mids, ...signals] = columns as [BigInt64Array, Float64Array, ...Float32Array[]];
      builder.addColumns(length, times, mids, signals);
    }
  } finally {
    await reader.close();
  }
  return [];
}

/** Named by all that the rows depend on: the sources' bytes, their columns and how they were read. */
async function cachePlace(
  folder: string,
  paths: readonly string[],
  sources: readonly RowSource[],
  { clock = 'burst', maxGapNs = MAX_GAP_NS, symbol, tick, lot, market = [] }: MatrixOptions,
): Promise<string> {
  const places = paths.map((path) => parseTablePlace(path));
  const files = await sourceFiles(paths.map((path, at) => places[at]?.path ?? path));
  const tables = places.map((place) => (place?.kind === 'duckdb' ? place.table : null));
  const said = {
    format: CACHE_FORMAT,
    files: files.map(({ sha256 }) => sha256),
    tables,
    schemas: sources.map(({ schemaHash }) => schemaHash),
    read: [clock, maxGapNs, symbol ?? null, tick ?? null, lot ?? null],
    // Absent for most: their files keep the names that they had.
    ...(market.length === 0 ? {} : { market }),
  };
  const key = createHash('sha256').update(JSON.stringify(said)).digest('hex').slice(0, 32);
  return join(folder, `${key}.rows`);
}

function keep(place: string, matrix: RowMatrix, notes: readonly string[]): void {
  mkdirSync(join(place, '..'), { recursive: true });
  try {
    writeMatrix(place, { matrix, facts: { notes: JSON.stringify(notes) } });
  } catch (error) {
    // Another process read the same data at the same time: its file has the same rows.
    if (!(error instanceof BookcastError && error.code === 'already-exists')) throw error;
  }
}
