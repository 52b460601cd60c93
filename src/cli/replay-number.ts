import type { Clock } from '../core/index.ts';
import { BookcastError } from '../core/index.ts';
import { type NumberGain, type NumberScore, PrequentialNumber } from '../evaluate/index.ts';
import { type EventSource, instrumentKey } from '../market/index.ts';
import { type ContinuousTarget, formatContinuousTarget } from '../models/index.ts';
import { fixed, grouped, table } from './output.ts';
import { play } from './pace.ts';
import { gainText } from './replay-text.ts';

export interface NumberReplayOptions {
  readonly target: ContinuousTarget;
  /** Market seconds a second; `Infinity` for as fast as possible. */
  readonly speed: number;
  readonly clock: Clock;
  readonly stop: AbortSignal;
}

/** What a replay that forecasts a number found: the object that `--json` prints. */
export interface NumberReport {
  readonly input: readonly string[];
  readonly instrument: string;
  readonly origin: string;
  readonly events: number;
  readonly rows: number;
  readonly target: string;
  readonly scores: readonly NumberScore[];
  /** The regression on all signals against those without skill, CRPS a decision. */
  readonly gains: readonly NumberGain[];
  readonly unresolved: { readonly pending: number; readonly dropped: number; readonly overflowed: number };
  readonly notes: readonly string[];
}

const UNITS: Record<ContinuousTarget['what'], string> = {
  'log-wait': 'ln of the seconds to the next change of the mid',
  imbalance: 'level-1 imbalance, from −1 to 1',
};

/** True for the text of a target that is a number (`parseContinuousTarget`), and not a class. */
export function isNumber(target: string): boolean {
  return target.startsWith('log-wait') || target.startsWith('imbalance@');
}

/** A number is forecast by regressions that learn live alone: refuses the flags that ask for anything else. */
export function refuseForNumber(target: string, flags: Readonly<Record<string, unknown>>): void {
  const { model, bundle, online, verify } = flags as { model?: unknown[]; [flag: string]: unknown };
  const asked = [
    ['--model', (model?.length ?? 0) > 0],
    ['--bundle', bundle !== undefined && bundle !== 'none'],
    ['--online', online !== undefined],
    ['--verify', verify === true],
  ].find(([, is]) => is);
  if (asked === undefined) return;
  throw new BookcastError(
    'bad-argument',
    `${target} is a number, forecast by regressions that learn live; leave ${asked[0]} out, or choose a target with classes, such as events:10`,
    { target },
  );
}

/** Plays a source, forecasts a number at every decision point, and scores the forecasts beside those without skill. */
export async function replayNumber(
  source: EventSource,
  input: readonly string[],
  { target, speed, clock, stop }: NumberReplayOptions,
): Promise<NumberReport> {
  const session = new PrequentialNumber(source.instrument, target);
  await play(source.batches({ lend: true }), (batch, from, to) => session.apply(batch, from, to), {
    speed,
    clock,
    stop,
  });
  const { forecaster } = session;
  return {
    input,
    instrument: instrumentKey(source.instrument),
    origin: source.origin,
    events: forecaster.events,
    rows: forecaster.decisions,
    target: formatContinuousTarget(target),
    scores: session.scores(),
    gains: session.gains(),
    unresolved: session.unresolved,
    notes: [...source.notes, ...(stop.aborted ? ['stopped before the end'] : [])],
  };
}

/** The report for a person. */
export function numberText(report: NumberReport, { what }: ContinuousTarget): string {
  const lines = [
    `${report.instrument}, ${report.origin}: ${report.input.join(' ')}`,
    `  ${grouped(report.events)} events, ${grouped(report.rows)} rows`,
    ...report.notes.map((note) => `  note: ${note}`),
    '',
    `target ${report.target}: ${UNITS[what]}`,
    '',
  ];
  if (report.scores.every(({ n }) => n === 0)) {
    return `${[...lines, 'nothing was scored: no forecast met its outcome'].join('\n')}\n`;
  }
  const rows = report.scores.map(({ model, baseline, n, crps, error, below }) => [
    model + (baseline ? ' (no skill)' : ''),
    fixed(crps, 4),
    fixed(error, 4),
    ...[0, 1, 2].map((q) => fixed(below === null ? null : below[q], 3)),
    grouped(n),
  ]);
  lines.push(table(['model', 'CRPS', 'abs. error', 'below .05', 'below .5', 'below .95', 'n'], rows));
  const served = report.scores[report.scores.length - 1].model;
  lines.push(`${served}, gain in CRPS (a decision; above 0: ${served} is better)`);
  for (const gain of report.gains) lines.push(`  over ${gain.over}: ${gainText(gain)}`);
  return `${lines.join('\n')}\n`;
}
