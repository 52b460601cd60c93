import { assert, BookcastError } from '../../core/index.ts';
import { formatTarget, type Target } from '../target.ts';
import { classCounts, sharesOf } from './class-balance.ts';
import type { Dataset, RowMatrix, Scaler } from './contract.ts';
import { type Labels, labelRows } from './labels.ts';
import { resolveTarget } from './resolve-target.ts';
import { segmentStarts } from './row-matrix.ts';
import { fitScaler, identityScaler, refuseInfinities } from './scaler.ts';
import { DEFAULT_SHARES, type Parts, type Shares, segmentsOf, splitByTime } from './split.ts';
import { createWindows, type Dropped, type Selection, selectWindows } from './windows.ts';

export type PartName = 'train' | 'validation' | 'test';
const PARTS: readonly PartName[] = ['train', 'validation', 'test'];

/** What became of the rows of one part. */
export interface PartAccount {
  readonly name: PartName;
  readonly rows: number;
  readonly windows: number;
  /** First and last row of its windows' ends; null without windows. */
  readonly rowRange: { readonly first: number; readonly last: number } | null;
  /** Windows of each class. */
  readonly classes: Float64Array;
  readonly dropped: Dropped;
}

/** A dataset with what a user should know of it. */
export interface PreparedDataset extends Dataset {
  /** Whole sentences: constant columns, labels that are not anchored at the present mid. */
  readonly notes: readonly string[];
  readonly parts: readonly PartAccount[];
  readonly segments: number;
  withLength(length: number): PreparedDataset;
}

interface SharedOptions {
  readonly matrix: RowMatrix;
  readonly target: Target;
  /** Rows in a window. */
  readonly length: number;
  /**
   * Rows that must lie behind every window's end, whatever the length: so models of different lengths learn from and are scored on
   * the very same rows. Default and least: `length`.
   */
  readonly reach?: number;
  /** Horizons left out between two parts, beside the purge; default 1. */
  readonly embargo?: number;
  /** Fewest windows of a part; default 32. */
  readonly least?: number;
}

export interface DatasetOptions extends SharedOptions {
  readonly shares?: Shares;
  /** In place of shares, such as a fold of a walk forward. */
  readonly parts?: Parts;
  /** Scaled numbers are cut to ± this; default 10. */
  readonly clip?: number;
}

/**
 * A target on a matrix, cut in three by time (`splitByTime`), purged and with an embargo (`selectWindows`), scaled and with thresholds
 * (`resolveTarget`) by the training rows alone. Throws `bad-input` before time is spent: an infinite number, a horizon longer than the data, a part with fewer windows than
 * `least`, a class that the training windows lack.
 */
export function createDataset(options: DatasetOptions): PreparedDataset {
  const { matrix, shares = DEFAULT_SHARES, clip } = options;
  refuseInfinities(matrix);
  const parts = options.parts ?? splitByTime(matrix, shares);
  const target = resolveTarget(matrix, options.target, parts.train);
  const { scaler, constant, empty } = fitScaler(matrix, parts.train, clip);
  const notes = [
    ...columnNote(constant, 'not vary', 'does', 'do'),
    ...columnNote(empty, 'no number', 'has', 'have'),
    ...(matrix.simulated ? ['Some of these rows are simulated: scores on them say nothing of a market.'] : []),
  ];
  return assemble({ ...options, target, labels: labelRows(matrix, target), parts, scaler, notes });
}

export interface GivenOptions extends SharedOptions {
  readonly labels: Labels;
  readonly parts: Parts;
  /** Null for numbers that come scaled. */
  readonly scaler: Scaler | null;
  readonly notes: readonly string[];
}

/** A dataset whose labels and parts others have published. Throws as `createDataset` does. */
export function datasetOf(options: GivenOptions): PreparedDataset {
  refuseInfinities(options.matrix);
  return assemble({ ...options, scaler: options.scaler ?? identityScaler(options.matrix.width) });
}

function columnNote(names: readonly string[], what: string, one: string, many: string): string[] {
  if (names.length === 0) return [];
  const shown = names.length <= 8 ? names.join(', ') : `${names.slice(0, 8).join(', ')} and ${names.length - 8} more`;
  const subject = names.length === 1 ? `The column ${shown} ${one}` : `The columns ${shown} ${many}`;
  return [`${subject} ${what} in the training rows: 0 for every model.`];
}

function assemble(options: GivenOptions & { readonly scaler: Scaler }): PreparedDataset {
  const { matrix, target, length, labels, parts, scaler, notes, embargo = 1, least = 32 } = options;
  const reach = Math.max(length, options.reach ?? length);
  assert(Number.isInteger(length) && length > 0 && Number.isInteger(reach), 'a window has a whole number of rows');
  assert(Number.isInteger(embargo) && embargo >= 0, 'an embargo is a whole number of horizons');
  refuseLongHorizon(matrix, target, labels);
  const starts = segmentStarts(matrix);
  const select = (name: PartName): Selection => selectWindows({ labels, starts, ranges: parts[name], reach, embargo });
  const selected = { train: select('train'), validation: select('validation'), test: select('test') };
  const accounts = PARTS.map((name) => accountOf(name, parts, selected[name], target));
  for (const account of accounts) refuseFewWindows(account, least, target, reach);
  refuseAbsentClass(accounts[0], target);
  const windows = (name: PartName): Dataset['train'] => createWindows(matrix, scaler, length, selected[name]);
  return {
    matrix,
    target,
    scaler,
    train: windows('train'),
    validation: windows('validation'),
    test: windows('test'),
    prior: sharesOf(accounts[0].classes),
    notes,
    parts: accounts,
    segments: segmentsOf(matrix).length,
    withLength: (other) => (other === length ? assemble(options) : assemble({ ...options, length: other })),
  };
}

function accountOf(name: PartName, parts: Parts, { rows, labels, dropped }: Selection, target: Target): PartAccount {
  const range = rows.length === 0 ? null : { first: rows[0], last: rows[rows.length - 1] };
  return {
    name,
    rows: parts[name].reduce((sum, { from, to }) => sum + to - from, 0),
    windows: rows.length,
    rowRange: range,
    classes: classCounts({ labels }, target.classes.length),
    dropped,
  };
}

function refuseLongHorizon(matrix: RowMatrix, target: Target, { classes }: Labels): void {
  if (classes.some((label) => label >= 0)) return;
  const longest = Math.max(...segmentsOf(matrix).map(({ from, to }) => to - from));
  throw new BookcastError(
    'bad-input',
    `no row has a label of ${formatTarget(target)}: the longest stretch without a break has ${longest} rows, and the horizon ends beyond it; take a shorter horizon or more data`,
    { target: formatTarget(target), longest },
  );
}

function refuseFewWindows({ name, rows, windows, dropped }: PartAccount, least: number, target: Target, reach: number) {
  if (windows >= least) return;
  const { embargo, unknown, purged, short } = dropped;
  throw new BookcastError(
    'bad-input',
    `the ${name} part has ${windows} of the ${least} windows of ${reach} rows that it needs for ${formatTarget(target)}: of its ${rows} rows ${embargo} fall to the embargo, ${unknown} have no label, ${purged} have one that is known too late and ${short} have too few rows behind them; give more data, a shorter window or horizon, or other shares`,
    { part: name, rows, windows, least, ...dropped },
  );
}

function refuseAbsentClass({ classes }: PartAccount, target: Target): void {
  const absent = target.classes.filter((_, k) => classes[k] === 0);
  if (absent.length === 0) return;
  const counts = target.classes.map((name, k) => `${name} ${classes[k]}`).join(', ');
  throw new BookcastError(
    'bad-input',
    `no training window of ${formatTarget(target)} has the class ${absent.map((name) => `"${name}"`).join(' or ')} (${counts}); no model can learn it: give more data, another target or other shares`,
    { absent, counts: [...classes] },
  );
}
