import { dayOfEpochMs, NS_PER_DAY, NS_PER_SECOND } from '../../core/index.ts';

const PLUS = 43;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const COLON = 58;
const BIG_T = 84;
const BIG_Z = 90;

const DATE_BYTES = 10;
/** Of `2026-08-09T21:05:48`. */
const SECONDS_BYTES = 19;
const MAX_DECIMALS = 9;
/** Coinbase writes 1970-01-01 or 0001-01-01 where it has no time; it opened in 2012. */
const FIRST_DAY = dayOfEpochMs(Date.UTC(2012, 0, 1));

/** No time: the venue gave none, or one from before it existed. */
export const NO_TIME = Number.NEGATIVE_INFINITY;

/** Reads RFC 3339 times (`2026-08-09T21:05:48.228568804Z`) as exact nanoseconds since a day's UTC midnight. */
export class VenueTime {
  readonly #day: number;
  /** The date read last, and its midnight: almost every time is of the same day. */
  readonly #date = new Uint8Array(DATE_BYTES);
  #midnightNs = NO_TIME;

  /** `day`: days since 1970 from which times count. */
  constructor(day: number) {
    this.#day = day;
  }

  /** The time in `bytes[from, to)`; `NO_TIME` where the venue had none; `NaN` where the text is no time. */
  read(bytes: Uint8Array, from: number, to: number): number {
    if (to - from < SECONDS_BYTES + 1 || bytes[from + 10] !== BIG_T) return Number.NaN;
    if (bytes[from + 13] !== COLON || bytes[from + 16] !== COLON) return Number.NaN;
    const midnight = this.#midnight(bytes, from);
    const hour = pair(bytes, from + 11);
    const minute = pair(bytes, from + 14);
    const second = pair(bytes, from + 17);
    // A minute's sixty-first second is a leap second.
    if (!(hour < 24 && minute < 60 && second <= 60) || Number.isNaN(midnight)) return Number.NaN;
    let at = from + SECONDS_BYTES;
    let ns = 0;
    if (bytes[at] === POINT) {
      const first = ++at;
      for (; at < to && at - first < MAX_DECIMALS; at++) {
        const digit = bytes[at] - ZERO;
        if (!(digit >= 0 && digit <= 9)) break;
        ns = ns * 10 + digit;
      }
      if (at === first) return Number.NaN;
      for (let decimals = at - first; decimals < MAX_DECIMALS; decimals++) ns *= 10;
    }
    const zone = zoneSeconds(bytes, at, to);
    return midnight + (hour * 3600 + minute * 60 + second - zone) * NS_PER_SECOND + ns;
  }

  /** As `read`, for text. */
  readText(text: string): number {
    const bytes = Buffer.from(text);
    return this.read(bytes, 0, bytes.length);
  }

  #midnight(bytes: Uint8Array, from: number): number {
    let same = true;
    for (let i = 0; i < DATE_BYTES; i++) same &&= bytes[from + i] === this.#date[i];
    if (same) return this.#midnightNs;
    const year = pair(bytes, from) * 100 + pair(bytes, from + 2);
    const month = pair(bytes, from + 5);
    const date = pair(bytes, from + 8);
    if (bytes[from + 4] !== MINUS || bytes[from + 7] !== MINUS) return Number.NaN;
    if (!(year >= 1 && month >= 1 && month <= 12 && date >= 1 && date <= daysOf(year, month))) return Number.NaN;
    // Years below 100 mean 1900 and later to `Date.UTC`.
    const day = year < 1970 ? 0 : dayOfEpochMs(Date.UTC(year, month - 1, date));
    this.#date.set(bytes.subarray(from, from + DATE_BYTES));
    this.#midnightNs = day < FIRST_DAY ? NO_TIME : (day - this.#day) * NS_PER_DAY;
    return this.#midnightNs;
  }
}

function daysOf(year: number, month: number): number {
  return new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}

/** Two digits; `NaN` where they are none. */
function pair(bytes: Uint8Array, at: number): number {
  const tens = bytes[at] - ZERO;
  const ones = bytes[at + 1] - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** `Z`, or an offset such as `+02:00`, up to the text's end; `NaN` where it is anything else. */
function zoneSeconds(bytes: Uint8Array, at: number, to: number): number {
  if (bytes[at] === BIG_Z && at + 1 === to) return 0;
  if (at + 6 !== to || (bytes[at] !== PLUS && bytes[at] !== MINUS) || bytes[at + 3] !== COLON) return Number.NaN;
  const seconds = pair(bytes, at + 1) * 3600 + pair(bytes, at + 4) * 60;
  return bytes[at] === MINUS ? 0 - seconds : seconds;
}
