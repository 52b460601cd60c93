import { join } from 'node:path';
import { assert, BookcastError, type Clock, dayOfEpochMs, NO_PRICE, NS_PER_MS, systemClock } from '../core/index.ts';
import {
  BatchBuilder,
  type EventBatch,
  EventKind,
  type EventSource,
  Fault,
  type Instrument,
  instrumentKey,
  parseInstrument,
  Side,
} from '../market/index.ts';
import type { AppendOptions } from './appender.ts';
import { type Disk, realDisk } from './disk.ts';
import { Housekeeping } from './housekeeping.ts';
import { lock, unlock } from './lock.ts';
import {
  chooseTape,
  isRecording,
  type Manifest,
  ManifestFile,
  newTapes,
  readManifest,
  type StreamFacts,
} from './manifest.ts';
import { isoMs } from './notes.ts';
import { RawLog } from './raw-log.ts';
import { openTape } from './reader.ts';
import { listSegments, type SegmentFile } from './segment-files.ts';
import { TapeWriter } from './writer.ts';

const RAW = 'raw';
/** Times count exactly for 104 days from a recording's first. */
const MAX_DAYS = 100;
const MS_PER_DAY = 86_400_000;

/** What a recording may take, and how it is cut. All have defaults. */
export interface RecordingLimits {
  /** A file that has grown to this size is closed and compressed; 64 MiB. */
  readonly segmentBytes?: number;
  /** So is one of this age; an hour. */
  readonly segmentMs?: number;
  /** The oldest closed files are removed once all together are larger; 50 GB. */
  readonly totalBytes?: number;
  /** So are those that were closed so long ago; 30 days. */
  readonly ageMs?: number;
  /** The longest time between a write and its `fsync`, as of the next write; 1 second. */
  readonly syncEveryMs?: number;
}

const LIMITS: Required<RecordingLimits> = {
  segmentBytes: 64 << 20,
  segmentMs: 3_600_000,
  totalBytes: 50e9,
  ageMs: 30 * MS_PER_DAY,
  syncEveryMs: 1000,
};

export interface RecordingOptions {
  readonly venue: string;
  readonly instruments: readonly Instrument[];
  readonly origin: 'live';
  /** Version of bookcast. */
  readonly version: string;
  /** How it was started, for people; without secrets. */
  readonly command: string;
  readonly limits?: RecordingLimits;
  readonly clock?: Clock;
  readonly disk?: Disk;
  /** The synced book of an instrument as one SNAPSHOT message, or null; asked at the head of each segment but the first. */
  checkpoint?(index: number): EventBatch | null;
  /** Raw lines at the head of each file but the first: what must be known to read it alone. */
  rawOpening?(): readonly Uint8Array[];
  /** Hears of what is removed, or could not be compressed. */
  onNote?(line: string): void;
}

/**
 * A recording of live markets: a folder with `manifest.json`, `raw/NNNNNN.jsonl` (what passed between us and the venue) and a tape
 * for each instrument, `<folder>/NNNNNN.seg`. Closed files become `.zst`; the oldest are removed beyond the limits, with a
 * note and in the manifest.
 *
 * What `append` and `appendRaw` have returned from survives the death of the process, and the loss of power once synced, at most
 * `syncEveryMs` after the first write that was not. Where the disk fails, `disk-failed` is thrown, by that call and all
 * later ones. A recording that is gone on with says so on each tape by a DISCONNECT.
 */
export class Recording {
  readonly dir: string;
  /** Days since 1970, UTC: the base of all times, kept when a recording is gone on with. */
  readonly day: number;
  /** What was found and done on opening, in words. */
  readonly notes: readonly string[];
  readonly #disk: Disk;
  readonly #manifest: ManifestFile;
  readonly #tapes: readonly TapeWriter[];
  readonly #raw: RawLog;
  readonly #housekeeping: Housekeeping;
  #closed = false;

  /**
   * Begins a recording in `dir`, or goes on with the one that is there, which must be of the same instruments
   * (`already-exists` otherwise, or while another process writes to it).
   */
  static create(dir: string, options: RecordingOptions): Recording {
    const disk = options.disk ?? realDisk;
    lock(disk, dir);
    const writers: (TapeWriter | RawLog)[] = [];
    try {
      return new Recording(dir, options, disk, writers);
    } catch (error) {
      for (const writer of writers) writer.close();
      unlock(disk, dir);
      throw error;
    }
  }

  /** `writers` takes what was opened: the tapes in order, then the raw log. */
  private constructor(dir: string, options: RecordingOptions, disk: Disk, writers: (TapeWriter | RawLog)[]) {
    const clock = options.clock ?? systemClock;
    const limits = { ...LIMITS, ...options.limits };
    const goesOn = isRecording(dir);
    const manifest = new ManifestFile(disk, dir, goesOn ? continued(dir, options, clock) : begun(options, clock));
    const { tapes, raw } = manifest.facts;
    const streams: readonly StreamFacts[] = [...tapes, raw];
    const paths = streams.map(({ folder }) => join(dir, folder));
    for (const path of paths) disk.mkdir(path);
    manifest.change({ closed: false });
    this.dir = dir;
    this.day = manifest.facts.day;
    this.#disk = disk;
    this.#manifest = manifest;
    this.#housekeeping = new Housekeeping({
      disk,
      clock,
      limits,
      streams: paths.map((path, i) => ({
        dir: path,
        kind: i < tapes.length ? '.seg' : '.jsonl',
        size: () => writers[i]?.size ?? 0,
      })),
      dropped: (firsts, bytes) => manifest.drop(firsts, bytes),
      note: options.onNote ?? (() => {}),
    });
    const common = (i: number): CommonOptions => ({
      // Small enough that the total holds a few of each, and closed one after another rather than all at once.
      segmentBytes: Math.max(1, Math.min(limits.segmentBytes, Math.floor(limits.totalBytes / (4 * streams.length)))),
      segmentMs: limits.segmentMs,
      headStartMs: (limits.segmentMs * i) / streams.length,
      syncEveryMs: limits.syncEveryMs,
      syncLater: true,
      clock,
      disk,
      firstSegment: streams[i].removed,
      onClosed: (file, bytes) => this.#housekeeping.closed(i, file, bytes),
    });
    this.#tapes = tapes.map(({ instrument }, i) => {
      const checkpoint = (): EventBatch | null => options.checkpoint?.(i) ?? null;
      const tape = TapeWriter.create(paths[i], instrument, options.origin, { ...common(i), checkpoint });
      writers.push(tape);
      return tape;
    });
    const opening = (): readonly Uint8Array[] => [header(options, clock, true), ...(options.rawOpening?.() ?? [])];
    this.#raw = new RawLog(paths[tapes.length], { ...common(tapes.length), opening });
    writers.push(this.#raw);
    this.notes = writers.flatMap(({ notes }) => notes);
    for (const [i, { removed }] of streams.entries()) this.#housekeeping.adopt(i, removed);
    if (goesOn) this.#disconnected(clock.nowMs());
    this.#raw.append(header(options, clock, false));
    this.#housekeeping.enforce();
  }

  /** Appends a batch of the instrument at `index` of the options. Synchronous: when it returns, the operating system has it. */
  append(index: number, batch: EventBatch): void {
    assert(batch.day === this.day, 'all times of a recording count from its first day');
    this.#tapes[index].append(batch);
  }

  /** Appends the venue's text for order ids from `firstId` on: good for what follows it on the tape. */
  appendIds(index: number, firstId: number, ids: readonly string[]): void {
    this.#tapes[index].appendIds(firstId, ids);
  }

  /** Appends one line, its line end included, to the raw log. */
  appendRaw(line: Uint8Array): void {
    this.#raw.append(line);
  }

  /** Waits until the disk has everything. */
  sync(): void {
    for (const tape of this.#tapes) tape.sync();
    this.#raw.sync();
  }

  /** Syncs, finishes compressing, and lets go of the folder. Twice is harmless. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      for (const writer of [...this.#tapes, this.#raw]) writer.close();
      await this.#housekeeping.stop();
      this.#manifest.change({ closed: true });
    } finally {
      unlock(this.#disk, this.dir);
    }
  }

  /** Whatever book the tape led to is not known any more: says so on every tape that has begun. */
  #disconnected(nowMs: number): void {
    const ns = (nowMs - this.day * MS_PER_DAY) * NS_PER_MS;
    for (const [i, { instrument }] of this.#manifest.facts.tapes.entries()) {
      if (this.#tapes[i].records === 0) continue;
      const builder = new BatchBuilder(instrumentKey(instrument), this.day, 1);
      builder.push(EventKind.FAULT, Side.NONE, NO_PRICE, Fault.DISCONNECT, ns, ns, 0, 0);
      builder.endMessage();
      this.#tapes[i].append(builder.finish()!);
    }
  }
}

type CommonOptions = AppendOptions & {
  readonly firstSegment: number;
  onClosed(file: SegmentFile, bytes: number): void;
};

function begun(options: RecordingOptions, clock: Clock): Manifest {
  const { venue, instruments, version, command } = options;
  assert(instruments.length > 0, 'a recording has instruments');
  const nowMs = clock.nowMs();
  return {
    venue,
    created: isoMs(nowMs),
    day: dayOfEpochMs(nowMs),
    bookcast: version,
    command,
    tapes: newTapes(instruments),
    raw: { folder: RAW, removed: 0 },
    removedBytes: 0,
    closed: false,
  };
}

/** The manifest that is there, its tapes in the order asked for. */
function continued(dir: string, { venue, instruments }: RecordingOptions, clock: Clock): Manifest {
  const manifest = readManifest(dir);
  const refuse = (what: string): never => {
    throw new BookcastError('already-exists', `${dir} ${what}. Record into another folder.`, { dir });
  };
  const keys = (list: readonly { instrument: Instrument }[]): string =>
    list.map(({ instrument }) => instrument.name).join(', ');
  if (manifest.venue !== venue) refuse(`holds a recording of ${manifest.venue}, not of ${venue}`);
  if (dayOfEpochMs(clock.nowMs()) - manifest.day > MAX_DAYS) {
    refuse(`holds a recording that was begun on ${manifest.created.slice(0, 10)}; one goes on for ${MAX_DAYS} days`);
  }
  const tapes = instruments.map((instrument) => {
    const wanted = JSON.stringify(parseInstrument(instrument, dir));
    const tape = manifest.tapes.find((facts) => instrumentKey(facts.instrument) === instrumentKey(instrument));
    if (tape === undefined) return refuse(`holds a recording of ${keys(manifest.tapes)}, not of ${instrument.name}`);
    if (JSON.stringify(tape.instrument) !== wanted) refuse(`holds ${instrument.name} with other steps`);
    return tape;
  });
  if (tapes.length < manifest.tapes.length)
    refuse(`holds a recording of ${keys(manifest.tapes)}, not of ${keys(tapes)} alone`);
  return { ...manifest, tapes };
}

/** A line of the raw log that says that a recorder began, or at the head of its further files that it goes on. */
function header({ venue, version, command }: RecordingOptions, clock: Clock, goesOn: boolean): Buffer {
  const facts = { t: 'header', recorder: 'bookcast', format: 1, venue, bookcast: version, command };
  const when = goesOn ? { goesOn } : {};
  return Buffer.from(`${JSON.stringify({ ...facts, ...when, at: isoMs(clock.nowMs()) })}\n`);
}

/** Opens the tape of one of a recording's instruments: the only one, or the one named (`bad-argument`, `not-found`). */
export async function openRecordingFolder(
  dir: string,
  { instrument }: { instrument?: string | undefined } = {},
): Promise<EventSource> {
  const tape = chooseTape(dir, readManifest(dir).tapes, instrument);
  return await openTape(join(dir, tape.folder));
}

/** A recording's files of raw messages that are left, oldest first: plain, or zstd. */
export function rawPaths(dir: string): string[] {
  const { folder, removed } = readManifest(dir).raw;
  return listSegments(join(dir, folder), '.jsonl', removed).map(({ path }) => path);
}
