import { assert } from './assert.ts';

export const NS_PER_US = 1e3;
export const NS_PER_MS = 1e6;
export const NS_PER_SECOND = 1e9;
export const NS_PER_DAY = 86_400e9;

const NS_PER_DAY_BIG = 86_400_000_000_000n;
const MS_PER_DAY = 86_400_000;

/**
 * In memory a time is integer nanoseconds since UTC midnight of the stream's day, as a `Float64` (exact for 104 days);
 * the day, counted from 1970-01-01, stands once in the batch header. Decoders convert where they read the digits.
 */
export function dayOfEpochMs(epochMs: number): number {
  return Math.floor(epochMs / MS_PER_DAY);
}

function dayNsToEpochNs(ns: number, day: number): bigint {
  return BigInt(day) * NS_PER_DAY_BIG + BigInt(ns);
}

/** ISO 8601 with nanoseconds, such as `2012-06-21T13:30:00.017459617Z`. */
export function isoTime(ns: number, day: number): string {
  const epochNs = dayNsToEpochNs(ns, day);
  const seconds = epochNs >= 0n ? epochNs / 1_000_000_000n : (epochNs - 999_999_999n) / 1_000_000_000n;
  const fraction = epochNs - seconds * 1_000_000_000n;
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${fraction.toString().padStart(9, '0')}Z`;
}

/** `2012-06-21` → days since 1970-01-01; `NaN` where the text is no date. */
export function parseDay(text: string): number {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return Number.NaN;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(ms) ? Number.NaN : ms / MS_PER_DAY;
}

/**
 * How far a zone's wall clock is ahead of UTC on a date, in ns; negative west of Greenwich. Read from the time zone
 * database that comes with the runtime (`Intl`), at noon UTC: daylight saving switches at night, before any market opens.
 */
export function zoneOffsetNs(timeZone: string, day: number): number {
  const noon = new Date(day * MS_PER_DAY + MS_PER_DAY / 2);
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  const name = format.formatToParts(noon).find((part) => part.type === 'timeZoneName')?.value ?? '';
  const match = /^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(name);
  assert(match !== null, 'a zone has an offset in hours and minutes');
  if (match[1] === undefined) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return (match[1] === '-' ? -minutes : minutes) * 60 * NS_PER_SECOND;
}

/** A source of the present, handed to whatever needs one, so that tests and replays own time. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  nowMs(): number;
  /** Nanoseconds on a clock that never goes back; differences only. */
  monotonicNs(): number;
}

/** The machine's clock: the one home of `Date.now`. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicNs: () => Number(process.hrtime.bigint()),
};
