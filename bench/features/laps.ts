import { systemClock } from '../../src/core/index.ts';
import { FeatureEngine, type SignalDefinition } from '../../src/features/index.ts';
import { BookSync, EventKind, LadderBook, messageEnd } from '../../src/market/index.ts';
import { quantile } from '../harness.ts';
import type { Market } from './markets.ts';

/** As the forecaster's books. */
const WINDOW_TICKS = 1 << 17;
/** Messages timed together for the 99th percentile: well above what a look at the clock costs. */
const CHUNK = 32;

/** Laps before those that count. */
const WARM_LAPS = 4;

interface Lap {
  ns: number;
  rows: number;
}

/** Messages applied to a book, and nothing else: what a row costs is the time beyond this. */
function bookLap({ instrument, batches }: Market): Lap {
  const book = new LadderBook({ windowTicks: WINDOW_TICKS });
  const sync = new BookSync(instrument, book);
  let rows = 0;
  const begun = systemClock.monotonicNs();
  for (const batch of batches) {
    for (let from = 0; from < batch.length; ) {
      const to = messageEnd(batch, from);
      if (batch.kind[from] !== EventKind.BBO) {
        sync.applyMessage(batch, from, to);
        rows++;
      }
      from = to;
    }
  }
  return { ns: systemClock.monotonicNs() - begun, rows };
}

/** The same with the engine, and a row at every message; the last row is left in `row`. Chunks are ns a message, book included. */
function engineLap({ instrument, batches }: Market, engine: FeatureEngine, row: Float64Array, chunks: number[]): Lap {
  const book = new LadderBook({ windowTicks: WINDOW_TICKS });
  const sync = new BookSync(instrument, book);
  engine.reset();
  let rows = 0;
  const begun = systemClock.monotonicNs();
  let last = begun;
  for (const batch of batches) {
    for (let from = 0; from < batch.length; ) {
      const to = messageEnd(batch, from);
      if (batch.kind[from] !== EventKind.BBO) {
        engine.onMessage(batch, from, to, book, sync.applyMessage(batch, from, to));
        row.set(engine.row());
        if (++rows % CHUNK === 0) {
          const now = systemClock.monotonicNs();
          chunks.push((now - last) / CHUNK);
          last = now;
        }
      }
      from = to;
    }
  }
  return { ns: systemClock.monotonicNs() - begun, rows };
}

/** Each row on its own, the look at the clock included, the book not. */
function singleLap({ instrument, batches }: Market, engine: FeatureEngine, row: Float64Array, singles: number[]): void {
  const book = new LadderBook({ windowTicks: WINDOW_TICKS });
  const sync = new BookSync(instrument, book);
  engine.reset();
  for (const batch of batches) {
    for (let from = 0; from < batch.length; ) {
      const to = messageEnd(batch, from);
      if (batch.kind[from] !== EventKind.BBO) {
        const effect = sync.applyMessage(batch, from, to);
        const begun = performance.now();
        engine.onMessage(batch, from, to, book, effect);
        row.set(engine.row());
        singles.push((performance.now() - begun) * 1e6);
      }
      from = to;
    }
  }
}

export interface RowCost {
  columns: number;
  /** ns a row, the book's part taken off: median over the rounds. */
  meanNs: number;
  /** Of chunks of 32 messages, ns a message, the book's part included. */
  chunkP99Ns: number;
  /** Of single rows, the look at the clock included. */
  singleMedianNs: number;
  singleP99Ns: number;
  /** The last row. */
  row: Float64Array;
}

/** What a row of the signals costs where one is taken at every message. */
export function costOf(market: Market, signals: readonly SignalDefinition[], rounds: number): RowCost {
  // One engine for all laps, as one lives through a trading day: each has code of its own, which is compiled once.
  const engine = new FeatureEngine(market.instrument, { signals });
  const row = new Float64Array(engine.schema.names.length);
  const means: number[] = [];
  const chunks: number[] = [];
  const singles: number[] = [];
  // Not counted: code is compiled first, which the shorter of the recordings is over before it is done.
  for (let i = 0; i < WARM_LAPS; i++) {
    bookLap(market);
    engineLap(market, engine, row, []);
  }
  for (let i = 0; i < rounds; i++) {
    const book = bookLap(market);
    const lap = engineLap(market, engine, row, chunks);
    means.push(Math.max(1, (lap.ns - book.ns) / lap.rows));
    singleLap(market, engine, row, singles);
  }
  return {
    columns: row.length,
    meanNs: quantile(means, 0.5),
    chunkP99Ns: chunks.length === 0 ? quantile(means, 1) : quantile(chunks, 0.99),
    singleMedianNs: quantile(singles, 0.5),
    singleP99Ns: quantile(singles, 0.99),
    row,
  };
}
