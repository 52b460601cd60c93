import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { BookcastError, shown } from '../core/index.ts';
import { type Instrument, instrumentKey, parseInstrument } from '../market/index.ts';
import { type Disk, diskError, replaceFile } from './disk.ts';

const FILE = 'manifest.json';
const FORMAT = 'bookcast recording';
const VERSION = 1;

/** One numbered stream of files in a recording. */
export interface StreamFacts {
  readonly folder: string;
  /** Segments before this number were removed by the limits. */
  readonly removed: number;
}

export interface TapeFacts extends StreamFacts {
  readonly instrument: Instrument;
}

/** What a recording is, and what has become of it: `manifest.json`. */
export interface Manifest {
  readonly venue: string;
  /** When it was begun, ISO 8601. */
  readonly created: string;
  /** All its times count from this day (since 1970, UTC), however often it was gone on with. */
  readonly day: number;
  /** Version of bookcast that began it, and the command, without secrets. */
  readonly bookcast: string;
  readonly command: string;
  readonly tapes: readonly TapeFacts[];
  readonly raw: StreamFacts;
  /** All that the limits ever removed. */
  readonly removedBytes: number;
  /** False while it is written to, and where its recorder died. */
  readonly closed: boolean;
}

/** Does this folder hold a recording: raw messages and tapes with a manifest? */
export function isRecording(dir: string): boolean {
  return existsSync(join(dir, FILE)) && readRaw(dir)?.format === FORMAT;
}

function readRaw(dir: string): Record<string, unknown> | null {
  try {
    const raw: unknown = JSON.parse(readFileSync(join(dir, FILE), 'utf8'));
    return typeof raw === 'object' && raw !== null ? (raw as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Throws `bad-input` or `unsupported-version` where it is not as it was written. */
export function readManifest(dir: string): Manifest {
  const path = join(dir, FILE);
  const fail = (what: string): never => {
    throw new BookcastError('bad-input', `${path}: ${what}; restore it from a copy`, { path });
  };
  const raw = readRaw(dir);
  if (raw === null || raw.format !== FORMAT) return fail('no manifest of a recording');
  if (raw.version !== VERSION) {
    throw new BookcastError(
      'unsupported-version',
      `${path}: a recording of version ${shown(raw.version)}; this bookcast reads version ${VERSION}`,
      { path },
    );
  }
  const stream = (data: unknown): StreamFacts => {
    const { folder, removed } = (data ?? {}) as Record<string, unknown>;
    if (typeof folder !== 'string' || !/^[\w.-]+$/.test(folder)) return fail(`a folder ${JSON.stringify(folder)}`);
    if (!Number.isSafeInteger(removed) || Number(removed) < 0) return fail(`"removed" is ${JSON.stringify(removed)}`);
    return { folder, removed: Number(removed) };
  };
  if (!Array.isArray(raw.tapes) || !Number.isSafeInteger(raw.day)) return fail('it lacks "tapes" or "day"');
  const tapes = (raw.tapes as Record<string, unknown>[]).map((tape) => ({
    ...stream(tape),
    instrument: parseInstrument(tape?.instrument, path),
  }));
  return {
    venue: String(raw.venue),
    created: String(raw.created),
    day: Number(raw.day),
    bookcast: String(raw.bookcast),
    command: String(raw.command),
    tapes,
    raw: stream(raw.raw),
    removedBytes: Number(raw.removedBytes),
    closed: raw.closed === true,
  };
}

/** The manifest of a recording that is written to. */
export class ManifestFile {
  facts: Manifest;
  readonly #disk: Disk;
  readonly #dir: string;

  constructor(disk: Disk, dir: string, facts: Manifest) {
    this.#disk = disk;
    this.#dir = dir;
    this.facts = facts;
  }

  /** Writes the changed manifest; where that fails, nothing has changed. */
  change(changes: Partial<Manifest>): void {
    const facts = { ...this.facts, ...changes };
    const path = join(this.#dir, FILE);
    const text = JSON.stringify({ format: FORMAT, version: VERSION, ...facts }, null, 2);
    try {
      replaceFile(this.#disk, path, Buffer.from(`${text}\n`));
    } catch (cause) {
      throw diskError(path, cause);
    }
    this.facts = facts;
  }

  /** By number of the stream (the tapes, then the raw log): its first segment from now on. */
  drop(firsts: ReadonlyMap<number, number>, bytes: number): void {
    const { tapes, raw, removedBytes } = this.facts;
    this.change({
      tapes: tapes.map((tape, i) => ({ ...tape, removed: firsts.get(i) ?? tape.removed })),
      raw: { ...raw, removed: firsts.get(tapes.length) ?? raw.removed },
      removedBytes: removedBytes + bytes,
    });
  }
}

/** How many first segments of a tape its recording has removed; 0 for a tape that is part of none. */
export function removedSegments(tapeDir: string): number {
  const tape = resolve(tapeDir);
  const dir = dirname(tape);
  if (!isRecording(dir)) return 0;
  return readManifest(dir).tapes.find(({ folder }) => folder === basename(tape))?.removed ?? 0;
}

/** Folders for instruments: their names, with what no file system takes replaced; each its own, on those that fold case too. */
export function newTapes(instruments: readonly Instrument[]): TapeFacts[] {
  const taken = new Set(['raw']);
  return instruments.map((instrument) => {
    const plain = instrument.name.replace(/[^\w.-]/g, '_').replace(/^\.+/, '_');
    let folder = plain;
    for (let n = 2; taken.has(folder.toLowerCase()); n++) folder = `${plain}-${n}`;
    taken.add(folder.toLowerCase());
    return { folder, removed: 0, instrument: parseInstrument(instrument, folder) };
  });
}

/** The tape of an instrument asked for by its name, `venue:NAME`, or folder; the only one where none is named. */
export function chooseTape(dir: string, tapes: readonly TapeFacts[], wanted: string | undefined): TapeFacts {
  const names = tapes.map(({ instrument }) => instrument.name).join(', ');
  if (wanted === undefined && tapes.length === 1) return tapes[0];
  if (wanted === undefined) {
    throw new BookcastError('bad-argument', `${dir} holds ${names}; say which one to read with --symbol`, { dir });
  }
  const same = (name: string): boolean => name.toLowerCase() === wanted.toLowerCase();
  const found = tapes.find(
    ({ folder, instrument }) => same(instrument.name) || same(instrumentKey(instrument)) || same(folder),
  );
  if (found !== undefined) return found;
  throw new BookcastError('not-found', `${dir} holds ${names}, not "${wanted}"`, { dir });
}
