import { assert, BookcastError } from '../../core/index.ts';
import { type CalibrationData, calibrationRows, checkCalibrationData } from './calibration-data.ts';
import type { Calibrator } from './calibrator.ts';
import { fitIsotonic } from './fit-isotonic.ts';
import { fitTemperature } from './fit-temperature.ts';
import { fitVector } from './fit-vector.ts';
import { IdentityCalibrator } from './identity-calibrator.ts';

export interface ChooseOptions {
  /** Blocks of time, all but the first scored by what was fitted on those before. Default 5. */
  readonly blocks?: number;
  /** Rows before a block that are not fitted on, because their labels reach into it: the horizon. Default 0. */
  readonly purge?: number;
}

export interface CalibratorChoice {
  readonly calibrator: Calibrator;
  /** Mean log-loss of each kind over the same held-out rows, in nats, the simplest kind first. */
  readonly scores: readonly { readonly kind: Calibrator['kind']; readonly logLoss: number }[];
  /** Rows scored. */
  readonly scored: number;
}

/** In order of their freedom: of two that score alike the first is taken. */
const KINDS: readonly { kind: Calibrator['kind']; fit(data: CalibrationData): Calibrator }[] = [
  { kind: 'identity', fit: ({ classes }) => new IdentityCalibrator(classes) },
  { kind: 'temperature', fit: fitTemperature },
  { kind: 'vector', fit: (data) => fitVector(data) },
  { kind: 'isotonic', fit: fitIsotonic },
];
/** Labels in a block: fewer say nothing about the third decimal of a log-loss. */
const LEAST_BLOCK = 50;

/**
 * The kind of calibrator of least log-loss on blocks that follow those it was fitted on, then fitted on all rows given.
 * Give it rows that the models were not fitted on, and none of those that it is to be scored on. Throws `bad-input` where
 * there are fewer than 50 rows a block.
 */
export function chooseCalibrator(data: CalibrationData, options: ChooseOptions = {}): CalibratorChoice {
  const { blocks = 5, purge = 0 } = options;
  assert(Number.isInteger(blocks) && blocks >= 2, 'there are two blocks at least');
  assert(Number.isInteger(purge) && purge >= 0, 'a purge is a number of rows');
  checkCalibrationData(data);
  const count = data.labels.length;
  const size = Math.floor(count / blocks);
  if (size < LEAST_BLOCK + purge) {
    throw new BookcastError(
      'bad-input',
      `${count} rows are too few to choose a calibrator by ${blocks} blocks with ${purge} rows purged: ${blocks * (LEAST_BLOCK + purge)} is the least. Give more rows, or fewer blocks`,
      { rows: count, blocks, purge },
    );
  }
  const sums = KINDS.map(() => 0);
  for (let b = 1; b < blocks; b++) {
    const from = b * size;
    const to = b === blocks - 1 ? count : from + size;
    const past = calibrationRows(data, 0, from - purge);
    const block = calibrationRows(data, from, to);
    for (const [i, kind] of KINDS.entries()) sums[i] += summedLogLoss(kind.fit(past), block);
  }
  const scored = count - size;
  const scores = KINDS.map(({ kind }, i) => ({ kind, logLoss: sums[i] / scored }));
  let best = 0;
  for (let i = 1; i < KINDS.length; i++) if (sums[i] < sums[best]) best = i;
  return { calibrator: KINDS[best].fit(data), scores, scored };
}

function summedLogLoss(calibrator: Calibrator, { classes, probabilities, labels }: CalibrationData): number {
  const out = new Float64Array(classes);
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    calibrator.apply(probabilities.subarray(i * classes, (i + 1) * classes), out);
    // A forecast of 0 that came true costs much, not everything.
    sum -= Math.log(Math.max(out[labels[i]], 1e-12));
  }
  return sum;
}
