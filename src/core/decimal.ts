import { BookcastError } from './errors.ts';

const ZERO = 48;
const POINT = 46;
const MINUS = 45;

/** Powers of ten that a `Float64` holds exactly. */
const POW10 = Float64Array.from({ length: 16 }, (_, i) => 10 ** i);

/**
 * How decimal text becomes an integer count of steps (ticks or lots), exactly. A step of `0.25` is kept as the integer
 * 25 at 2 decimals; `scale` is 2 and `step` is 25.
 */
export interface DecimalStep {
  /** Decimals of the step as written, trailing zeros dropped. */
  readonly scale: number;
  /** The step in units of 10^-scale. */
  readonly step: number;
  /** The step as a float, for display and for basis points only. */
  readonly value: number;
}

/**
 * Parses a venue's step text, such as `"0.10"` or `"1"`. Throws `bad-input` where it is no positive decimal that a float holds
 * exactly, with 15 decimals at most: steps come from venues' metadata, from recordings and from users.
 */
export function decimalStep(text: string): DecimalStep {
  const match = /^(\d{1,30})(?:\.(\d{1,30}))?$/.exec(text);
  const fraction = (match?.[2] ?? '').replace(/0+$/, '');
  const step = match === null ? 0 : Number(match[1] + fraction);
  if (!(step > 0 && Number.isSafeInteger(step) && fraction.length < POW10.length)) {
    const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
    throw new BookcastError(
      'bad-input',
      `a step is a positive decimal such as 0.01, with 15 decimals at most and no more digits than a float holds exactly, not "${shown}"`,
      { step: shown },
    );
  }
  return { scale: fraction.length, step, value: step / POW10[fraction.length] };
}

/**
 * Decimal digits in `bytes[from, to)` as a count of steps. Returns `NaN` where the text is not a plain decimal, is not a
 * whole number of steps, or has more digits than a `Float64` holds exactly: the caller says where. No allocation.
 */
export function decimalToSteps(bytes: Uint8Array, from: number, to: number, unit: DecimalStep): number {
  let at = from;
  const negative = at < to && bytes[at] === MINUS;
  if (negative) at++;
  const firstDigit = at;
  let digits = 0;
  let decimals = -1;
  for (; at < to; at++) {
    const c = bytes[at];
    if (c === POINT) {
      if (decimals >= 0 || at === firstDigit || at + 1 === to) return Number.NaN;
      decimals = 0;
      continue;
    }
    const d = c - ZERO;
    if (d < 0 || d > 9) return Number.NaN;
    if (decimals >= unit.scale) {
      // Digits past the unit's precision must be zeros: anything else is finer than one step.
      if (d !== 0) return Number.NaN;
      continue;
    }
    digits = digits * 10 + d;
    if (decimals >= 0) decimals++;
  }
  if (at === firstDigit) return Number.NaN;
  digits *= POW10[unit.scale - (decimals < 0 ? 0 : decimals)];
  if (digits > Number.MAX_SAFE_INTEGER) return Number.NaN;
  const steps = unit.step === 1 ? digits : digits / unit.step;
  if (unit.step !== 1 && steps !== Math.floor(steps)) return Number.NaN;
  return negative ? -steps : steps;
}

const encoder = new TextEncoder();

/** As `decimalToSteps`, for text; for configuration and tests, not for hot paths. */
export function parseDecimal(text: string, unit: DecimalStep): number {
  const bytes = encoder.encode(text);
  return decimalToSteps(bytes, 0, bytes.length, unit);
}

/** Steps back to the venue's decimal text, exactly, with the step's own number of decimals. */
export function formatSteps(steps: number, unit: DecimalStep): string {
  if (Number.isNaN(steps)) return 'NaN';
  const units = BigInt(steps) * BigInt(unit.step);
  const sign = units < 0n ? '-' : '';
  const digits = (units < 0n ? -units : units).toString().padStart(unit.scale + 1, '0');
  return unit.scale === 0 ? sign + digits : `${sign}${digits.slice(0, -unit.scale)}.${digits.slice(-unit.scale)}`;
}
