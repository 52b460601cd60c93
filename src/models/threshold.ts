import { BookcastError } from '../core/index.ts';

/**
 * How far the price must move to count as up or down; what does not pass a bound is flat. All moves are in ticks.
 *
 * - `ticks`: two numbers, up above `high` and down below `low`; the only kind of which nothing is left to find out;
 * - `spread`: more than `share` of the spread at the decision, either way;
 * - `bps`: more than so many basis points of the mid at the decision, either way: what a trade would cost;
 * - `quantiles`: the `tail` and the 1 − `tail` quantile of the moves in the training rows. Not known before these have been read:
 *   `resolveTarget` makes `ticks` of them, which is what a model carries.
 */
export type Threshold =
  | { readonly kind: 'ticks'; readonly low: number; readonly high: number }
  | { readonly kind: 'spread'; readonly share: number }
  | { readonly kind: 'bps'; readonly bps: number }
  | { readonly kind: 'quantiles'; readonly tail: number };

/** Of three classes with as many moves in each. */
const TERCILE = 1 / 3;
const BPS = 1e-4;

/** As JavaScript writes numbers below `MOST`, so that every threshold can be read again. */
const NUMBER = '-?\\d+(?:\\.\\d+)?(?:e-\\d+)?';
const MOST = 1e15;
const SHAPE = new RegExp(`^(ticks|spread|bps|quantiles):(${NUMBER})(?:,(${NUMBER}))?$`);

/** Reads `ticks:2`, `ticks:-1.5,2`, `spread:0.5`, `bps:1`, `terciles` or `quantiles:0.2`; null for anything else. */
export function parseThreshold(word: string): Threshold | null {
  if (word === 'terciles') return { kind: 'quantiles', tail: TERCILE };
  const match = SHAPE.exec(word);
  if (match === null) return null;
  const [, kind, first, second] = match;
  const value = Number(first);
  if (kind === 'ticks') {
    const high = second === undefined ? value : Number(second);
    const low = second === undefined ? -value : value;
    return low >= -MOST && low <= high && high <= MOST ? { kind, low, high } : null;
  }
  if (second !== undefined || !(value > 0 && value <= MOST)) return null;
  if (kind === 'spread') return { kind, share: value };
  if (kind === 'bps') return { kind, bps: value };
  return value < 0.5 ? { kind: 'quantiles', tail: value } : null;
}

/** The word that `parseThreshold` reads; empty where any move counts, however small. */
export function formatThreshold(threshold: Threshold): string {
  if (threshold.kind === 'spread') return `spread:${threshold.share}`;
  if (threshold.kind === 'bps') return `bps:${threshold.bps}`;
  if (threshold.kind === 'quantiles') return threshold.tail === TERCILE ? 'terciles' : `quantiles:${threshold.tail}`;
  const { low, high } = threshold;
  if (low === 0 && high === 0) return '';
  return low === -high ? `ticks:${high}` : `ticks:${low},${high}`;
}

/** Which class a move is of: the one place that decides it, for live forecasts and for batches. Allocates nothing once made. */
export class MoveRule {
  readonly #top: number;
  #low = 0;
  #high = 0;
  #spreadShare = 0;
  #midShare = 0;

  /** `text` is the target's, for the message. Throws `bad-argument` where the threshold is still to be learnt. */
  constructor(classes: number, threshold: Threshold | undefined, text: string) {
    this.#top = classes - 1;
    if (threshold === undefined) return;
    if (threshold.kind === 'quantiles') {
      throw new BookcastError(
        'bad-argument',
        `the thresholds of ${text} are quantiles of training rows, which have not been read: give numbers, such as ticks:-1,1.5 in place of the quantiles, or train a model, whose file says them`,
        { target: text },
      );
    }
    if (threshold.kind === 'spread') this.#spreadShare = threshold.share;
    else if (threshold.kind === 'bps') this.#midShare = threshold.bps * BPS;
    else {
      this.#low = threshold.low;
      this.#high = threshold.high;
    }
  }

  /** Class of a move in ticks; the spread and the mid are the decision's own. */
  classOf(move: number, spreadTicks: number, midTicks: number): number {
    let high = this.#high;
    let low = this.#low;
    if (this.#spreadShare > 0) {
      high = this.#spreadShare * spreadTicks;
      low = -high;
    } else if (this.#midShare > 0) {
      high = this.#midShare * midTicks;
      low = -high;
    }
    return move > high ? this.#top : move < low ? 0 : 1;
  }
}
