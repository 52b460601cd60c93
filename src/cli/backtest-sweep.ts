import { createHash } from 'node:crypto';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { BookcastError } from '../core/index.ts';
import {
  type CostedCurve,
  DEFAULT_COSTS_BPS,
  type SweepAxis,
  type SweepResult,
  sweepResult,
} from '../evaluate/index.ts';
import { isRecord } from '../models/training.ts';
import { contractOf } from './backtest-parts.ts';
import type { BacktestSettings } from './backtest-settings.ts';
import { strategiesOf } from './backtest-strategy.ts';
import type { ModelFlags } from './model-options.ts';
import type { Context } from './options.ts';
import { makeForecasts } from './walk-forecasts.ts';
import type { CellsJob, SweepRun } from './walk-job.ts';
import { runJobs } from './walk-pool.ts';
import { WalkProgress } from './walk-progress.ts';
import { readValue } from './walk-store.ts';
import { openTapeSpec, type TapeSpec } from './walk-tape.ts';

/** A folder beside the registry, named by all that a sweep depends on. */
export function sweepFolder(
  registry: string,
  { settings, tape, models }: Pick<SweepOptions, 'settings' | 'tape' | 'models'>,
  files: readonly string[],
  version: string,
): string {
  const { where: _, ...told } = settings;
  const said = JSON.stringify([told, tape, models, files, version]);
  return join(dirname(registry), 'sweeps', createHash('sha256').update(said).digest('hex').slice(0, 16));
}

export interface SweepOptions {
  readonly settings: BacktestSettings;
  readonly tape: TapeSpec;
  /** Of the tape's first message, days since 1970-01-01. */
  readonly startDay: number;
  readonly models: ModelFlags;
  /** Where each run's result is kept, so that what was stopped goes on; of this tape, these settings and these models alone. */
  readonly folder: string;
  readonly workers?: number;
  readonly latenciesMs?: readonly number[];
  /** Multiples, ascending, of the settings' lots of an order and of all limits in lots: a capacity curve. Absent: size is not varied. */
  readonly sizes?: readonly number[];
}

/** Each way: of the feed, of an order and of the answer to it. */
const LATENCIES_MS: readonly number[] = [0, 1, 5, 20, 100];
/** Of a tape by level, and of one by order that is read as if it told levels. */
const QUEUES: readonly string[] = ['risk-averse', 'rigtorp', 'logarithmic', 'power:3', 'none'];
/** Of a tape that names every order. */
const EXACT = 'exact';

/** In the settings of strategies and of risk. */
const LOT_KEYS: readonly string[] = ['quantityLots', 'maxPositionLots', 'maxOrderLots'];
const MOST_TIMES = 1e6;

/** Sizes as a user writes them, `1,2,5`: each once, ascending. Throws `bad-argument`, also where the strategy has no size of its own to multiply. */
export function parseSizes(text: string, { strategy }: Pick<BacktestSettings, 'strategy'>): readonly number[] {
  const sizes = text.split(',').map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : Number.NaN));
  if (!sizes.every((size) => size >= 1 && size <= MOST_TIMES)) {
    throw new BookcastError(
      'bad-argument',
      `--sizes is "${text}", and must be whole numbers from 1 to ${MOST_TIMES}, such as 1,2,5,10: how many times as large orders and limits are`,
      { sizes: text },
    );
  }
  if (strategy.kind === 'file') {
    throw new BookcastError(
      'bad-argument',
      `--sizes multiplies strategy.quantityLots, and ${strategy.path} decides its size itself; run it once for each size`,
      { path: strategy.path },
    );
  }
  return [...new Set(sizes)].sort((a, b) => a - b);
}

/** Runs in one pass through the tape, in one thread. */
const MOST_SIDE_BY_SIDE = 6;

/** How many runs the default sweep is: each is a trial. */
export function sweepTrials(
  { latenciesMs = LATENCIES_MS, sizes = [] }: Partial<SweepOptions>,
  byOrder: boolean,
): number {
  return latenciesMs.length * (QUEUES.length + (byOrder ? 1 : 0)) * Math.max(1, sizes.length);
}

/**
 * The same strategy on the same tape under other latencies, queue models and sizes, each a run, several at once in threads, all on one set of forecasts that is made once;
 * costs are reckoned on the same fills. Throws what a run throws.
 */
export async function sweepBacktest(context: Context, options: SweepOptions): Promise<SweepResult> {
  const { settings, tape, startDay, folder, latenciesMs = LATENCIES_MS, sizes = [1] } = options;
  const { io, version } = context;
  const { instrument } = await openTapeSpec(tape);
  const { own } = await strategiesOf(settings);
  const forecasts = settings.forecast === null || !own.forecasts ? null : join(folder, 'forecasts.bin');
  if (forecasts !== null) await makeForecasts(context, forecasts, tape, settings, options.models);
  const queues = instrument.byOrder === true ? [EXACT, ...QUEUES] : QUEUES;
  const cells = latenciesMs.flatMap((ms) =>
    queues.flatMap((queue) =>
      sizes.map((size): SweepRun => {
        const name = `latency-${ms}-${queue.replace(':', '')}${size === 1 ? '' : `-size-${size}`}.bin`;
        const varied = cellSettings(settings, ms, queue, instrument.byOrder === true, size);
        return { settings: varied, path: join(folder, name) };
      }),
    ),
  );
  const missing = cells.filter(({ path }) => readValue(path) === null);
  const workers = options.workers ?? Math.max(1, cpus().length);
  const jobs = grouped(missing, workers).map(
    (some): CellsJob => ({ kind: 'cells', version, tape, startDay, forecasts, cells: some }),
  );
  const progress = new WalkProgress(io, 'sweep', jobs.length, 0);
  let done = 0;
  try {
    await runJobs({
      jobs,
      workers,
      signal: io.stop,
      onLine: (line) => progress.line(line),
      onProgress: (share, at) => progress.update(at, share),
      // Of several at once the later may end first.
      onDone: (_, at) => {
        done += jobs[at].cells.length;
        progress.done(at, `sweep      ${done} of ${missing.length} runs`);
      },
    });
  } finally {
    progress.stop();
  }
  return sweepResult({
    currency: contractOf(settings, instrument).currency,
    axes: [
      { name: 'latency', unit: 'ms', values: [...latenciesMs], own: ownLatency(settings, latenciesMs) },
      { name: 'queue', unit: '', values: queues, own: ownQueue(settings, queues) },
      ...(options.sizes === undefined ? [] : [sizeAxis(settings, sizes)]),
    ],
    curves: cells.map(({ path }) => readValue<CostedCurve>(path) as CostedCurve),
    costsBps: DEFAULT_COSTS_BPS,
    resampling: { seed: settings.seed },
    notes: [
      'latency: so many milliseconds each way, of the feed, of an order and of the answer; each a run, on the same forecasts',
      instrument.byOrder === true
        ? 'queue: exact is the tape by order; the models read the same tape as if it told levels only; none is a bound that no real order attains'
        : 'queue: what is assumed of the lots before ours; none is a bound that no real order attains',
      ...(options.sizes === undefined
        ? []
        : ['size: lots of an order (of the whole order where it is worked); limits in lots grow with it; each a run']),
    ],
  });
}

/** As many a group as keeps every worker busy; few enough that little is lost where it is stopped. */
function grouped(cells: readonly SweepRun[], workers: number): readonly (readonly SweepRun[])[] {
  const size = Math.min(MOST_SIDE_BY_SIDE, Math.ceil(cells.length / workers));
  const groups: SweepRun[][] = [];
  for (let from = 0; from < cells.length; from += size) groups.push(cells.slice(from, from + size));
  return groups;
}

function cellSettings(
  settings: BacktestSettings,
  ms: number,
  queue: string,
  byOrder: boolean,
  size: number,
): BacktestSettings {
  const exact = queue === EXACT;
  return {
    ...settings,
    latency: { feedMs: ms, entryMs: ms, responseMs: ms },
    queue: exact ? 'auto' : queue,
    by: byOrder && !exact ? 'levels' : null,
    ...(size === 1 ? {} : multiplied(settings, size)),
  };
}

/** Orders and all limits in lots so many times as large. */
function multiplied({ strategy, risk }: BacktestSettings, size: number): Pick<BacktestSettings, 'strategy' | 'risk'> {
  const times = <T>(of: T): T =>
    isRecord(of)
      ? (Object.fromEntries(
          Object.entries(of).map(([key, value]) => [
            key,
            LOT_KEYS.includes(key) && typeof value === 'number' ? value * size : value,
          ]),
        ) as T)
      : of;
  return { strategy: times(strategy), risk: times(risk) };
}

function sizeAxis({ strategy }: BacktestSettings, sizes: readonly number[]): SweepAxis {
  const own = sizes.indexOf(1);
  const lots = strategy.kind === 'file' ? 1 : strategy.quantityLots;
  return { name: 'size', unit: 'lots', values: sizes.map((size) => size * lots), own: own === -1 ? null : own };
}

function ownLatency({ latency }: BacktestSettings, values: readonly number[]): number | null {
  const { feedMs, entryMs, responseMs } = (latency ?? {}) as Record<string, unknown>;
  const at = feedMs === entryMs && entryMs === responseMs ? values.indexOf(feedMs as number) : -1;
  return at === -1 ? null : at;
}

function ownQueue({ queue, by }: BacktestSettings, queues: readonly string[]): number | null {
  const exact = queues.includes(EXACT) && by === null;
  const name = exact ? EXACT : queue === 'auto' ? 'rigtorp' : queue === 'power' ? 'power:3' : queue;
  const at = queues.indexOf(name);
  return at === -1 ? null : at;
}
