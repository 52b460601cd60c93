import { type DecimalStep, decimalToSteps, MAX_EXACT } from '../../core/index.ts';
import { textEnd } from './flat-scanner.ts';

const QUOTE = 34;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const NINE = 57;
/** Nine digits stay within a 32-bit integer, on which the engine computes fastest. */
export const MAX_DIGITS = 9;

/**
 * Reads decimal text in quotes as a count of steps, exactly. The same answers as `decimalToSteps` for text without a
 * sign; the common short numbers go through a loop of 32-bit integers, everything else through `decimalToSteps` itself.
 */
export class StepReader {
  /** Where reading goes on: after the closing quote of the last number read. Of no meaning after a `NaN`. */
  end = 0;
  readonly unit: DecimalStep;
  /** A step is one unit of its last decimal: 0.01, not 0.25. */
  readonly stepIsOne: boolean;
  /** Units of 10^-scale in 1. */
  readonly wholeFactor: number;
  /** Decimals that count; behind them only zeros are read here. */
  readonly decimals: number;
  /** By decimals written: what a fraction is multiplied with to become units of 10^-scale. */
  readonly factor = new Float64Array(MAX_DIGITS + 1);

  constructor(unit: DecimalStep) {
    this.unit = unit;
    this.stepIsOne = unit.step === 1;
    this.wholeFactor = 10 ** unit.scale;
    this.decimals = Math.min(unit.scale, MAX_DIGITS);
    for (let decimals = 0; decimals <= this.decimals; decimals++) this.factor[decimals] = 10 ** (unit.scale - decimals);
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
    let units = whole * this.wholeFactor;
    if (c === POINT) {
      const first = ++at;
      const last = first + this.decimals;
      let fraction = 0;
      c = bytes[at];
      while (c >= ZERO && c <= NINE && at < last) {
        fraction = (Math.imul(fraction, 10) + c - ZERO) | 0;
        c = bytes[++at];
      }
      units += fraction * this.factor[at - first];
      while (c === ZERO) c = bytes[++at];
      if (at === first) return Number.NaN;
    }
    // Beyond nine digits the integer has wrapped, and its value is not used.
    if (c !== QUOTE || digits === 0 || digits > MAX_DIGITS) return this.#readSlowly(bytes, start);
    this.end = at + 1;
    if (units > MAX_EXACT) return Number.NaN;
    if (this.stepIsOne) return units;
    const steps = units / this.unit.step;
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
