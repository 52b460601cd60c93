import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { assert, BookcastError } from '../../core/index.ts';
import { parseTarget } from '../target.ts';
import type { Range, RowMatrix } from './contract.ts';
import { datasetOf, type PreparedDataset } from './dataset.ts';
import { FI2010_FEATURES, FI2010_HORIZONS, type Fi2010Events, readFi2010File } from './fi2010-file.ts';
import type { Labels } from './labels.ts';
import { RowMatrixBuilder } from './row-matrix.ts';
import { fitScaler } from './scaler.ts';
import { type Parts, segmentsOf } from './split.ts';

/** As the files' names say it. */
const NORMALISATIONS = { 'z-score': 'ZScore', 'min-max': 'MinMax', 'decimal-precision': 'DecPre' } as const;

export interface Fi2010Options {
  /** Where the published files lie, in it or below it, under their own names. */
  readonly folder: string;
  /**
   * `setup-2`: training on days 1–7 (`Train_…_CF_7`), tested on days 8, 9 and 10 (`Test_…_CF_7`, `8`, `9`), as most papers. A number
   * from 1 to 9 is that fold of the anchored protocol of the dataset's own paper: days 1–n against day n + 1.
   */
  readonly protocol?: 'setup-2' | number;
  /** 10, 20, 30, 50 or 100 events. */
  readonly horizon: number;
  /** 40: prices and sizes of ten levels. 144: the published handcrafted ones too. Default 40. */
  readonly features?: 40 | 144;
  readonly normalisation?: keyof typeof NORMALISATIONS;
  /** With the opening and closing auctions; default false. */
  readonly auction?: boolean;
  /**
   * A file is five stocks' days one behind the other, without a mark. A move of the mid of more than this many times the median move
   * ends a segment; null leaves each file whole, as most published results do. Default 50.
   */
  readonly jump?: number | null;
  readonly length: number;
  readonly reach?: number;
  readonly embargo?: number;
  readonly least?: number;
}

const JUMP = 50;
/** The last part of the training file, as LOBCAST (Prata et al. 2024) takes it. */
const VALIDATION_SHARE = 0.2;
const SOURCE = 'Ntakaris et al. 2018, Journal of Forecasting 37(8), 852–866';

/**
 * FI-2010 (Ntakaris et al. 2018): five Finnish stocks, ten days of June 2010, ten levels, one row in ten events, with the published split
 * and labels. Times are not published: a row's number stands for its time, and the mid is that of the normalised prices.
 *
 * Throws `not-found` where a file is missing, `bad-input` for one of another layout, and as `createDataset` does.
 */
export async function openFi2010(options: Fi2010Options): Promise<PreparedDataset> {
  const { horizon, features = 40, normalisation = 'z-score', jump = JUMP, length } = options;
  if (!FI2010_HORIZONS.includes(horizon)) {
    throw new BookcastError(
      'bad-argument',
      `FI-2010 has labels for ${FI2010_HORIZONS.join(', ')} events, not for ${horizon}`,
    );
  }
  assert(features === 40 || features === FI2010_FEATURES, 'rows of FI-2010 have 40 or 144 features');
  const paths = pathsOf(options);
  const names = featureNames(features);
  const builder = new RowMatrixBuilder({
    names,
    schemaHash: createHash('sha256').update(`fi2010 ${normalisation} ${names}`).digest('hex').slice(0, 16),
    maxGapNs: Number.POSITIVE_INFINITY,
  });
  const published: Int8Array[] = [];
  for (const path of paths) {
    const file = await readFi2010File(path, features, horizon);
    addEvents(builder, file, features, jump);
    published.push(file.labels);
  }
  const matrix = builder.build();
  const parts = partsOf(matrix, published[0].length);
  const { reach, embargo, least } = options;
  return datasetOf({
    matrix,
    target: parseTarget(`events:${horizon}`),
    length,
    ...(reach === undefined ? {} : { reach }),
    ...(embargo === undefined ? {} : { embargo }),
    ...(least === undefined ? {} : { least }),
    labels: labelsOf(matrix, published, horizon),
    parts,
    scaler: normalisation === 'z-score' ? null : fitScaler(matrix, parts.train).scaler,
    notes: notesOf(builder.cuts.gap, jump, horizon, paths),
  });
}

function notesOf(jumps: number, jump: number | null, horizon: number, paths: readonly string[]): string[] {
  return [
    `FI-2010's labels are smoothed: the mean of the next ${horizon} mids against the present one, with a threshold (${SOURCE}). Scores on them do not compare with those of labels that a market pays.`,
    `Files: ${paths.map((path) => basename(path)).join(', ')}; validation is the last fifth of the first.`,
    jump === null
      ? 'Windows may reach from one stock or day into the next, as in most published results.'
      : `Segments end where the mid moves by more than ${jump} median moves (${jumps} times) and with each file.`,
  ];
}

const FILE_NAME = /^(Train|Test)_Dst_(No)?Auction_(ZScore|MinMax|DecPre)_CF_[1-9]\.txt$/;

/** True for a folder that holds published files, in it or below it. */
export function holdsFi2010(folder: string): boolean {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return false;
  return (readdirSync(folder, { recursive: true }) as string[]).some((path) => FILE_NAME.test(basename(path)));
}

/** The training file first. */
function pathsOf({
  folder,
  protocol = 'setup-2',
  normalisation = 'z-score',
  auction = false,
}: Fi2010Options): string[] {
  const fold = protocol === 'setup-2' ? 7 : protocol;
  if (!Number.isInteger(fold) || fold < 1 || fold > 9) {
    throw new BookcastError('bad-argument', `FI-2010 has the folds 1 to 9 and setup-2, not ${protocol}`);
  }
  const kind = `Dst_${auction ? 'Auction' : 'NoAuction'}_${NORMALISATIONS[normalisation]}_CF`;
  const tests = protocol === 'setup-2' ? [7, 8, 9] : [fold];
  return findFiles(folder, [`Train_${kind}_${fold}.txt`, ...tests.map((test) => `Test_${kind}_${test}.txt`)]);
}

function findFiles(folder: string, names: readonly string[]): string[] {
  const found = new Map<string, string>();
  try {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) found.set(entry.name, join(entry.parentPath, entry.name));
    }
  } catch (cause) {
    throw new BookcastError('not-found', `cannot read the folder ${folder}: ${(cause as Error).message}`, {
      path: folder,
      cause,
    });
  }
  const missing = names.filter((name) => !found.has(name));
  if (missing.length === 0) return names.map((name) => found.get(name) ?? name);
  throw new BookcastError(
    'not-found',
    `${folder} lacks ${missing.join(', ')}; unpack the published BenchmarkDatasets of FI-2010 there (etsin.fairdata.fi)`,
    { path: folder, missing },
  );
}

/** Ask price, ask size, bid price and bid size of each level, then the handcrafted ones by their line in the file. */
function featureNames(features: number): string[] {
  const names: string[] = [];
  for (let level = 1; level <= 10; level++) {
    names.push(`ask_price_${level}`, `ask_size_${level}`, `bid_price_${level}`, `bid_size_${level}`);
  }
  for (let line = names.length + 1; line <= features; line++) names.push(`feature_${line}`);
  return names;
}

function addEvents(builder: RowMatrixBuilder, file: Fi2010Events, width: number, jump: number | null): void {
  const { data, events } = file;
  const mids = Float64Array.from({ length: events }, (_, i) => (data[i * width] + data[i * width + 2]) / 2);
  const limit = jump === null ? Number.POSITIVE_INFINITY : jump * medianMove(mids);
  builder.cut('source');
  for (let i = 0; i < events; i++) {
    if (i > 0 && Math.abs(mids[i] - mids[i - 1]) > limit) builder.cut('gap');
    builder.add(0, builder.rows, mids[i], data.subarray(i * width, (i + 1) * width));
  }
}

/** Of the moves that are not zero; infinite where there is none. */
function medianMove(mids: Float64Array): number {
  const moves = mids.map((mid, i) => (i === 0 ? 0 : Math.abs(mid - mids[i - 1]))).filter((move) => move > 0);
  return moves.length === 0 ? Number.POSITIVE_INFINITY : moves.sort()[moves.length >> 1];
}

/** Published classes, 3 is down, as ours, 0 is down. Each is known with the last mid that it is made of. */
function labelsOf(matrix: RowMatrix, published: readonly Int8Array[], horizon: number): Labels {
  const classes = new Int8Array(matrix.rows);
  const knownAt = new Int32Array(matrix.rows);
  let at = 0;
  for (const labels of published) for (const label of labels) classes[at++] = 3 - label;
  for (const { from, to } of segmentsOf(matrix)) {
    for (let row = from; row < to; row++) knownAt[row] = Math.min(row + horizon, to - 1);
  }
  return { classes, knownAt };
}

function partsOf(matrix: RowMatrix, trainingRows: number): Parts {
  const cut = Math.floor(trainingRows * (1 - VALIDATION_SHARE) + 1e-9);
  const segments = segmentsOf(matrix);
  const within = (begin: number, end: number): Range[] =>
    segments
      .map(({ from, to }) => ({ from: Math.max(from, begin), to: Math.min(to, end) }))
      .filter(({ from, to }) => from < to);
  return {
    train: within(0, cut),
    validation: within(cut, trainingRows),
    test: within(trainingRows, matrix.rows),
  };
}
