import { BookcastError } from '../../core/index.ts';
import { checkEmbargo, cutAtSegments, type LabelledRows, type Split, trainingRows } from './labelled-rows.ts';

export interface WalkForwardOptions {
  /** `expanding` learns from all rows before a test, `rolling` from the last `train` of them. */
  readonly kind: 'expanding' | 'rolling';
  /** Rows before the first test. */
  readonly train: number;
  /** Rows of each test; the last one may be shorter. */
  readonly test: number;
  /** Rows left out before each test, besides those whose labels are not known by then. */
  readonly embargo: number;
}

/**
 * Learns from the past, scores the rows that follow, goes on: every row from `train` on is tested exactly once, and no training row is later
 * than a test. Throws `bad-argument`.
 */
export function* walkForward(rows: LabelledRows, options: WalkForwardOptions): Generator<Split> {
  const { kind, train, test, embargo } = options;
  const n = rows.knownAt.length;
  checkEmbargo(embargo);
  if (!Number.isInteger(train) || !Number.isInteger(test) || train < 1 || test < 1 || train >= n) {
    throw new BookcastError(
      'bad-argument',
      `${n} rows cannot be walked through with ${train} rows before the first test and ${test} a test; give whole numbers from 1 up, the first below ${n}`,
      { rows: n, train, test },
    );
  }
  for (let from = train; from < n; from += test) {
    const tested = { from, to: Math.min(n, from + test) };
    const past = { from: kind === 'rolling' ? from - train : 0, to: from };
    yield { train: trainingRows(rows, past, [tested], embargo), test: cutAtSegments(rows, tested) };
  }
}
