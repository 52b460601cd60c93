import { MAX_EXACT } from '../../core/index.ts';
import { Field } from './flat-scanner.ts';

const QUOTE = 34;
const ZERO = 48;
const NINE = 57;
const COLON = 58;
const FIELDS = 128;
/** Digits of the longest integer that a `Float64` holds exactly. */
const MAX_DIGITS = 16;
/** Digits of the longest sum that cannot leave 32 bits. */
const HALF_DIGITS = 9;
const POW10 = Float64Array.from({ length: HALF_DIGITS + 1 }, (_, i) => 10 ** i);

/**
 * The text in front of a diff's levels. From one diff to the next only its numbers change, so what the scanner understood
 * once is kept as fixed text and places of numbers, and tried on the next diff: four bytes at a time, that is several
 * times as fast as scanning. Where a single byte of the fixed text differs, it does not match and the scanner is asked.
 */
export class DepthHeader {
  /** Numbers by field, of the last header that matched; only fields that the learned header has. */
  readonly number = new Float64Array(FIELDS);
  #text = new Uint8Array(0);
  #words: DataView = new DataView(new ArrayBuffer(0));
  /** By number: the field, and where in the learned text the fixed text in front of it begins and ends. */
  #field = new Uint8Array(0);
  #from = new Int32Array(0);
  #to = new Int32Array(0);
  /** The bytes last matched, as words. */
  #seen: Uint8Array = this.#text;
  #seenWords: DataView = this.#words;

  /** Learns `bytes[from, to)`, a header that the scanner understood: flat, without escapes, its numbers plain integers. */
  learn(bytes: Uint8Array, from: number, to: number): void {
    const text = bytes.slice(from, to);
    const field: number[] = [];
    const starts: number[] = [0];
    const ends: number[] = [];
    let inText = false;
    for (let i = 0; i < text.length; i++) {
      if (text[i] === QUOTE) inText = !inText;
      else if (!inText && text[i] === COLON && isDigit(text[i + 1])) {
        ends.push(i + 1);
        field.push(fieldBefore(text, i));
        while (isDigit(text[i + 1])) i++;
        starts.push(i + 1);
      }
    }
    ends.push(text.length);
    this.#text = text;
    this.#words = new DataView(text.buffer, text.byteOffset, text.byteLength);
    this.#field = Uint8Array.from(field);
    this.#from = Int32Array.from(starts);
    this.#to = Int32Array.from(ends);
  }

  /** Returns the position behind the header that begins at `at`, or -1 where it is not the one learned. */
  match(bytes: Uint8Array, at: number): number {
    if (bytes !== this.#seen) {
      this.#seen = bytes;
      this.#seenWords = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    const count = this.#field.length;
    if (count === 0) return -1;
    for (let k = 0; ; k++) {
      at = this.#matchText(bytes, at, this.#from[k], this.#to[k]);
      if (at < 0 || k === count) return at;
      const start = at;
      let c = bytes[at];
      let high = 0;
      while (c >= ZERO && c <= NINE && at - start < HALF_DIGITS) {
        high = (Math.imul(high, 10) + c - ZERO) | 0;
        c = bytes[++at];
      }
      const half = at;
      let low = 0;
      while (c >= ZERO && c <= NINE) {
        low = (Math.imul(low, 10) + c - ZERO) | 0;
        c = bytes[++at];
      }
      const digits = at - start;
      if (digits === 0 || digits > MAX_DIGITS || (digits > 1 && bytes[start] === ZERO)) return -1;
      const value = high * POW10[at - half] + low;
      if (value > MAX_EXACT) return -1;
      this.number[this.#field[k]] = value;
    }
  }

  /** The position behind the text at `at`, if that equals the learned text [from, to); else -1. */
  #matchText(bytes: Uint8Array, at: number, from: number, to: number): number {
    if (at + to - from > bytes.length) return -1;
    const words = this.#words;
    const seen = this.#seenWords;
    for (; from + 4 <= to; from += 4, at += 4) {
      if (words.getInt32(from, true) !== seen.getInt32(at, true)) return -1;
    }
    for (; from < to; from++, at++) if (this.#text[from] !== bytes[at]) return -1;
    return at;
  }
}

function isDigit(c: number): boolean {
  return c >= ZERO && c <= NINE;
}

/** The field of the key whose colon stands at `at`: its letter, or `PREVIOUS` for "pu". */
function fieldBefore(text: Uint8Array, at: number): number {
  if (text[at - 3] === QUOTE && text[at - 2] < FIELDS) return text[at - 2];
  return text[at - 4] === QUOTE && text[at - 3] === 112 && text[at - 2] === 117 ? Field.PREVIOUS : Field.OTHER;
}
