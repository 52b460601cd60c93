import { BookcastError, parseDay, VenueTime } from '../../core/index.ts';
import type { Conversation, FeedInstrument, VenueProtocol } from '../../feed/index.ts';
import { type FileFacts, inspectFile, LineSplitter, readChunks } from '../../files/index.ts';
import {
  BatchBuilder,
  type EventBatch,
  type EventSource,
  Fault,
  type Instrument,
  instrumentKey,
  type SourceCounts,
} from '../../market/index.ts';
import {
  type CsvForm,
  formOf,
  RAW_FORM,
  type Restored,
  rawMessage,
  rawRow,
  SNAPSHOT_FORM,
  snapshotLevel,
  UPDATE_FORM,
  updateMessage,
} from './csv-forms.ts';
import { FileSink } from './file-sink.ts';

/** Lines looked at to find a file's first time. */
const PROBE_LINES = 50;
const TIME = /\b(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(?:\.\d+)?Z/;

/** A CSV of one of Coinbase's forms. */
export interface CsvFile {
  readonly path: string;
  readonly facts: FileFacts;
  readonly form: CsvForm;
  /** The first time in it, as text; null where it has none. */
  readonly firstTime: string | null;
  /** The first product named in it; null where it names none. */
  readonly product: string | null;
}

/** What a CSV's first lines tell; null where it is none of Coinbase's. Throws where the file is missing, empty or damaged. */
export async function probeCsv(path: string): Promise<CsvFile | null> {
  const facts = await inspectFile(path);
  const lines: string[] = [];
  await eachLine(path, facts, (line) => lines.push(line) < PROBE_LINES);
  const form = formOf(lines[0] ?? '');
  if (form === null) return null;
  const firstTime = lines.map((line) => TIME.exec(line)?.[0]).find((time) => time !== undefined) ?? null;
  const product = form === RAW_FORM ? productIn(lines) : null;
  return { path, facts, form, firstTime, product };
}

function productIn(lines: readonly string[]): string | null {
  for (const line of lines.slice(1)) {
    try {
      const { product_id } = rawRow(line);
      if (product_id !== '') return product_id;
    } catch {
      // A broken line is told of when it is read.
    }
  }
  return null;
}

/** Hands over lines until `take` wants no more. */
async function eachLine(path: string, facts: FileFacts, take: (line: string) => boolean): Promise<void> {
  const splitter = new LineSplitter(path);
  const text = (): string => splitter.bytes.toString('utf8', splitter.from, splitter.to);
  for await (const chunk of readChunks(path, facts, () => {})) {
    splitter.feed(chunk);
    while (splitter.next()) if (!take(text())) return;
  }
  if (splitter.end()) take(text());
}

/**
 * Recorded CSVs of one product as events: an hour of snapshot and changes, or raw messages. Each line becomes the message that
 * the venue sent, and the feed's own conversation reads that. The files have no receive times: the venue's times stand for them.
 */
export class CsvRecording implements EventSource {
  readonly instrument: Instrument;
  readonly origin = 'recorded';
  readonly counts: SourceCounts;
  readonly #snapshots: readonly CsvFile[];
  readonly #files: readonly CsvFile[];
  readonly #feed: FeedInstrument;
  readonly #protocol: VenueProtocol;
  readonly #day: number;
  readonly #fixedNotes: readonly string[];
  #sink: FileSink | null = null;
  #restored: Restored = { count: 0 };

  /** Throws `bad-argument` or `bad-input` where the files do not belong together. */
  constructor(files: readonly CsvFile[], feed: FeedInstrument, protocol: VenueProtocol, notes: readonly string[]) {
    this.#snapshots = files.filter(({ form }) => form === SNAPSHOT_FORM);
    this.#files = files.filter(({ form }) => form !== SNAPSHOT_FORM);
    this.#day = checkFiles(this.#snapshots, this.#files);
    this.#feed = feed;
    this.#protocol = protocol;
    this.instrument = feed.instrument;
    this.#fixedNotes = [...notes, 'the files have no receive times: the venue’s own times stand for them'];
    const bytesTotal = files.reduce((sum, { facts }) => sum + facts.bytes, 0);
    this.counts = { messages: 0, unparsable: 0, bytesRead: 0, bytesTotal };
  }

  get notes(): readonly string[] {
    const { count } = this.#restored;
    const restored =
      count === 0
        ? []
        : [`${count} sizes had gone through a float (0.11244000000000001): restored to the lot that they were`];
    return [...this.#fixedNotes, ...restored, ...(this.#sink?.notes ?? [])];
  }

  verifier(): null {
    return null;
  }

  async *batches({ lend = false } = {}): AsyncGenerator<EventBatch> {
    const { counts } = this;
    counts.messages = counts.unparsable = counts.bytesRead = 0;
    this.#restored = { count: 0 };
    const builder = new BatchBuilder(instrumentKey(this.instrument), this.#day);
    const sink = new FileSink(builder, counts);
    this.#sink = sink;
    const reading = new CsvReading(this.#protocol, this.#feed, sink, new VenueTime(this.#day), this.#restored, counts);
    reading.at(this.#files[0].firstTime);
    for (const file of this.#snapshots) yield* this.#read(file, reading, builder, lend);
    reading.endSnapshot();
    for (const file of this.#files) yield* this.#read(file, reading, builder, lend);
  }

  /** Batches of whole messages; what was read before an error still comes out ahead of it. */
  async *#read(file: CsvFile, reading: CsvReading, builder: BatchBuilder, lend: boolean): AsyncGenerator<EventBatch> {
    const splitter = new LineSplitter(file.path);
    const onRead = (bytes: number): void => {
      this.counts.bytesRead += bytes;
    };
    reading.begin(file);
    let failure: unknown = null;
    try {
      for await (const chunk of readChunks(file.path, file.facts, onRead)) {
        splitter.feed(chunk);
        while (splitter.next()) {
          reading.line(splitter.bytes.toString('utf8', splitter.from, splitter.to));
          if (builder.full) yield (lend ? builder.lend() : builder.finish())!;
        }
      }
      if (splitter.end()) reading.line(splitter.bytes.toString('utf8', splitter.from, splitter.to));
    } catch (error) {
      failure = error;
    }
    const rest = lend ? builder.lend() : builder.finish();
    if (rest !== null) yield rest;
    if (failure !== null) throw failure;
  }
}

/** Returns the UTC day of the first message. */
function checkFiles(snapshots: readonly CsvFile[], files: readonly CsvFile[]): number {
  const paths = [...snapshots, ...files].map(({ path }) => path);
  const raw = files.find(({ form }) => form === RAW_FORM);
  if (files.length === 0) {
    throw new BookcastError('bad-argument', `${paths[0]}: a snapshot alone has no time; give its changes with it`, {
      paths,
    });
  }
  if (raw !== undefined && snapshots.length + files.filter(({ form }) => form === UPDATE_FORM).length > 0) {
    throw new BookcastError('bad-argument', `${raw.path} holds ${RAW_FORM.what}: give such files alone`, { paths });
  }
  files.forEach((file, i) => {
    const before = files[i - 1];
    if (before === undefined || (file.firstTime ?? '') > (before.firstTime ?? '')) return;
    throw new BookcastError(
      'bad-argument',
      `the files are joined in the order given, and that is not the order of time: ${before.path} begins at ${before.firstTime}, ${file.path} at ${file.firstTime}. Give the older file first`,
      { paths },
    );
  });
  const day = parseDay((files[0].firstTime ?? '').slice(0, 10));
  if (Number.isNaN(day)) {
    throw new BookcastError('bad-input', `${files[0].path}: no time in its first ${PROBE_LINES} lines`, { paths });
  }
  return day;
}

/** Lines → messages → the conversation. */
class CsvReading {
  readonly #feed: FeedInstrument;
  readonly #sink: FileSink;
  readonly #conversation: Conversation;
  readonly #time: VenueTime;
  readonly #restored: Restored;
  readonly #counts: SourceCounts;
  readonly #sides: Record<'buy' | 'sell', [string, string][]> = { buy: [], sell: [] };
  #file: CsvFile | null = null;
  #line = 0;

  constructor(
    protocol: VenueProtocol,
    feed: FeedInstrument,
    sink: FileSink,
    time: VenueTime,
    restored: Restored,
    counts: SourceCounts,
  ) {
    this.#feed = feed;
    this.#sink = sink;
    this.#conversation = protocol.open(protocol.links([feed])[0], sink);
    this.#time = time;
    this.#restored = restored;
    this.#counts = counts;
  }

  begin(file: CsvFile): void {
    this.#file = file;
    this.#line = 0;
  }

  /** What follows without a time of its own is of this one. */
  at(time: string | null): void {
    const ns = time === null ? Number.NaN : this.#time.readText(time);
    if (Number.isFinite(ns)) this.#sink.recvNs = ns;
  }

  line(text: string): void {
    const { path, form } = this.#file!;
    this.#line++;
    if (this.#line === 1 || text === '') return;
    this.#sink.where = `${path}, line ${this.#line}`;
    try {
      if (form === SNAPSHOT_FORM) {
        const { side, level } = snapshotLevel(text, this.#restored);
        this.#sides[side].push(level);
      } else if (form === UPDATE_FORM) {
        this.at(text.slice(text.lastIndexOf(',') + 1));
        this.#say(updateMessage(text, this.#feed.symbol, this.#restored));
      } else {
        const row = rawRow(text);
        this.at(row.time);
        this.#say(rawMessage(row, this.#feed.symbol));
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#sink.unreadable(0, error.message);
      this.#sink.fault(0, Fault.GAP, `a line that could not be read: ${error.message}`);
    }
  }

  /** The snapshot stands in two files, one a side. */
  endSnapshot(): void {
    const { buy, sell } = this.#sides;
    if (buy.length + sell.length === 0) return;
    this.#say(JSON.stringify({ type: 'snapshot', product_id: this.#feed.symbol, bids: buy, asks: sell }));
  }

  #say(message: string): void {
    const bytes = Buffer.from(message);
    this.#counts.messages++;
    this.#conversation.receive(bytes, 0, bytes.length, this.#sink.recvNs);
  }
}
