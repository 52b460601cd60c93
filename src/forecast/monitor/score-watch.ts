import type { PredictionSet } from '../conformal/prediction-set.ts';
import { WindowSums } from './window-sums.ts';

/** Means over the outcomes of a window; null where there are none. Losses and gains in nats a forecast. */
export interface ScoreSnapshot {
  /** Outcomes asked for; null for all there were. */
  readonly window: number | null;
  readonly outcomes: number;
  readonly logLoss: number | null;
  /** Log-loss of the training prior minus that of the forecasts. */
  readonly gain: number | null;
  /** Log-loss with the probabilities of the first and the last class averaged, minus the log-loss. */
  readonly directionGain: number | null;
  readonly brier: number | null;
  readonly accuracy: number | null;
  /** Of the forecasts that had a set. */
  readonly coverage: number | null;
  readonly setSize: number | null;
  readonly singletons: number | null;
}

const Field = {
  OUTCOMES: 0,
  LOSS: 1,
  PRIOR_LOSS: 2,
  BLIND_LOSS: 3,
  BRIER: 4,
  RIGHT: 5,
  SETS: 6,
  COVERED: 7,
  SIZE: 8,
  SINGLE: 9,
} as const;
const FIELDS = 10;
const LEAST = 1e-12;

/** Prequential scores: each forecast is scored once, by the label that came, over a window and over all. */
export class ScoreWatch {
  readonly sums: WindowSums;
  readonly #classes: number;
  readonly #priorLoss: Float64Array;

  constructor(prior: ArrayLike<number>, window: number) {
    this.#classes = prior.length;
    this.#priorLoss = Float64Array.from(prior, (p) => -Math.log(p));
    this.sums = new WindowSums(FIELDS, window);
  }

  /** Allocates nothing. */
  add(probabilities: Float64Array, set: PredictionSet | null, label: number): void {
    const { values } = this.sums;
    const last = this.#classes - 1;
    const p = probabilities[label];
    let brier = 1 - 2 * p;
    let top = 0;
    for (let k = 0; k <= last; k++) {
      brier += probabilities[k] * probabilities[k];
      if (probabilities[k] > probabilities[top]) top = k;
    }
    const blind = label === 0 || label === last ? (probabilities[0] + probabilities[last]) / 2 : p;
    values[Field.OUTCOMES] = 1;
    values[Field.LOSS] = -Math.log(Math.max(p, LEAST));
    values[Field.PRIOR_LOSS] = this.#priorLoss[label];
    values[Field.BLIND_LOSS] = -Math.log(Math.max(blind, LEAST));
    values[Field.BRIER] = brier;
    values[Field.RIGHT] = top === label ? 1 : 0;
    if (set !== null) {
      values[Field.SETS] = 1;
      values[Field.COVERED] = set.members[label];
      values[Field.SIZE] = set.size;
      values[Field.SINGLE] = set.size === 1 ? 1 : 0;
    }
    this.sums.commit();
  }

  snapshot(): ScoreSnapshot {
    return this.#of(this.sums.window, (field) => this.sums.sum(field));
  }

  /** Over all outcomes there were. */
  all(): ScoreSnapshot {
    return this.#of(null, (field) => this.sums.total(field));
  }

  #of(window: number | null, sum: (field: number) => number): ScoreSnapshot {
    const outcomes = sum(Field.OUTCOMES);
    const sets = sum(Field.SETS);
    const mean = (value: number, count: number): number | null => (count === 0 ? null : value / count);
    return {
      window,
      outcomes,
      logLoss: mean(sum(Field.LOSS), outcomes),
      gain: mean(sum(Field.PRIOR_LOSS) - sum(Field.LOSS), outcomes),
      directionGain: mean(sum(Field.BLIND_LOSS) - sum(Field.LOSS), outcomes),
      brier: mean(sum(Field.BRIER), outcomes),
      accuracy: mean(sum(Field.RIGHT), outcomes),
      coverage: mean(sum(Field.COVERED), sets),
      setSize: mean(sum(Field.SIZE), sets),
      singletons: mean(sum(Field.SINGLE), sets),
    };
  }
}
