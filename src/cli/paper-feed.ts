import { BookcastError, type Clock, NS_PER_DAY } from '../core/index.ts';
import type { FeedInstrument, Supervisor } from '../feed/index.ts';
import {
  copyMessages,
  type EventBatch,
  type EventSource,
  type Instrument,
  messageEnd,
  type Origin,
} from '../market/index.ts';
import type { BacktestBench } from './backtest-bench.ts';
import { type LiveOptions, liveWorld, openLive } from './live.ts';
import { LiveRecorder } from './live-recorder.ts';
import type { Context } from './options.ts';
import { play } from './pace.ts';
import type { LiveSpec, OrderListener } from './venues.ts';

/** A market that goes on while it is traded. */
export interface PaperFeed {
  readonly instrument: Instrument;
  readonly origin: Origin;
  /** Hands the bench what arrives until the market ends, `minutes` of it are over or `stop` fires. Returns what a reader should know of it. */
  run(bench: BacktestBench, minutes: number, stop: AbortSignal): Promise<readonly string[]>;
}

/** How often what arrived is handed on. */
const DRAIN_MS = 20;
const MAX_NOTES = 20;
const MS_PER_MINUTE = 60_000;
const NS_PER_MINUTE = 60e9;

/** A recording or the simulator, played at a pace. `minutes` are of market time, so that the pace changes nothing. */
export function pacedFeed(source: EventSource, speed: number, clock: Clock): PaperFeed {
  const { instrument, origin } = source;
  return {
    instrument,
    origin,
    async run(bench, minutes, stop) {
      const over = new AbortController();
      let endNs = Number.POSITIVE_INFINITY;
      const apply = (batch: EventBatch, from: number, to: number): void => {
        const midnightNs = batch.day * NS_PER_DAY;
        if (endNs === Number.POSITIVE_INFINITY) endNs = midnightNs + batch.tsRecvNs[from] + minutes * NS_PER_MINUTE;
        let until = from;
        while (until < to && midnightNs + batch.tsRecvNs[until] < endNs) until = messageEnd(batch, until);
        if (until === batch.length && from === 0) bench.apply(batch);
        else if (until > from) bench.apply(copyMessages(batch, from, until));
        if (until < to) over.abort();
      };
      await play(source.batches(), apply, { speed, clock, stop: AbortSignal.any([stop, over.signal]) });
      return source.notes;
    },
  };
}

/** A live market, recorded on the way where `folder` says so. Throws `not-found`, `venue-unreachable`, `bad-argument`. */
export async function liveFeed(
  { io, version }: Context,
  spec: LiveSpec,
  folder: string | undefined,
): Promise<PaperFeed> {
  if (spec.instruments.length !== 1) {
    throw new BookcastError(
      'bad-argument',
      `paper trades one instrument, not ${spec.instruments.length}: name one with --instrument`,
    );
  }
  const notes: string[] = [];
  const onNote = (line: string): void => {
    notes.push(line);
    if (notes.length > MAX_NOTES) notes.shift();
  };
  let recorder: LiveRecorder | null = null;
  const onOrder: OrderListener = (symbol, orderId, id) => recorder?.order(symbol, orderId, id);
  const open = (found: readonly FeedInstrument[]): LiveOptions => {
    if (folder === undefined) return { onNote };
    const opened = new LiveRecorder(folder, found, {
      venue: spec.venue,
      origin: 'live',
      version,
      command: `bookcast paper --venue ${spec.venue} --instrument ${spec.instruments.join(',')}`,
      limits: {},
      clock: io.clock,
      checkpoint: (i) => supervisor.checkpoint(i),
      onNote,
    });
    recorder = opened;
    return { onNote, day: opened.day, onRecord: (record) => opened.record(record) };
  };
  const supervisor: Supervisor = await openLive(spec, liveWorld(), open, folder === undefined ? undefined : onOrder);
  const { instrument } = supervisor.instruments[0];
  return {
    instrument,
    origin: 'live',
    async run(bench, minutes, stop) {
      await follow(supervisor, recorder, bench, minutes, stop);
      return notes;
    },
  };
}

/** Hands on what arrives until the time is over, the user stops it, or the disk or the run fails; then closes everything in order. */
async function follow(
  supervisor: Supervisor,
  recorder: LiveRecorder | null,
  bench: BacktestBench,
  minutes: number,
  stop: AbortSignal,
): Promise<void> {
  const drain = (): void => {
    for (let taken = supervisor.take(); taken !== null; taken = supervisor.take()) {
      recorder?.append(taken.index, taken.batch);
      bench.apply(taken.batch);
    }
  };
  bench.start(supervisor.day);
  supervisor.start();
  try {
    await new Promise<void>((resolve, reject) => {
      const timers: NodeJS.Timeout[] = [];
      const finish = (end: () => void): void => {
        for (const timer of timers) clearTimeout(timer);
        stop.removeEventListener('abort', onStop);
        end();
      };
      const onStop = (): void => finish(resolve);
      const guarded = (): void => {
        try {
          drain();
        } catch (error) {
          finish(() => reject(error));
        }
      };
      timers.push(setInterval(guarded, DRAIN_MS));
      if (Number.isFinite(minutes)) timers.push(setTimeout(onStop, minutes * MS_PER_MINUTE));
      if (recorder !== null) recorder.failed = (error) => finish(() => reject(error));
      stop.addEventListener('abort', onStop, { once: true });
      if (stop.aborted) onStop();
    });
    await new Promise<void>((resolve) => supervisor.stop(resolve));
    drain();
  } finally {
    await new Promise<void>((resolve) => supervisor.stop(resolve));
    await recorder?.close();
  }
}
