import { assert, BookcastError } from '../core/index.ts';
import { type FileFacts, inspectFile, LineSplitter, readChunks } from '../files/index.ts';
import type { EventBatch, EventSource, Instrument, SourceCounts, Verifier } from '../market/index.ts';
import type { SessionReader } from './session.ts';
import { type SessionLine, SessionParser } from './session-log.ts';
import { SessionReplay } from './session-replay.ts';

/** A file whose lines are not in order is held in memory whole. */
const MAX_UNORDERED_BYTES = 1 << 30;

interface SessionFile {
  readonly path: string;
  readonly facts: FileFacts;
}

/** A line kept until all of its file were seen. */
interface KeptLine {
  readonly bytes: Buffer;
  readonly line: number;
  readonly recvNs: number;
}

/**
 * Opens recorded sessions (`session-log.ts`; plain, gzip, xz or zstd), files of one session oldest first, as one
 * instrument's events: `reader`'s conversations decode what was received, in the order of what happened; times count from
 * the UTC day of the first record. Throws `not-found` or `bad-input` where a file is missing, empty, or no session; a
 * damaged file throws while it is read, after all that could be read of it.
 */
export async function openSession(paths: readonly string[], reader: SessionReader): Promise<EventSource> {
  assert(paths.length > 0, 'a session has files');
  const files: SessionFile[] = [];
  let day = Number.NaN;
  for (const path of paths) {
    const facts = await inspectFile(path);
    const found = await firstDay(path, facts);
    if (Number.isNaN(day)) day = found;
    files.push({ path, facts });
  }
  return new SessionSource(files, Number.isNaN(day) ? 0 : day, reader);
}

/** The UTC day of a file's first record; NaN where there is none yet. Throws where its first line is none of a session. */
async function firstDay(path: string, facts: FileFacts): Promise<number> {
  const splitter = new LineSplitter(path);
  const parser = new SessionParser();
  const look = (): boolean => {
    if (splitter.from === splitter.to) return false;
    const entry = parser.parse(splitter.bytes, splitter.from, splitter.to);
    if (entry.kind === 'unreadable') throw notSession(path, splitter, entry.why);
    return !Number.isNaN(parser.day);
  };
  for await (const chunk of readChunks(path, facts, () => {})) {
    splitter.feed(chunk);
    while (splitter.next()) if (look()) return parser.day;
  }
  if (splitter.end()) look();
  return parser.day;
}

function notSession(path: string, { bytes, from, to }: LineSplitter, why: string): BookcastError {
  const begin = JSON.stringify(bytes.toString('latin1', from, Math.min(to, from + 60)));
  return new BookcastError(
    'bad-input',
    `${path}: no recorded session: ${why}. It begins with ${begin}; expected lines such as {"t":"recv","conn":"ws.1","ts":1633998511.159679,"data":"…"}`,
    { path },
  );
}

class SessionSource implements EventSource {
  readonly instrument: Instrument;
  readonly origin = 'recorded';
  readonly counts: SourceCounts;
  readonly #files: readonly SessionFile[];
  readonly #day: number;
  readonly #reader: SessionReader;
  #replay: SessionReplay | null = null;
  #ended = false;

  constructor(files: readonly SessionFile[], day: number, reader: SessionReader) {
    this.#files = files;
    this.#day = day;
    this.#reader = reader;
    this.instrument = reader.instrument.instrument;
    const bytesTotal = files.reduce((sum, file) => sum + file.facts.bytes, 0);
    this.counts = { messages: 0, unparsable: 0, bytesRead: 0, bytesTotal };
  }

  get notes(): readonly string[] {
    return this.#replay?.list(this.#ended) ?? [];
  }

  verifier(): Verifier | null {
    return this.#reader.verifier();
  }

  async *batches(): AsyncGenerator<EventBatch> {
    const { counts } = this;
    counts.messages = counts.unparsable = counts.bytesRead = 0;
    let ready: EventBatch[] = [];
    const taken = (): readonly EventBatch[] => {
      const batches = ready;
      ready = [];
      return batches;
    };
    const replay = new SessionReplay(this.#reader, this.#day, counts, (batch) => ready.push(batch));
    this.#replay = replay;
    this.#ended = false;
    const reading = new FileReading(replay, new SessionParser(this.#day));
    const onRead = (bytes: number): void => {
      counts.bytesRead += bytes;
    };
    for (const file of this.#files) {
      let failure: unknown = null;
      reading.begin(file.path);
      try {
        for await (const chunk of readChunks(file.path, file.facts, onRead)) {
          reading.splitter.feed(chunk);
          while (reading.next()) if (ready.length > 0) yield* taken();
        }
      } catch (error) {
        failure = error;
      }
      while (reading.rest(failure !== null)) if (ready.length > 0) yield* taken();
      replay.flush();
      yield* taken();
      if (failure !== null) throw failure;
    }
    this.#ended = true;
  }
}

/** The lines of one file after another, brought into order where their recorder wrote one connection after the other. */
class FileReading {
  splitter = new LineSplitter('');
  readonly #replay: SessionReplay;
  readonly #parser: SessionParser;
  #line = 0;
  #kept: KeptLine[] | null = null;
  #keptBytes = 0;
  #sorted = 0;
  #ended = false;

  constructor(replay: SessionReplay, parser: SessionParser) {
    this.#replay = replay;
    this.#parser = parser;
  }

  begin(path: string): void {
    this.splitter = new LineSplitter(path);
    this.#replay.notes.path = path;
    this.#line = 0;
    this.#kept = null;
    this.#keptBytes = this.#sorted = 0;
    this.#ended = false;
  }

  /** Takes one more line of the chunk that was fed; false where there is none. */
  next(): boolean {
    if (!this.splitter.next()) return false;
    this.#line++;
    this.#take(false);
    return true;
  }

  /** After the last chunk: takes one more of the lines that are left. `cut`: the file ended before its end. */
  rest(cut: boolean): boolean {
    if (!this.#ended) {
      this.#ended = true;
      // Stable: equal times stay in the order of the file.
      this.#kept?.sort((a, b) => a.recvNs - b.recvNs);
      this.#line++;
      if (!this.splitter.end()) return this.#kept !== null;
      // Half a line of a file that is cut short is part of the damage that is thrown anyway.
      if (!cut) this.#take(true);
      return true;
    }
    const kept = this.#kept?.[this.#sorted++];
    if (kept === undefined) return false;
    this.#replay.notes.line = kept.line;
    this.#replay.take(this.#parser.parse(kept.bytes, 0, kept.bytes.length));
    return true;
  }

  #take(last: boolean): void {
    const { bytes, from, to } = this.splitter;
    if (from === to) return;
    const entry = this.#parser.parse(bytes, from, to);
    this.#replay.notes.line = this.#line;
    if (entry.kind === 'header' && !entry.ordered) this.#kept ??= [];
    if (entry.kind === 'unreadable' && last) this.#replay.notes.cutOff(to - from);
    else if (this.#kept !== null && 'recvNs' in entry) this.#keep(entry);
    else this.#replay.take(entry);
  }

  #keep(entry: Extract<SessionLine, { recvNs: number }>): void {
    const { bytes, from, to } = this.splitter;
    this.#keptBytes += to - from;
    if (this.#keptBytes > MAX_UNORDERED_BYTES) {
      throw new BookcastError(
        'bad-input',
        `${this.#replay.notes.path}: more than ${MAX_UNORDERED_BYTES} bytes of lines that stand connection by connection, and must be brought into order in memory. Cut it into shorter sessions`,
        { path: this.#replay.notes.path },
      );
    }
    this.#kept!.push({ bytes: bytes.subarray(from, to), line: this.#line, recvNs: entry.recvNs });
  }
}
