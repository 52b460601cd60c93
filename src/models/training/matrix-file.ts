import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { BookcastError } from '../../core/index.ts';
import { NewFile } from '../../store/index.ts';
import type { RowMatrix } from './contract.ts';
import { emptyMatrix, type MatrixColumns, matrixBytes, sealMatrix } from './row-matrix.ts';

/*
 * magic "BCROWS" 0x0D 0x0A · version u32 · bytes of the head u32 · SHA-256 of the head (32) · head: JSON, with blanks up to a multiple of
 * 64 · the matrix's block as it lies in memory: times, mids, what else is kept of the book (version 2), segments, rows. Little-endian, as every machine that Node runs on.
 */
const MAGIC = Buffer.from('BCROWS\r\n', 'latin1');
const VERSION = 1;
/** Of files with more of the book than its mid, which readers of version 1 would take for damaged. */
const MARKET_VERSION = 2;
const PREFIX = 48;
const ALIGN = 64;
/** A head beyond this is none. */
const MAX_HEAD = 16 * 1024 * 1024;
/** Larger readings fail on some systems at 2 GiB. */
const PIECE = 1 << 28;

interface Head {
  readonly rows: number;
  readonly width: number;
  readonly names: readonly string[];
  readonly schemaHash: string;
  readonly startDay: number;
  readonly simulated: boolean;
  readonly hash: string;
  /** Names of what is kept of the book beside its mid; absent where that is nothing. */
  readonly market?: readonly string[];
  readonly facts: Readonly<Record<string, string>>;
}

/** A matrix and what its maker wrote beside it. */
export interface StoredMatrix {
  readonly matrix: RowMatrix;
  readonly facts: Readonly<Record<string, string>>;
}

/**
 * Writes a new file, whole or not at all, which `readMatrix` opens at the disk's speed. Returns its bytes. Throws `already-exists`, and
 * `bad-argument` where the folder cannot be written to.
 */
export function writeMatrix(path: string, { matrix, facts }: StoredMatrix): number {
  const { rows, width, names, schemaHash, startDay, simulated, hash } = matrix;
  const market = Object.keys(matrix.market ?? {});
  const kept = market.length === 0 ? {} : { market };
  const head: Head = { rows, width, names, schemaHash, startDay, simulated, hash, ...kept, facts };
  const text = JSON.stringify(head);
  const blanks = (ALIGN - ((PREFIX + Buffer.byteLength(text)) % ALIGN)) % ALIGN;
  const json = Buffer.from(text + ' '.repeat(blanks));
  const start = Buffer.alloc(PREFIX + json.length);
  MAGIC.copy(start);
  start.writeUInt32LE(market.length === 0 ? VERSION : MARKET_VERSION, 8);
  start.writeUInt32LE(json.length, 12);
  createHash('sha256').update(json).digest().copy(start, 16);
  json.copy(start, PREFIX);
  const file = NewFile.create(path);
  try {
    const descriptor = openSync(file.aside('matrix'), 'w');
    try {
      writeAll(descriptor, start);
      writeAll(descriptor, blockOf(matrix));
    } finally {
      closeSync(descriptor);
    }
    return file.publish('matrix');
  } catch (cause) {
    file.discard();
    if ((cause as NodeJS.ErrnoException).code !== 'ENOSPC') throw cause;
    throw new BookcastError('disk-failed', `${path}: the disk is full; make room or choose another folder`, {
      path,
      cause,
    });
  }
}

/**
 * Reads a file of `writeMatrix` straight into memory that threads share, and proves it by its hash. Throws `not-found`, `bad-input` for
 * what is no such file, cut off or changed, and `unsupported-version`.
 */
export function readMatrix(path: string): StoredMatrix {
  const descriptor = openFile(path);
  try {
    const bytes = fstatSync(descriptor).size;
    const { head, offset } = readHead(descriptor, bytes, path);
    const { market = [] } = head;
    const expected = offset + matrixBytes(head.rows, head.width, market.length);
    if (bytes !== expected) {
      throw damaged(path, `it has ${bytes} bytes and its head promises ${expected}`, { bytes, expected });
    }
    const columns = emptyMatrix(head.rows, head.width, market);
    readAll(descriptor, blockOf(columns), offset);
    const { names, schemaHash, startDay, simulated, facts } = head;
    const matrix = sealMatrix({ ...columns, names, schemaHash, startDay, simulated });
    if (matrix.hash !== head.hash) {
      throw damaged(path, `its rows have the SHA-256 ${matrix.hash} and its head says ${head.hash}`);
    }
    return { matrix, facts };
  } finally {
    closeSync(descriptor);
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw new BookcastError('not-found', `cannot open ${path}: ${(cause as Error).message}`, { path, cause });
  }
}

function readHead(descriptor: number, bytes: number, path: string): { head: Head; offset: number } {
  const prefix = Buffer.alloc(PREFIX);
  const found = readSync(descriptor, prefix, 0, PREFIX, 0);
  if (found < PREFIX || !prefix.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw damaged(path, 'it does not begin as a file of rows does');
  }
  const version = prefix.readUInt32LE(8);
  if (version !== VERSION && version !== MARKET_VERSION) {
    throw new BookcastError(
      'unsupported-version',
      `${path} has version ${version} of the format of rows, and this program reads versions ${VERSION} and ${MARKET_VERSION}; remove it, so that it is made again`,
      { path, version },
    );
  }
  const length = prefix.readUInt32LE(12);
  if (length > MAX_HEAD || PREFIX + length > bytes) throw damaged(path, 'it ends within its head', { bytes });
  const json = Buffer.alloc(length);
  readAll(descriptor, json, PREFIX);
  if (!createHash('sha256').update(json).digest().equals(prefix.subarray(16, PREFIX))) {
    throw damaged(path, 'its head is not what was written');
  }
  return { head: JSON.parse(json.toString()) as Head, offset: PREFIX + length };
}

function blockOf({ rows, width, timeNs, market = {} }: Omit<MatrixColumns, 'data'>): Uint8Array {
  return new Uint8Array(timeNs.buffer, timeNs.byteOffset, matrixBytes(rows, width, Object.keys(market).length));
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at, Math.min(PIECE, bytes.length - at));
}

function readAll(descriptor: number, into: Uint8Array, offset: number): void {
  for (let at = 0; at < into.length; ) {
    const got = readSync(descriptor, into, at, Math.min(PIECE, into.length - at), offset + at);
    if (got === 0) return;
    at += got;
  }
}

function damaged(path: string, what: string, facts: Record<string, unknown> = {}): BookcastError {
  return new BookcastError(
    'bad-input',
    `${path} is damaged or no file of rows: ${what}; remove it, so that it is made again`,
    { path, ...facts },
  );
}
