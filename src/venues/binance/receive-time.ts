import { NS_PER_DAY, NS_PER_MS, NS_PER_US } from '../../core/index.ts';

const SPACE = 32;
const ZERO = 48;
/** Receive times by their number of digits since 1970: 13 are milliseconds, 16 microseconds, 19 nanoseconds. */
const FRACTION_FACTOR = Float64Array.of(0, 0, 0, 1e6, 0, 0, 1e3, 0, 0, 1);
const SECOND_DIGITS = 10;

/** Reads the receive time in front of a recorded line. */
export class ReceiveTime {
  /** Of the last line that had one, in ns since the day. */
  ns = 0;
  readonly #daySeconds: number;

  constructor(day: number) {
    this.#daySeconds = day * (NS_PER_DAY / 1e9);
  }

  /** Returns where the JSON begins, behind the space; -1 where the line does not begin with a time. */
  read(bytes: Uint8Array, from: number, to: number): number {
    const point = from + SECOND_DIGITS;
    let end = point;
    while (end < to && bytes[end] !== SPACE) end++;
    const factor = end < to ? FRACTION_FACTOR[end - point] : 0;
    if (!(factor > 0)) return -1;
    // In halves, so that all sums are integers of 32 bits.
    const high = digits(bytes, from, from + SECOND_DIGITS / 2);
    const low = digits(bytes, from + SECOND_DIGITS / 2, point);
    const fraction = digits(bytes, point, end);
    if ((high | low | fraction) < 0) return -1;
    this.ns = (high * 1e5 + low - this.#daySeconds) * 1e9 + fraction * factor;
    return end + 1;
  }
}

/** At most nine digits as a number; -1 where one is none. */
function digits(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = bytes[at] - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = (Math.imul(value, 10) + digit) | 0;
  }
  return value;
}

/** Venue times above this count microseconds (Binance's `timeUnit=MICROSECOND`), below it milliseconds. */
const MICROSECONDS_FROM = 1e14;

/** The venue's own times, as ns since the day. */
export class VenueTime {
  readonly #dayMs: number;

  constructor(day: number) {
    this.#dayMs = day * (NS_PER_DAY / NS_PER_MS);
  }

  /** `time`: ms or µs since 1970. */
  since(time: number): number {
    if (time < MICROSECONDS_FROM) return (time - this.#dayMs) * NS_PER_MS;
    return (time - this.#dayMs * 1e3) * NS_PER_US;
  }
}
