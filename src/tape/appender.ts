import { dirname } from 'node:path';
import { assert, type BookcastError, type Clock, NS_PER_MS, systemClock } from '../core/index.ts';
import { aside, type Disk, diskError, realDisk, writeWhole } from './disk.ts';

export interface AppendOptions {
  /** A segment that has grown to this size is closed and the next one begun. Readers hold one segment in memory. */
  readonly segmentBytes?: number;
  /** A segment of this age is closed as of the next write. */
  readonly segmentMs?: number;
  /** How much older the first segment counts: spreads the closing of many files over time. */
  readonly headStartMs?: number;
  /** The longest time between a write and its `fsync`, as of the next write; 0: every write. */
  readonly syncEveryMs?: number;
  /** Do not wait for those syncs: a failed one is thrown by the next write. */
  readonly syncLater?: boolean;
  readonly clock?: Clock;
  readonly disk?: Disk;
}

/**
 * Appends to a file, and to the next one: what `append` has returned from is with the operating system. After a failed write or
 * sync the file is cut back to what was acknowledged, and nothing more is taken: a stream must not go on with a hole.
 */
export class Appender {
  readonly #segmentBytes: number;
  readonly #segmentNs: number;
  readonly #syncEveryNs: number;
  readonly #syncLater: boolean;
  readonly #clock: Clock;
  readonly #disk: Disk;
  #path = '';
  #file = -1;
  #size = 0;
  #appends = 0;
  #begunNs: number;
  #syncedNs: number;
  #dirty = false;
  #syncing = false;
  #failure: BookcastError | null = null;

  constructor(options: AppendOptions) {
    this.#segmentBytes = options.segmentBytes ?? 64 << 20;
    this.#segmentNs = (options.segmentMs ?? Number.POSITIVE_INFINITY) * NS_PER_MS;
    this.#syncEveryNs = (options.syncEveryMs ?? 1000) * NS_PER_MS;
    this.#syncLater = options.syncLater ?? false;
    this.#clock = options.clock ?? systemClock;
    this.#disk = options.disk ?? realDisk;
    assert(this.#segmentBytes > 0 && this.#segmentBytes <= 1 << 30, 'a segment is at most 1 GiB: readers hold one');
    this.#syncedNs = this.#clock.monotonicNs();
    this.#begunNs = this.#syncedNs - (options.headStartMs ?? 0) * NS_PER_MS;
  }

  /** The file being written to; empty where there is none. */
  get path(): string {
    return this.#path;
  }

  get size(): number {
    return this.#size;
  }

  get isOpen(): boolean {
    return this.#file >= 0;
  }

  /** Time for the next segment. Each takes one append at least, however small its limit. */
  get due(): boolean {
    if (this.#appends === 0) return false;
    return this.#size >= this.#segmentBytes || this.#clock.monotonicNs() - this.#begunNs >= this.#segmentNs;
  }

  /** Begins a file with `head`: it appears with all of that or not at all. */
  begin(path: string, head: Uint8Array, first: boolean): void {
    assert(this.#file < 0, 'the segment before was ended');
    this.#check();
    try {
      const file = this.#disk.open(aside(path), 'w');
      this.#file = file;
      writeWhole(this.#disk, file, head, 0);
      this.#disk.sync(file);
      this.#disk.rename(aside(path), path);
      this.#disk.syncFolder(dirname(path));
    } catch (cause) {
      throw this.#fail(path, cause);
    }
    this.#path = path;
    this.#size = head.length;
    this.#appends = 0;
    if (!first) this.#begunNs = this.#clock.monotonicNs();
  }

  /** Goes on with a file of which the first `size` bytes are good; cuts off the others. */
  resume(path: string, size: number, cut: boolean, appends: number): void {
    assert(this.#file < 0, 'the segment before was ended');
    try {
      this.#file = this.#disk.open(path, 'r+');
      if (cut) {
        this.#disk.truncate(this.#file, size);
        this.#disk.sync(this.#file);
      }
    } catch (cause) {
      throw this.#fail(path, cause);
    }
    this.#path = path;
    this.#size = size;
    this.#appends = appends;
  }

  append(bytes: Uint8Array): void {
    this.#check();
    assert(this.#file >= 0, 'a tape is not written to after it was closed');
    this.#dirty = true;
    try {
      writeWhole(this.#disk, this.#file, bytes, this.#size);
    } catch (cause) {
      throw this.#fail(this.#path, cause);
    }
    this.#size += bytes.length;
    this.#appends++;
    if (this.#clock.monotonicNs() - this.#syncedNs < this.#syncEveryNs) return;
    if (this.#syncLater) this.#beginSync();
    else this.sync();
  }

  /** Waits until the disk has everything. */
  sync(): void {
    this.#check();
    try {
      if (this.#dirty) this.#disk.sync(this.#file);
    } catch (cause) {
      throw this.#fail(this.#path, cause);
    }
    this.#dirty = false;
    this.#syncedNs = this.#clock.monotonicNs();
  }

  /** Syncs, and lets go of the file. Twice is harmless. */
  end(): void {
    if (this.#file < 0) return;
    try {
      if (this.#failure === null) this.sync();
    } finally {
      this.#letGo();
    }
  }

  #beginSync(): void {
    this.#syncedNs = this.#clock.monotonicNs();
    if (this.#syncing) return;
    this.#syncing = true;
    this.#dirty = false;
    const file = this.#file;
    const path = this.#path;
    this.#disk
      .syncLater(file)
      .catch((cause: unknown) => {
        // A file that was ended meanwhile was synced then.
        if (this.#file === file && this.#path === path) this.#fail(path, cause);
      })
      .finally(() => {
        this.#syncing = false;
      });
  }

  #check(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  #fail(path: string, cause: unknown): BookcastError {
    this.#failure = diskError(path, cause);
    try {
      if (path === this.#path && this.#file >= 0) this.#disk.truncate(this.#file, this.#size);
    } catch {
      // What was half written is found and cut off when the tape is opened again.
    }
    this.#letGo();
    return this.#failure;
  }

  #letGo(): void {
    const file = this.#file;
    this.#file = -1;
    if (file < 0) return;
    try {
      this.#disk.close(file);
    } catch {
      // Its bytes were synced, or their loss is being told.
    }
  }
}
