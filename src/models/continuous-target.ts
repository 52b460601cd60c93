import { BookcastError } from '../core/index.ts';
import { formatTarget, type Horizon, parseTarget } from './target.ts';

/**
 * A number to forecast, in place of a class:
 *
 * - `log-wait`: the natural logarithm of the seconds from the decision (or the end of the latency) to the first decision point with
 *   another mid, at least one nanosecond;
 * - `imbalance`: the level-1 queue imbalance, in [−1, 1], at the end of a horizon.
 */
export interface ContinuousTarget {
  readonly what: 'log-wait' | 'imbalance';
  readonly until: Horizon;
}

const WAIT = 'log-wait';
const IMBALANCE = 'imbalance@';

/** Reads `log-wait`, `log-wait+5ms` or `imbalance@events:50` (any horizon, with or without a latency); throws `bad-argument`. */
export function parseContinuousTarget(text: string): ContinuousTarget {
  if (text === WAIT || text.startsWith(`${WAIT}+`)) {
    return Object.freeze({ what: WAIT, until: parseTarget(`next-change${text.slice(WAIT.length)}`) });
  }
  if (!text.startsWith(IMBALANCE)) {
    throw new BookcastError(
      'bad-argument',
      `"${text}" is no number to forecast; use log-wait (the time to the next change of the mid) or imbalance@ and a horizon, such as imbalance@events:50`,
      { target: text },
    );
  }
  const until = parseTarget(text.slice(IMBALANCE.length));
  if (until.threshold !== undefined || until.anchorLevels !== undefined || until.once === true) {
    throw new BookcastError(
      'bad-argument',
      `"${text}": an imbalance has a horizon and no price, so no anchor, no threshold and no :once; leave them out`,
      { target: text },
    );
  }
  return Object.freeze({ what: 'imbalance', until });
}

/** The text that `parseContinuousTarget` reads. */
export function formatContinuousTarget({ what, until }: ContinuousTarget): string {
  const horizon = formatTarget(until);
  return what === 'imbalance' ? IMBALANCE + horizon : WAIT + horizon.slice('next-change'.length);
}
