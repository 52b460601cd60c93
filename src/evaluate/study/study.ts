import { assert, BookcastError } from '../../core/index.ts';
import type { Combiner, CombinerShape } from '../../forecast/index.ts';
import type { Model, Target } from '../../models/index.ts';
import {
  createDataset,
  type Dataset,
  type FitEvent,
  type FittedModel,
  type ModelKind,
  mirrorTraining,
  type PreparedDataset,
  type RowMatrix,
  type RowMirror,
  type Shares,
} from '../../models/training.ts';
import { baselineForecasts } from '../baseline-scores.ts';
import { type Said, walkMatrix } from './matrix-walk.ts';
import { type MirrorTrial, tryMirror } from './mirror-trial.ts';

/** A member that is fitted on the training part and stays as it is. */
export interface TrainedMember {
  readonly name: string;
  readonly kind: ModelKind;
  readonly config: unknown;
  /** Whether it sees every training window in the mirror too; `auto`: where the training part does not speak against it (`tryMirror`). */
  readonly mirror: boolean | 'auto';
}

export interface StudyOptions {
  readonly matrix: RowMatrix;
  readonly target: Target;
  readonly trained: readonly TrainedMember[];
  /** Members that learn from every row on the way; made for the target whose thresholds are numbers. */
  readonly online: (target: Target) => readonly Model[];
  readonly combiner: (shape: CombinerShape) => Combiner;
  /** Of the rows' columns; needed where a member is to see the mirror. */
  readonly mirror: RowMirror | null;
  readonly shares?: Shares;
  /** The target's rows already cut, such as a fold of a walk forward: `target`, `shares` and `reach` are then those of the dataset. */
  readonly dataset?: PreparedDataset;
  /** Rows behind every window, at least those of the longest. */
  readonly reach: number;
  readonly seed: number;
  readonly threads: number;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: StudyEvent) => void;
  /** Looks into a member once it was fitted and before it is closed; `data` are its windows, unmirrored. */
  readonly examine?: (member: string, model: FittedModel, data: Dataset) => Promise<void>;
}

export type StudyEvent =
  | { readonly kind: 'mirror'; readonly trial: MirrorTrial }
  | { readonly kind: 'fit'; readonly member: string; readonly event: FitEvent }
  | { readonly kind: 'fitted'; readonly member: string; readonly mirrored: boolean; readonly model: FittedModel }
  | { readonly kind: 'walk'; readonly rows: number; readonly of: number };

/** What one forecaster said of the test windows: windows × classes. */
export interface StudyForecast {
  readonly name: string;
  /** Without skill by construction. */
  readonly baseline: boolean;
  readonly probabilities: Float64Array;
}

/** What was said of the test windows, and what came true. */
export interface Study {
  readonly dataset: PreparedDataset;
  /** Class of each test window. */
  readonly labels: Int8Array;
  /** Baselines, members, and the ensemble last. */
  readonly forecasts: readonly StudyForecast[];
  /** The member with the lowest log-loss on the validation part: what one would have chosen without an ensemble. */
  readonly chosen: string;
  /** Null where no member left it to the training part whether it sees the mirror. */
  readonly mirrorTrial: MirrorTrial | null;
  /** Mean number of windows for which labels overlap. */
  readonly span: number;
  readonly combiner: Combiner;
  /** Of the ensemble: validation windows, then test windows × classes. */
  readonly pooled: Float64Array;
}

/**
 * One pass over recorded rows, as it would have gone live: members are fitted on the training part; online members learn from the first row
 * on; from the validation part on the combiner weighs what they all say, by labels as they come to exist; the test part is scored. Nothing is
 * chosen on the test part, and nothing is fitted on it before it is forecast.
 */
export async function runStudy(options: StudyOptions): Promise<Study> {
  const { matrix, shares, reach, signal, onEvent } = options;
  const cut = shares === undefined ? {} : { shares };
  const dataset = options.dataset ?? createDataset({ matrix, target: options.target, length: 1, reach, ...cut });
  const { target, validation, test } = dataset;
  const mirrorTrial = await triedMirror(dataset, options);
  const said: Said[] = [];
  for (const member of options.trained) {
    if (signal.aborted) throw new BookcastError('not-ready', 'stopped before all members were fitted');
    const mirrored = member.mirror === 'auto' ? mirrorTrial?.holds === true : member.mirror;
    said.push(await fitMember(member, mirrored, dataset, options));
  }
  const online = options.online(target);
  const rows = joined(validation.rows, test.rows);
  const combiner = options.combiner({ members: online.length + said.length, classes: target.classes.length });
  const walked = walkMatrix({
    matrix,
    target,
    online,
    trained: said,
    combiner,
    pooledFrom: validation.rows[0],
    wanted: rows,
    onProgress: (row) => onEvent?.({ kind: 'walk', rows: row, of: matrix.rows }),
  });
  const classes = target.classes.length;
  const from = validation.count * classes;
  const onTest = (probabilities: Float64Array): Float64Array => probabilities.subarray(from);
  const { baselines, span } = baselineForecasts(dataset);
  return {
    dataset,
    labels: Int8Array.from(test.labels),
    forecasts: [
      ...baselines.map(({ name, probabilities }) => ({ name, baseline: true, probabilities })),
      ...walked.members.map(({ name, probabilities }) => ({
        name,
        baseline: false,
        probabilities: onTest(probabilities),
      })),
      { name: 'ensemble', baseline: false, probabilities: onTest(walked.pooled) },
    ],
    chosen: best(walked.members, validation.labels, classes),
    mirrorTrial,
    span,
    combiner,
    pooled: walked.pooled,
  };
}

/** Once for all members that leave it to the training part. */
async function triedMirror(dataset: PreparedDataset, options: StudyOptions): Promise<MirrorTrial | null> {
  const { trained, mirror, onEvent } = options;
  assert(mirror !== null || trained.every((member) => member.mirror === false), 'a mirror needs to know its columns');
  if (mirror === null || !trained.some((member) => member.mirror === 'auto')) return null;
  const trial = await tryMirror(dataset, mirror, options);
  onEvent?.({ kind: 'mirror', trial });
  return trial;
}

/** Fits a member and keeps what it says of the validation and test windows. */
async function fitMember(
  { name, kind, config }: TrainedMember,
  mirrored: boolean,
  dataset: PreparedDataset,
  options: StudyOptions,
): Promise<Said> {
  const { mirror, seed, threads, signal, onEvent } = options;
  const plain = dataset.withLength(kind.length(config));
  const data = mirrored && mirror !== null ? mirrorTraining(plain, mirror) : plain;
  const model = await kind.fit(data, config, {
    seed,
    device: 'cpu',
    threads,
    signal,
    // A member that was stopped is fitted anew.
    checkpoints: null,
    onEvent: (event) => onEvent?.({ kind: 'fit', member: name, event }),
  });
  onEvent?.({ kind: 'fitted', member: name, mirrored, model });
  try {
    const { validation, test } = plain;
    const parts = [await model.predict(validation), await model.predict(test)];
    const probabilities = new Float64Array(parts[0].length + parts[1].length);
    probabilities.set(parts[0]);
    probabilities.set(parts[1], parts[0].length);
    await options.examine?.(name, model, plain);
    return { name, rows: joined(validation.rows, test.rows), probabilities };
  } finally {
    await model.close();
  }
}

function joined(first: Int32Array, second: Int32Array): Int32Array {
  const all = new Int32Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

function best(
  members: readonly { readonly name: string; readonly probabilities: Float64Array }[],
  labels: Int32Array,
  classes: number,
): string {
  const loss = ({ probabilities }: { readonly probabilities: Float64Array }): number =>
    labels.reduce((sum, label, i) => sum - Math.log(probabilities[i * classes + label]), 0);
  return members.toSorted((a, b) => loss(a) - loss(b))[0].name;
}
