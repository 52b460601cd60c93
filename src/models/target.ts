import { BookcastError } from '../core/index.ts';
import { formatThreshold, parseThreshold, type Threshold } from './threshold.ts';

/** Class of the label where the mid is lower, unchanged or higher. `next-change` has no flat: 0 is down, 1 is up. */
const THREE_WAY = Object.freeze(['down', 'flat', 'up'] as const);
const TWO_WAY = Object.freeze(['down', 'up'] as const);

export type TargetKind = 'events' | 'time' | 'volume' | 'next-change';

/** When an outcome is there, counted from the decision, or from the end of the latency where there is one. */
export interface Horizon {
  /**
   * - `events`: after `horizon` further decision points;
   * - `time`: after `horizon` milliseconds, what holds then being that of the last decision point at or before the instant;
   * - `volume`: at the first decision point by which `horizon` lots have traded;
   * - `next-change`: at the first different mid, whenever it comes; `horizon` is 1.
   */
  readonly kind: TargetKind;
  readonly horizon: number;
  /** From the decision to the instant that the horizon begins at, ms; absent: none. */
  readonly latencyMs?: number;
  /** Only the first decision after a change of the mid is an example; of `next-change` alone. Absent: every decision is. */
  readonly once?: true;
}

/**
 * What is forecast: where the price stands after the horizon, against the price in force when the horizon begins, never against a
 * smoothed past price: with such an anchor a random walk looks predictable.
 */
export interface Target extends Horizon {
  /** Class names in the order of the probabilities, falling prices first and rising prices last. */
  readonly classes: readonly string[];
  /**
   * The price is the middle between the volume-weighted mean prices of so many levels of each side, which a small order that comes and
   * goes at the best price hardly moves. Absent: the mid.
   */
  readonly anchorLevels?: number;
  /** How far the price must move to count; absent: any move does. */
  readonly threshold?: Threshold;
}

/** Largest horizon: a stream keeps every undecided row in memory. */
const MOST: Readonly<Record<'events' | 'time' | 'volume', readonly [number, string]>> = {
  events: [100_000, 'decision points'],
  time: [3_600_000, 'milliseconds'],
  volume: [999_999_999, 'lots'],
};
const MOST_LEVELS = 32;
const MOST_LATENCY_MS = 60_000;

const SHAPE =
  /^(?:(events|time|volume):(\d{1,9})|next-change(:once)?)((?:\/[a-z0-9:.,-]+)*)(?:\+(\d{1,5}(?:\.\d{1,6})?)ms)?$/;

/**
 * Reads `events:10`, `time:100` (milliseconds), `volume:500` (lots), `next-change` or `next-change:once`, and what may follow: the anchor
 * (`/vwap5`), the threshold (`/ticks:2`, `/ticks:-1,1.5`, `/spread:0.5`, `/bps:1`, `/terciles`, `/quantiles:0.2`) and the latency (`+5ms`),
 * as in `events:50/vwap5/terciles+5ms`. No character means anything to a shell. Throws `bad-argument`.
 */
export function parseTarget(text: string): Target {
  const match = SHAPE.exec(text);
  if (match === null) {
    fail(
      text,
      `"${text}" is no target; use events:N (N decision points ahead), time:MS (milliseconds ahead), volume:N (lots traded ahead), next-change or next-change:once, and behind it, as wanted, /vwapK, a threshold (/ticks:N, /spread:SHARE, /bps:N, /terciles) and a latency (+5ms)`,
    );
  }
  const [, kind, digits, once, words, latency] = match as unknown as [string, keyof typeof MOST, ...string[]];
  const target: { -readonly [K in keyof Target]: Target[K] } =
    kind === undefined
      ? { kind: 'next-change', horizon: 1, classes: TWO_WAY }
      : { kind, horizon: Number(digits), classes: THREE_WAY };
  if (kind !== undefined) {
    const [most, unit] = MOST[kind];
    if (target.horizon < 1 || target.horizon > most) {
      fail(text, `target "${text}": the horizon must be 1 to ${most} ${unit}`);
    }
  }
  if (once !== undefined) target.once = true;
  for (const word of words.split('/').slice(1)) addWord(target, word, text);
  if (latency !== undefined) {
    const latencyMs = Number(latency);
    if (!(latencyMs > 0 && latencyMs <= MOST_LATENCY_MS)) {
      fail(text, `target "${text}": the latency must be above 0 and at most ${MOST_LATENCY_MS} ms, or left out`);
    }
    target.latencyMs = latencyMs;
  }
  return Object.freeze(target);
}

function addWord(target: { -readonly [K in keyof Target]: Target[K] }, word: string, text: string): void {
  if (target.kind === 'next-change') {
    fail(text, `target "${text}": the next change is one of the mid, of any size; leave out "/${word}"`);
  }
  const levels = /^vwap(\d{1,3})$/.exec(word);
  if (levels !== null && target.anchorLevels === undefined) {
    const count = Number(levels[1]);
    if (count < 1 || count > MOST_LEVELS)
      fail(text, `target "${text}": /vwap takes 1 to ${MOST_LEVELS} levels of a side`);
    target.anchorLevels = count;
    return;
  }
  const threshold = levels === null && target.threshold === undefined ? parseThreshold(word) : null;
  if (threshold === null) {
    fail(
      text,
      `target "${text}": "/${word}" is no anchor or threshold, or a second one; use /vwapK, and one of /ticks:N (above 0, or two bounds LOW,HIGH), /spread:SHARE, /bps:N (above 0), /terciles and /quantiles:TAIL (above 0, below 0.5)`,
    );
  }
  // Where any move counts there is nothing to say.
  if (formatThreshold(threshold) !== '') target.threshold = Object.freeze(threshold);
}

function fail(target: string, message: string): never {
  throw new BookcastError('bad-argument', message, { target });
}

/** The text that `parseTarget` reads; one for each target, however it was written. */
export function formatTarget(target: Horizon & Pick<Target, 'anchorLevels' | 'threshold'>): string {
  const { kind, horizon, once, anchorLevels, threshold, latencyMs } = target;
  const head = kind === 'next-change' ? (once ? 'next-change:once' : kind) : `${kind}:${horizon}`;
  const anchor = anchorLevels === undefined ? '' : `/vwap${anchorLevels}`;
  const word = threshold === undefined ? '' : formatThreshold(threshold);
  return `${head}${anchor}${word === '' ? '' : `/${word}`}${latencyMs === undefined ? '' : `+${latencyMs}ms`}`;
}

/** The target with numbers for its threshold. */
export function withThreshold(target: Target, threshold: Threshold): Target {
  const { threshold: _, ...rest } = target;
  const word = formatThreshold(threshold);
  return Object.freeze(word === '' ? rest : { ...rest, threshold: Object.freeze(threshold) });
}
