import { BookcastError, isoTime } from '../../core/index.ts';
import { type ColumnSchema, schemaHash } from '../../features/index.ts';
import { type Instrument, instrumentKey, parseInstrument } from '../../market/index.ts';
import type { ColumnData, TableReader } from '../../store/index.ts';

/** What a file of features says of itself. */
export interface FeatureFacts {
  readonly file: string;
  readonly rows: number;
  readonly schemaHash: string;
  /** `venue:NAME`. */
  readonly instrument: string;
  /** One tick in the quote currency, as decimal text. */
  readonly tickSize: string;
  /** How rows were sampled. */
  readonly clock: string;
  readonly origin: string;
  /** Hash of the fit of fitted columns, and where its training data ends (ISO 8601); null where no column is fitted. */
  readonly fit: string | null;
  readonly fitUntil: string | null;
  /** First and last row's time, ISO 8601; null without rows. */
  readonly from: string | null;
  readonly to: string | null;
  readonly seconds: number;
  /** Part of the rows that lie within the fit's training data. */
  readonly fitted: number;
}

/** A file's columns and what it says of them. */
export interface FeatureColumns {
  readonly columns: readonly ColumnSchema[];
  readonly instrument: Instrument;
}

/** What every analysis needs beside the columns. */
export interface FeatureBase {
  /** Nanoseconds since the first row. */
  readonly timeNs: Float64Array;
  readonly midTicks: Float64Array;
  /** Time of the first row, ns since 1970; 0 without rows. */
  readonly startNs: bigint;
}

const NS_PER_DAY = 86_400_000_000_000n;
const REMEDY = 'write it again with "bookcast features TAPE… --out FILE.parquet"';

/**
 * Reads what the file says of its columns, and holds it against the file: throws `schema-mismatch` where the columns are not the
 * ones named, or do not give the schema hash that travels with them, and `bad-input` where it says nothing that can be read.
 */
export function featureColumns({ schema }: TableReader, file: string): FeatureColumns {
  const { metadata } = schema;
  const fail = (what: string, code: 'bad-input' | 'schema-mismatch' = 'bad-input'): never => {
    throw new BookcastError(code, `${file}: ${what}; ${REMEDY}`, { path: file });
  };
  const need = (key: string): string =>
    metadata[`bookcast.${key}`] ?? fail(`no "bookcast.${key}" travels with this table, so it is no file of features`);
  const columns = parseColumns(need('columns'), fail);
  const present = new Set(schema.columns.map(({ name }) => name));
  for (const name of ['time', 'mid_ticks']) if (!present.has(name)) fail(`there is no column "${name}"`);
  const absent = columns.filter(({ name }) => !present.has(name)).map(({ name }) => name);
  if (absent.length > 0) fail(`the table lacks ${some(absent)}, which its schema names`, 'schema-mismatch');
  const stated = need('schema_hash');
  const found = schemaHash(columns, metadata['bookcast.fit'] || null);
  if (stated !== found)
    fail(`its columns have the schema hash ${found}, and the table says ${stated}`, 'schema-mismatch');
  return { columns, instrument: parseInstrument(parseJson(need('instrument'), fail), file) };
}

function parseColumns(text: string, fail: (what: string) => never): readonly ColumnSchema[] {
  const columns = parseJson(text, fail);
  const usable = (column: Partial<ColumnSchema> | null): boolean =>
    typeof column?.name === 'string' && typeof column.version === 'number' && typeof column.family === 'string';
  if (!Array.isArray(columns) || !columns.every(usable)) {
    return fail('"bookcast.columns" is not a list of columns with name, family and version');
  }
  return columns as ColumnSchema[];
}

function parseJson(text: string, fail: (what: string) => never): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return fail(`what travels with this table is no JSON: "${text.slice(0, 40)}"`);
  }
}

function some(names: readonly string[]): string {
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`;
}

/** Throws `bad-input` for a table without rows: there is nothing to analyse. */
export async function readBase(reader: TableReader, file: string): Promise<FeatureBase> {
  const rows = reader.rows;
  if (rows === 0)
    throw new BookcastError('bad-input', `${file} has no rows; there is nothing to analyse`, { path: file });
  const timeNs = new Float64Array(rows);
  const midTicks = new Float64Array(rows);
  let startNs = 0n;
  let at = 0;
  for await (const { length, columns } of reader.read(['time', 'mid_ticks'])) {
    const times = columns[0] as BigInt64Array;
    if (at === 0) startNs = times[0];
    for (let i = 0; i < length; i++) timeNs[at + i] = Number(times[i] - startNs);
    copyNumbers(columns[1], length, midTicks, at);
    at += length;
  }
  return { timeNs, midTicks, startNs };
}

/** The named columns whole, as doubles. */
export async function readColumns(reader: TableReader, names: readonly string[]): Promise<Float64Array[]> {
  const out = names.map(() => new Float64Array(reader.rows));
  let at = 0;
  for await (const { length, columns } of reader.read(names)) {
    columns.forEach((column, k) => void copyNumbers(column, length, out[k], at));
    at += length;
  }
  return out;
}

function copyNumbers(from: ColumnData, length: number, to: Float64Array, at: number): void {
  const numbers = from as Float32Array;
  for (let i = 0; i < length; i++) {
    const value = Number(numbers[i]);
    // An infinite value would make every mean infinite: it is as good as none, and counts as missing.
    to[at + i] = Number.isFinite(value) ? value : Number.NaN;
  }
}

export function featureFacts(
  reader: TableReader,
  file: string,
  { instrument }: FeatureColumns,
  { timeNs, startNs }: FeatureBase,
): FeatureFacts {
  const { metadata } = reader.schema;
  const fit = metadata['bookcast.fit'] || null;
  const fitUntil = fit === null ? null : metadata['bookcast.fit_until'] || null;
  let last = 0;
  for (const time of timeNs) if (time > last) last = time;
  return {
    file,
    rows: reader.rows,
    schemaHash: metadata['bookcast.schema_hash'] ?? '',
    instrument: instrumentKey(instrument),
    tickSize: instrument.tickSize,
    clock: metadata['bookcast.clock'] ?? 'not stated',
    origin: metadata['bookcast.origin'] ?? 'not stated',
    fit,
    fitUntil,
    from: epochText(startNs),
    to: epochText(startNs + BigInt(Math.round(last))),
    seconds: last / 1e9,
    fitted: fitUntil === null ? 0 : shareUntil(timeNs, Number(epochNsOf(fitUntil) - startNs)),
  };
}

function shareUntil(timeNs: Float64Array, untilNs: number): number {
  let within = 0;
  for (const time of timeNs) if (time <= untilNs) within++;
  return within / timeNs.length;
}

/** ISO 8601 of nanoseconds since 1970. */
export function epochText(ns: bigint): string {
  const day = ns / NS_PER_DAY;
  return isoTime(Number(ns - day * NS_PER_DAY), Number(day));
}

function epochNsOf(iso: string): bigint {
  const [seconds, fraction = ''] = iso.replace(/Z$/, '').split('.');
  const ms = Date.parse(`${seconds}Z`);
  return Number.isNaN(ms) ? 0n : BigInt(ms) * 1_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0') || '0');
}
