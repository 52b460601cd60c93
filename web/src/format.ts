import type { FeedHealth, Score, SyncState, TargetInfo } from '../../src/api/contract.ts';
import { bestBaseline, gainOf } from './state.ts';

/** Fewer resolved decisions than this say nothing about skill: the difference of two log-losses is still noise. */
export const EARLY_N = 300;

export const ABSENT = '–';
const MINUS = '−';
const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

export const STATE_TEXT: Record<SyncState, string> = {
  empty: 'The book has not received anything yet.',
  buffering: 'The book waits for a snapshot and keeps what arrives.',
  synced: 'The book is complete and every message has followed the last.',
  gapped: 'A message is missing: the book is not to be trusted until the next snapshot.',
};

type Proof = FeedHealth['proof'];

/** How a loss inside an open connection would show, in words. */
export const PROOF_TEXT: Record<Proof, string> = {
  sequence: 'Every message is numbered: a lost one shows with the next.',
  checksum: 'Every message carries a checksum of the book: a book that differs shows at once.',
  delivery:
    'This channel has neither numbers nor checksums: the venue vouches that nothing is lost while the connection is open.',
};

const LOSS_TEXT: Record<Proof, string> = {
  sequence: 'The book lost its sequence',
  checksum: "The book is no longer known to be the venue's",
  delivery: 'The book may have missed messages',
};

/** Why a live book is not to be trusted now, and what is being done about it. */
export function lossText(state: Exclude<SyncState, 'synced'>, proof: Proof, venue: string): string {
  switch (state) {
    case 'empty':
      return `No book yet: waiting for ${venue} to send one; no forecast until then.`;
    case 'buffering':
      return 'The book is not complete: waiting for the snapshot that joins what has arrived; no forecast until then.';
    case 'gapped':
      return `${LOSS_TEXT[proof]}: waiting for a snapshot; no forecast until then.`;
  }
}

export function countText(value: number): string {
  return grouped.format(value);
}

/** A fixed number of digits and a true minus sign; `–` for null. */
export function numberText(value: number | null, digits: number): string {
  if (value === null) return ABSENT;
  return value.toFixed(digits).replace('-', MINUS);
}

/** With its sign, always: `+0.031`. What rounds to zero has none. */
export function signedText(value: number | null, digits: number): string {
  if (value === null) return ABSENT;
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return `${value < 0 ? MINUS : '+'}${text}`;
}

export function percentText(probability: number | null): string {
  return probability === null ? ABSENT : `${(100 * probability).toFixed(1)}%`;
}

/** Digits after the point of a step such as `0.10`; trailing zeros count, as the venue prints them. */
export function stepDigits(step: string): number {
  const point = step.indexOf('.');
  return point < 0 ? 0 : step.length - point - 1;
}

/** One digit more than the tick, since a mid can lie on half a tick. */
export function midText(mid: number | null, tickSize: string): string {
  return numberText(mid, stepDigits(tickSize) + 1);
}

export function stepsText(steps: number, step: string): string {
  return (steps * Number(step)).toFixed(stepDigits(step));
}

/** A sum of sizes, with four decimals at most: more would not fit, and say nothing. */
export function totalText(steps: number, step: string): string {
  return (steps * Number(step)).toFixed(Math.min(4, stepDigits(step)));
}

/** Seconds since 1970 UTC of an ISO 8601 text with up to nanoseconds; microseconds survive. */
export function epochSeconds(iso: string): number {
  const point = iso.indexOf('.');
  const whole = point < 0 ? iso.replace(/Z$/, '') : iso.slice(0, point);
  const fraction = point < 0 ? 0 : Number(`0.${iso.slice(point + 1).replace(/\D/g, '')}`);
  return Date.parse(`${whole}Z`) / 1000 + fraction;
}

/** `09:30:00.123` of an ISO 8601 text, UTC as sent. */
export function clockText(iso: string | null): string {
  if (iso === null) return ABSENT;
  return iso.slice(11, 23).replace(/Z$/, '');
}

export function durationText(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  const seconds = ms / 1000;
  if (seconds < 120) return `${Number(seconds.toFixed(1))} s`;
  return `${Math.round(seconds / 60)} min`;
}

/** How long ago, as fine as a reader can use: `now` within a tenth of a second. */
export function ageText(ms: number | null): string {
  if (ms === null) return ABSENT;
  if (ms < 100) return 'now';
  const seconds = ms / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return `${countText(Math.floor(seconds / 60))} min`;
}

/** A rate with about three digits: `0.4`, `12`, `1,240`. */
export function rateText(perSecond: number): string {
  return perSecond < 9.95 && perSecond !== 0 ? perSecond.toFixed(1) : countText(perSecond);
}

/** Closed with a full stop, unless it closes itself. */
export function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** What is forecast, in words. */
export function targetText(target: TargetInfo): string {
  switch (target.kind) {
    case 'events':
      return `mid after ${countText(target.horizon)} decision point${target.horizon === 1 ? '' : 's'}`;
    case 'time':
      return `mid after ${durationText(target.horizon)}`;
    case 'volume':
      return `mid after ${countText(target.horizon)} lot${target.horizon === 1 ? '' : 's'} traded`;
    case 'next-change':
      return 'direction of the next mid change';
  }
}

/** The direction that the probabilities lean to; within half a point of even it is none. */
export function leanText(lean: number | null): string {
  if (lean === null) return 'no forecast';
  if (Math.abs(lean) < 0.005) return 'leans neither way';
  return `leans ${lean > 0 ? 'up' : 'down'} by ${(100 * Math.abs(lean)).toFixed(1)} points`;
}

export interface Verdict {
  readonly kind: 'none' | 'early' | 'seen' | 'better' | 'worse' | 'equal';
  readonly text: string;
}

/** The served model against the best no-skill baseline, in words, good or bad. */
export function verdictOf(scores: readonly Score[], model: string | null): Verdict {
  const served = scores.find((score) => score.model === model);
  if (served === undefined || model === null) return { kind: 'none', text: 'No decision has been scored yet.' };
  if (served.seen > 0) {
    const share = percentText(served.seen / served.n);
    const text = `${model} was trained on ${share} of the ${countText(served.n)} decisions scored here: its score is no evidence of skill.`;
    return { kind: 'seen', text };
  }
  const baseline = bestBaseline(scores);
  const point = gainOf(scores, model);
  if (served.n < EARLY_N || point === null || baseline === null) {
    const left = `${countText(served.n)} of ${countText(EARLY_N)} decisions have met their outcome`;
    return { kind: 'early', text: `Too early to tell: ${left}.` };
  }
  const size = Math.abs(point.gain).toFixed(3);
  const over = `${countText(served.n)} decisions`;
  if (Number(size) === 0) {
    return {
      kind: 'equal',
      text: `${model} is no better than the best no-skill baseline (${baseline.model}), over ${over}.`,
    };
  }
  const kind = point.gain > 0 ? 'better' : 'worse';
  return {
    kind,
    text: `${model} is ${kind} than the best no-skill baseline (${baseline.model}) by ${size} nats a decision, over ${over}.`,
  };
}

/** A short duration with about three digits: `420 ns`, `3.1 µs`, `1.25 ms`; `–` for null. */
export function nanosText(ns: number | null): string {
  if (ns === null) return ABSENT;
  if (ns < 999.5) return `${Math.round(ns)} ns`;
  const [value, unit] = ns < 999_500 ? [ns / 1000, 'µs'] : [ns / 1e6, 'ms'];
  return `${Number(value.toPrecision(3))} ${unit}`;
}
