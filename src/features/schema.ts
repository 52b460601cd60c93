import { createHash } from 'node:crypto';
import { assert } from '../core/index.ts';
import type { FeatureFit } from './fit.ts';
import type { ColumnInfo, Family, Need, SignalDefinition } from './signal.ts';

/** One column of a row with what its signal says of it: plain data, which travels with datasets and models. */
export interface ColumnSchema extends ColumnInfo {
  readonly signal: string;
  readonly family: Family;
  readonly formula: string;
  readonly warmup: string;
  readonly source: string;
  readonly needs: readonly Need[];
  readonly dependencies: readonly string[];
  readonly version: number;
  /** Made with a fit, whose hash is then part of the schema's. */
  readonly fitted: boolean;
}

/** The columns of a row, in order. */
export interface FeatureSchema {
  readonly names: readonly string[];
  /**
   * First 16 hex digits of the SHA-256 of all `name@version`, one a line, fitted ones with the fit's hash behind: what travels
   * with datasets, models and answers. A model refuses rows of another hash.
   */
  readonly hash: string;
  readonly columns: readonly ColumnSchema[];
  /** The fit's hash; null where no column is fitted. */
  readonly fit: string | null;
}

/** Throws a programmer's error where a fit is missing or two columns share a name: `selectSignals` asks before. */
export function createSchema(
  signals: readonly SignalDefinition[],
  depth: number,
  fit: FeatureFit | null,
): FeatureSchema {
  assert(fit !== null || !signals.some(({ needs }) => needs.includes('fit')), 'fitted signals come with a fit');
  const isFitted = ({ needs, fits }: SignalDefinition): boolean => needs.includes('fit') || fits === 'optional';
  const columns: ColumnSchema[] = [];
  for (const signal of signals) {
    const { name, family, formula, warmup, source, needs, dependencies, version } = signal;
    const fitted = fit !== null && isFitted(signal);
    const shared = { signal: name, family, formula, warmup, source, needs, dependencies, version, fitted };
    for (const column of signal.columns(depth)) columns.push(Object.freeze({ ...column, ...shared }));
  }
  const names = columns.map((column) => column.name);
  assert(new Set(names).size === names.length, 'every column has a name of its own');
  const fitHash = fit !== null && columns.some(({ fitted }) => fitted) ? fit.hash : null;
  return Object.freeze({
    names: Object.freeze(names),
    hash: schemaHash(columns, fitHash),
    columns: Object.freeze(columns),
    fit: fitHash,
  });
}

/** The hash of these columns, wherever they come from: a table's columns must give the hash that travels with it. */
export function schemaHash(
  columns: readonly Pick<ColumnSchema, 'name' | 'version' | 'fitted'>[],
  fit: string | null,
): string {
  const lines = columns.map(({ name, version, fitted }) => `${name}@${version}${fitted ? `#${fit}` : ''}`);
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16);
}
