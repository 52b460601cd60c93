import { Command, InvalidArgumentError, Option } from 'commander';
import { BookcastError } from '../../core/index.ts';
import { openSim, SIM_MODES, type SimMode } from '../../venues/sim/index.ts';
import { BacktestBench } from '../backtest-bench.ts';
import { settingsOf, type TradingFlags, withTrading } from '../backtest-flags.ts';
import { recordedFacts, simulatedFacts, type TapeFacts } from '../backtest-record.ts';
import { trade } from '../backtest-run.ts';
import { openRecording, READABLE } from '../inputs.ts';
import { liveSpec, lookingUp, withLive } from '../live-options.ts';
import { type Context, parseSpeed } from '../options.ts';
import { liveFeed, type PaperFeed, pacedFeed } from '../paper-feed.ts';
import { PaperLine } from '../paper-line.ts';
import { seedOf } from './backtest.ts';

interface PaperFlags extends TradingFlags {
  readonly replay?: string[];
  readonly simulate?: SimMode;
  readonly seed: string;
  readonly speed?: number;
  readonly minutes?: number;
  readonly record?: string;
}

export function paperCommand(context: Context): Command {
  const command = withLive(
    new Command('paper').description(
      'Trade a live market on paper with the engine of "backtest": nothing is sent to a venue. Ctrl-C ends it, and the report is written.',
    ),
  )
    .option('--replay <files...>', `play a recording instead: ${READABLE}`)
    .addOption(new Option('--simulate <mode>', 'the simulator instead').choices([...SIM_MODES]))
    .option('--seed <integer>', 'seed of the simulator', '7')
    .option('--speed <speed>', 'of --replay and --simulate: market seconds a second (default: 1), or max', parseSpeed)
    .option('--minutes <minutes>', 'end by itself after so much market time', parseMinutes)
    .option('--record <folder>', 'of a live market: write it here as "bookcast ingest" does, to backtest it later');
  return withTrading(command).action(async (flags: PaperFlags) => {
    const { io } = context;
    const settings = settingsOf(command, flags);
    const { feed, tape } = await openFeed(context, flags);
    const { instrument, origin } = feed;
    const log = (line: string): void => io.err(`${line}\n`);
    const bench = await BacktestBench.open({ settings, models: flags, instrument, origin, clock: io.clock, log });
    const line = new PaperLine(io, instrument, bench.terms.currency, () => bench.account);
    try {
      const run = (): Promise<readonly string[]> =>
        feed.run(bench, flags.minutes ?? Number.POSITIVE_INFINITY, io.stop).finally(() => line.stop());
      await trade({ context, flags, settings, tape, instrument, bench, feed: run });
    } finally {
      line.stop();
      await bench.close();
    }
  });
}

async function openFeed(context: Context, flags: PaperFlags): Promise<{ feed: PaperFeed; tape: TapeFacts }> {
  const { io } = context;
  const { replay, simulate, speed = 1, record, tick, lot, symbol } = flags;
  const live = liveSpec({ ...flags }, io.env);
  const chosen = [live, replay, simulate].filter((one) => one !== null && one !== undefined).length;
  if (chosen !== 1) {
    throw new BookcastError(
      'bad-argument',
      `paper needs one of --venue with --instrument, --replay FILES and --simulate MODE, and ${chosen} were given`,
    );
  }
  if (record !== undefined && live === null) {
    throw new BookcastError(
      'bad-argument',
      '--record is of a live market; what is replayed or simulated can be had again',
    );
  }
  if (live !== null) {
    if (flags.speed !== undefined) throw new BookcastError('bad-argument', '--speed is not of a live market');
    io.err(lookingUp(live));
    const tape = { files: [], simulated: false };
    return { feed: await liveFeed(context, live, record), tape };
  }
  if (replay !== undefined) {
    const source = await openRecording(replay, { tick, lot, symbol });
    return { feed: pacedFeed(source, speed, io.clock), tape: recordedFacts(replay) };
  }
  const mode = simulate as SimMode;
  const seed = seedOf(flags.seed);
  return { feed: pacedFeed(openSim({ mode, seed }), speed, io.clock), tape: simulatedFacts(mode, seed) };
}

function parseMinutes(text: string): number {
  const minutes = Number(text);
  if (!(minutes > 0) || !Number.isFinite(minutes)) throw new InvalidArgumentError('minutes are a number above 0');
  return minutes;
}
