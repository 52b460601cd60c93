import { MAX_EXACT } from '../../core/index.ts';

const QUOTE = 34;
const COMMA = 44;
const ZERO = 48;
const NINE = 57;
const COLON = 58;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_OBJECT = 125;

/** What a key's value is. */
export const FieldType = { ABSENT: 0, TEXT: 1, NUMBER: 2, TRUE: 3, FALSE: 4, NULL: 5 } as const;

/**
 * The keys that are read, as slots: a key of one letter has its character code, any other but "pu" is OTHER. One letter
 * can mean several things, by the message.
 */
export const Field = {
  OTHER: 0,
  /** "pu", of a futures diff: the last id of the diff before. */
  PREVIOUS: 1,
  /** "e" */
  EVENT: 101,
  /** "E" */
  EVENT_TIME: 69,
  /** "T": when the venue's engine did it. */
  TRANSACTION_TIME: 84,
  /** "s" */
  SYMBOL: 115,
  /** "U" */
  FIRST_ID: 85,
  /** "u" */
  LAST_ID: 117,
  /** "t" */
  TRADE_ID: 116,
  /** "p" */
  PRICE: 112,
  /** "q" */
  SIZE: 113,
  /** "m" */
  BUYER_IS_MAKER: 109,
  /** "X", of a futures trade: MARKET, INSURANCE_FUND, ADL or NA. */
  TRADE_KIND: 88,
  /** "b": levels; of a ticker the best price. */
  BID: 98,
  /** "a": levels; of a ticker the best price; of an aggregate trade its id. */
  ASK: 97,
  /** "B" */
  BID_SIZE: 66,
  /** "A" */
  ASK_SIZE: 65,
} as const;

const FIELDS = 128;
/** Digits of the longest integer that a `Float64` holds exactly. */
const MAX_DIGITS = 16;
/** Digits of the longest sum that cannot leave 32 bits. */
const HALF_DIGITS = 9;
const POW10 = Float64Array.from({ length: HALF_DIGITS + 1 }, (_, i) => 10 ** i);

/** True where `bytes` hold `text` at `at`. */
export function holds(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false;
  return true;
}

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');

/**
 * Reads the key-value pairs of one flat JSON object into slots by key, without strings. Understands what Binance writes:
 * no spaces, text without escapes, integers. Whatever it understands means the same to `JSON.parse` (the last of equal
 * keys wins); at anything else it gives up, and the caller asks `JSON.parse`.
 */
export class FlatScanner {
  readonly type = new Uint8Array(FIELDS);
  /** Of TEXT: the first byte, and the byte after the last. */
  readonly from = new Int32Array(FIELDS);
  readonly to = new Int32Array(FIELDS);
  /** Of NUMBER. */
  readonly number = new Float64Array(FIELDS);
  /** The slot whose value is the array at which `scan` stopped; -1 where it reached the object's end. */
  arrayField = -1;
  /** The slots that are not ABSENT, to be cleared by the next scan. */
  readonly #seen = new Uint8Array(FIELDS);
  #count = 0;

  /** `at` is behind the opening brace. Returns where an array's elements or the text behind the object begin; -1: gave up. */
  scan(bytes: Uint8Array, at: number): number {
    const type = this.type;
    while (this.#count > 0) type[this.#seen[--this.#count]] = FieldType.ABSENT;
    for (;;) {
      if (bytes[at] !== QUOTE) return -1;
      let slot: number = Field.OTHER;
      if (bytes[at + 2] === QUOTE && bytes[at + 1] < FIELDS) {
        slot = bytes[at + 1];
        if (slot < 32 || slot === BACKSLASH || slot === QUOTE) return -1;
        at += 3;
      } else if (bytes[at + 1] === 112 && bytes[at + 2] === 117 && bytes[at + 3] === QUOTE) {
        slot = Field.PREVIOUS;
        at += 4;
      } else {
        at = textEnd(bytes, at + 1) + 1;
        if (at === 0) return -1;
      }
      if (bytes[at] !== COLON) return -1;
      at++;
      if (type[slot] === FieldType.ABSENT) this.#seen[this.#count++] = slot;
      const first = bytes[at];
      if (first === QUOTE) {
        const end = textEnd(bytes, at + 1);
        if (end < 0) return -1;
        type[slot] = FieldType.TEXT;
        this.from[slot] = at + 1;
        this.to[slot] = end;
        at = end + 1;
      } else if (first === OPEN_ARRAY) {
        this.arrayField = slot;
        return at + 1;
      } else {
        at = this.#scanLiteral(bytes, at, slot);
        if (at < 0) return -1;
      }
      if (bytes[at] === CLOSE_OBJECT) {
        this.arrayField = -1;
        return at + 1;
      }
      if (bytes[at] !== COMMA) return -1;
      at++;
    }
  }

  /** True where the field is the given text. */
  is(bytes: Uint8Array, field: number, text: Uint8Array): boolean {
    return (
      this.type[field] === FieldType.TEXT &&
      this.to[field] - this.from[field] === text.length &&
      holds(bytes, this.from[field], text)
    );
  }

  #scanLiteral(bytes: Uint8Array, at: number, slot: number): number {
    const start = at;
    let c = bytes[at];
    // The leading digits and the rest are summed apart, as 32-bit integers: that is faster than one sum of floats.
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
    if (digits > 0) {
      if (digits > MAX_DIGITS || (digits > 1 && bytes[start] === ZERO)) return -1;
      const value = high * POW10[at - half] + low;
      if (value > MAX_EXACT) return -1;
      this.type[slot] = FieldType.NUMBER;
      this.number[slot] = value;
      return at;
    }
    if (holds(bytes, at, TRUE)) {
      this.type[slot] = FieldType.TRUE;
      return at + TRUE.length;
    }
    if (holds(bytes, at, FALSE)) {
      this.type[slot] = FieldType.FALSE;
      return at + FALSE.length;
    }
    if (!holds(bytes, at, NULL)) return -1;
    this.type[slot] = FieldType.NULL;
    return at + NULL.length;
  }
}

/** The position of the quote that closes the text at `at`; -1 where an escape, a control character or the end comes first. */
export function textEnd(bytes: Uint8Array, at: number): number {
  let c = bytes[at];
  // Behind the last byte there is `undefined`, which is not at least 32.
  while (c !== QUOTE) {
    if (!(c >= 32) || c === BACKSLASH) return -1;
    c = bytes[++at];
  }
  return at;
}
