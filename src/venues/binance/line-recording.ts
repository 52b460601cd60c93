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
import { DiffKernel } from './diff-kernel.ts';
import { type Probe, probeDay } from './probe.ts';
import { type ChosenSteps, stepsNote } from './steps.ts';

/** Recordings of raw lines, joined in the order given. */
export class LineRecording implements EventSource {
  readonly instrument: Instrument;
  readonly origin = 'recorded';
  readonly counts: SourceCounts;
  readonly #probes: readonly Probe[];
  readonly #symbol: string;
  readonly #steps: ChosenSteps;
  #log: DecoderLog | null = null;
  #ended = false;

  constructor(probes: readonly Probe[], symbol: string, instrument: Instrument, steps: ChosenSteps) {
    this.#probes = probes;
    this.#symbol = symbol;
    this.instrument = instrument;
    this.#steps = steps;
    const bytesTotal = probes.reduce((sum, probe) => sum + probe.facts.bytes, 0);
    this.counts = { messages: 0, unparsable: 0, bytesRead: 0, bytesTotal };
  }

  get notes(): readonly string[] {
    const notes = stepsNote(this.instrument, this.#steps);
    return this.#log === null ? notes : [...notes, ...this.#log.notes(this.#ended)];
  }

  verifier(): Verifier {
    return bboVerifier(this.instrument);
  }

  async *batches({ lend = false } = {}): AsyncGenerator<EventBatch> {
    const { counts, instrument } = this;
    const probes = this.#probes;
    const key = instrumentKey(instrument);
    const day = probeDay(probes[0]);
    const kernel = DiffKernel.create();
    const builder = kernel?.builder(key, day) ?? new BatchBuilder(key, day);
    const severalSymbols = probes.some((probe) => probe.markets.size > 1);
    const decoder = new BinanceDecoder(instrument, this.#symbol, builder, severalSymbols, kernel);
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
        decoder.hold(chunk);
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
