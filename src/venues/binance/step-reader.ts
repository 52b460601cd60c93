import { type DecimalStep, decimalToSteps, MAX_EXACT } from '../../core/index.ts';

const QUOTE = 34;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const BACKSLASH = 92;
/** Nine digits stay within a small integer, on which the engine computes fastest. */
const MAX_DIGITS = 9;

/**
 * Reads decimal text in quotes as a count of steps, exactly. The same answers as `decimalToSteps` for text without a
 * sign; the common short numbers go through a loop of small integers, everything else through `decimalToSteps` itself.
 */
export class StepReader {
  /** Where reading goes on: after the closing quote of the last number read. Of no meaning after a `NaN`. */
  end = 0;
  readonly unit: DecimalStep;
  readonly #wholeFactor: number;
  /** By decimals written: what a fraction is multiplied with, and then divided by, to become units of 10^-scale. */
  readonly #times = new Float64Array(MAX_DIGITS + 1);
  readonly #over = new Float64Array(MAX_DIGITS + 1);

  constructor(unit: DecimalStep) {
    this.unit = unit;
    this.#wholeFactor = 10 ** unit.scale;
    for (let decimals = 0; decimals <= MAX_DIGITS; decimals++) {
      this.#times[decimals] = 10 ** Math.max(0, unit.scale - decimals);
      this.#over[decimals] = 10 ** Math.max(0, decimals - unit.scale);
    }
  }

  /** The steps in the text that begins at `at`, behind its opening quote; `NaN` where it is no whole count of steps ≥ 0. */
  read(bytes: Uint8Array, at: number): number {
    const start = at;
    let digit = bytes[at] - ZERO;
    let whole = 0;
    while (digit >= 0 && digit <= 9 && at - start < MAX_DIGITS) {
      whole = whole * 10 + digit;
      digit = bytes[++at] - ZERO;
    }
    if (at === start) return this.#readSlowly(bytes, start);
    let fraction = 0;
    let decimals = 0;
    if (bytes[at] === POINT) {
      const first = ++at;
      digit = bytes[at] - ZERO;
      while (digit >= 0 && digit <= 9 && at - first < MAX_DIGITS) {
        fraction = fraction * 10 + digit;
        digit = bytes[++at] - ZERO;
      }
      decimals = at - first;
      if (decimals === 0) return this.#readSlowly(bytes, start);
    }
    if (bytes[at] !== QUOTE) return this.#readSlowly(bytes, start);
    this.end = at + 1;
    const units = whole * this.#wholeFactor + (fraction * this.#times[decimals]) / this.#over[decimals];
    const steps = this.unit.step === 1 ? units : units / this.unit.step;
    return steps === Math.floor(steps) && units <= MAX_EXACT ? steps : Number.NaN;
  }

  #readSlowly(bytes: Uint8Array, start: number): number {
    if (bytes[start] === MINUS) return Number.NaN;
    let at = start;
    while (at < bytes.length && bytes[at] !== QUOTE) {
      if (bytes[at] < 32 || bytes[at] === BACKSLASH) return Number.NaN;
      at++;
    }
    if (at === bytes.length) return Number.NaN;
    this.end = at + 1;
    return decimalToSteps(bytes, start, at, this.unit);
  }
}
