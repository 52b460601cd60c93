import { existsSync, readdirSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { BookcastError } from '../core/index.ts';
import { readChunks } from '../files/index.ts';
import {
  bboVerifier,
  checksumVerifier,
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
import { removedSegments } from './manifest.ts';
import { damagedError, tornNote } from './notes.ts';
import { decodeHeader, RecordType, recordAt, type SegmentHeader } from './segment.ts';
import { listSegments, readSegment, type SegmentFile } from './segment-files.ts';

/** More than any header has. */
const HEADER_READ = 65536;

/** Is this folder a tape? True where it holds a segment file; says nothing on whether that is undamaged. */
export function isTape(path: string): boolean {
  return (
    existsSync(path) &&
    statSync(path).isDirectory() &&
    readdirSync(path).some((name) => /^\d{6}\.seg(\.zst)?$/.test(name))
  );
}

/** Throws where segment `file` of a tape does not belong to the first one's instrument. */
function checkHeader(header: SegmentHeader, { number, path }: SegmentFile, first: SegmentHeader): void {
  const fail = (what: string): never => {
    throw new BookcastError('bad-input', `${path}: ${what}; the segments are not of one tape`, { path });
  };
  if (header.segment !== number) fail(`its header says that it is segment ${header.segment}`);
  if (JSON.stringify(header.instrument) !== JSON.stringify(first.instrument) || header.origin !== first.origin) {
    const key = (h: SegmentHeader): string => `${instrumentKey(h.instrument)} (${h.origin})`;
    fail(`it is of ${key(header)}, and the first segment of ${key(first)} or with other steps`);
  }
}

/**
 * Opens a tape for reading. The headers of all segments are checked now; each segment is read whole when its turn comes
 * (memory: one segment). A torn tail of the last segment is left out, with a note; any other damage throws. Where the limits
 * of a recording removed the first segments, it begins with the first that is left, and that one's checkpoint.
 */
export async function openTape(dir: string): Promise<EventSource> {
  if (!existsSync(dir)) throw new BookcastError('not-found', `${dir}: there is no such tape`, { dir });
  if (!isTape(dir)) {
    throw new BookcastError('bad-input', `${dir} is no tape: expected a folder with segment files such as 000000.seg`, {
      dir,
    });
  }
  const removed = removedSegments(dir);
  const files = listSegments(dir, '.seg', removed);
  if (files.length === 0) {
    throw new BookcastError('bad-input', `${dir}: no segment is left of this tape`, { dir });
  }
  const headers: SegmentHeader[] = [];
  for (const file of files) headers.push(await readHeader(file));
  headers.forEach((header, i) => {
    checkHeader(header, files[i], headers[0]);
  });
  const notes =
    removed === 0 ? [] : [`the first ${removed} segments of ${dir} were removed by the limits of the recording`];
  return new TapeReader(files, headers, notes);
}

async function readHeader({ path, packed }: SegmentFile): Promise<SegmentHeader> {
  const head = packed ? await packedHead(path) : await plainHead(path);
  return decodeHeader(head, path).header;
}

async function plainHead(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    // The recorder packed it since the folder was listed.
    if (cause.code === 'ENOENT') return null;
    throw cause;
  });
  if (file === null) return await packedHead(`${path}.zst`);
  try {
    const head = new Uint8Array(HEADER_READ);
    const { bytesRead } = await file.read(head, 0, HEADER_READ, 0);
    return head.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function packedHead(path: string): Promise<Uint8Array> {
  let head: Uint8Array = new Uint8Array(0);
  for await (const chunk of readChunks(path, { bytes: 0, packing: 'zstd' }, () => {})) {
    head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
    if (head.length >= HEADER_READ) break;
  }
  return head;
}

class TapeReader implements EventSource {
  readonly instrument: Instrument;
  readonly origin: Origin;
  readonly counts: SourceCounts;
  notes: readonly string[];
  readonly #opening: readonly string[];
  readonly #files: readonly SegmentFile[];
  readonly #headers: readonly SegmentHeader[];
  readonly #sizes: readonly number[];

  constructor(files: readonly SegmentFile[], headers: readonly SegmentHeader[], notes: readonly string[]) {
    this.#files = files;
    this.#headers = headers;
    this.notes = this.#opening = notes;
    this.instrument = headers[0].instrument;
    this.origin = headers[0].origin;
    this.#sizes = files.map(({ path }) => statSync(path, { throwIfNoEntry: false })?.size ?? 0);
    const bytesTotal = this.#sizes.reduce((sum, size) => sum + size, 0);
    this.counts = { messages: 0, unparsable: 0, bytesRead: 0, bytesTotal };
  }

  async *batches(): AsyncGenerator<EventBatch> {
    const { counts } = this;
    counts.messages = 0;
    counts.unparsable = 0;
    counts.bytesRead = 0;
    this.notes = this.#opening;
    for (let i = 0; i < this.#files.length; i++) {
      const records = yield* this.#segment(i);
      const expected = this.#headers[i + 1]?.firstRecord;
      const found = this.#headers[i].firstRecord + records;
      if (expected === undefined || expected === found) continue;
      const { path } = this.#files[i];
      const message = `${path}: the segment ends after record ${found}, and the next begins after record ${expected}. It lost its end: restore the file from a copy.`;
      throw new BookcastError('bad-input', message, { path });
    }
  }

  /**
   * The venue's checksums, or the best quotes that it sent beside the book's messages (BBO events), are on the tape too.
   * Streams of consecutive rows (LOBSTER, the simulator) have none: their truth stands in the recording or the simulator, not
   * on the tape.
   */
  verifier(): Verifier | null {
    if (this.instrument.checksum !== undefined) return checksumVerifier(this.instrument);
    return this.instrument.sequencing === 'consecutive' ? null : bboVerifier(this.instrument);
  }

  /** Returns how many records it held. */
  async *#segment(index: number): AsyncGenerator<EventBatch, number> {
    const { counts } = this;
    const file = this.#files[index];
    const { path } = file;
    const bytes = await readSegment(file);
    const before = counts.bytesRead;
    // Of a packed segment, as much as of the unpacked one.
    const readTo = (at: number): void => {
      counts.bytesRead = before + Math.round((this.#sizes[index] * at) / Math.max(1, bytes.length));
    };
    let at = decodeHeader(bytes, path).end;
    readTo(at);
    for (let records = 0; ; records++) {
      const next = recordAt(bytes, at);
      if (next.found === 'end') return records;
      if (next.found === 'torn' && index === this.#files.length - 1 && !file.packed) {
        readTo(bytes.length);
        this.notes = [...this.notes, tornNote(path, at, bytes.length - at, next.why, 'left out')];
        return records;
      }
      if (next.found !== 'record') throw damagedError(path, at, next.why);
      readTo(next.end);
      // Who has read what led to a checkpoint has that book already.
      if (next.type === RecordType.BATCH || (next.type === RecordType.CHECKPOINT && index === 0)) {
        const batch = this.#batch(next.payload, path, at);
        countMessages(batch, counts);
        yield batch;
      }
      at = next.end;
    }
  }

  #batch(payload: Uint8Array, path: string, offset: number): EventBatch {
    const key = instrumentKey(this.instrument);
    const batch = EventBatch.from(new Uint8Array(payload).buffer);
    if (batch.instrument === key) return batch;
    const message = `${path}: the record at offset ${offset} is of ${batch.instrument}, and the tape of ${key}`;
    throw new BookcastError('bad-input', message, { path, offset });
  }
}

function countMessages(batch: EventBatch, counts: SourceCounts): void {
  for (let i = 0; i < batch.length; i++) {
    if ((batch.flags[i] & EventFlag.MESSAGE_END) !== 0) counts.messages++;
    if (batch.kind[i] === EventKind.FAULT && batch.sizeLots[i] === Fault.UNPARSABLE) counts.unparsable++;
  }
}

/** The venue's text for a run of order ids. */
export interface OrderIds {
  readonly firstId: number;
  readonly ids: readonly string[];
  /** Batches of the tape before it, of those that `openTape` gives: it holds for what follows, until it is told anew. */
  readonly batch: number;
}

/** The order ids of a tape, in the order in which they were told. */
export async function* readOrderIds(dir: string): AsyncGenerator<OrderIds> {
  const files = listSegments(dir, '.seg', removedSegments(dir));
  let batch = 0;
  for (const [index, file] of files.entries()) {
    const bytes = await readSegment(file);
    let at = decodeHeader(bytes, file.path).end;
    let next = recordAt(bytes, at);
    for (; next.found === 'record'; next = recordAt(bytes, at)) {
      at = next.end;
      if (next.type === RecordType.BATCH || (next.type === RecordType.CHECKPOINT && index === 0)) batch++;
      if (next.type !== RecordType.IDS) continue;
      const { firstId, ids } = JSON.parse(Buffer.from(next.payload).toString()) as Omit<OrderIds, 'batch'>;
      yield { firstId, ids, batch };
    }
    if (next.found === 'damaged') throw damagedError(file.path, at, next.why);
  }
}
