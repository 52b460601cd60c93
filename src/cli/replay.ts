import type { Clock } from '../core/index.ts';
import { NS_PER_SECOND } from '../core/index.ts';
import { type NamedGain, type NamedScore, Prequential } from '../evaluate/index.ts';
import {
  type Forecast,
  type Forecaster,
  type ForecasterHooks,
  type ForecasterOptions,
  type MonitorSnapshot,
  withStack,
} from '../forecast/index.ts';
import { type BookFaults, type EventSource, instrumentKey, type Verifier } from '../market/index.ts';
import type { Model, Target } from '../models/index.ts';
import { play } from './pace.ts';

export interface ReplayOptions {
  target: Target;
  verify: boolean;
  /** Models and their signals; default: the online models on the core set. Without a combiner they serve as `withStack` stacks them. */
  forecaster?: ForecasterOptions;
  /** Market seconds a second; `Infinity` for as fast as possible. */
  speed: number;
  clock: Clock;
  stop: AbortSignal;
  onProgress?: (events: number, eventsPerSecond: number) => void;
  onForecast?: (forecast: Forecast) => void;
}

/** What a replay found: the object that `--json` prints. */
export interface ReplayReport {
  input: readonly string[];
  venue: string;
  instrument: string;
  origin: string;
  messages: number;
  events: number;
  rows: number;
  /** Null without `--verify`, and where the recording carries no truth. */
  verified: { checked: number; mismatches: number; firstMismatch: string | null } | null;
  faults: Omit<BookFaults, 'halts'> & { unparsable: number };
  /** State of the book at the end. */
  state: string;
  eventsPerSecond: number;
  target: Target;
  scores: NamedScore[];
  /** Trained models among those scored: SHA-256 of the file. */
  trained: { model: string; version: string }[];
  /** The served model against the others, nats a decision. */
  gains: NamedGain[];
  /** Weights in the ensemble at the end, by member; null where there is none. */
  weights: Record<string, number> | null;
  /** The sets of classes: coverage asked for, share that held what came true, mean number of classes, share of one class; null without sets. */
  sets: { coverage: number; held: number | null; size: number | null; singletons: number | null } | null;
  /** How the served forecasts fared; null where nothing watched. */
  monitor: MonitorSnapshot | null;
  /** Forecasts whose outcome is unknown: still pending at the end, or lost at a gap. */
  unresolved: { pending: number; dropped: number; overflowed: number };
  features: { count: number; hash: string };
  /** SHA-256 of all rows and of all forecasts: equal for equal input, at any speed. */
  hash: { rows: string; forecasts: string };
  notes: readonly string[];
}

export const STATE_NAMES = ['empty', 'buffering', 'synced', 'gapped'] as const;

/** Plays a source through the online path, scores it, and compares the book with the venue's truth where asked. */
export async function replay(
  source: EventSource,
  input: readonly string[],
  options: ReplayOptions,
): Promise<ReplayReport> {
  const { clock } = options;
  const verifier: Verifier | null = options.verify ? source.verifier() : null;
  const hooks: ForecasterHooks = {
    ...(options.onForecast === undefined ? {} : { onForecast: options.onForecast }),
    ...(verifier === null
      ? {}
      : { onMessage: (batch, from, to, book, synced) => verifier.afterMessage(batch, from, to, book, synced) }),
  };
  const stack = withStack(source.instrument, options.target, options.forecaster);
  const session = new Prequential(source.instrument, options.target, hooks, stack);
  const { forecaster } = session;
  const startNs = clock.monotonicNs();
  const rate = (): number => (forecaster.events / Math.max(1, clock.monotonicNs() - startNs)) * NS_PER_SECOND;
  await play(
    source.batches({ lend: true }),
    (batch, from, to) => {
      session.apply(batch, from, to);
      options.onProgress?.(forecaster.events, rate());
    },
    { speed: options.speed, clock, stop: options.stop },
  );
  const eventsPerSecond = Math.round(rate());
  const { halts: _, ...faults } = forecaster.sync.faults;
  const { names, hash } = forecaster.features.schema;
  const notes = [...source.notes];
  if (options.verify && verifier === null)
    notes.push('nothing to verify against: this source carries no truth of the venue');
  if (options.stop.aborted) notes.push('stopped before the end');
  return {
    input,
    venue: source.instrument.venue,
    instrument: instrumentKey(source.instrument),
    origin: source.origin,
    messages: source.counts.messages,
    events: forecaster.events,
    rows: forecaster.decisions,
    verified: verifier === null ? null : { ...verifier.report() },
    faults: { ...faults, unparsable: source.counts.unparsable },
    state: STATE_NAMES[forecaster.sync.state],
    eventsPerSecond,
    target: options.target,
    scores: session.scores(),
    trained: trainedOf(forecaster.models),
    gains: session.gains(),
    weights: weightsOf(forecaster),
    ...watchedOf(stack),
    unresolved: forecaster.unresolved,
    features: { count: names.length, hash },
    hash: forecaster.hash(),
    notes,
  };
}

/** Names of the weights of a forecaster's ensemble; none where there is no ensemble. */
export function weightNames({ ensemble, members }: Forecaster): string[] {
  return ensemble === null ? [] : [...members.map(({ name }) => name), 'equal pool'];
}

/** Weights in the ensemble now, by name; null where there is none. */
export function weightsOf(forecaster: Forecaster): Record<string, number> | null {
  const { weights } = forecaster.last;
  return weights === null ? null : Object.fromEntries(weightNames(forecaster).map((name, i) => [name, weights[i]]));
}

function watchedOf({ monitor, sets }: ForecasterOptions): Pick<ReplayReport, 'monitor' | 'sets'> {
  const snapshot = monitor?.snapshot() ?? null;
  const all = snapshot?.scores.at(-1);
  if (sets === undefined || all === undefined) return { monitor: snapshot, sets: null };
  const { coverage: held, setSize: size, singletons } = all;
  return { monitor: snapshot, sets: { coverage: sets.coverage, held, size, singletons } };
}

function trainedOf(models: readonly Model[]): ReplayReport['trained'] {
  return models.flatMap(({ name, version }) => (version === undefined ? [] : [{ model: name, version }]));
}
