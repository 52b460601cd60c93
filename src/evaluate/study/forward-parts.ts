import { BookcastError } from '../../core/index.ts';
import type { Target } from '../../models/index.ts';
import { labelRows, type Parts, type Range, type RowMatrix, type Shares } from '../../models/training.ts';
import { cutAtSegments } from '../protocol/labelled-rows.ts';
import { walkForward } from '../protocol/walk-forward.ts';

/**
 * The folds of an expanding walk forward: the first learns from the first rows (`train` and `validation` of the shares) and is tested on
 * those that follow, the next learns from all of these too, until every row of the last share was tested once. The end of what a fold learns
 * from is its validation part, in the proportion of the shares. Purge and embargo between the parts are `createDataset`'s. Throws
 * `bad-argument` for no number of folds, and for rows that do not follow each other in time.
 */
export function forwardParts(matrix: RowMatrix, target: Target, shares: Shares, folds: number): Parts[] {
  const { rows, timeNs, segment } = matrix;
  if (!Number.isInteger(folds) || folds < 2) {
    throw new BookcastError('bad-argument', `${folds} is no number of folds; give a whole number from 2 up`, { folds });
  }
  for (let row = 1; row < rows; row++) {
    if (timeNs[row] >= timeNs[row - 1]) continue;
    throw new BookcastError(
      'bad-argument',
      'these recordings overlap in time, so none of them can be walked forward behind the other; give one instrument, one recording after the other',
      { row },
    );
  }
  const first = Math.floor(rows * (shares.train + shares.validation));
  const { knownAt } = labelRows(matrix, target);
  const options = { kind: 'expanding', train: first, test: Math.ceil((rows - first) / folds), embargo: 0 } as const;
  // What of the past may be learnt from is decided as ever: windows are purged and kept off by the dataset.
  return [...walkForward({ knownAt, segment }, options)].map(({ test }) => {
    const end = test[0].from;
    const cut = Math.floor(end * (shares.train / (shares.train + shares.validation)));
    const past = (from: number, to: number): Range[] => cutAtSegments({ knownAt, segment }, { from, to });
    return { train: past(0, cut), validation: past(cut, end), test };
  });
}
