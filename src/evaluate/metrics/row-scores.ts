import { logLossOf } from '../scoreboard.ts';
import { type ClassLabels, classesOf } from './class-labels.ts';

/** What each row adds to the scores that are means over rows. */
export interface RowScores {
  /** −ln p(label), nats, with the floor of `logLossOf`. */
  readonly logLoss: Float64Array;
  /** Σ (p − onehot)², in [0, 2] (Brier 1950). */
  readonly brier: Float64Array;
  /** The log-loss with the first and the last class's probabilities averaged, minus the log-loss; 0 for other labels. */
  readonly directionGain: Float64Array;
}

/** Row by row what `Scoreboard` gives the mean of. */
export function rowScores(labels: ClassLabels, probabilities: Float64Array): RowScores {
  const classes = classesOf(labels, probabilities);
  const n = labels.length;
  const top = classes - 1;
  const logLoss = new Float64Array(n);
  const brier = new Float64Array(n);
  const directionGain = new Float64Array(n);
  for (let row = 0; row < n; row++) {
    const at = row * classes;
    const label = labels[row];
    const loss = logLossOf(probabilities[at + label]);
    logLoss[row] = loss;
    for (let k = 0; k <= top; k++) {
      const error = probabilities[at + k] - (k === label ? 1 : 0);
      brier[row] += error * error;
    }
    if (label === 0 || label === top) {
      directionGain[row] = logLossOf((probabilities[at] + probabilities[at + top]) / 2) - loss;
    }
  }
  return { logLoss, brier, directionGain };
}
