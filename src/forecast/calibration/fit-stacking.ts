import { BookcastError } from '../../core/index.ts';
import { fitLogLinear } from './log-linear-fit.ts';
import { logProbability } from './log-odds.ts';
import { Stacking } from './stacking.ts';

/** What the members said of rows that they had not seen. */
export interface StackingFold {
  /** Rows [from, to) that the members of this fold were fitted on, scalers, thresholds and early stopping included. */
  readonly trained: readonly { readonly from: number; readonly to: number }[];
  /** Numbers of the rows forecast. */
  readonly rows: Int32Array;
  /** One a member: rows.length × classes, row-major. */
  readonly members: readonly Float64Array[];
}

export interface StackingOptions {
  /** Rows from a decision to its label: no row nearer than this to one forecast may be among those trained on. */
  readonly horizon: number;
  /** Labels that speak for equal weights and no biases. Default 100. */
  readonly ridge?: number;
}

const RIDGE = 100;

/**
 * Weights and biases of least log-loss over the folds, drawn to the equal pool. `labels` are of all rows, by number; −1 where a
 * row has none, which is then left out. Throws `bad-input` for a fold whose members had seen a row that they forecast, or one
 * whose label overlaps it: such forecasts look better than they are, and the stack would trust the member that overfits most.
 */
export function fitStacking(
  folds: readonly StackingFold[],
  labels: Int8Array,
  classes: number,
  options: StackingOptions,
): Stacking {
  const members = folds[0]?.members.length ?? 0;
  checkFolds(folds, labels, classes, members, options.horizon);
  const kept: number[] = [];
  const logs: number[] = [];
  for (const fold of folds) {
    for (let i = 0; i < fold.rows.length; i++) {
      const label = labels[fold.rows[i]];
      if (label < 0) continue;
      kept.push(label);
      for (const said of fold.members) {
        for (let k = 0; k < classes; k++) logs.push(logProbability(said[i * classes + k]));
      }
    }
  }
  if (kept.length === 0) throw refusal('no row of any fold has a label', {});
  const flat = Float64Array.from(logs);
  const n = members + classes;
  const features = (i: number, phi: Float64Array): void => {
    for (let k = 0; k < classes; k++) {
      for (let m = 0; m < members; m++) phi[k * n + m] = flat[(i * members + m) * classes + k];
      phi[k * n + members + k] = 1;
    }
  };
  const x = fitLogLinear({
    count: kept.length,
    classes,
    labels: Int8Array.from(kept),
    features,
    centre: new Float64Array(n).fill(1 / members, 0, members),
    lower: new Float64Array(n).fill(0, 0, members).fill(Number.NEGATIVE_INFINITY, members),
    ridge: options.ridge ?? RIDGE,
  });
  return new Stacking(x.subarray(0, members), x.subarray(members));
}

function checkFolds(
  folds: readonly StackingFold[],
  labels: Int8Array,
  classes: number,
  members: number,
  horizon: number,
): void {
  if (members === 0) throw refusal('there are no folds, or no members', { folds: folds.length });
  const reach = Math.max(1, horizon);
  const seen = new Uint8Array(labels.length);
  for (const [f, { trained, rows, members: said }] of folds.entries()) {
    if (said.length !== members || said.some((p) => p.length !== rows.length * classes)) {
      throw refusal(`fold ${f} has not ${members} members with ${classes} probabilities for each of its rows`, {
        fold: f,
      });
    }
    for (const row of rows) {
      if (row < 0 || row >= labels.length || seen[row] === 1) {
        throw refusal(`fold ${f} forecasts row ${row}, which is none of ${labels.length} or was forecast before`, {
          fold: f,
          row,
        });
      }
      seen[row] = 1;
      const near = trained.find(({ from, to }) => row > from - reach && row < to - 1 + reach);
      if (near === undefined) continue;
      throw refusal(
        `fold ${f} forecasts row ${row}, and its members were fitted on rows ${near.from} to ${near.to - 1}, which are it or nearer than the horizon of ${horizon}`,
        { fold: f, row, horizon },
      );
    }
  }
}

function refusal(what: string, facts: Record<string, unknown>): BookcastError {
  return new BookcastError(
    'bad-input',
    `a stack is fitted on forecasts of rows that their members had not seen: ${what}. Forecast each block with members fitted elsewhere, purged by the horizon`,
    facts,
  );
}
