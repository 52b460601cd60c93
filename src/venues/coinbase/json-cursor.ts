const QUOTE = 34;
const PLUS = 43;
const COMMA = 44;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const NINE = 57;
const COLON = 58;
const BIG_E = 69;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const SMALL_E = 101;
const SMALL_U = 117;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** Values inside values, at most: deeper text is no message of a venue. */
const MAX_DEPTH = 32;
/** Digits of the longest integer that is surely exact. */
const MAX_DIGITS = 15;

const WORDS = ['true', 'false', 'null'].map((word) => Buffer.from(word));
/** Bytes that may follow a backslash, besides `u`. */
const ESCAPED = new Uint8Array(256);
for (const letter of '"\\/bfnrt') ESCAPED[letter.charCodeAt(0)] = 1;

/**
 * Walks JSON text in bytes without making objects or strings. What it accepts, `JSON.parse` accepts too. A failure stays:
 * once `why` is set, every call returns false, and `at` is where the text went wrong.
 *
 *   if (c.openObject()) while (c.key()) c.keyIs(NAME) ? c.text() : c.skip();
 *   if (c.why !== null) …
 *
 * `openObject` is followed by `key` until that is false, `openArray` by `element`; each value is read or skipped.
 */
export class JsonCursor {
  bytes: Buffer = Buffer.alloc(0);
  at = 0;
  /** Why the text cannot be read; null where all is well. */
  why: string | null = null;
  /** The last key or text: `bytes[from, to)` between its quotes. */
  from = 0;
  to = 0;
  /** Where the message ends. */
  end = 0;
  /** An object or array was just opened: its first member needs no comma. */
  #fresh = false;
  /** The text read last has escapes. */
  #escaped = false;

  reset(bytes: Buffer, from: number, to: number): void {
    this.bytes = bytes;
    this.at = from;
    this.end = to;
    this.why = null;
    this.#fresh = false;
  }

  /** Sets why the text cannot be read; the first reason stays. Always false. */
  fail(why: string, at = this.at): false {
    if (this.why === null) {
      this.why = why;
      this.at = at;
    }
    return false;
  }

  openObject(): boolean {
    return this.#open(OPEN_OBJECT, 'expected an object');
  }

  openArray(): boolean {
    return this.#open(OPEN_ARRAY, 'expected an array');
  }

  /** Goes to the value of the object's next key, which `keyIs` tells; false at the object's end. */
  key(): boolean {
    if (!this.#next(CLOSE_OBJECT) || !this.#string()) return false;
    if (this.#space() !== COLON) return this.fail('expected a colon');
    this.at++;
    return true;
  }

  /** Goes to the array's next value; false at the array's end. */
  element(): boolean {
    return this.#next(CLOSE_ARRAY);
  }

  /** The key, or text, read last. */
  keyIs(name: Uint8Array): boolean {
    const length = name.length;
    const from = this.from;
    if (this.to - from !== length) return false;
    const bytes = this.bytes;
    for (let i = 0; i < length; i++) if (bytes[from + i] !== name[i]) return false;
    return true;
  }

  /** A text value without escapes, in `from` and `to`. */
  text(): boolean {
    if (this.why !== null) return false;
    if (!this.#string()) return false;
    return !this.#escaped || this.fail('an escape where the venue writes none', this.from);
  }

  /** A whole number from 0, exact; `NaN` where the value is anything else. */
  integer(): number {
    if (this.why !== null) return Number.NaN;
    this.#space();
    const start = this.at;
    const value = digitsOf(this.bytes, start, this.#digits());
    if (Number.isNaN(value)) this.fail('expected a whole number', start);
    return value;
  }

  /** Passes over a value of any kind, checking that it is one. */
  skip(): boolean {
    return this.why === null && this.#skip(0);
  }

  /** The value read last is followed by nothing but space. */
  finished(): boolean {
    if (this.why !== null) return false;
    this.#space();
    return this.at === this.end || this.fail('text behind the message');
  }

  #open(bracket: number, expected: string): boolean {
    if (this.why !== null) return false;
    if (this.#space() !== bracket) return this.fail(expected);
    this.at++;
    this.#fresh = true;
    return true;
  }

  #next(close: number): boolean {
    if (this.why !== null) return false;
    const c = this.#space();
    if (c === close) {
      this.at++;
      this.#fresh = false;
      return false;
    }
    if (this.#fresh) {
      this.#fresh = false;
      return true;
    }
    if (c !== COMMA) return this.fail('expected a comma or the end of a list');
    this.at++;
    return true;
  }

  /** Passes over space; the byte behind it, or −1 at the end. */
  #space(): number {
    const bytes = this.bytes;
    while (this.at < this.end) {
      const c = bytes[this.at];
      if (c > 32 || (c !== 32 && c !== 10 && c !== 13 && c !== 9)) return c;
      this.at++;
    }
    return -1;
  }

  /** Text in quotes, escapes checked and left as they are. */
  #string(): boolean {
    if (this.#space() !== QUOTE) return this.fail('expected text in quotes');
    const bytes = this.bytes;
    const end = this.end;
    let at = this.at + 1;
    this.from = at;
    this.#escaped = false;
    for (; at < end; at++) {
      const c = bytes[at];
      if (c === QUOTE) {
        this.to = at;
        this.at = at + 1;
        return true;
      }
      if (c < 32) return this.fail('a control character in text', at);
      if (c !== BACKSLASH) continue;
      this.#escaped = true;
      at++;
      if (bytes[at] === SMALL_U && at + 4 < end) {
        for (const last = at + 4; at < last; ) if (!isHex(bytes[++at])) return this.fail('a broken escape', at);
      } else if (at >= end || ESCAPED[bytes[at]] === 0) return this.fail('a broken escape', at);
    }
    return this.fail('text without its end', end);
  }

  #skip(depth: number): boolean {
    const c = this.#space();
    if (c === QUOTE) return this.#string();
    if (c === OPEN_OBJECT || c === OPEN_ARRAY) {
      if (depth === MAX_DEPTH) return this.fail('values too deep inside values');
      this.at++;
      this.#fresh = true;
      while (c === OPEN_OBJECT ? this.key() : this.element()) if (!this.#skip(depth + 1)) return false;
      return this.why === null;
    }
    if (c === MINUS || (c >= ZERO && c <= NINE)) return this.#number();
    for (const word of WORDS) {
      if (word[0] !== c || this.at + word.length > this.end) continue;
      for (let i = 1; i < word.length; i++) if (this.bytes[this.at + i] !== word[i]) return this.fail('no JSON value');
      this.at += word.length;
      return true;
    }
    return this.fail('no JSON value');
  }

  #number(): boolean {
    const { bytes } = this;
    if (bytes[this.at] === MINUS) this.at++;
    const first = this.at;
    const whole = this.#digits() - first;
    if (whole === 0 || (whole > 1 && bytes[first] === ZERO)) return this.fail('no JSON number', first);
    if (this.at < this.end && bytes[this.at] === POINT) {
      const decimals = ++this.at;
      if (this.#digits() === decimals) return this.fail('no JSON number');
    }
    if (this.at < this.end && (bytes[this.at] === SMALL_E || bytes[this.at] === BIG_E)) {
      this.at++;
      if (this.at < this.end && (bytes[this.at] === PLUS || bytes[this.at] === MINUS)) this.at++;
      const power = this.at;
      if (this.#digits() === power) return this.fail('no JSON number');
    }
    return true;
  }

  /** Passes over digits; returns where they end. */
  #digits(): number {
    const bytes = this.bytes;
    while (this.at < this.end && bytes[this.at] >= ZERO && bytes[this.at] <= NINE) this.at++;
    return this.at;
  }
}

function isHex(c: number): boolean {
  return (c >= ZERO && c <= NINE) || (c >= 65 && c <= 70) || (c >= 97 && c <= 102);
}

/** The whole number that `bytes[from, to)` write, such as a trade's id; `NaN` where they are not 1 to 15 digits, or begin with 0. */
export function digitsOf(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  if (length < 1 || length > MAX_DIGITS || (length > 1 && bytes[from] === ZERO)) return Number.NaN;
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = bytes[at] - ZERO;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
