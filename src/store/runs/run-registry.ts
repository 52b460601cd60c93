import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { BookcastError } from '../../core/index.ts';
import { isAlive } from './attempt.ts';
import { readLastingJson } from './lasting.ts';
import { readLines } from './line-log.ts';
import {
  AttemptSchema,
  type MetricsLine,
  MetricsLineSchema,
  RUN_FILES,
  type RunRecord,
  RunRecordSchema,
  type RunResult,
  RunResultSchema,
  type RunState,
} from './run-record.ts';

/** Where runs are kept, unless the user says otherwise. */
export const DEFAULT_REGISTRY = '.bookcast/runs';
/** `20261122-180810123-3fa9c1` */
const ID = /^\d{8}-\d{9}-[0-9a-f]{6}$/;
const SUGGESTED = 3;

/** A run as its files tell it. */
export interface Run {
  readonly id: string;
  readonly folder: string;
  readonly record: RunRecord;
  readonly state: RunState;
  /** Null while it has none. */
  readonly result: RunResult | null;
  /** Processes that took it up: 1, and one more for each time that it was resumed. */
  readonly attempts: number;
}

/** A run's numbers by step, in order; of a step that was done again after a resume, the later. */
export interface RunCurve {
  readonly lines: readonly MetricsLine[];
  /** What is odd about the file, in words; empty where all is well. */
  readonly notes: readonly string[];
}

/** Ids of all runs, oldest first; none where there is no registry. */
export function runIds(registry: string): string[] {
  if (!existsSync(registry)) return [];
  return readdirSync(registry)
    .filter((name) => ID.test(name))
    .sort();
}

/** One run. Throws `not-found`; `bad-input` for files that are damaged, naming them. */
export function readRun(registry: string, id: string): Run {
  const folder = join(registry, id);
  const start = join(folder, RUN_FILES.start);
  if (!existsSync(start)) throw new BookcastError('not-found', `${registry} has no run ${id}`, { registry, id });
  const record = readLastingJson(start, RunRecordSchema);
  const resultPath = join(folder, RUN_FILES.result);
  const result = existsSync(resultPath) ? readLastingJson(resultPath, RunResultSchema) : null;
  const attempts = readLines(join(folder, RUN_FILES.attempts), AttemptSchema).lines;
  const last = attempts.at(-1);
  const unfinished = last !== undefined && isAlive(last) ? 'running' : 'interrupted';
  return { id, folder, record, result, state: result?.status ?? unfinished, attempts: attempts.length };
}

/** All runs, oldest first, and beside them the ids of those whose files are damaged, with what is wrong. */
export function listRuns(registry: string): { runs: Run[]; damaged: { id: string; why: string }[] } {
  const runs: Run[] = [];
  const damaged: { id: string; why: string }[] = [];
  for (const id of runIds(registry)) {
    try {
      runs.push(readRun(registry, id));
    } catch (error) {
      if (!(error instanceof BookcastError)) throw error;
      damaged.push({ id, why: error.message });
    }
  }
  return { runs, damaged };
}

/** The run whose id begins so. Throws `not-found` naming the nearest, and `bad-argument` where several do. */
export function findRun(registry: string, prefix: string): Run {
  const ids = runIds(registry);
  if (ids.length === 0) throw noRuns(registry);
  const found = ids.filter((id) => id.startsWith(prefix));
  if (found.length === 1) return readRun(registry, found[0]);
  if (found.length > 1) {
    const named = found.slice(-SUGGESTED).join(', ');
    throw new BookcastError(
      'bad-argument',
      `"${prefix}" begins the ids of ${found.length} runs (${found.length > SUGGESTED ? 'the latest: ' : ''}${named}); give more of it`,
      { prefix, found: found.length },
    );
  }
  const nearest = ids
    .map((id) => ({ id, shared: sharedLength(id, prefix) }))
    .sort((a, b) => b.shared - a.shared || b.id.localeCompare(a.id))
    .slice(0, SUGGESTED)
    .map(({ id }) => id);
  throw new BookcastError(
    'not-found',
    `no run in ${registry} begins with "${prefix}"; the nearest: ${nearest.join(', ')}; "bookcast runs list" shows all`,
    { prefix },
  );
}

/** For whoever needs a run where there is none yet. */
export function noRuns(registry: string): BookcastError {
  return new BookcastError(
    'not-found',
    `${registry} holds no run yet; make one with "bookcast train --model logistic --data FEATURES.parquet", or name another registry with --runs DIR`,
    { registry },
  );
}

export function readCurve(run: Run): RunCurve {
  const { lines, tornBytes } = readLines(join(run.folder, RUN_FILES.metrics), MetricsLineSchema);
  const byPlace = new Map<string, MetricsLine>();
  for (const line of lines) {
    // A block of steps may end where an epoch does: they tell different metrics.
    const place = `${line.step} ${Object.keys(line.metrics).join(' ')}`;
    byPlace.set(place, line);
  }
  const kept = [...byPlace.values()].sort((a, b) => a.step - b.step || a.t - b.t);
  const notes: string[] = [];
  if (tornBytes > 0 && run.state !== 'running') {
    notes.push(`the last line of ${RUN_FILES.metrics} was never finished (${tornBytes} bytes) and is left out`);
  }
  const again = lines.length - kept.length;
  if (again > 0) notes.push(`${again} lines were written again after a resume; the later count`);
  return { lines: kept, notes };
}

function sharedLength(a: string, b: string): number {
  let n = 0;
  while (n < a.length && n < b.length && a[n] === b[n]) n++;
  return n;
}
