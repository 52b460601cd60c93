import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { BacktestRun } from '../backtest/index.ts';
import { BookcastError } from '../core/index.ts';
import {
  type BacktestCard,
  backtestCard,
  type CostedCurve,
  joinedRun,
  type TradedStretch,
  type WalkStretch,
  walkOf,
  walkStretches,
} from '../evaluate/index.ts';
import { renderBacktest } from '../report/index.ts';
import type { TradingFlags } from './backtest-flags.ts';
import { calendarOf, contractOf } from './backtest-parts.ts';
import { BacktestRecord, recordedFacts } from './backtest-record.ts';
import type { BacktestSettings } from './backtest-settings.ts';
import { strategiesOf } from './backtest-strategy.ts';
import type { OpenOptions } from './inputs.ts';
import type { Context } from './options.ts';
import { readRecipe } from './recipe.ts';
import { makeForecasts, ONLINE_ALONE } from './walk-forecasts.ts';
import { type StretchJob, stretchFiles } from './walk-job.ts';
import { runJobs } from './walk-pool.ts';
import { WalkProgress } from './walk-progress.ts';
import { openWalkSettings, type WalkSettings, walkKey } from './walk-settings.ts';
import { claimFolder, readValue } from './walk-store.ts';
import { openTapeSpec, spanOfTape, type TapeSpan, type TapeSpec } from './walk-tape.ts';

export interface WalkFlags {
  readonly tape: readonly string[];
  readonly config?: string;
  readonly set?: readonly string[];
  readonly folds?: number;
  readonly out?: string;
  readonly workers?: number;
  readonly resume: boolean;
  readonly json: boolean;
  readonly runs: string;
  readonly tick?: string;
  readonly lot?: string;
  readonly symbol?: string;
}

export interface WalkedForward {
  readonly card: BacktestCard;
  /** Where the results lie. */
  readonly folder: string;
  /** Of the registry. */
  readonly run: string;
}

/** `bookcast walkforward` from its flags to the end. Each stretch's results are files of the folder, so that a run that was killed goes on with `resume`. */
export async function walkForwardRun(context: Context, flags: WalkFlags): Promise<WalkedForward> {
  const { io, version } = context;
  const settings = openWalkSettings(flags.config, { set: flags.set, folds: flags.folds });
  const [own] = settings.settings;
  for (const one of settings.settings) await strategiesOf(one);
  if (settings.recipe !== 'none') readRecipe({ recipe: settings.recipe });
  const tape: TapeSpec = { kind: 'files', paths: flags.tape, open: openOptions(flags) };
  const source = await openTapeSpec(tape);
  const facts = recordedFacts(flags.tape);
  const key = walkKey(settings, [facts.files.map(({ sha256 }) => sha256), tape.open, version]);
  const folder = flags.out ?? join('.bookcast/walks', key.slice(0, 12));
  const span = await spanOfTape(source);
  const stretches = walkStretches({ ...span, folds: settings.folds, first: settings.first, kind: settings.window });
  claimFolder(folder, key, flags.resume);
  io.err(`walk       ${settings.combinations.length} combinations on ${stretches.length} stretches, in ${folder}\n`);
  const forecasts = await forecastsOf(context, folder, tape, settings, own);
  await tradeAll(context, flags, { settings, tape, span, stretches, folder, forecasts });
  const trials = settings.combinations.length * stretches.length;
  const counted = { ...own, trials, walk: settings };
  const record = new BacktestRecord(context, recordFlags(flags), counted, facts);
  try {
    const { card, run } = cardOf(context, settings, { span, stretches, folder, trials: record.trials }, source);
    await record.finish(card, run);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'card.json'), `${JSON.stringify(card)}\n`);
    writeFileSync(join(folder, 'report.html'), renderBacktest(card));
    return { card, folder, run: record.id };
  } catch (error) {
    record.failed(error);
    throw error;
  }
}

/** Models come from the recipe: no flag names any. */
function recordFlags({ runs, json }: WalkFlags): TradingFlags {
  return { ...ONLINE_ALONE, runs, json, baselines: false };
}

function openOptions({ tick, lot, symbol }: WalkFlags): OpenOptions {
  return { tick, lot, symbol };
}

/** A file of forecasts for all stretches where nothing is fitted; null where each has its own, or there are none. */
async function forecastsOf(
  context: Context,
  folder: string,
  tape: TapeSpec,
  { recipe }: WalkSettings,
  own: BacktestSettings,
): Promise<string | null> {
  const { own: maker } = await strategiesOf(own);
  if (own.forecast === null || recipe !== 'none' || !maker.forecasts) return null;
  const path = join(folder, 'forecasts.bin');
  await makeForecasts(context, path, tape, own, ONLINE_ALONE);
  return path;
}

interface WalkWork {
  readonly settings: WalkSettings;
  readonly tape: TapeSpec;
  readonly span: TapeSpan;
  readonly stretches: readonly WalkStretch[];
  readonly folder: string;
  readonly forecasts: string | null;
}

async function tradeAll({ io, version }: Context, flags: WalkFlags, work: WalkWork): Promise<void> {
  const { settings, tape, span, stretches, folder, forecasts } = work;
  const [own] = settings.settings;
  const recipe =
    settings.recipe === 'none' || own.forecast === null
      ? null
      : { recipe: settings.recipe, targets: [own.forecast.target], overrides: dataOverrides(flags) };
  const jobs = stretches.flatMap((stretch, at): StretchJob[] => {
    if (readValue(stretchFiles(folder, at).curves) !== null) return [];
    const { seed } = own;
    const common = { version, tape, startDay: span.startDay, forecasts, folder, cache: join(folder, 'rows') };
    return [
      { kind: 'stretch', ...common, at, stretch, settings: settings.settings, recipe, seed, threads: settings.threads },
    ];
  });
  const done = stretches.length - jobs.length;
  if (done > 0) io.err(`walk       ${done} of ${stretches.length} stretches were done before\n`);
  const progress = new WalkProgress(io, 'stretches', stretches.length, done);
  try {
    await runJobs({
      jobs,
      workers: flags.workers ?? Math.max(1, Math.min(cpus().length, jobs.length)),
      signal: io.stop,
      onLine: (line, at) => progress.line(`stretch ${jobs[at].at}: ${line}`),
      onProgress: (share, at) => progress.update(at, share),
      onDone: (_, at) => progress.done(at, `stretch ${jobs[at].at} of ${stretches.length - 1} done`),
    });
  } finally {
    progress.stop();
  }
}

function dataOverrides(flags: WalkFlags): string[] {
  return (['tick', 'lot', 'symbol'] as const).flatMap((key) =>
    flags[key] === undefined ? [] : [`data.${key}=${JSON.stringify(flags[key])}`],
  );
}

function cardOf(
  { version }: Context,
  settings: WalkSettings,
  { span, stretches, folder, trials }: Pick<WalkWork, 'span' | 'stretches' | 'folder'> & { readonly trials: number },
  { instrument }: Awaited<ReturnType<typeof openTapeSpec>>,
): { card: BacktestCard; run: BacktestRun } {
  const [own] = settings.settings;
  const terms = contractOf(own, instrument);
  const traded = stretches.map(
    (stretch, at): TradedStretch => ({ stretch, curves: stored<CostedCurve[]>(stretchFiles(folder, at).curves) }),
  );
  const walk = walkOf({
    currency: terms.currency,
    startDay: span.startDay,
    combinations: settings.combinations,
    stretches: traded,
    resampling: { seed: own.seed },
    counted: trials,
    notes: notesOf(settings),
  });
  const runs = walk.result.folds.map(
    ({ chosen }, fold) => stored<BacktestRun[]>(stretchFiles(folder, fold + 1).runs)[chosen],
  );
  const run = joinedRun(runs, stretches.slice(1));
  const card = backtestCard({
    run,
    terms,
    calendar: calendarOf(instrument),
    baselines: [],
    trials: walk.trials,
    walk: walk.result,
    settings,
    bookcast: version,
    seed: own.seed,
  });
  return { card, run };
}

function stored<T>(path: string): T {
  const value = readValue<T>(path);
  if (value !== null) return value;
  throw new BookcastError('not-found', `${path}: the results of a stretch are gone; go on with --resume`, { path });
}

function notesOf({ recipe, window, folds }: WalkSettings): string[] {
  const fitted =
    recipe === 'none'
      ? 'Nothing was fitted before: the models learn on the way, each forecast from labels known by then.'
      : `Members of the recipe ${recipe} were fitted anew for each fold, on rows of its past whose labels were known a horizon before its first trade.`;
  return [
    fitted,
    `Parameters were chosen on the stretch before, by net profit there; ${folds} folds, ${window}.`,
    'Each fold begins flat and with a strategy that remembers nothing, on a warm book with warm forecasts, and its position is closed at the market at its end, which is paid for.',
  ];
}
