import { NS_PER_DAY } from '../core/index.ts';
import { parseClock, RowSampler, type SamplingClock, selectSignals } from '../features/index.ts';
import {
  BookSync,
  Effect,
  type EventBatch,
  EventKind,
  type EventSource,
  type Instrument,
  instrumentKey,
  LadderBook,
  messageEnd,
} from '../market/index.ts';
import { anchorLevelsOf, emptyDecision, type MarketColumn, MarketFacts, marketNumber } from '../models/index.ts';
import type { RowMatrixBuilder } from '../models/training.ts';
import { readFit } from './fit-file.ts';
import { openRecording } from './inputs.ts';
import type { Context } from './options.ts';
import { Progress } from './output.ts';
import type { MatrixOptions, RowSource } from './row-matrix-source.ts';

/** As the forecaster's books. */
const WINDOW_TICKS = 1 << 17;

/** A recording's rows, computed as the forecaster computes them; they begin a segment wherever its labels begin anew. */
export async function openRecordedRows(
  context: Context,
  paths: readonly string[],
  options: MatrixOptions,
): Promise<RowSource> {
  const source = await openRecording(paths, options);
  const { instrument } = source;
  const clock = parseClock(options.clock ?? 'burst', instrument);
  const fit = options.fit === undefined ? null : readFit(options.fit, instrument);
  const { signals } = selectSignals(options.set ?? 'core', { instrument, ...(fit === null ? {} : { fit }) });
  const sampling = { signals, clock, ...(fit === null ? {} : { fit }) };
  const { schema } = new RowSampler(instrument, sampling, () => {}).engine;
  return {
    name: paths.join(', '),
    instrument: instrumentKey(instrument),
    names: schema.names,
    schemaHash: schema.hash,
    firstNs: await firstReceived(paths, options),
    simulated: source.origin === 'simulated',
    async fill(builder) {
      const venueTime = instrument.burstQuietNs === 0;
      const book = new WatchedBook(instrument, options.market ?? [], builder);
      const sampler = new RowSampler(instrument, sampling, ({ day, tsEventNs, tsRecvNs, midTicks, trusted, row }) =>
        builder.add(day, venueTime ? tsEventNs : tsRecvNs, midTicks, row, book.facts(trusted)),
      );
      await replay(context, source, new CuttingReader(clock, sampler, book));
      return source.notes;
    },
  };
}

/** Of a reading of its own, which stops at once. */
async function firstReceived(paths: readonly string[], options: MatrixOptions): Promise<bigint> {
  const source = await openRecording(paths, options);
  for await (const { length, day, tsRecvNs } of source.batches({ lend: true })) {
    if (length > 0) return BigInt(day) * BigInt(NS_PER_DAY) + BigInt(Math.round(tsRecvNs[0]));
  }
  return 0n;
}

async function replay({ io }: Context, source: EventSource, reader: CuttingReader): Promise<void> {
  const progress = new Progress(io, source.instrument.name, source.counts);
  const startNs = io.clock.monotonicNs();
  let events = 0;
  try {
    for await (const batch of source.batches({ lend: true })) {
      reader.apply(batch);
      events += batch.length;
      progress.update(source.counts, events, (events / (io.clock.monotonicNs() - startNs)) * 1e9);
      if (io.stop.aborted) return;
    }
    reader.finish();
  } finally {
    progress.stop();
  }
}

/** A sampler beside a book of its own. */
class CuttingReader {
  readonly #sampler: RowSampler;
  readonly #book: WatchedBook;
  /** The sampler hands out the rows before a message when it gets that message; with other clocks, the row behind it. */
  readonly #rowsBefore: boolean;

  constructor({ kind }: SamplingClock, sampler: RowSampler, book: WatchedBook) {
    this.#sampler = sampler;
    this.#book = book;
    this.#rowsBefore = kind === 'burst' || kind === 'time';
  }

  apply(batch: EventBatch): void {
    for (let i = 0; i < batch.length; ) {
      const end = messageEnd(batch, i);
      if (this.#rowsBefore) this.#sampler.apply(batch, i, end);
      this.#book.take(batch, i, end);
      if (!this.#rowsBefore) this.#sampler.apply(batch, i, end);
      i = end;
    }
  }

  finish(): void {
    this.#sampler.finish();
  }
}

/** What rows alone do not show: where nothing known of the past goes on, and what the book says beside its mid. */
class WatchedBook {
  readonly #book = new LadderBook({ windowTicks: WINDOW_TICKS });
  readonly #sync: BookSync;
  readonly #builder: RowMatrixBuilder;
  readonly #market: MarketFacts;
  readonly #columns: readonly MarketColumn[];
  readonly #decision = emptyDecision(new Float64Array(0));
  readonly #numbers: Float64Array;

  constructor(instrument: Instrument, columns: readonly MarketColumn[], builder: RowMatrixBuilder) {
    this.#sync = new BookSync(instrument, this.#book);
    this.#builder = builder;
    this.#market = new MarketFacts(anchorLevelsOf(columns));
    this.#columns = columns;
    this.#numbers = new Float64Array(columns.length);
  }

  /** The columns of a row of the present state, as a decision of that state has them; meaningless where it is not trusted. Reused. */
  facts(trusted: boolean): Float64Array {
    const numbers = this.#numbers;
    if (!trusted || numbers.length === 0) return numbers;
    this.#market.describe(this.#book, this.#decision);
    for (let c = 0; c < numbers.length; c++) numbers[c] = marketNumber(this.#decision, this.#columns[c]);
    return numbers;
  }

  take(batch: EventBatch, from: number, to: number): void {
    // As the sampler does, so that both books are in the same state.
    const sync = this.#sync;
    if (sync.isOld(batch, from, to)) {
      sync.applyMessage(batch, from, to);
      return;
    }
    if (batch.kind[from] === EventKind.BBO) return;
    const effect = sync.applyMessage(batch, from, to);
    this.#market.onMessage(batch, from, to, effect);
    if (effect === Effect.LOST || effect === Effect.RESYNCED) this.#builder.cut('lost');
  }
}
