import { type DecimalStep, decimalToSteps, MAX_EXACT } from '../../core/index.ts';
import { textEnd } from './flat-scanner.ts';

const QUOTE = 34;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const NINE = 57;
/** Nine digits stay within a 32-bit integer, on which the engine computes fastest. */
const MAX_DIGITS = 9;

/**
 * Reads decimal text in quotes as a count of steps, exactly. The same answers as `decimalToSteps` for text without a
 * sign; the common short numbers go through a loop of 32-bit integers, everything else through `decimalToSteps` itself.
 */
export class StepReader {
  /** Where reading goes on: after the closing quote of the last number read. Of no meaning after a `NaN`. */
  end = 0;
  readonly unit: DecimalStep;
  readonly #step: number;
  readonly #wholeFactor: number;
  /** By decimals written: what a fraction is multiplied with, or else divided by, to become units of 10^-scale. */
  readonly #times = new Float64Array(MAX_DIGITS + 1);
  readonly #over = new Float64Array(MAX_DIGITS + 1);

  constructor(unit: DecimalStep) {
    this.unit = unit;
    this.#step = unit.step;
    this.#wholeFactor = 10 ** unit.scale;
    for (let decimals = 0; decimals <= MAX_DIGITS; decimals++) {
      this.#times[decimals] = 10 ** Math.max(0, unit.scale - decimals);
      this.#over[decimals] = 10 ** Math.max(0, decimals - unit.scale);
    }
  }

  /** The steps in the text that begins at `at`, behind its opening quote; `NaN` where it is no whole count of steps ≥ 0. */
  read(bytes: Uint8Array, at: number): number {
    const start = at;
    let c = bytes[at];
    let whole = 0;
    while (c >= ZERO && c <= NINE) {
      whole = (Math.imul(whole, 10) + c - ZERO) | 0;
      c = bytes[++at];
    }
    const digits = at - start;
    let fraction = 0;
    let decimals = 0;
    if (c === POINT) {
      const first = ++at;
      c = bytes[at];
      while (c >= ZERO && c <= NINE) {
        fraction = (Math.imul(fraction, 10) + c - ZERO) | 0;
        c = bytes[++at];
      }
      decimals = at - first;
      if (decimals === 0) return Number.NaN;
    }
    // Beyond nine digits the integers have wrapped, and their values are not used.
    if (c !== QUOTE || digits === 0 || digits > MAX_DIGITS || decimals > MAX_DIGITS)
      return this.#readSlowly(bytes, start);
    this.end = at + 1;
    let units = whole * this.#wholeFactor;
    const over = this.#over[decimals];
    if (over === 1) {
      units += fraction * this.#times[decimals];
    } else {
      const part = fraction / over;
      if (part !== Math.floor(part)) return Number.NaN;
      units += part;
    }
    if (units > MAX_EXACT) return Number.NaN;
    if (this.#step === 1) return units;
    const steps = units / this.#step;
    return steps === Math.floor(steps) ? steps : Number.NaN;
  }

  #readSlowly(bytes: Uint8Array, start: number): number {
    if (bytes[start] === MINUS) return Number.NaN;
    const end = textEnd(bytes, start);
    if (end < 0) return Number.NaN;
    this.end = end + 1;
    return decimalToSteps(bytes, start, end, this.unit);
  }
}
