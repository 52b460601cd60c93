import { BookcastError } from '../../core/index.ts';
import { LineSplitter, readChunks } from '../../files/index.ts';
import {
  BatchBuilder,
  bboVerifier,
  type EventBatch,
  type EventSource,
  type Instrument,
  instrumentKey,
  type SourceCounts,
  type Verifier,
} from '../../market/index.ts';
import { BinanceDecoder } from './decode.ts';
import type { DecoderLog } from './decoder-log.ts';
import { binanceInstrument, knownSteps } from './instruments.ts';
import { checkOrder, commonSymbol, inferSteps, type Probe, probeDay, probeFile } from './probe.ts';
import { isOtherFormat } from './sniff.ts';

export interface BinanceOptions {
  /** Recordings of one stream, oldest first. */
  readonly paths: readonly string[];
  /** The venue's symbol, such as `BTCUSDT`; needed where a recording holds several. */
  readonly symbol?: string | undefined;
  /** Decimal text; over the table's, or what the files' first lines suggest. */
  readonly tickSize?: string | undefined;
  readonly lotSize?: string | undefined;
}

/**
 * Opens recordings of raw lines `<receive time> <json>`, plain or gzip, joined in the order given into one stream whose
 * times count from the UTC day of the first file's first message. Reads the first lines of every file: throws
 * `not-found`, `bad-input` or `bad-argument` saying what is wrong with which file.
 */
export async function openBinance(options: BinanceOptions): Promise<EventSource> {
  const { paths } = options;
  if (paths.length === 0) throw new BookcastError('bad-argument', 'no Binance recording was named');
  for (const path of paths) {
    if (!isOtherFormat(path)) continue;
    throw new BookcastError(
      'bad-input',
      `${path}: Binance data in a form that is not read yet. Recordings of raw lines, such as usdm_btcusdt_20240718.gz, are`,
      { path },
    );
  }
  const probes: Probe[] = [];
  for (const path of paths) probes.push(await probeFile(path));
  checkOrder(probes);
  const { symbol, market } = commonSymbol(probes, options.symbol?.toUpperCase() ?? null);
  const known = knownSteps(symbol, market);
  const { tickSize, lotSize } = options;
  const steps = known ?? (tickSize !== undefined && lotSize !== undefined ? { tickSize, lotSize } : inferSteps(probes));
  if (steps === null) {
    throw new BookcastError(
      'bad-argument',
      `${paths[0]}: nothing in its first lines tells the steps of ${symbol}'s prices and sizes: give them with --tick and --lot`,
      { path: paths[0] },
    );
  }
  const instrument = binanceInstrument(symbol, market, {
    tickSize: tickSize ?? steps.tickSize,
    lotSize: lotSize ?? steps.lotSize,
  });
  const guessed = known === null && (tickSize === undefined || lotSize === undefined);
  return new BinanceRecording(probes, symbol, instrument, guessed);
}

class BinanceRecording implements EventSource {
  readonly instrument: Instrument;
  readonly origin = 'recorded';
  readonly counts: SourceCounts;
  readonly #probes: readonly Probe[];
  readonly #symbol: string;
  readonly #guessed: boolean;
  #log: DecoderLog | null = null;
  #ended = false;

  constructor(probes: readonly Probe[], symbol: string, instrument: Instrument, guessed: boolean) {
    this.#probes = probes;
    this.#symbol = symbol;
    this.instrument = instrument;
    this.#guessed = guessed;
    const bytesTotal = probes.reduce((sum, probe) => sum + probe.facts.bytes, 0);
    this.counts = { messages: 0, unparsable: 0, bytesRead: 0, bytesTotal };
  }

  get notes(): readonly string[] {
    const notes: string[] = [];
    const { instrument } = this;
    if (this.#guessed) {
      notes.push(
        `${instrument.name} is not in the table of instruments: ticks of ${instrument.tickSize} and lots of ` +
          `${instrument.lotSize} were told from the first lines; --tick and --lot set others`,
      );
    }
    return this.#log === null ? notes : [...notes, ...this.#log.notes(this.#ended)];
  }

  verifier(): Verifier {
    return bboVerifier(this.instrument);
  }

  async *batches({ lend = false } = {}): AsyncGenerator<EventBatch> {
    const { counts, instrument } = this;
    const probes = this.#probes;
    const builder = new BatchBuilder(instrumentKey(instrument), probeDay(probes[0]));
    const severalSymbols = probes.some((probe) => probe.markets.size > 1);
    const decoder = new BinanceDecoder(instrument, this.#symbol, builder, severalSymbols);
    this.#log = decoder.log;
    this.#ended = false;
    counts.bytesRead = 0;
    const onRead = (bytes: number): void => {
      counts.bytesRead += bytes;
    };
    for (const probe of probes) {
      try {
        yield* this.#decodeFile(probe, decoder, builder, lend, onRead);
      } finally {
        this.#count(decoder.log);
      }
    }
    this.#ended = true;
  }

  /** Batches of whole messages; what was read before an error still comes out ahead of it. */
  async *#decodeFile(
    probe: Probe,
    decoder: BinanceDecoder,
    builder: BatchBuilder,
    lend: boolean,
    onRead: (bytes: number) => void,
  ): AsyncGenerator<EventBatch> {
    const splitter = new LineSplitter(probe.path);
    decoder.source = probe.path;
    decoder.line = 0;
    let failure: unknown = null;
    try {
      for await (const chunk of readChunks(probe.path, probe.facts, onRead)) {
        splitter.feed(chunk);
        while (splitter.next()) {
          if (splitter.to === splitter.from) decoder.line++;
          else decoder.decode(splitter.bytes, splitter.from, splitter.to);
          if (!builder.full) continue;
          this.#count(decoder.log);
          yield (lend ? builder.lend() : builder.finish())!;
        }
      }
      if (splitter.end()) decoder.decode(splitter.bytes, splitter.from, splitter.to);
    } catch (error) {
      failure = error;
    }
    this.#count(decoder.log);
    const rest = lend ? builder.lend() : builder.finish();
    if (rest !== null) yield rest;
    if (failure !== null) throw failure;
  }

  #count(log: DecoderLog): void {
    this.counts.messages = log.messages;
    this.counts.unparsable = log.unparsable;
  }
}
