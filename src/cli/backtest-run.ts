import { writeFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BookcastError } from '../core/index.ts';
import { type BacktestCard, backtestCard, type SweepResult } from '../evaluate/index.ts';
import type { EventSource, Instrument } from '../market/index.ts';
import { renderBacktest } from '../report/index.ts';
import { NewFile } from '../store/index.ts';
import type { BacktestBench } from './backtest-bench.ts';
import type { TradingFlags } from './backtest-flags.ts';
import { calendarOf } from './backtest-parts.ts';
import { BacktestRecord, type TapeFacts } from './backtest-record.ts';
import type { BacktestSettings } from './backtest-settings.ts';
import { backtestText } from './backtest-text.ts';
import type { Context } from './options.ts';
import { Progress } from './output.ts';

/** A bench that is fed by `feed`, which says in the end what a reader should know of the source. */
export interface TradingJob {
  readonly context: Context;
  readonly flags: TradingFlags;
  readonly settings: BacktestSettings;
  readonly tape: TapeFacts;
  readonly instrument: Instrument;
  readonly bench: BacktestBench;
  feed(): Promise<readonly string[]>;
  /** The same strategy under other assumptions, once the run is over; absent where nobody asked. */
  sweep?(startDay: number): Promise<SweepResult>;
}

/**
 * Feeds the bench to the end, keeps what came of it in the registry, writes the page where one is asked for, and prints the card. Throws where the
 * strategy was ended early, after all of that.
 */
export async function trade(job: TradingJob): Promise<void> {
  const { context, flags, settings, tape } = job;
  const page = flags.report === undefined ? null : NewFile.create(flags.report);
  try {
    const record = new BacktestRecord(context, flags, settings, tape);
    let card: BacktestCard;
    try {
      card = await played(job, record);
    } catch (error) {
      record.failed(error);
      throw error;
    }
    const places = [`run: ${record.id} in ${record.folder}`];
    if (page !== null) {
      writeFileSync(page.aside('page'), renderBacktest(card));
      page.publish('page');
      places.push(`page: ${page.path}`);
    }
    const { id, folder } = record;
    context.io.out(flags.json ? `${JSON.stringify({ run: { id, folder }, ...card })}\n` : backtestText(card, places));
    if (card.ended === null) return;
    throw new BookcastError(
      'bad-input',
      `the strategy "${card.strategy}" was ended early: ${card.ended}; its orders were cancelled, and the report is written`,
      { strategy: card.strategy },
    );
  } finally {
    page?.discard();
  }
}

async function played(
  { context, settings, instrument, bench, feed, sweep }: TradingJob,
  record: BacktestRecord,
): Promise<BacktestCard> {
  const notes = await feed();
  const { run, baselines } = bench.finish(notes);
  const swept = await sweep?.(run.startDay);
  const { where: _, ...told } = settings;
  const card = backtestCard({
    run,
    baselines,
    terms: bench.terms,
    calendar: calendarOf(instrument),
    trials: record.trials,
    sweep: swept,
    settings: told,
    wanted: bench.wanted,
    bookcast: context.version,
    seed: settings.seed,
  });
  await record.finish(card, run);
  return card;
}

/** Plays a source to its end, or until the user stops it, as fast as it goes. */
export async function playTape(
  { io }: Context,
  source: EventSource,
  bench: BacktestBench,
  limit = Number.POSITIVE_INFINITY,
): Promise<readonly string[]> {
  const { counts } = source;
  // A simulator has no bytes: its messages stand for them.
  const known = counts.bytesTotal > 0 || !Number.isFinite(limit);
  const shown = known ? counts : { ...counts, bytesTotal: limit };
  const progress = new Progress(io, source.instrument.name, shown);
  const startNs = io.clock.monotonicNs();
  let rows = 0;
  let turns = 0;
  try {
    for await (const batch of source.batches({ lend: true })) {
      if (io.stop.aborted) break;
      bench.apply(batch);
      rows += batch.length;
      const perSecond = (rows / Math.max(1, io.clock.monotonicNs() - startNs)) * 1e9;
      progress.update(known ? counts : { ...counts, bytesRead: counts.messages }, rows, perSecond);
      // A wish to stop is heard between turns, which a source in memory never takes.
      if (++turns % 16 === 0) await nextTurn();
    }
  } finally {
    progress.stop();
  }
  return io.stop.aborted ? [...source.notes, 'stopped before the end'] : source.notes;
}
