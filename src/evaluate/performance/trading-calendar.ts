import { NS_PER_SECOND } from '../../core/index.ts';

/** How much trading time a year has: what a figure "a year" is reckoned with. */
export interface TradingCalendar {
  /** Printed beside every annualised figure. */
  readonly name: string;
  readonly daysPerYear: number;
  readonly hoursPerDay: number;
  /** What a day is called in a sentence. */
  readonly dayName: string;
}

/** Crypto trades around the clock. */
export const CRYPTO_CALENDAR: TradingCalendar = {
  name: '365 days of 24 hours a year',
  daysPerYear: 365,
  hoursPerDay: 24,
  dayName: 'day',
};

/** Stocks of the United States: the usual 252 sessions of 9:30 to 16:00. */
export const STOCK_CALENDAR: TradingCalendar = {
  name: '252 days of 6.5 hours a year',
  daysPerYear: 252,
  hoursPerDay: 6.5,
  dayName: 'trading day',
};

/** Fewer days than this show nothing of what differs from day to day, and are not scaled up to a year. */
const LEAST_DAYS_TO_ANNUALISE = 20;

function dayNs(calendar: TradingCalendar): number {
  return calendar.hoursPerDay * 3600 * NS_PER_SECOND;
}

export function yearNs(calendar: TradingCalendar): number {
  return calendar.daysPerYear * dayNs(calendar);
}

/** Null where `spanNs` of trading time is long enough to speak of a year, otherwise the sentence that says why it is not. */
export function tooShortToAnnualise(spanNs: number, calendar: TradingCalendar): string | null {
  const least = LEAST_DAYS_TO_ANNUALISE * dayNs(calendar);
  if (spanNs >= least) return null;
  return `${spanText(spanNs, calendar)} are too short to speak of a year: it takes ${spanText(least, calendar)} (${calendar.name})`;
}

/** Such as `45 seconds`, `5 minutes`, `3.2 hours`, `197 trading days`, `2.7 years`: trading time in the largest unit of which there are two. */
export function spanText(spanNs: number, calendar: TradingCalendar): string {
  const seconds = spanNs / NS_PER_SECOND;
  const units: readonly (readonly [string, number])[] = [
    ['second', 1],
    ['minute', 60],
    ['hour', 3600],
    [calendar.dayName, 3600 * calendar.hoursPerDay],
    ['year', 3600 * calendar.hoursPerDay * calendar.daysPerYear],
  ];
  const [name, size] = units.findLast(([, unit]) => seconds >= 2 * unit) ?? units[0];
  const count = seconds / size;
  if (count > 1000 && name === 'year') return 'more than 1000 years';
  const text =
    count >= 10 || Number.isInteger(count) ? Math.round(count).toString() : count.toFixed(1).replace(/\.0$/, '');
  return `${text} ${name}${text === '1' ? '' : 's'}`;
}
