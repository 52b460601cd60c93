import type { Figure } from './dataset-scores.ts';
import { BlockResampler, prefixSums, type ResamplingOptions } from './inference/block-resampler.ts';
import { type ClassLabels, topClass } from './metrics/class-labels.ts';
import { balancedAccuracy } from './metrics/classification.ts';
import { type RowScores, rowScores } from './metrics/row-scores.ts';
import { intervalOf } from './paired-losses.ts';
import { confusionScores } from './scoreboard.ts';

/** Scores of one forecast, each with its interval. Nats but for `brier`, which is in [0, 2], and shares. */
export interface MemberFigures {
  readonly logLoss: Figure;
  /** Log-loss of the no-skill prior minus its own. */
  readonly gain: Figure;
  /** The part of the skill that is direction and not volatility (`ModelScore`). */
  readonly directionGain: Figure;
  readonly brier: Figure;
  readonly accuracy: Figure;
  readonly balancedAccuracy: Figure;
  readonly macroF1: Figure;
  readonly mcc: Figure;
}

/** Series ahead of the cells of the confusion matrix. */
const LOSSES = 4;

/** Row scores of one forecast, and their figures with intervals from rows drawn in blocks. */
export class MemberScores {
  readonly rows: RowScores;
  /** [actual][predicted]. */
  readonly confusion: Float64Array;
  readonly #labels: ClassLabels;
  readonly #probabilities: Float64Array;
  readonly #classes: number;

  constructor(labels: ClassLabels, probabilities: Float64Array, classes: number) {
    this.#labels = labels;
    this.#probabilities = probabilities;
    this.#classes = classes;
    this.rows = rowScores(labels, probabilities);
    this.confusion = new Float64Array(classes * classes);
    for (let row = 0; row < labels.length; row++) this.confusion[this.#cell(row)]++;
  }

  /** `priorLoss` is the prior's log-loss by row; no intervals where `resampling` is null. */
  figures(priorLoss: Float64Array, resampling: ResamplingOptions | null): MemberFigures {
    const n = this.#labels.length;
    const prefix = this.#prefix(priorLoss);
    const width = prefix.length / (n + 1);
    const values = this.#statistics(prefix.slice(n * width));
    if (resampling === null) return figuresOf(values, () => null);
    const keys = Object.keys(values) as (keyof MemberFigures)[];
    const drawn = keys.map(() => new Float64Array(resampling.draws));
    const resampler = new BlockResampler(n, resampling);
    const sums = new Float64Array(width);
    for (let d = 0; d < resampling.draws; d++) {
      resampler.next();
      resampler.sums(prefix, sums);
      const statistics = this.#statistics(sums);
      for (let i = 0; i < keys.length; i++) drawn[i][d] = statistics[keys[i]];
    }
    const blocks = n / resampling.blockLength;
    return figuresOf(values, (key) => intervalOf(drawn[keys.indexOf(key)], values[key], blocks));
  }

  #prefix(priorLoss: Float64Array): Float64Array {
    const n = this.#labels.length;
    const cells = Array.from({ length: this.#classes ** 2 }, () => new Uint8Array(n));
    for (let row = 0; row < n; row++) cells[this.#cell(row)][row] = 1;
    const { logLoss, brier, directionGain } = this.rows;
    const gain = logLoss.map((loss, row) => priorLoss[row] - loss);
    return prefixSums([logLoss, gain, directionGain, brier, ...cells]);
  }

  #statistics(sums: Float64Array): Record<keyof MemberFigures, number> {
    const n = this.#labels.length;
    const confusion = sums.subarray(LOSSES);
    return {
      logLoss: sums[0] / n,
      gain: sums[1] / n,
      directionGain: sums[2] / n,
      brier: sums[3] / n,
      balancedAccuracy: balancedAccuracy(confusion, this.#classes),
      ...confusionScores(confusion, this.#classes),
    };
  }

  #cell(row: number): number {
    return this.#labels[row] * this.#classes + topClass(this.#probabilities, row * this.#classes, this.#classes);
  }
}

function figuresOf(
  values: Record<keyof MemberFigures, number>,
  interval: (key: keyof MemberFigures) => Figure['interval'],
): MemberFigures {
  const figure = (key: keyof MemberFigures): Figure => ({ value: values[key], interval: interval(key) });
  return {
    logLoss: figure('logLoss'),
    gain: figure('gain'),
    directionGain: figure('directionGain'),
    brier: figure('brier'),
    accuracy: figure('accuracy'),
    balancedAccuracy: figure('balancedAccuracy'),
    macroF1: figure('macroF1'),
    mcc: figure('mcc'),
  };
}
