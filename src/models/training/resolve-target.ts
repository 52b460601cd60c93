import { BookcastError } from '../../core/index.ts';
import { formatTarget, type Target, withThreshold } from '../target.ts';
import type { Range, RowMatrix } from './contract.ts';
import { horizonRows } from './horizon-rows.ts';
import { keptRows, priceOf } from './labels.ts';

/**
 * The target with numbers where it had quantiles: those of the moves in the given rows, each of which ended before its range did, so
 * that nothing of a later part is in them. Targets whose thresholds are numbers come back as they are. Throws `bad-input` where the rows
 * have no move.
 */
export function resolveTarget(matrix: RowMatrix, target: Target, training: readonly Range[]): Target {
  if (target.threshold?.kind !== 'quantiles') return target;
  const { tail } = target.threshold;
  const price = priceOf(matrix, target);
  const found = horizonRows(matrix, target);
  const kept = keptRows(matrix, target, found);
  const moves = new Float64Array(training.reduce((sum, { from, to }) => sum + to - from, 0));
  let n = 0;
  for (const { from, to } of training) {
    for (let row = from; row < to; row++) {
      if (kept[row] === 0 || found.knownAt[row] >= to) continue;
      moves[n++] = price[found.endAt[row]] - price[found.anchorAt[row]];
    }
  }
  if (n === 0) {
    throw new BookcastError(
      'bad-input',
      `no training row sees the end of ${formatTarget(target)}, so its thresholds cannot be learnt; take a shorter horizon or more data`,
      { target: formatTarget(target), rows: moves.length },
    );
  }
  const sorted = moves.subarray(0, n).sort();
  return withThreshold(target, { kind: 'ticks', low: quantile(sorted, tail), high: quantile(sorted, 1 - tail) });
}

/** Linear between the order statistics (type 7 of Hyndman and Fan, "Sample quantiles in statistical packages", 1996). */
export function quantile(sorted: Float64Array, share: number): number {
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const low = sorted[below];
  const high = sorted[Math.min(below + 1, sorted.length - 1)];
  return low + (place - below) * (high - low);
}
