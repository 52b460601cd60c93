import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import {
  Backtest,
  type BacktestOptions,
  type BacktestRun,
  FEE_PRESETS,
  type FeeModel,
  parseFees,
  WindowedStrategy,
} from '../backtest/index.ts';
import { assert, BookcastError, NS_PER_DAY, NS_PER_SECOND, systemClock } from '../core/index.ts';
import {
  type CostedCurve,
  costedCurve,
  type ForecastColumns,
  ForecastTape,
  type WalkStretch,
} from '../evaluate/index.ts';
import type { EventSource } from '../market/index.ts';
import { formatTarget, parseTarget } from '../models/index.ts';
import { createBacktest } from './backtest-parts.ts';
import type { BacktestSettings } from './backtest-settings.ts';
import { strategiesOf } from './backtest-strategy.ts';
import type { Context } from './options.ts';
import { type RecipeOptions, readRecipe } from './recipe.ts';
import { bundleFolder, fitStretch } from './walk-fit.ts';
import type { FromJob } from './walk-pool.ts';
import { readValue, writeValue } from './walk-store.ts';
import { openTapeSpec, type TapeSpec } from './walk-tape.ts';

interface CommonJob {
  readonly version: string;
  readonly tape: TapeSpec;
  readonly startDay: number;
  /** A file of forecasts to play (`storeForecasts`); null where there are none. */
  readonly forecasts: string | null;
}

/** All combinations on one stretch of a walk. */
export interface StretchJob extends CommonJob {
  readonly kind: 'stretch';
  readonly at: number;
  readonly stretch: WalkStretch;
  /** One a combination. */
  readonly settings: readonly BacktestSettings[];
  /** What is fitted on the past of the stretch; null where `forecasts` serve, or nothing is forecast. */
  readonly recipe: RecipeOptions | null;
  readonly folder: string;
  readonly cache: string;
  readonly seed: number;
  readonly threads: number;
}

/** Some runs of a sweep, side by side in one pass. */
export interface CellsJob extends CommonJob {
  readonly kind: 'cells';
  readonly cells: readonly SweepRun[];
}

export interface SweepRun {
  readonly settings: BacktestSettings;
  /** Where its curve is kept. */
  readonly path: string;
}

export type TradingJob = StretchJob | CellsJob;

/** So long after a stretch the mids behind its last fills are still looked at, and its position is closed. */
const BEHIND_NS = 61 * NS_PER_SECOND;

export function storeForecasts(path: string, tape: ForecastTape): void {
  writeValue(path, { target: formatTarget(tape.target), columns: tape.columns() });
}

function storedForecasts(path: string | null): ForecastTape | null {
  if (path === null) return null;
  const stored = readValue<{ target: string; columns: ForecastColumns }>(path);
  if (stored === null) throw new BookcastError('not-found', `${path}: the forecasts are gone; start anew`, { path });
  return ForecastTape.of(parseTarget(stored.target), stored.columns);
}

/** Files of a stretch's results. */
export function stretchFiles(folder: string, at: number): { readonly curves: string; readonly runs: string } {
  return { curves: join(folder, `stretch-${at}.bin`), runs: join(folder, `runs-${at}.bin`) };
}

/** The worker's side of `runJobs`. */
export async function runTradingJob(port: MessagePort, job: TradingJob): Promise<void> {
  const say = (said: FromJob): void => port.postMessage(said);
  try {
    const result = job.kind === 'stretch' ? await tradeStretch(job, say) : await tradeCells(job, say);
    say({ kind: 'done', result });
  } catch (error) {
    const own = error instanceof BookcastError;
    const message = own ? error.message : String((error as Error).stack ?? error);
    say({ kind: 'failed', code: own ? error.code : null, message });
  } finally {
    port.close();
  }
}

/** A worker's outside: what it says goes to its owner, and it is stopped by being ended. */
function workerContext(version: string): Context {
  const never = new AbortController().signal;
  const io: Context['io'] = {
    out: () => {},
    err: () => {},
    interactive: false,
    terminal: null as never,
    env: {},
    clock: systemClock,
    stop: never,
    onReload: () => () => {},
  };
  return { io, version };
}

async function tradeCells(job: CellsJob, say: (said: FromJob) => void): Promise<void> {
  const { cells } = job;
  const source = await openTapeSpec(job.tape);
  const forecasts = storedForecasts(job.forecasts);
  const all: BacktestOptions[] = [];
  for (const { settings } of cells) all.push(await partsOf(job, settings, source, forecasts));
  const onProgress = (share: number): void => say({ kind: 'progress', share });
  const runs = await runSideBySide(source, all, job.startDay, Number.POSITIVE_INFINITY, onProgress);
  for (const [c, run] of runs.entries()) {
    writeValue(cells[c].path, costedCurve(run, all[c].ledger.terms, { fees: presetFees(all[c]) }));
  }
}

/** Every public schedule that fits the contract. */
function presetFees({ ledger }: BacktestOptions): Record<string, FeeModel> {
  const fitting = Object.keys(FEE_PRESETS).filter((name) => ledger.terms.kind === 'linear' || !/nasdaq/.test(name));
  return Object.fromEntries(fitting.map((name) => [name, parseFees(name, 'fees', ledger.terms)]));
}

async function partsOf(
  job: CommonJob,
  settings: BacktestSettings,
  source: EventSource,
  tape: ForecastTape | null,
): Promise<BacktestOptions> {
  const { own } = await strategiesOf(settings);
  const facts = { instrument: source.instrument, origin: source.origin, startDay: job.startDay };
  const options = createBacktest(settings, facts, null, own.create());
  return { ...options, forecast: tape === null ? null : { target: tape.target, source: tape.player } };
}

async function tradeStretch(job: StretchJob, say: (said: FromJob) => void): Promise<void> {
  const { stretch, folder, at, recipe, tape } = job;
  const context = workerContext(job.version);
  let { forecasts } = job;
  if (recipe !== null) {
    const bundle = bundleFolder(folder, at);
    // What a killed process left there may be half of one.
    rmSync(bundle, { recursive: true, force: true });
    const { cache, seed, threads, startDay } = job;
    const log = (line: string): void => say({ kind: 'line', line });
    const read = readRecipe(recipe);
    assert(tape.kind === 'files', 'rows are fitted on recordings');
    const own = { paths: tape.paths, recipe: read, stretch, startDay, folder: bundle, cache, seed, threads, log };
    const fitted = await fitStretch(context, own);
    forecasts = join(folder, `forecasts-${at}.bin`);
    storeForecasts(forecasts, fitted);
  }
  const source = await openTapeSpec(tape);
  const { fromNs, toNs } = stretch.trade;
  const played = storedForecasts(forecasts);
  const all: BacktestOptions[] = [];
  for (const settings of job.settings) {
    const parts = await partsOf(job, settings, source, played);
    all.push({ ...parts, strategy: new WindowedStrategy(parts.strategy, fromNs, toNs) });
  }
  const onProgress = (share: number): void => say({ kind: 'progress', share });
  const runs = await runSideBySide(source, all, job.startDay, toNs + BEHIND_NS, onProgress);
  const window = { fromNs, toNs };
  const curves = runs.map((run, c): CostedCurve => costedCurve(run, all[c].ledger.terms, { window }));
  const files = stretchFiles(folder, at);
  writeValue(
    files.runs,
    runs.map((run) => withinWindow(run, fromNs, toNs)),
  );
  // Last: where it is there the stretch is done.
  writeValue(files.curves, curves);
}

/** One pass through the tape for all runs, up to `untilNs`. */
async function runSideBySide(
  source: EventSource,
  all: readonly BacktestOptions[],
  startDay: number,
  untilNs: number,
  onProgress: (share: number) => void,
): Promise<BacktestRun[]> {
  const backtests = all.map((options) => new Backtest(options));
  for await (const batch of source.batches({ lend: true })) {
    if (batch.length === 0) continue;
    for (const backtest of backtests) backtest.apply(batch);
    const ns = (batch.day - startDay) * NS_PER_DAY + batch.tsEventNs[batch.length - 1];
    const { bytesRead, bytesTotal } = source.counts;
    onProgress(Number.isFinite(untilNs) ? ns / untilNs : bytesRead / bytesTotal);
    if (ns > untilNs) break;
  }
  // A tape without trades is no fault here: orders then fill on crossed prices alone, and a note of the run says so.
  return backtests.map((backtest) => backtest.finish(source.notes));
}

function withinWindow(run: BacktestRun, fromNs: number, toNs: number): BacktestRun {
  return { ...run, equity: run.equity.filter(({ ns }) => ns >= fromNs && ns <= toNs) };
}
