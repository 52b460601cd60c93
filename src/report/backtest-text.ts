import { numberText } from '../figure/index.ts';

/** A number of a card: null where it is not known. */
export type Known = number | null | undefined;

export interface Ends {
  readonly low: Known;
  readonly high: Known;
}

export function known(value: Known): number {
  return value ?? Number.NaN;
}

/** Profit or loss, its sign always shown: `+12.3 USD`. */
export function moneyText(value: Known, currency: string, digits = 4): string {
  return value == null ? '–' : `${signedNumber(value, digits)} ${currency}`;
}

/** An amount without a sign of its own, such as a turnover or a cost. */
export function amountText(value: Known, currency: string, digits = 4): string {
  return value == null ? '–' : `${numberText(value, digits)} ${currency}`;
}

export function signedNumber(value: Known, digits = 3): string {
  const text = numberText(known(value), digits);
  return known(value) > 0 ? `+${text}` : text;
}

/** `0.215 to 0.719`; empty where there is no interval. */
export function rangeText(ends: Ends | null | undefined, digits = 3): string {
  if (ends?.low == null || ends.high == null) return '';
  return `${numberText(ends.low, digits)} to ${numberText(ends.high, digits)}`;
}

/** The whole interval on one side of zero. */
export function isFound(ends: Ends | null | undefined): boolean {
  return ends?.low != null && ends.high != null && (ends.low > 0 || ends.high < 0);
}

/** To two digits, so that the ends of a scale are round. */
export function roundedUp(value: number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Number((Math.ceil(value / unit - 1e-9) * unit).toPrecision(2));
}

/** A probability, which never shows as certain. */
export function probabilityText(value: Known, decimals: number): string {
  if (value == null) return '–';
  const least = 10 ** -decimals;
  if (value > 1 - least / 2) return `>${(1 - least).toFixed(decimals)}`;
  return value < least / 2 ? `<${least.toFixed(decimals)}` : value.toFixed(decimals);
}

const UNITS: readonly (readonly [number, string])[] = [
  [1e3, 'µs'],
  [1e6, 'ms'],
  [1e9, 's'],
  [60e9, 'min'],
  [3600e9, 'h'],
  [86_400e9, 'days'],
];

/** `10 ms`, `1.5 s`, `12 min`. */
export function durationText(ns: Known): string {
  if (ns == null) return '–';
  if (ns === 0) return '0 s';
  const [size, unit] = UNITS.findLast(([each]) => ns >= each) ?? UNITS[0];
  return `${numberText(ns / size, 3)} ${unit}`;
}

/** Of ms since 1970, to the second, in UTC. */
export function momentText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

/** A sentence with minus signs as the figures have them, a capital letter and a full stop. */
export function sentence(text: string): string {
  const typeset = text.replace(/(^|[\s(])-(?=[\d.])/g, '$1−');
  return `${typeset[0].toUpperCase()}${typeset.slice(1)}${typeset.endsWith('.') ? '' : '.'}`;
}

/** The 95 % interval of an estimate, or that there is none. */
export function rangeOr({ interval }: { readonly interval: Ends | null }): string {
  return interval === null ? 'no interval' : `95 %: ${rangeText(interval)}`;
}
