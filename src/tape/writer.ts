import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { assert, BookcastError, type Clock, NS_PER_MS, systemClock } from '../core/index.ts';
import { type EventBatch, type Instrument, instrumentKey, type Origin, parseInstrument } from '../market/index.ts';
import { damagedError, segmentPaths, tornNote } from './reader.ts';
import { decodeHeader, encodeHeader, encodeRecord, recordAt, type SegmentHeader, segmentName } from './segment.ts';

export interface TapeOptions {
  /** A segment that has grown to this size is closed and the next one begun. Readers hold one segment in memory. */
  readonly segmentBytes?: number;
  /** The longest time between a write and its `fsync`, as of the next write; 0: every write. */
  readonly syncEveryMs?: number;
  readonly clock?: Clock;
}

const LOCK = 'writer.lock';

/**
 * Appends batches to a tape: a folder of segment files (`segment.ts`), one instrument's events in order of arrival.
 *
 * What `append` has returned from survives the death of the process. It survives the loss of power once synced: at the
 * first write `syncEveryMs` (default 1000) after the last sync, at the end of each segment, on `sync` and on `close`.
 * A record that was half written is cut off when the tape is opened again, with a note; never read as data. Segments
 * appear with a whole header or not at all (written aside, synced, renamed). One writer a tape: a lock file names it.
 */
export class TapeWriter {
  readonly dir: string;
  /** What was found and done on opening, in words. */
  readonly notes: readonly string[];
  readonly #instrument: Instrument;
  readonly #origin: Origin;
  readonly #segmentBytes: number;
  readonly #syncEveryNs: number;
  readonly #clock: Clock;
  #segment = -1;
  #records = 0;
  #firstRecord = 0;
  #file = -1;
  #size = 0;
  #syncedAtNs = 0;
  #dirty = false;

  /**
   * Begins a tape in `dir`, or goes on with the one that is there, which must be of the same instrument and origin
   * (`already-exists` otherwise, or while another process writes to it).
   */
  static create(dir: string, instrument: Instrument, origin: Origin, options: TapeOptions = {}): TapeWriter {
    lock(dir);
    try {
      return new TapeWriter(dir, instrument, origin, options);
    } catch (error) {
      unlock(dir);
      throw error;
    }
  }

  private constructor(dir: string, instrument: Instrument, origin: Origin, options: TapeOptions) {
    this.dir = dir;
    // Checked, and in the order of fields that a header has.
    this.#instrument = parseInstrument(instrument, dir);
    this.#origin = origin;
    this.#segmentBytes = options.segmentBytes ?? 64 << 20;
    this.#syncEveryNs = (options.syncEveryMs ?? 1000) * NS_PER_MS;
    this.#clock = options.clock ?? systemClock;
    assert(this.#segmentBytes > 0 && this.#segmentBytes <= 1 << 30, 'a segment is at most 1 GiB: readers hold one');
    this.#syncedAtNs = this.#clock.monotonicNs();
    const paths = segmentPaths(dir);
    if (paths.length === 0) {
      this.notes = [];
      this.#begin(0);
    } else {
      this.notes = this.#continue(paths);
    }
  }

  /** Appends one batch. Synchronous: when it returns, the operating system has the bytes. */
  append(batch: EventBatch): void {
    assert(this.#file >= 0, 'a tape is not written to after it was closed');
    assert(batch.instrument === instrumentKey(this.#instrument), 'a tape holds one instrument');
    // Every segment holds a record at least, however small its limit.
    if (this.#size >= this.#segmentBytes && this.#records > this.#firstRecord) this.#roll();
    const record = encodeRecord(new Uint8Array(batch.buffer));
    this.#dirty = true;
    writeWhole(this.#file, record, this.#size);
    this.#size += record.length;
    this.#records++;
    const now = this.#clock.monotonicNs();
    if (now - this.#syncedAtNs >= this.#syncEveryNs) this.sync();
  }

  /** Waits until the disk has everything. */
  sync(): void {
    if (this.#dirty) fsyncSync(this.#file);
    this.#dirty = false;
    this.#syncedAtNs = this.#clock.monotonicNs();
  }

  /** Syncs and lets go of the tape. Twice is harmless. */
  close(): void {
    if (this.#file < 0) return;
    this.sync();
    closeSync(this.#file);
    this.#file = -1;
    unlock(this.dir);
  }

  #roll(): void {
    this.sync();
    closeSync(this.#file);
    this.#file = -1;
    this.#begin(this.#segment + 1);
  }

  #begin(segment: number): void {
    const path = join(this.dir, segmentName(segment));
    const aside = `${path}.new`;
    const header = encodeHeader({
      segment,
      firstRecord: this.#records,
      instrument: this.#instrument,
      origin: this.#origin,
    });
    const file = openSync(aside, 'w');
    writeWhole(file, header, 0);
    fsyncSync(file);
    renameSync(aside, path);
    syncFolder(this.dir);
    this.#file = file;
    this.#firstRecord = this.#records;
    this.#segment = segment;
    this.#size = header.length;
  }

  /** Finds the end of the last segment and cuts off what a dying writer left there. */
  #continue(paths: readonly string[]): string[] {
    const path = paths[paths.length - 1];
    const bytes = readFileSync(path);
    const { header, end } = decodeHeader(bytes, path);
    this.#checkSame(header);
    let at = end;
    this.#records = this.#firstRecord = header.firstRecord;
    let next = recordAt(bytes, at);
    for (; next.found === 'record'; next = recordAt(bytes, at)) {
      at = next.end;
      this.#records++;
    }
    if (next.found === 'damaged') throw damagedError(path, at, next.why);
    this.#segment = header.segment;
    this.#size = at;
    this.#file = openSync(path, 'r+');
    if (next.found === 'end') return [];
    ftruncateSync(this.#file, at);
    fsyncSync(this.#file);
    return [tornNote(path, at, bytes.length - at, next.why, 'cut off')];
  }

  #checkSame(header: SegmentHeader): void {
    const asked = { ...header, instrument: this.#instrument, origin: this.#origin };
    if (JSON.stringify(asked) === JSON.stringify(header)) return;
    const found = `${instrumentKey(header.instrument)} (${header.origin})`;
    const wanted = `${instrumentKey(this.#instrument)} (${this.#origin})`;
    throw new BookcastError(
      'already-exists',
      `${this.dir} holds a tape of ${found}${found === wanted ? ' with other steps' : `, not of ${wanted}`}. Record into another folder.`,
      { dir: this.dir },
    );
  }
}

/** A write may take fewer bytes than it was given; a full disk throws. */
function writeWhole(file: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, bytes.length - done, position + done);
  }
}

/** Makes a rename last. Windows cannot sync a folder, and does not need to. */
function syncFolder(dir: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(dir, 'r');
  fsyncSync(folder);
  closeSync(folder);
}

/** Tapes that this process writes to. */
const held = new Set<string>();

/**
 * Creates the lock file with our process id. One left by a process that is gone is taken over; so is one with our own id
 * that we did not write, for in a container every start may have the same id.
 */
function lock(dir: string): void {
  const path = join(dir, LOCK);
  for (let attempt = 0; ; attempt++) {
    try {
      mkdirSync(dir, { recursive: true });
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      held.add(resolve(dir));
      return;
    } catch (cause) {
      const isThere = (cause as NodeJS.ErrnoException).code === 'EEXIST' && existsSync(path);
      if (!isThere) {
        const message = `${dir}: no tape can be written here: ${(cause as Error).message}`;
        throw new BookcastError('bad-argument', message, { dir, cause });
      }
      const owner = Number(readFileSync(path, 'utf8'));
      const alive = owner === process.pid ? held.has(resolve(dir)) : isAlive(owner);
      if (attempt > 0 || alive) {
        throw new BookcastError(
          'already-exists',
          `${dir} is being written by process ${owner}. Record into another folder; if that process is no bookcast, delete ${path}.`,
          { dir, owner, cause },
        );
      }
      rmSync(path, { force: true });
    }
  }
}

function unlock(dir: string): void {
  held.delete(resolve(dir));
  rmSync(join(dir, LOCK), { force: true });
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Alive, but another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
