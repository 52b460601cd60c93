import { createReadStream } from 'node:fs';
import { BookcastError } from '../../core/index.ts';

/** Rows of a matrix: 144 of numbers, then the labels of five horizons. Columns are events. */
export const FI2010_FEATURES = 144;
export const FI2010_HORIZONS: readonly number[] = Object.freeze([10, 20, 30, 50, 100]);
const LINES = FI2010_FEATURES + FI2010_HORIZONS.length;

/** One file, turned: a row an event. */
export interface Fi2010Events {
  readonly events: number;
  /** Row-major, events × features. */
  readonly data: Float32Array;
  /** As published: 1 up, 2 stationary, 3 down. */
  readonly labels: Int8Array;
}

const NEWLINE = 0x0a;
/** Longer than any number that is written to a file. */
const MAX_TOKEN = 64;

/**
 * Reads the first `features` rows and one row of labels of a matrix as it was published: 149 lines of numbers separated by blanks, as
 * many on each as there are events. Streams: memory is that of the result. Throws `not-found`, and `bad-input` naming line and value
 * where the file is none of these, is cut off or has a hole.
 */
export async function readFi2010File(path: string, features: number, horizon: number): Promise<Fi2010Events> {
  const turner = new MatrixTurner(path, features, FI2010_FEATURES + FI2010_HORIZONS.indexOf(horizon));
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) turner.take(chunk as Buffer);
  } catch (cause) {
    if (cause instanceof BookcastError) throw cause;
    throw new BookcastError('not-found', `cannot read ${path}: ${(cause as Error).message}`, { path, cause });
  }
  return turner.finish();
}

/** Bytes of lines of features → rows of events. */
class MatrixTurner {
  readonly #path: string;
  readonly #features: number;
  /** The line of the labels, from 0. */
  readonly #labelLine: number;
  readonly #token = new Uint8Array(MAX_TOKEN);
  #tokenLength = 0;
  #line = 0;
  /** Numbers on this line so far. */
  #column = 0;
  /** Something other than a blank stands on the last line. */
  #begun = false;
  /** The first line, which tells how many events there are. */
  #first = new Float32Array(1 << 16);
  #events = -1;
  #data = new Float32Array(0);
  #labels = new Int8Array(0);

  constructor(path: string, features: number, labelLine: number) {
    this.#path = path;
    this.#features = features;
    this.#labelLine = labelLine;
  }

  take(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; at++) {
      if (!this.#wanted()) {
        const end = chunk.indexOf(NEWLINE, at);
        this.#begun ||= end !== at;
        if (end < 0) return;
        at = end;
      }
      const byte = chunk[at];
      if (byte > 0x20) {
        if (this.#tokenLength === MAX_TOKEN) this.#fail('has a word that is no number');
        this.#token[this.#tokenLength++] = byte;
        this.#begun = true;
      } else {
        if (this.#tokenLength > 0) this.#endNumber();
        if (byte === NEWLINE) this.#endLine();
      }
    }
  }

  finish(): Fi2010Events {
    if (this.#tokenLength > 0) this.#endNumber();
    if (this.#begun) this.#endLine();
    if (this.#line !== LINES) {
      throw new BookcastError(
        'bad-input',
        `${this.#path} has ${this.#line} lines, and a matrix of FI-2010 has ${LINES}: ${FI2010_FEATURES} of features and ${FI2010_HORIZONS.length} of labels, one column an event; get the file again, and do not turn it`,
        { path: this.#path, lines: this.#line },
      );
    }
    return { events: this.#events, data: this.#data, labels: this.#labels };
  }

  #wanted(): boolean {
    return this.#line < this.#features || this.#line === this.#labelLine;
  }

  #endNumber(): void {
    const value = parseNumber(this.#token, this.#tokenLength);
    if (!Number.isFinite(value)) {
      this.#fail(`has "${Buffer.from(this.#token.subarray(0, this.#tokenLength))}" where a number should be`);
    }
    this.#tokenLength = 0;
    const column = this.#column++;
    if (this.#line === 0) this.#addFirst(column, value);
    else if (column < this.#events) this.#set(column, value);
  }

  #addFirst(column: number, value: number): void {
    if (column === this.#first.length) {
      const longer = new Float32Array(2 * column);
      longer.set(this.#first);
      this.#first = longer;
    }
    this.#first[column] = value;
  }

  #set(column: number, value: number): void {
    if (this.#line < this.#features) this.#data[column * this.#features + this.#line] = value;
    else if (value === 1 || value === 2 || value === 3) this.#labels[column] = value;
    else this.#fail(`has the label ${value}, and labels are 1 (up), 2 (stationary) and 3 (down)`);
  }

  #endLine(): void {
    if (!this.#begun) return;
    if (this.#line === 0) this.#turnFirst();
    else if (this.#wanted() && this.#column !== this.#events) {
      this.#fail(`has ${this.#column} numbers, and the first line has ${this.#events}`);
    }
    this.#line++;
    this.#column = 0;
    this.#begun = false;
  }

  #turnFirst(): void {
    this.#events = this.#column;
    this.#data = new Float32Array(this.#events * this.#features);
    this.#labels = new Int8Array(this.#events);
    for (let i = 0; i < this.#events; i++) this.#data[i * this.#features] = this.#first[i];
    this.#first = new Float32Array(0);
  }

  #fail(what: string): never {
    const line = this.#line + 1;
    throw new BookcastError(
      'bad-input',
      `${this.#path}: line ${line} ${what} (number ${this.#column + 1} of the line)`,
      {
        path: this.#path,
        line,
      },
    );
  }
}

const POWERS = Float64Array.from({ length: 23 }, (_, i) => 10 ** i);

/**
 * A decimal number such as `-2.6180000e-01`, correctly rounded: up to 15 digits and a power of ten up to 22 are exact doubles, and one
 * division or product of two such rounds once (Clinger 1990, "How to read floating point numbers accurately"). Others take the slow way.
 */
function parseNumber(token: Uint8Array, length: number): number {
  let at = 0;
  const negative = token[0] === 0x2d;
  if (negative || token[0] === 0x2b) at++;
  let mantissa = 0;
  let digits = 0;
  let power = 0;
  let seenPoint = false;
  for (; at < length; at++) {
    const byte = token[at];
    if (byte >= 0x30 && byte <= 0x39) {
      mantissa = mantissa * 10 + byte - 0x30;
      digits++;
      if (seenPoint) power--;
    } else if (byte === 0x2e && !seenPoint) seenPoint = true;
    else break;
  }
  if (at < length) {
    const exponent = parseExponent(token, at, length);
    if (Number.isNaN(exponent)) return slowNumber(token, length);
    power += exponent;
  }
  if (digits === 0 || digits > 15 || power > 22 || power < -22) return slowNumber(token, length);
  const size = power < 0 ? mantissa / POWERS[-power] : mantissa * POWERS[power];
  return negative ? -size : size;
}

/** `e-01`; NaN for anything else. */
function parseExponent(token: Uint8Array, from: number, length: number): number {
  let at = from;
  if ((token[at++] | 0x20) !== 0x65) return Number.NaN;
  const negative = token[at] === 0x2d;
  if (negative || token[at] === 0x2b) at++;
  if (at === length || length - at > 4) return Number.NaN;
  let value = 0;
  for (; at < length; at++) {
    const digit = token[at] - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}

function slowNumber(token: Uint8Array, length: number): number {
  const text = Buffer.from(token.buffer, 0, length).toString('latin1');
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}
