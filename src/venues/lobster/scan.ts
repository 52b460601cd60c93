const ZERO = 48;
const MINUS = 45;
const POINT = 46;
const COMMA = 44;
const NEWLINE = 10;
const RETURN = 13;

/** Digits that a `Float64` always holds exactly. */
const MOST_DIGITS = 15;
/** More than eleven days: no time of a day. */
const MOST_SECONDS = 999_999;
const POW10 = Float64Array.from({ length: 10 }, (_, i) => 10 ** i);

/**
 * A cursor over csv bytes. Each method reads one thing at `at` and moves past it. Numbers come from the digits alone: no
 * strings are made and nothing is rounded.
 */
export class Scanner {
  readonly bytes: Uint8Array;
  at = 0;
  /** Times with more digits than nanoseconds have. */
  noisy = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** A whole number, perhaps negative; `NaN` where there is none here, or one too long to be exact. */
  integer(): number {
    const bytes = this.bytes;
    let at = this.at;
    const negative = bytes[at] === MINUS;
    if (negative) at++;
    const first = at;
    let value = 0;
    for (; ; at++) {
      const digit = bytes[at] - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
    }
    this.at = at;
    if (at === first || at - first > MOST_DIGITS) return Number.NaN;
    return negative ? 0 - value : value;
  }

  /**
   * Seconds as whole nanoseconds; `NaN` where the text is anything else. Digits past the ninth decimal must be within a
   * hundredth of a nanosecond of it: copies that went through floating point have such (`35821.088778456004`). `noisy`
   * counts them.
   */
  nanoseconds(): number {
    const bytes = this.bytes;
    if (bytes[this.at] === MINUS) return Number.NaN;
    const seconds = this.integer();
    if (seconds > MOST_SECONDS) return Number.NaN;
    if (bytes[this.at] !== POINT) return seconds * 1e9;
    const first = this.at + 1;
    let at = first;
    let fraction = 0;
    let rest = 0;
    for (; ; at++) {
      const digit = bytes[at] - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      if (at - first < 9) fraction = fraction * 10 + digit;
      else if (at - first < 11) rest = rest * 10 + digit;
    }
    this.at = at;
    const decimals = at - first;
    if (decimals === 0) return Number.NaN;
    if (decimals <= 9) return seconds * 1e9 + fraction * POW10[9 - decimals];
    this.noisy++;
    if (rest === 0) return seconds * 1e9 + fraction;
    return rest === 99 ? seconds * 1e9 + fraction + 1 : Number.NaN;
  }

  /** True where a comma stood here. */
  comma(): boolean {
    return this.bytes[this.at++] === COMMA;
  }

  /** True where a line ended here, with or without a carriage return. */
  lineEnd(): boolean {
    if (this.bytes[this.at] === RETURN) this.at++;
    return this.bytes[this.at++] === NEWLINE;
  }

  /** Moves past the next `n` commas, which the line must have. */
  skipFields(n: number): void {
    const bytes = this.bytes;
    let at = this.at;
    while (n > 0) if (bytes[at++] === COMMA) n--;
    this.at = at;
  }

  /** Moves to the next comma or line end, whatever stands before it. */
  toFieldEnd(): void {
    const bytes = this.bytes;
    while (this.at < bytes.length && bytes[this.at] !== COMMA && bytes[this.at] !== NEWLINE) this.at++;
  }
}
