import { BookcastError, decimalStep, NS_PER_DAY, parseDecimal, shown } from '../core/index.ts';
import { type Instrument, instrumentKey, sizeStep } from '../market/index.ts';

/**
 * When rows are taken (`RowSampler`):
 * - `burst`: at the end of each burst, as the forecaster decides;
 * - `event`: after every message that changed the book or traded;
 * - `events`: after the message in which the count of events passed the next multiple of `step`;
 * - `time`: on every multiple of `step` nanoseconds since midnight, on the stream's own clock;
 * - `volume`: after the message in which the traded lots passed the next multiple of `step`;
 * - `mid`: after every message that moved the mid.
 *
 * Counts begin anew with each new book. Plain data.
 */
export interface SamplingClock {
  readonly kind: 'burst' | 'event' | 'events' | 'time' | 'volume' | 'mid';
  /** Events, nanoseconds or lots; 1 for the others. */
  readonly step: number;
  /** As it was asked for: what names the clock in files. */
  readonly text: string;
}

const FORMS =
  'burst, event, mid, events:N (such as events:100), time:MS (milliseconds, such as time:100) or volume:SIZE (such as volume:0.5)';
/** A millisecond with its nanoseconds. */
const MS_STEP = decimalStep('0.000001');
const ONE = decimalStep('1');

/**
 * The clock of a text such as `burst` or `time:100`. A size is in the instrument's own units and becomes whole lots, exactly. Throws
 * `bad-argument` with what was found and the forms that there are.
 */
export function parseClock(text: string, instrument: Instrument): SamplingClock {
  const fail = (what: string): never => {
    throw new BookcastError('bad-argument', `the clock ${shown(text)} ${what}; a clock is ${FORMS}`, { text });
  };
  const [, kind, argument] = /^([^:]*)(?::(.*))?$/s.exec(text) ?? [];
  if (kind === 'burst' || kind === 'event' || kind === 'mid') {
    return argument === undefined ? { kind, step: 1, text } : fail('takes no number');
  }
  if (kind !== 'events' && kind !== 'time' && kind !== 'volume') return fail('is unknown');
  if (argument === undefined) return fail('lacks its number');
  if (kind === 'events') {
    const step = parseDecimal(argument, ONE);
    return step >= 1 ? { kind, step, text } : fail('counts no whole number of events, 1 or more');
  }
  if (kind === 'time') {
    const step = parseDecimal(argument, MS_STEP);
    return step >= 1 && step <= NS_PER_DAY
      ? { kind, step, text }
      : fail('is no time from a nanosecond (time:0.000001) to a day (time:86400000)');
  }
  const step = parseDecimal(argument, sizeStep(instrument));
  return step >= 1
    ? { kind, step, text }
    : fail(`is no whole number of lots of ${instrument.lotSize}, in which ${instrumentKey(instrument)} trades`);
}
