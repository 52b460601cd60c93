import { assert } from '../core/index.ts';

/** Probabilities below this are scored as this: the log-loss of a class held impossible is 20.7 nats, not infinite. */
const LEAST_PROBABILITY = 1e-9;

/** Scores of one model; null before the first label. */
export interface ModelScore {
  n: number;
  /** Mean −ln p(label), nats; probabilities below 1e-9 count as 1e-9. */
  logLoss: number | null;
  /** Mean over decisions of Σ (p − onehot)², in [0, 2] (Brier 1950, all classes summed). */
  brier: number | null;
  /** Share where the class held likeliest came true; of equal probabilities the first class counts. */
  accuracy: number | null;
  /** Mean F1 of the classes that occurred or were predicted. */
  macroF1: number | null;
  /** Matthews correlation of several classes, R_K (Gorodkin 2004); 0 where either side never varied. */
  mcc: number | null;
  /**
   * The log-loss with the probabilities of the first and the last class (down and up) averaged, minus the log-loss: the
   * part of the skill that is direction and not volatility. Nats.
   */
  directionGain: number | null;
}

/** −ln p, with the floor of `LEAST_PROBABILITY`. */
export function logLossOf(probability: number): number {
  return -Math.log(probability > LEAST_PROBABILITY ? probability : LEAST_PROBABILITY);
}

/** Running scores of several models on one stream of labels. Constant memory; `add` does not allocate. */
export class Scoreboard {
  readonly classes: number;
  readonly #tallies: Tally[];

  constructor(models: number, classes: number) {
    assert(models > 0 && classes >= 2, 'a scoreboard has a model and two classes');
    this.classes = classes;
    this.#tallies = Array.from({ length: models }, () => new Tally(classes));
  }

  /** Scores what a model said (`probabilities[offset, offset + classes)`) against the label; returns its log-loss. */
  add(model: number, label: number, probabilities: Float64Array, offset = 0): number {
    return this.#tallies[model].add(label, probabilities, offset);
  }

  score(model: number): ModelScore {
    return this.#tallies[model].score();
  }

  /** Decisions that a model held for class `predicted` and that came out as `actual`. */
  confusion(model: number, actual: number, predicted: number): number {
    return this.#tallies[model].confusion[actual * this.classes + predicted];
  }
}

class Tally {
  /** [actual][predicted]. */
  readonly confusion: Float64Array;
  readonly #classes: number;
  #n = 0;
  #logLoss = 0;
  #brier = 0;
  #directionGain = 0;

  constructor(classes: number) {
    this.#classes = classes;
    this.confusion = new Float64Array(classes * classes);
  }

  add(label: number, probabilities: Float64Array, offset: number): number {
    const top = this.#classes - 1;
    let best = 0;
    let brier = 0;
    for (let k = 0; k <= top; k++) {
      const p = probabilities[offset + k];
      if (p > probabilities[offset + best]) best = k;
      const error = k === label ? 1 - p : p;
      brier += error * error;
    }
    const loss = logLossOf(probabilities[offset + label]);
    this.#n++;
    this.#logLoss += loss;
    this.#brier += brier;
    this.confusion[label * this.#classes + best]++;
    if (label === 0 || label === top) {
      this.#directionGain += logLossOf((probabilities[offset] + probabilities[offset + top]) / 2) - loss;
    }
    return loss;
  }

  score(): ModelScore {
    const n = this.#n;
    if (n === 0) {
      return { n, logLoss: null, brier: null, accuracy: null, macroF1: null, mcc: null, directionGain: null };
    }
    return {
      n,
      logLoss: this.#logLoss / n,
      brier: this.#brier / n,
      ...confusionScores(this.confusion, this.#classes),
      directionGain: this.#directionGain / n,
    };
  }
}

/** Accuracy, macro-F1 and R_K of a confusion matrix [actual][predicted] with at least one decision. */
export function confusionScores(
  confusion: Float64Array,
  classes: number,
): { accuracy: number; macroF1: number; mcc: number } {
  let total = 0;
  let right = 0;
  let cross = 0;
  let actualSquares = 0;
  let predictedSquares = 0;
  let f1 = 0;
  let present = 0;
  for (let k = 0; k < classes; k++) {
    let actual = 0;
    let predicted = 0;
    for (let j = 0; j < classes; j++) {
      actual += confusion[k * classes + j];
      predicted += confusion[j * classes + k];
    }
    const hits = confusion[k * classes + k];
    total += actual;
    right += hits;
    cross += actual * predicted;
    actualSquares += actual * actual;
    predictedSquares += predicted * predicted;
    if (actual + predicted > 0) {
      present++;
      f1 += (2 * hits) / (actual + predicted);
    }
  }
  const spread = Math.sqrt((total * total - actualSquares) * (total * total - predictedSquares));
  return {
    accuracy: right / total,
    macroF1: f1 / present,
    mcc: spread === 0 ? 0 : (right * total - cross) / spread,
  };
}
