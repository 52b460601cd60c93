import { readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../core/index.ts';
import { aside, type Disk } from './disk.ts';
import { isoMs } from './notes.ts';
import { listSegments, PACKED, packBytes, type SegmentFile, type SegmentKind } from './segment-files.ts';

/** What a recording keeps of the past. */
export interface KeepLimits {
  /** Of all its files together. */
  readonly totalBytes: number;
  /** Closed segments that are older are removed. */
  readonly ageMs: number;
}

/** A folder of numbered files. */
export interface KeptStream {
  readonly dir: string;
  readonly kind: SegmentKind;
  /** Bytes of the file that is being written to. */
  size(): number;
}

interface ClosedSegment {
  path: string;
  packed: boolean;
  readonly number: number;
  bytes: number;
  readonly closedMs: number;
}

export interface HousekeepingOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly limits: KeepLimits;
  readonly streams: readonly KeptStream[];
  /** Makes it last that a stream begins with segment `first` from now on; called before any file is removed. */
  dropped(firsts: ReadonlyMap<number, number>, bytes: number): void;
  note(line: string): void;
}

/**
 * Packs closed segments, one at a time and off the main thread, and removes the oldest beyond the limits. A segment is there,
 * plain or packed, at every step: packed aside, synced, renamed, and only then the plain one removed.
 */
export class Housekeeping {
  readonly #options: HousekeepingOptions;
  /** By stream, oldest first. */
  readonly #closed: readonly ClosedSegment[][];
  #packing: Promise<void> = Promise.resolve();
  #busy: ClosedSegment | null = null;
  #stopped = false;

  constructor(options: HousekeepingOptions) {
    this.#options = options;
    this.#closed = options.streams.map(() => []);
  }

  /** Finishes or removes what a dying recorder left in a stream's folder; `first`: its first segment that is kept. */
  adopt(index: number, first: number): void {
    const { disk, streams } = this.#options;
    const { dir, kind } = streams[index];
    for (const name of readdirSync(dir)) {
      const number = Number.parseInt(name, 10);
      const isSegment = /^\d{6}\.(seg|jsonl)/.test(name);
      const unfinished = isSegment && name.endsWith('.new');
      const twice = isSegment && name.endsWith(kind) && readdirSync(dir).includes(name + PACKED);
      if (unfinished || twice || (isSegment && number < first)) disk.remove(join(dir, name));
    }
    // The last one is written to.
    for (const file of listSegments(dir, kind, first).slice(0, -1)) {
      const { size, mtimeMs } = statSync(file.path);
      this.#add(index, file, size, mtimeMs);
    }
  }

  /** A segment was closed. */
  closed(index: number, file: SegmentFile, bytes: number): void {
    this.#add(index, file, bytes, this.#options.clock.nowMs());
    this.enforce();
  }

  /** Removes the oldest closed segments until the limits hold. What goes wrong is noted, and tried again the next time. */
  enforce(): void {
    try {
      this.#remove(this.#beyondLimits());
    } catch (cause) {
      this.#options.note(`the limits of the recording were not kept: ${(cause as Error).message}`);
    }
  }

  /** Resolves once nothing is being packed; packs nothing more. */
  async stop(): Promise<void> {
    await this.idle();
    this.#stopped = true;
  }

  /** Resolves once every closed segment is packed, or could not be. */
  async idle(): Promise<void> {
    for (let last: Promise<void> | null = null; last !== this.#packing; ) {
      last = this.#packing;
      await last;
    }
  }

  #add(index: number, { number, path, packed }: SegmentFile, bytes: number, closedMs: number): void {
    const segment: ClosedSegment = { path, packed, number, bytes, closedMs };
    this.#closed[index].push(segment);
    if (!packed) this.#packing = this.#packing.then(() => this.#pack(index, segment));
  }

  /** How many of each stream's first segments are to go. */
  #beyondLimits(): number[] {
    const { streams, limits, clock } = this.#options;
    const oldestMs = clock.nowMs() - limits.ageMs;
    const counts = streams.map(() => 0);
    let total = streams.reduce((sum, stream) => sum + stream.size(), 0);
    for (const closed of this.#closed) for (const { bytes } of closed) total += bytes;
    for (let i = this.#oldest(counts); i >= 0; i = this.#oldest(counts)) {
      const { bytes, closedMs } = this.#closed[i][counts[i]];
      if (total <= limits.totalBytes && closedMs >= oldestMs) break;
      counts[i]++;
      total -= bytes;
    }
    return counts;
  }

  /** The stream whose next segment after `counts` is the oldest of all; −1 where nothing more can be removed now. */
  #oldest(counts: readonly number[]): number {
    let oldest = -1;
    let oldestMs = Number.POSITIVE_INFINITY;
    for (const [i, closed] of this.#closed.entries()) {
      const segment = closed[counts[i]];
      if (segment === undefined || segment === this.#busy || segment.closedMs >= oldestMs) continue;
      oldest = i;
      oldestMs = segment.closedMs;
    }
    return oldest;
  }

  #remove(counts: readonly number[]): void {
    const { disk, note, dropped } = this.#options;
    const gone = counts.flatMap((count, i) => this.#closed[i].slice(0, count));
    if (gone.length === 0) return;
    const firsts = new Map<number, number>();
    for (const [i, count] of counts.entries()) if (count > 0) firsts.set(i, this.#closed[i][count - 1].number + 1);
    dropped(
      firsts,
      gone.reduce((sum, { bytes }) => sum + bytes, 0),
    );
    for (const [i, count] of counts.entries()) this.#closed[i].splice(0, count);
    for (const { path, bytes, closedMs } of gone) {
      disk.remove(path);
      note(`${path}: removed by the limits of the recording (${bytes} bytes, closed at ${isoMs(closedMs)})`);
    }
  }

  async #pack(index: number, segment: ClosedSegment): Promise<void> {
    // Removed meanwhile?
    if (this.#stopped || !this.#closed[index].includes(segment)) return;
    const { disk, note } = this.#options;
    const plain = segment.path;
    const packed = plain + PACKED;
    this.#busy = segment;
    try {
      const bytes = await packBytes(await readFile(plain));
      await disk.writeLater(aside(packed), bytes);
      disk.rename(aside(packed), packed);
      disk.syncFolder(dirname(packed));
      segment.path = packed;
      segment.packed = true;
      segment.bytes = bytes.length;
      disk.remove(plain);
    } catch (cause) {
      // Nothing is lost: it stays as it is, and is tried again when the recording is next opened.
      note(`${plain}: not compressed: ${(cause as Error).message}`);
    } finally {
      this.#busy = null;
    }
    this.enforce();
  }
}
