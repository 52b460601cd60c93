import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable, type Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import xz from 'xz-decompress';
import { BookcastError } from '../core/index.ts';

const PIECE_BYTES = 64 * 1024;
const CHUNK_BYTES = 256 * 1024;

/** How a file is packed, told by its first bytes. */
export type Packing = 'plain' | 'gzip' | 'xz' | 'zstd';

const READABLE: readonly [packing: Packing, magic: readonly number[]][] = [
  ['gzip', [0x1f, 0x8b]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
];
const UNREADABLE: readonly [name: string, magic: readonly number[]][] = [
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['bzip2', [0x42, 0x5a, 0x68]],
];

export interface FileFacts {
  readonly bytes: number;
  readonly packing: Packing;
}

/** The file's size and packing, told by its first bytes. Throws where it is missing, empty, or packed in a way not read. */
export async function inspectFile(path: string): Promise<FileFacts> {
  const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
    const missing = cause.code === 'ENOENT';
    const what = missing ? 'there is no such file' : `it cannot be opened (${cause.code ?? cause.message})`;
    throw new BookcastError(missing ? 'not-found' : 'bad-input', `${path}: ${what}`, { cause, path });
  });
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new BookcastError('bad-input', `${path}: a directory, expected a recording`, { path });
    if (stat.size === 0) throw new BookcastError('bad-input', `${path}: the file is empty`, { path });
    const head = new Uint8Array(8);
    await file.read(head, 0, head.length, 0);
    const begins = (magic: readonly number[]): boolean => magic.every((byte, i) => head[i] === byte);
    const unreadable = UNREADABLE.find(([, magic]) => begins(magic));
    if (unreadable !== undefined) {
      throw new BookcastError(
        'bad-input',
        `${path}: packed with ${unreadable[0]}; a recording is read as plain text, gzip, xz or zstd. Unpack it first`,
        { path },
      );
    }
    return { bytes: stat.size, packing: READABLE.find(([, magic]) => begins(magic))?.[0] ?? 'plain' };
  } finally {
    await file.close();
  }
}

/**
 * The file's bytes, unpacked, in order. `onRead` hears of the bytes taken from the disk. Everything that could be unpacked
 * comes out before a damaged or cut file throws, so that a cut recording gives the same events every time.
 */
export async function* readChunks(
  path: string,
  facts: FileFacts,
  onRead: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  const { packing } = facts;
  if (packing === 'xz') return yield* readXz(path, onRead);
  const file = createReadStream(path, { highWaterMark: packing === 'plain' ? CHUNK_BYTES : PIECE_BYTES });
  if (packing !== 'plain') {
    const unpacker =
      packing === 'gzip' ? createGunzip({ chunkSize: CHUNK_BYTES }) : createZstdDecompress({ chunkSize: CHUNK_BYTES });
    return yield* unpack(path, packing, file, unpacker, onRead);
  }
  for await (const chunk of file as AsyncIterable<Buffer>) {
    onRead(chunk.length);
    yield chunk;
  }
}

async function* unpack(
  path: string,
  packing: Packing,
  file: Readable,
  unpacker: Transform,
  onRead: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  let unpacked: Buffer[] = [];
  let failure: NodeJS.ErrnoException | null = null;
  let done = (): void => {};
  unpacker.on('data', (chunk: Buffer) => unpacked.push(chunk));
  unpacker.on('end', () => done());
  unpacker.on('error', (error: NodeJS.ErrnoException) => {
    // A write that fails never calls back.
    failure = error;
    done();
  });
  /** Resolves once the piece was unpacked, or failed to be; with null, once everything has come out. */
  const write = (piece: Buffer | null): Promise<void> =>
    new Promise((resolve) => {
      done = resolve;
      if (piece === null) unpacker.end();
      else unpacker.write(piece, () => resolve());
    });
  const take = (): Buffer[] => {
    const chunks = unpacked;
    unpacked = [];
    return chunks;
  };
  try {
    for await (const piece of file as AsyncIterable<Buffer>) {
      await write(piece);
      onRead(piece.length);
      yield* take();
      if (failure !== null) break;
    }
    if (failure === null) await write(null);
    yield* take();
  } finally {
    file.destroy();
    unpacker.destroy();
  }
  if (failure !== null) throw damaged(path, packing, failure);
}

async function* readXz(path: string, onRead: (bytes: number) => void): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: PIECE_BYTES });
  file.on('data', (piece) => onRead(piece.length));
  file.pause();
  const stream = new xz.XzReadableStream(Readable.toWeb(file) as ReadableStream<Uint8Array>);
  try {
    for await (const chunk of stream) yield Buffer.from(chunk);
  } catch (cause) {
    throw damaged(path, 'xz', cause as Error);
  } finally {
    file.destroy();
  }
}

function damaged(path: string, packing: Packing, cause: NodeJS.ErrnoException): BookcastError {
  const what =
    cause.code === 'Z_BUF_ERROR'
      ? `the ${packing} data end before their end mark: the file was cut short. Copy it again, or unpack what is there and replay that`
      : `the ${packing} data are damaged (${cause.message}). Copy the file again`;
  return new BookcastError('bad-input', `${path}: ${what}`, { cause, path });
}
