import { checkParts, cutAtSegments, cutEvenly, type LabelledRows, type Split, trainingRows } from './labelled-rows.ts';

export interface PurgedKFoldOptions {
  readonly folds: number;
  /** Rows left out on either side of the fold that is tested, besides those whose labels overlap with its labels. */
  readonly embargo: number;
}

/** Each run of rows is tested once, against what the others taught (López de Prado 2018, section 7.4). Throws `bad-argument`. */
export function* purgedKFold(rows: LabelledRows, { folds, embargo }: PurgedKFoldOptions): Generator<Split> {
  checkParts(rows, folds, embargo);
  const n = rows.knownAt.length;
  for (const tested of cutEvenly(n, folds)) {
    yield {
      train: trainingRows(rows, { from: 0, to: n }, [tested], embargo),
      test: cutAtSegments(rows, tested),
    };
  }
}
