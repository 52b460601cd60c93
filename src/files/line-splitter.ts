import { BookcastError } from '../core/index.ts';

const NEWLINE = 10;
const RETURN = 13;
/** Far longer than the deepest snapshot (5,000 levels a side are 0.3 MB): a longer line means that the file is no text. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

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
