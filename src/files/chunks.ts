import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib';
import xz from 'xz-decompress';
import { BookcastError } from '../core/index.ts';

const PIECE_BYTES = 64 * 1024;
const CHUNK_BYTES = 256 * 1024;
const NOTHING = Buffer.alloc(0);

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
  if (packing !== 'plain') return yield* unpack(path, packing, file, onRead);
  for await (const chunk of file as AsyncIterable<Buffer>) {
    onRead(chunk.length);
    yield chunk;
  }
}

async function* unpack(
  path: string,
  packing: 'gzip' | 'zstd',
  file: Readable,
  onRead: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  let unpacker = new Unpacker(packing);
  try {
    for await (const piece of file as AsyncIterable<Buffer>) {
      let rest = await unpacker.write(piece);
      onRead(piece.length);
      yield* unpacker.take();
      // Node's zstd stops at the end of a frame; a file may have several, as those of parallel packers do.
      while (rest.length > 0) {
        unpacker.destroy();
        unpacker = new Unpacker(packing);
        rest = await unpacker.write(rest);
        yield* unpacker.take();
      }
      if (unpacker.failure !== null) break;
    }
    if (unpacker.failure === null) await unpacker.end();
    yield* unpacker.take();
  } finally {
    file.destroy();
    unpacker.destroy();
  }
  if (unpacker.failure !== null) throw damaged(path, packing, unpacker.failure);
}

/** One of Node's unpacking streams, asked piece by piece. */
class Unpacker {
  failure: NodeJS.ErrnoException | null = null;
  readonly #packing: 'gzip' | 'zstd';
  readonly #stream: Gunzip | ZstdDecompress;
  #unpacked: Buffer[] = [];
  #given = 0;
  #ended = false;
  #done = (): void => {};

  constructor(packing: 'gzip' | 'zstd') {
    const options = { chunkSize: CHUNK_BYTES };
    const stream = packing === 'gzip' ? createGunzip(options) : createZstdDecompress(options);
    this.#packing = packing;
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => this.#unpacked.push(chunk));
    stream.on('end', () => {
      this.#ended = true;
      this.#done();
    });
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // A write that fails never calls back.
      this.failure = error;
      this.#done();
    });
  }

  /** Resolves once the piece was unpacked, or failed to be; with what stands behind the end of a frame. */
  async write(piece: Buffer): Promise<Buffer> {
    // What stands behind the end of gzip data is no data.
    if (this.#ended) return NOTHING;
    this.#given += piece.length;
    await this.#wait((done) => this.#stream.write(piece, done));
    const left = this.#packing === 'zstd' && this.failure === null ? this.#given - this.#stream.bytesWritten : 0;
    return piece.subarray(piece.length - left);
  }

  /** Resolves once everything has come out. */
  async end(): Promise<void> {
    if (!this.#ended) await this.#wait(() => this.#stream.end());
  }

  /** What has come out since the last time. */
  take(): Buffer[] {
    const chunks = this.#unpacked;
    this.#unpacked = [];
    return chunks;
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #wait(act: (done: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      this.#done = resolve;
      act(() => resolve());
    });
  }
}

async function* readXz(path: string, onRead: (bytes: number) => void): AsyncGenerator<Buffer> {
  const file = await open(path);
  // Nothing is read ahead: whoever stops early leaves nothing behind that goes on.
  const packed = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const piece = new Uint8Array(PIECE_BYTES);
        const { bytesRead } = await file.read(piece, 0, PIECE_BYTES, null);
        if (bytesRead === 0) return controller.close();
        onRead(bytesRead);
        controller.enqueue(piece.subarray(0, bytesRead));
      },
    },
    { highWaterMark: 0 },
  );
  try {
    for await (const chunk of new xz.XzReadableStream(packed)) yield Buffer.from(chunk);
  } catch (cause) {
    throw damaged(path, 'xz', cause as Error);
  } finally {
    await file.close();
  }
}

function damaged(path: string, packing: Packing, cause: NodeJS.ErrnoException): BookcastError {
  const what =
    cause.code === 'Z_BUF_ERROR'
      ? `the ${packing} data end before their end mark: the file was cut short. Copy it again, or unpack what is there and replay that`
      : `the ${packing} data are damaged (${cause.message}). Copy the file again`;
  return new BookcastError('bad-input', `${path}: ${what}`, { cause, path });
}
