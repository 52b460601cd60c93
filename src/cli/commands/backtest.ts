import { Command, Option } from 'commander';
import { BookcastError } from '../../core/index.ts';
import type { EventSource } from '../../market/index.ts';
import { openSim, SIM_MODES, type SimMode } from '../../venues/sim/index.ts';
import { BacktestBench } from '../backtest-bench.ts';
import { settingsOf, type TradingFlags, withTrading } from '../backtest-flags.ts';
import { recordedFacts, simulatedFacts, type TapeFacts } from '../backtest-record.ts';
import { playTape, type TradingJob, trade } from '../backtest-run.ts';
import type { BacktestSettings } from '../backtest-settings.ts';
import { parseSizes, type SweepOptions, sweepBacktest, sweepFolder, sweepTrials } from '../backtest-sweep.ts';
import { openRecording, READABLE } from '../inputs.ts';
import { type Context, parseCount } from '../options.ts';
import type { TapeSpec } from '../walk-tape.ts';

interface BacktestFlags extends TradingFlags {
  readonly tape?: string[];
  readonly simulate?: SimMode;
  readonly seed: string;
  readonly messages?: number;
  readonly sweep: boolean;
  readonly sizes?: string;
  readonly workers?: number;
}

/** Of the simulator, where nobody says how many. */
const MESSAGES = 50_000;

export function backtestCommand(context: Context): Command {
  const command = new Command('backtest')
    .description(
      'Trade a recording on paper, order by order, with its latencies, queues and costs, beside strategies without skill.',
    )
    .option('--tape <files...>', READABLE)
    .addOption(new Option('--simulate <mode>', 'the simulator instead of a tape').choices([...SIM_MODES]))
    .option('--seed <integer>', 'seed of the simulator', '7')
    .option('--messages <count>', `messages of the simulator (default: ${MESSAGES})`, parseCount)
    .option('--sweep', 'run it under other latencies and queue models, too, and reckon it at other costs', false)
    .option(
      '--sizes <list>',
      'with --sweep: orders and limits so many times as large, too, such as 1,2,5,10; each size is a sweep more',
    )
    .option('--workers <count>', 'runs of a sweep at once (default: the number of processors)', parseCount);
  return withTrading(command).action(async (flags: BacktestFlags) => {
    const { io } = context;
    const asked = settingsOf(command, flags);
    const sizes = sizesOf(flags, asked);
    const { source, tape, limit, spec } = await openMarket(flags);
    const swept = flags.sweep ? sweepOf(context, flags, asked, tape, spec, sizes) : {};
    // Each run of a sweep is a trial.
    const trials = sweepTrials(sizes, source.instrument.byOrder === true);
    const settings = flags.sweep ? { ...asked, trials } : asked;
    const { instrument, origin } = source;
    const log = (line: string): void => io.err(`${line}\n`);
    const bench = await BacktestBench.open({ settings, models: flags, instrument, origin, clock: io.clock, log });
    try {
      const feed = (): Promise<readonly string[]> => playTape(context, source, bench, limit);
      await trade({ context, flags, settings, tape, instrument, bench, feed, ...swept });
    } finally {
      await bench.close();
    }
  });
}

/** Throws `bad-argument`. */
function sizesOf({ sizes, sweep }: BacktestFlags, settings: BacktestSettings): Pick<SweepOptions, 'sizes'> {
  if (sizes === undefined) return {};
  if (sweep) return { sizes: parseSizes(sizes, settings) };
  throw new BookcastError('bad-argument', '--sizes is of the sweep: give --sweep, too', { sizes });
}

/** The sweep of a run, to be made when it is over; kept beside the registry, so that one that was stopped goes on. */
function sweepOf(
  context: Context,
  flags: BacktestFlags,
  settings: BacktestSettings,
  { files }: TapeFacts,
  tape: TapeSpec,
  sizes: Pick<SweepOptions, 'sizes'>,
): Pick<TradingJob, 'sweep'> {
  const models = { model: flags.model, device: flags.device, ...optional(flags, ['fit', 'bundle', 'shelf', 'online']) };
  const hashes = files.map(({ sha256 }) => sha256);
  const folder = sweepFolder(flags.runs, { settings, tape, models }, hashes, context.version);
  const workers = flags.workers === undefined ? {} : { workers: flags.workers };
  return {
    sweep: (startDay) => sweepBacktest(context, { settings, tape, startDay, models, folder, ...workers, ...sizes }),
  };
}

function optional<T extends object, K extends keyof T>(of: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.flatMap((key) => (of[key] === undefined ? [] : [[key, of[key]]]))) as Pick<T, K>;
}

interface Market {
  readonly source: EventSource;
  readonly tape: TapeFacts;
  readonly limit: number;
  readonly spec: TapeSpec;
}

async function openMarket(flags: BacktestFlags): Promise<Market> {
  const { tape, simulate, tick, lot, symbol } = flags;
  if (tape !== undefined && simulate !== undefined) {
    throw new BookcastError('bad-argument', '--tape is recorded and --simulate is not: give one of them');
  }
  if (tape !== undefined) {
    const source = await openRecording(tape, { tick, lot, symbol });
    const spec: TapeSpec = { kind: 'files', paths: tape, open: { tick, lot, symbol } };
    return { source, tape: recordedFacts(tape), limit: Number.POSITIVE_INFINITY, spec };
  }
  if (simulate === undefined) {
    throw new BookcastError(
      'bad-argument',
      'backtest needs --tape FILES or --simulate MODE; "bookcast backtest --simulate realistic" is a first run',
    );
  }
  const seed = seedOf(flags.seed);
  const messages = flags.messages ?? MESSAGES;
  const spec: TapeSpec = { kind: 'sim', mode: simulate, seed, messages };
  return {
    source: openSim({ mode: simulate, seed, messages }),
    tape: simulatedFacts(simulate, seed),
    limit: messages,
    spec,
  };
}

/** Throws `bad-argument`. */
export function seedOf(text: string): number {
  const seed = Number(text);
  if (Number.isSafeInteger(seed)) return seed;
  throw new BookcastError('bad-argument', `a seed is an integer, not "${text}"`, { seed: text });
}
