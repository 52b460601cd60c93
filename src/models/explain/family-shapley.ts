import { assert, BookcastError, Random } from '../../core/index.ts';
import type { Dataset, FittedModel, RowMatrix, Windows } from '../training/contract.ts';
import { createWindows } from '../training/windows.ts';
import { type Families, logitOf } from './attribution.ts';
import { addShapley, MOST_PLAYERS } from './exact-shapley.ts';

export interface FamilyShapleyOptions {
  readonly model: FittedModel;
  readonly data: Dataset;
  /** Of `data`; those of the model's length are taken. */
  readonly windows: Windows;
  /** The windows to explain, by number; one class each. */
  readonly which: Int32Array;
  readonly classIndexes: Int32Array;
  readonly families: Families;
  /**
   * What stands in for a family that is absent: its columns in training windows drawn at random, the mean over which counts; 0 for the
   * means of the training rows instead.
   */
  readonly background: number;
  readonly seed: number;
  readonly unit: 'logit' | 'probability';
}

/** One explained forecast. `baseline` plus all of `values` is `value`. */
export interface FamilyAttribution {
  readonly classIndex: number;
  /** The model's mean over the background. */
  readonly baseline: number;
  readonly value: number;
  /** One a family. */
  readonly values: Float64Array;
}

/** A class held impossible would have an endless logit. */
const LEAST_PROBABILITY = 1e-9;
/** Numbers of stand-in windows that are held at once. */
const AT_ONCE = 1 << 22;

/**
 * Exact Shapley values of up to twelve families of signals, for any model: all 2^n coalitions, a family that is absent being replaced over the
 * whole window by that of other windows (interventional: Lundberg and Lee 2017; Janzing, Minorics and Blöbaum 2020). Takes 2^n predictions
 * for each window of the background, in batches. The same seed gives the same values. Throws `bad-argument` for more than twelve families.
 */
export async function familyShapley(options: FamilyShapleyOptions): Promise<FamilyAttribution[]> {
  const { model, data, windows, which, classIndexes, families, background } = options;
  const players = families.names.length;
  if (players > MOST_PLAYERS)
    throw new BookcastError(
      'bad-argument',
      `exact Shapley values of ${players} families take 2^${players} predictions each: join some, ${MOST_PLAYERS} are the most`,
      { found: players, most: MOST_PLAYERS },
    );
  assert(families.of.length === data.matrix.width && background >= 0, 'every column has a family');
  assert(windows.length === model.length && which.length === classIndexes.length, 'windows are of the model’s length');
  const rivals = backgroundWindows(options);
  const outcomes: FamilyAttribution[] = [];
  for (let i = 0; i < which.length; i++) {
    const own = windowAt(windows.matrix, windows.rows[which[i]], model.length);
    const values = new Float64Array(players);
    let [baseline, value] = [0, 0];
    for (const rival of rivals) {
      const worth = await worths(options, own, rival, classIndexes[i]);
      addShapley(worth, values, 1 / rivals.length);
      baseline += worth[0] / rivals.length;
      value = worth[worth.length - 1];
    }
    outcomes.push({ classIndex: classIndexes[i], baseline, value, values });
  }
  return outcomes;
}

/** Rows × width of each window of the background. */
function backgroundWindows({ model, data, background, seed }: FamilyShapleyOptions): Float32Array[] {
  const { length } = model;
  const { width } = data.matrix;
  if (background === 0) {
    return [Float32Array.from({ length: length * width }, (_, i) => data.scaler.mean[i % width])];
  }
  const train = data.train.length === length ? data.train : data.withLength(length).train;
  const random = new Random(seed);
  return Array.from({ length: background }, () =>
    windowAt(train.matrix, train.rows[random.below(train.count)], length),
  );
}

function windowAt({ data, width }: RowMatrix, last: number, length: number): Float32Array {
  return data.slice((last - length + 1) * width, (last + 1) * width);
}

/** What the model says of each coalition of families of `own`, the others being those of `rival`. */
async function worths(
  { model, data, families, unit }: FamilyShapleyOptions,
  own: Float32Array,
  rival: Float32Array,
  classIndex: number,
): Promise<Float64Array> {
  const { width } = data.matrix;
  const worth = new Float64Array(1 << families.names.length);
  const batch = Math.min(worth.length, Math.max(1, Math.floor(AT_ONCE / own.length)));
  for (let from = 0; from < worth.length; from += batch) {
    const n = Math.min(batch, worth.length - from);
    const mixed = new Float32Array(n * own.length);
    for (let c = 0; c < n; c++) {
      for (let i = 0; i < own.length; i++) {
        const present = ((from + c) >> families.of[i % width]) & 1;
        mixed[c * own.length + i] = present === 1 ? own[i] : rival[i];
      }
    }
    const said = await model.predict(standIns(data, mixed, n, model.length));
    const classes = said.length / n;
    for (let c = 0; c < n; c++) {
      const p = said.subarray(c * classes, (c + 1) * classes).map((x) => Math.max(x, LEAST_PROBABILITY));
      worth[from + c] = unit === 'probability' ? p[classIndex] : logitOf(p, classIndex);
    }
  }
  return worth;
}

/** Windows of numbers that no market has said, one after the other. */
function standIns(data: Dataset, mixed: Float32Array, n: number, length: number): Windows {
  const { names, schemaHash, startDay, width } = data.matrix;
  const rows = n * length;
  const matrix: RowMatrix = {
    rows,
    width,
    data: mixed,
    names,
    schemaHash,
    startDay,
    timeNs: new Float64Array(rows),
    midTicks: new Float64Array(rows),
    segment: Int32Array.from({ length: rows }, (_, i) => Math.floor(i / length)),
    hash: '',
    simulated: true,
  };
  const last = Int32Array.from({ length: n }, (_, i) => (i + 1) * length - 1);
  return createWindows(matrix, data.scaler, length, { rows: last, labels: new Int32Array(n) });
}
