import { BookcastError } from '../core/index.ts';

/** Class of the label where the mid is lower, unchanged or higher. `next-change` has no flat: 0 is down, 1 is up. */
const THREE_WAY = Object.freeze(['down', 'flat', 'up'] as const);
const TWO_WAY = Object.freeze(['down', 'up'] as const);

export type TargetKind = 'events' | 'time' | 'next-change';

/**
 * What is forecast, always against the mid at the decision, never against a smoothed past price: with such an anchor a
 * random walk looks predictable.
 *
 * - `events`: the sign of the change of the mid after `horizon` further decision points;
 * - `time`: the sign of the change after `horizon` milliseconds, the mid then being that of the last decision point at or
 *   before the instant;
 * - `next-change`: the direction of the first different mid, whenever it comes; `horizon` is 1.
 */
export interface Target {
  readonly kind: TargetKind;
  readonly horizon: number;
  /** Class names in the order of the probabilities, falling prices first and rising prices last. */
  readonly classes: readonly string[];
}

/** Largest horizon: a stream keeps every undecided row in memory. */
const MAX_EVENTS = 100_000;
const MAX_MS = 3_600_000;

/** Reads `events:10`, `time:100` (milliseconds) or `next-change`; throws `bad-argument`. */
export function parseTarget(text: string): Target {
  if (text === 'next-change') return Object.freeze({ kind: 'next-change', horizon: 1, classes: TWO_WAY });
  const match = /^(events|time):(\d{1,9})$/.exec(text);
  if (match === null) {
    throw new BookcastError(
      'bad-argument',
      `"${text}" is no target; use events:N (N decision points ahead), time:MS (milliseconds ahead) or next-change`,
      { target: text },
    );
  }
  const kind = match[1] as 'events' | 'time';
  const horizon = Number(match[2]);
  const most = kind === 'events' ? MAX_EVENTS : MAX_MS;
  if (horizon < 1 || horizon > most) {
    const unit = kind === 'events' ? 'decision points' : 'milliseconds';
    throw new BookcastError('bad-argument', `target "${text}": the horizon must be 1 to ${most} ${unit}`, {
      target: text,
    });
  }
  return Object.freeze({ kind, horizon, classes: THREE_WAY });
}

/** The text that `parseTarget` reads. */
export function formatTarget(target: Target): string {
  return target.kind === 'next-change' ? target.kind : `${target.kind}:${target.horizon}`;
}
