import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress, zstdDecompressSync } from 'node:zlib';
import { BookcastError } from '../core/index.ts';

/** Batches, or lines of raw messages. */
export type SegmentKind = '.seg' | '.jsonl';

export const PACKED = '.zst';
const NAME = /^(\d{6})(\.seg|\.jsonl)(\.zst)?$/;

/** One file of a stream that is cut into numbered ones. */
export interface SegmentFile {
  readonly number: number;
  readonly path: string;
  /** Compressed by zstd: written whole or not at all. */
  readonly packed: boolean;
}

/** Its name while it is written to. */
export function segmentName(number: number, kind: SegmentKind): string {
  return `${String(number).padStart(6, '0')}${kind}`;
}

/**
 * The files in a folder in order, from number `first` on. While one is being packed it is there twice; the packed one counts.
 * Throws where one between the first and the last is missing.
 */
export function listSegments(dir: string, kind: SegmentKind, first = 0): SegmentFile[] {
  const found = new Map<number, SegmentFile>();
  for (const name of readdirSync(dir).sort()) {
    const match = NAME.exec(name);
    if (match === null || match[2] !== kind || Number(match[1]) < first) continue;
    const number = Number(match[1]);
    // Sorted: the packed one comes after the plain one.
    found.set(number, { number, path: join(dir, name), packed: match[3] !== undefined });
  }
  const files = [...found.values()];
  files.forEach(({ number }, i) => {
    if (number === first + i) return;
    throw new BookcastError(
      'bad-input',
      `${dir}: the tape has ${segmentName(number, kind)} and lacks ${segmentName(first + i, kind)}; segments are never skipped`,
      { dir },
    );
  });
  return files;
}

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** A segment's bytes, unpacked. */
export async function readSegment(file: SegmentFile): Promise<Buffer> {
  try {
    return file.packed ? await decompress(await readFile(file.path)) : await readFile(file.path);
  } catch (cause) {
    if (!file.packed && (cause as NodeJS.ErrnoException).code === 'ENOENT') {
      // The recorder packed it since the folder was listed.
      return await readSegment({ ...file, path: file.path + PACKED, packed: true });
    }
    throw notRead(file, cause);
  }
}

export function readSegmentNow(file: SegmentFile): Buffer {
  try {
    const bytes = readFileSync(file.path);
    return file.packed ? zstdDecompressSync(bytes) : bytes;
  } catch (cause) {
    throw notRead(file, cause);
  }
}

/** For whoever reads it back: zstd with a checksum of the content, off the main thread. */
export async function packBytes(bytes: Buffer): Promise<Buffer> {
  return await compress(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
}

function notRead({ path, packed }: SegmentFile, cause: unknown): BookcastError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const why =
    code === 'ENOENT'
      ? 'it is gone: the limits of a recording remove its oldest segments'
      : packed
        ? `it does not unpack (${message}): it is damaged or cut short. Nothing is skipped: restore the file from a copy`
        : message;
  return new BookcastError('bad-input', `${path}: ${why}`, { path, cause });
}
