import { BookcastError } from '../../core/index.ts';
import {
  createWindows,
  type Dataset,
  findKind,
  labelRows,
  mirrorTraining,
  type RowMirror,
  readConfig,
  type Windows,
} from '../../models/training.ts';
import { dieboldMariano } from '../inference/diebold-mariano.ts';
import { rowScores } from '../metrics/row-scores.ts';

/** What came of asking the training part whether its law turns round with the book. */
export interface MirrorTrial {
  /** Whether members should see the mirror. */
  readonly holds: boolean;
  /** Log-loss of the trees that saw the training rows alone less that of the trees that saw their mirror too, nats; above 0 the mirror helps. */
  readonly gain: number;
  /** Standard error of the gain; 0 where the rows were too few to have one. */
  readonly error: number;
}

export interface MirrorTrialOptions {
  readonly seed: number;
  readonly threads: number;
  readonly signal: AbortSignal;
}

/** The end of the training windows, which the trees do not see. */
const HELD_BACK = 0.2;
/** Few and small: they need to bend, for a linear model sees no law of products, and not to win. */
const TREES = { trees: { rounds: 60, leaves: 15, minSamples: 50, learningRate: 0.1, patience: 60 } };
/** Standard errors that it takes to give up a law that markets mostly keep. */
const DOUBT = 2;
const FEWEST = 64;

/**
 * Whether a market's law turns round with its book, by the training part alone: small trees learn from its first four fifths, once as they
 * are and once with their mirror beside them, and both forecast the last fifth; labels known there are purged. The mirror is taken to hold unless it
 * costs more than two standard errors (Diebold and Mariano 1995), since it does on most markets and one sample's drift speaks against it.
 * Where the windows are too few to tell, it holds. Throws `not-ready` where it is stopped.
 */
export async function tryMirror(
  dataset: Dataset,
  mirror: RowMirror,
  { seed, threads, signal }: MirrorTrialOptions,
): Promise<MirrorTrial> {
  const { train, target, matrix } = dataset;
  const { knownAt } = labelRows(matrix, target);
  const from = Math.floor(train.count * (1 - HELD_BACK));
  const kept = [...train.rows.keys()].filter((i) => i < from && knownAt[train.rows[i]] < train.rows[from]);
  const held = train.count - from;
  if (kept.length < FEWEST || held < FEWEST) return { holds: true, gain: 0, error: 0 };
  const back = picked(dataset, [...train.rows.keys()].slice(from));
  const plain = partsOf(dataset, picked(dataset, kept), back);
  const kind = findKind('gbdt');
  const config = readConfig(kind.config, TREES, 'gbdt');
  const losses: Float64Array[] = [];
  for (const data of [plain, mirrorTraining(plain, mirror)]) {
    if (signal.aborted) throw new BookcastError('not-ready', 'stopped while the mirror was tried');
    const model = await kind.fit(data, config, {
      seed,
      threads,
      signal,
      device: 'cpu',
      checkpoints: null,
      onEvent: () => {},
    });
    losses.push(rowScores(back.labels, await model.predict(back)).logLoss);
    await model.close();
  }
  const span = back.rows.reduce((sum, row) => sum + knownAt[row] - row, 0) / held;
  const horizon = Math.max(1, Math.min(Math.ceil(span), Math.floor((held - 1) / 2)));
  const { gain, error } = dieboldMariano(losses[1], losses[0], horizon);
  return { holds: gain >= -DOUBT * error, gain, error };
}

function picked({ train, matrix, scaler }: Dataset, windows: readonly number[]): Windows {
  const take = (of: Int32Array): Int32Array => Int32Array.from(windows, (i) => of[i]);
  return createWindows(matrix, scaler, 1, { rows: take(train.rows), labels: take(train.labels) });
}

function partsOf(dataset: Dataset, train: Windows, back: Windows): Dataset {
  const data: Dataset = { ...dataset, train, validation: back, test: back, withLength: () => data };
  return data;
}
