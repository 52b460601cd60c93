import { existsSync, readdirSync, statSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BookcastError } from '../core/index.ts';
import {
  bboVerifier,
  EventBatch,
  EventFlag,
  EventKind,
  type EventSource,
  Fault,
  type Instrument,
  instrumentKey,
  type Origin,
  type SourceCounts,
  type Verifier,
} from '../market/index.ts';
import { decodeHeader, recordAt, type SegmentHeader, segmentName } from './segment.ts';

const SEGMENT = /^(\d{6})\.seg$/;
/** More than any header has. */
const HEADER_READ = 65536;

/** Is this folder a tape? True where it holds a segment file; says nothing on whether that is undamaged. */
export function isTape(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory() && segmentsIn(path).length > 0;
}

/** Paths of a tape's segments in order. Throws where one between the first and the last is missing. */
export function segmentPaths(dir: string): string[] {
  const names = segmentsIn(dir);
  names.forEach((name, i) => {
    if (name === segmentName(i)) return;
    throw new BookcastError(
      'bad-input',
      `${dir}: the tape has ${name} and lacks ${segmentName(i)}; segments are never skipped`,
      {
        dir,
      },
    );
  });
  return names.map((name) => join(dir, name));
}

function segmentsIn(dir: string): string[] {
  return readdirSync(dir)
    .filter((name) => SEGMENT.test(name))
    .sort();
}

/** Throws where segment `segment` of a tape does not belong to the first one's instrument. */
function checkHeader(header: SegmentHeader, segment: number, first: SegmentHeader, path: string): void {
  const fail = (what: string): never => {
    throw new BookcastError('bad-input', `${path}: ${what}; the segments are not of one tape`, { path });
  };
  if (header.segment !== segment) fail(`its header says that it is segment ${header.segment}`);
  if (JSON.stringify(header.instrument) !== JSON.stringify(first.instrument) || header.origin !== first.origin) {
    const key = (h: SegmentHeader): string => `${instrumentKey(h.instrument)} (${h.origin})`;
    fail(`it is of ${key(header)}, and the first segment of ${key(first)} or with other steps`);
  }
}

/** A torn tail in words, for notes. */
export function tornNote(path: string, offset: number, bytes: number, why: string, done: string): string {
  return `${path}: the last write was cut off (${why}): ${bytes} bytes from offset ${offset} are no data and were ${done}`;
}

export function damagedError(path: string, offset: number, why: string): BookcastError {
  return new BookcastError(
    'bad-input',
    `${path}: the tape is damaged at offset ${offset} (${why}), before its end. Nothing is skipped: restore the file from a copy, or keep the part before by cutting the file at this offset and removing the segments after it.`,
    { path, offset },
  );
}

/**
 * Opens a tape for reading. The headers of all segments are checked now; each segment is read whole when its turn comes
 * (memory: one segment). A torn tail of the last segment is left out, with a note; any other damage throws.
 */
export async function openTape(dir: string): Promise<EventSource> {
  if (!existsSync(dir)) throw new BookcastError('not-found', `${dir}: there is no such tape`, { dir });
  if (!isTape(dir)) {
    throw new BookcastError('bad-input', `${dir} is no tape: expected a folder with segment files such as 000000.seg`, {
      dir,
    });
  }
  const paths = segmentPaths(dir);
  const headers = await Promise.all(paths.map(readHeader));
  headers.forEach((header, i) => {
    checkHeader(header, i, headers[0], paths[i]);
  });
  return new TapeReader(paths, headers);
}

async function readHeader(path: string): Promise<SegmentHeader> {
  const file = await open(path, 'r');
  try {
    const head = new Uint8Array(HEADER_READ);
    const { bytesRead } = await file.read(head, 0, HEADER_READ, 0);
    return decodeHeader(head.subarray(0, bytesRead), path).header;
  } finally {
    await file.close();
  }
}

class TapeReader implements EventSource {
  readonly instrument: Instrument;
  readonly origin: Origin;
  readonly counts: SourceCounts;
  notes: readonly string[] = [];
  readonly #paths: readonly string[];
  readonly #headers: readonly SegmentHeader[];

  constructor(paths: readonly string[], headers: readonly SegmentHeader[]) {
    this.#paths = paths;
    this.#headers = headers;
    this.instrument = headers[0].instrument;
    this.origin = headers[0].origin;
    const bytesTotal = paths.reduce((sum, path) => sum + statSync(path).size, 0);
    this.counts = { messages: 0, unparsable: 0, bytesRead: 0, bytesTotal };
  }

  async *batches(): AsyncGenerator<EventBatch> {
    const { counts } = this;
    counts.messages = 0;
    counts.unparsable = 0;
    counts.bytesRead = 0;
    this.notes = [];
    for (let i = 0; i < this.#paths.length; i++) {
      const records = yield* this.#segment(this.#paths[i], i === this.#paths.length - 1);
      const expected = this.#headers[i + 1]?.firstRecord;
      const found = this.#headers[i].firstRecord + records;
      if (expected === undefined || expected === found) continue;
      const message = `${this.#paths[i]}: the segment ends after record ${found}, and the next begins after record ${expected}. It lost its end: restore the file from a copy.`;
      throw new BookcastError('bad-input', message, { path: this.#paths[i] });
    }
  }

  /**
   * Best quotes that the venue sent beside the book's messages (BBO events) are on the tape too. Streams of consecutive
   * rows (LOBSTER, the simulator) have none: their truth stands in the recording or the simulator, not on the tape.
   */
  verifier(): Verifier | null {
    return this.instrument.sequencing === 'consecutive' ? null : bboVerifier(this.instrument);
  }

  /** Returns how many records it held. */
  async *#segment(path: string, last: boolean): AsyncGenerator<EventBatch, number> {
    const bytes = await readFile(path);
    const key = instrumentKey(this.instrument);
    const { counts } = this;
    let at = decodeHeader(bytes, path).end;
    counts.bytesRead += at;
    for (let records = 0; ; records++) {
      const next = recordAt(bytes, at);
      if (next.found === 'end') return records;
      if (next.found === 'torn' && last) {
        counts.bytesRead += bytes.length - at;
        this.notes = [...this.notes, tornNote(path, at, bytes.length - at, next.why, 'left out')];
        return records;
      }
      if (next.found !== 'record') throw damagedError(path, at, next.why);
      const batch = EventBatch.from(new Uint8Array(next.payload).buffer);
      if (batch.instrument !== key) {
        const message = `${path}: the record at offset ${at} is of ${batch.instrument}, and the tape of ${key}`;
        throw new BookcastError('bad-input', message, { path, offset: at });
      }
      counts.bytesRead += next.end - at;
      countMessages(batch, counts);
      yield batch;
      at = next.end;
    }
  }
}

function countMessages(batch: EventBatch, counts: SourceCounts): void {
  for (let i = 0; i < batch.length; i++) {
    if ((batch.flags[i] & EventFlag.MESSAGE_END) !== 0) counts.messages++;
    if (batch.kind[i] === EventKind.FAULT && batch.sizeLots[i] === Fault.UNPARSABLE) counts.unparsable++;
  }
}
