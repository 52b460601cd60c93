import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { BookcastError } from '../../core/index.ts';

const NEWLINE = 10;
const RETURN = 13;
const PIECE_BYTES = 64 * 1024;
const CHUNK_BYTES = 256 * 1024;
/** Far longer than the deepest snapshot (5,000 levels a side are 0.3 MB): a longer line means that the file is no text. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

const COMPRESSED: readonly [name: string, magic: readonly number[]][] = [
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['bzip2', [0x42, 0x5a, 0x68]],
];

export interface FileFacts {
  readonly bytes: number;
  readonly gzip: boolean;
}

/** The file's size and whether it is gzip, told by its first bytes. Throws where it is missing, empty or packed otherwise. */
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
    for (const [name, magic] of COMPRESSED) {
      if (magic.every((byte, i) => head[i] === byte)) {
        throw new BookcastError(
          'bad-input',
          `${path}: packed with ${name}; a Binance recording is read as plain text or gzip. Unpack it first`,
          { path },
        );
      }
    }
    return { bytes: stat.size, gzip: head[0] === 0x1f && head[1] === 0x8b };
  } finally {
    await file.close();
  }
}

/**
 * The file's bytes, unpacked, in order. `onRead` hears of the bytes taken from the disk. Everything that could be unpacked
 * comes out before a damaged or cut gzip file throws, so that a cut recording gives the same events every time.
 */
export async function* readChunks(
  path: string,
  facts: FileFacts,
  onRead: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: facts.gzip ? PIECE_BYTES : CHUNK_BYTES });
  if (!facts.gzip) {
    for await (const chunk of file as AsyncIterable<Buffer>) {
      onRead(chunk.length);
      yield chunk;
    }
    return;
  }
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  let unpacked: Buffer[] = [];
  let failure: NodeJS.ErrnoException | null = null;
  let done = (): void => {};
  gunzip.on('data', (chunk: Buffer) => unpacked.push(chunk));
  gunzip.on('end', () => done());
  gunzip.on('error', (error: NodeJS.ErrnoException) => {
    // A write that fails never calls back.
    failure = error;
    done();
  });
  /** Resolves once the piece was unpacked, or failed to be; with null, once everything has come out. */
  const write = (piece: Buffer | null): Promise<void> =>
    new Promise((resolve) => {
      done = resolve;
      if (piece === null) gunzip.end();
      else gunzip.write(piece, () => resolve());
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
    gunzip.destroy();
  }
  if (failure !== null) throw damaged(path, failure);
}

function damaged(path: string, cause: NodeJS.ErrnoException): BookcastError {
  const what =
    cause.code === 'Z_BUF_ERROR'
      ? 'the gzip data end before their end mark: the file was cut short. Copy it again, or unpack what is there with `gzip -dc` and replay that'
      : `the gzip data are damaged (${cause.message}). Copy the file again`;
  return new BookcastError('bad-input', `${path}: ${what}`, { cause, path });
}

/**
 * Cuts chunks into lines without copying, except for a line that spans two chunks. Feed a chunk, take lines while `next`
 * is true, feed the following one; after the last, `end` makes a line of what is left.
 */
export class LineSplitter {
  /** The line is `bytes[from, to)`, without its line end. */
  bytes: Buffer = Buffer.alloc(0);
  from = 0;
  to = 0;
  readonly #path: string;
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;
  #pieces: Buffer[] = [];
  #pieceBytes = 0;

  /** `path` is for error messages. */
  constructor(path: string) {
    this.#path = path;
  }

  feed(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#at = 0;
  }

  /** True: there is one more line. False: the chunk is used up. */
  next(): boolean {
    const chunk = this.#chunk;
    const newline = chunk.indexOf(NEWLINE, this.#at);
    if (newline < 0) {
      this.#keep(chunk.subarray(this.#at));
      this.#at = chunk.length;
      return false;
    }
    if (this.#pieceBytes > 0) {
      this.#keep(chunk.subarray(this.#at, newline));
      this.#take(Buffer.concat(this.#pieces), 0, this.#pieceBytes);
      this.#pieces = [];
      this.#pieceBytes = 0;
    } else {
      this.#take(chunk, this.#at, newline);
    }
    this.#at = newline + 1;
    return true;
  }

  /** The last line, where the file does not end with a line end. */
  end(): boolean {
    if (this.#pieceBytes === 0) return false;
    this.#take(Buffer.concat(this.#pieces), 0, this.#pieceBytes);
    this.#pieces = [];
    this.#pieceBytes = 0;
    return true;
  }

  #keep(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#pieces.push(piece);
    this.#pieceBytes += piece.length;
    if (this.#pieceBytes > MAX_LINE_BYTES) {
      throw new BookcastError(
        'bad-input',
        `${this.#path}: a line of more than ${MAX_LINE_BYTES} bytes: this is no text file of messages`,
        { path: this.#path },
      );
    }
  }

  #take(bytes: Buffer, from: number, to: number): void {
    this.bytes = bytes;
    this.from = from;
    this.to = to > from && bytes[to - 1] === RETURN ? to - 1 : to;
  }
}
