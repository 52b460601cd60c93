import { join } from 'node:path';
import { assert, BookcastError } from '../core/index.ts';
import { type EventBatch, type Instrument, instrumentKey, type Origin, parseInstrument } from '../market/index.ts';
import { Appender, type AppendOptions } from './appender.ts';
import { type Disk, realDisk } from './disk.ts';
import { lock, unlock } from './lock.ts';
import { damagedError, tornNote } from './notes.ts';
import {
  decodeHeader,
  encodeHeader,
  encodeRecord,
  RecordType,
  recordAt,
  type SegmentHeader,
  VERSION,
} from './segment.ts';
import { listSegments, readSegmentNow, type SegmentFile, segmentName } from './segment-files.ts';

export interface TapeOptions extends AppendOptions {
  /** Segments before this number were removed. */
  readonly firstSegment?: number;
  /** Asked at the head of every segment but the first: the book as one SNAPSHOT message, for readers who begin there. */
  checkpoint?(): EventBatch | null;
  /** A segment was closed: nothing writes to it any more. */
  onClosed?(file: SegmentFile, bytes: number): void;
}

/**
 * Appends batches to a tape: a folder of segment files (`segment.ts`), one instrument's events in order of arrival.
 *
 * What `append` has returned from survives the death of the process. It survives the loss of power once synced: at the
 * first write `syncEveryMs` (default 1000) after the last sync, at the end of each segment, on `sync` and on `close`.
 * A record that was half written is cut off when the tape is opened again, with a note; never read as data. Segments
 * appear with a whole header or not at all (written aside, synced, renamed). One writer a tape: a lock file names it. Where
 * the disk fails, `disk-failed` is thrown, by that call and all later ones.
 */
export class TapeWriter {
  readonly dir: string;
  /** What was found and done on opening, in words. */
  readonly notes: readonly string[];
  readonly #instrument: Instrument;
  readonly #key: string;
  readonly #origin: Origin;
  readonly #options: TapeOptions;
  readonly #disk: Disk;
  readonly #appender: Appender;
  #segment = -1;
  #records = 0;
  #closed = false;

  /**
   * Begins a tape in `dir`, or goes on with the one that is there, which must be of the same instrument and origin
   * (`already-exists` otherwise, or while another process writes to it).
   */
  static create(dir: string, instrument: Instrument, origin: Origin, options: TapeOptions = {}): TapeWriter {
    const disk = options.disk ?? realDisk;
    lock(disk, dir);
    try {
      return new TapeWriter(dir, instrument, origin, options, disk);
    } catch (error) {
      unlock(disk, dir);
      throw error;
    }
  }

  private constructor(dir: string, instrument: Instrument, origin: Origin, options: TapeOptions, disk: Disk) {
    this.dir = dir;
    // Checked, and in the order of fields that a header has.
    this.#instrument = parseInstrument(instrument, dir);
    this.#key = instrumentKey(instrument);
    this.#origin = origin;
    this.#options = options;
    this.#disk = disk;
    this.#appender = new Appender(options);
    const files = listSegments(dir, '.seg', options.firstSegment);
    const last = files.at(-1);
    if (last === undefined) {
      this.notes = [];
      this.#begin(options.firstSegment ?? 0);
    } else {
      this.notes = this.#continue(last);
    }
  }

  /** Records on the tape, removed ones too. */
  get records(): number {
    return this.#records;
  }

  /** The segment that is written to, and its size. */
  get path(): string {
    return this.#appender.path;
  }

  get size(): number {
    return this.#appender.size;
  }

  /** Appends one batch. Synchronous: when it returns, the operating system has the bytes. */
  append(batch: EventBatch): void {
    assert(batch.instrument === this.#key, 'a tape holds one instrument');
    if (this.#appender.due) this.#roll();
    this.#append(encodeRecord(RecordType.BATCH, new Uint8Array(batch.buffer)));
  }

  /** Appends the venue's text for order ids from `firstId` on: good for what follows it on the tape. */
  appendIds(firstId: number, ids: readonly string[]): void {
    assert(Number.isSafeInteger(firstId) && firstId >= 0, 'ids of orders are whole numbers');
    this.#append(encodeRecord(RecordType.IDS, Buffer.from(JSON.stringify({ firstId, ids }))));
  }

  /** Waits until the disk has everything. */
  sync(): void {
    this.#appender.sync();
  }

  /** Syncs and lets go of the tape. Twice is harmless. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#appender.end();
    } finally {
      unlock(this.#disk, this.dir);
    }
  }

  #append(record: Uint8Array): void {
    assert(!this.#closed, 'a tape is not written to after it was closed');
    this.#appender.append(record);
    this.#records++;
  }

  #roll(): void {
    const { path, size } = this.#appender;
    const number = this.#segment;
    this.#appender.end();
    this.#begin(number + 1);
    this.#options.onClosed?.({ number, path, packed: false }, size);
  }

  #begin(segment: number): void {
    const header = encodeHeader({
      segment,
      firstRecord: this.#records,
      instrument: this.#instrument,
      origin: this.#origin,
    });
    const checkpoint = segment === 0 ? null : (this.#options.checkpoint?.() ?? null);
    let head = header;
    if (checkpoint !== null) {
      assert(checkpoint.instrument === this.#key, 'a tape holds one instrument');
      head = Buffer.concat([header, encodeRecord(RecordType.CHECKPOINT, new Uint8Array(checkpoint.buffer))]);
    }
    this.#appender.begin(join(this.dir, segmentName(segment, '.seg')), head, this.#segment < 0);
    this.#segment = segment;
    if (checkpoint !== null) this.#records++;
  }

  /** Finds the end of the last segment and cuts off what a dying writer left there. */
  #continue(last: SegmentFile): string[] {
    const { path } = last;
    const bytes = readSegmentNow(last);
    const { header, version, end } = decodeHeader(bytes, path);
    this.#checkSame(header);
    let at = end;
    let batches = 0;
    this.#records = header.firstRecord;
    let next = recordAt(bytes, at);
    for (; next.found === 'record'; next = recordAt(bytes, at)) {
      at = next.end;
      this.#records++;
      if (next.type === RecordType.BATCH) batches++;
    }
    if (next.found === 'damaged' || (last.packed && next.found !== 'end')) throw damagedError(path, at, next.why);
    this.#segment = header.segment;
    const torn = next.found === 'torn';
    if (last.packed) {
      this.#begin(header.segment + 1);
    } else {
      this.#appender.resume(path, at, torn, batches);
      // The older format knows fewer types of records.
      if (version < VERSION) this.#roll();
    }
    return next.found === 'torn' ? [tornNote(path, at, bytes.length - at, next.why, 'cut off')] : [];
  }

  #checkSame(header: SegmentHeader): void {
    const asked = { ...header, instrument: this.#instrument, origin: this.#origin };
    if (JSON.stringify(asked) === JSON.stringify(header)) return;
    const found = `${instrumentKey(header.instrument)} (${header.origin})`;
    const wanted = `${this.#key} (${this.#origin})`;
    throw new BookcastError(
      'already-exists',
      `${this.dir} holds a tape of ${found}${found === wanted ? ' with other steps' : `, not of ${wanted}`}. Record into another folder.`,
      { dir: this.dir },
    );
  }
}
