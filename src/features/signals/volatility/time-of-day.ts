import { NS_PER_DAY, NS_PER_SECOND } from '../../../core/index.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

const NS_PER_HOUR = 3600 * NS_PER_SECOND;
/** Finer than any hour that the market keeps, and sines are dear. */
const STEP_NS = 10 * NS_PER_SECOND;

export const timeOfDay: SignalDefinition = {
  name: 'time_of_day',
  family: 'volatility',
  title: 'Time of day',
  meaning:
    'The venue’s time as a point on the circle of the day, from midnight UTC, and on that of the hour, to ten seconds: volume and volatility have their hours, and much that is scheduled falls on full ones.',
  tex: String.raw`\sin\frac{2\pi\theta}{P},\ \cos\frac{2\pi\theta}{P},\quad \theta = 10\left\lfloor\tfrac{t}{10\,\mathrm{s}}\right\rfloor,\ P = 86400,\ 3600\ \mathrm{s}`,
  formula:
    'sin and cos of 2 pi t / P; t = seconds since midnight UTC by the venue, down to whole tens, P = 86400 s and 3600 s',
  warmup: 'none',
  cost: 'four copies a row; two sines and two cosines every ten seconds',
  source:
    'Andersen and Bollerslev (1997), Intraday periodicity and volatility persistence in financial markets: sines and cosines of the time of day',
  needs: [],
  dependencies: [],
  version: 2,
  columns: () => [
    { name: 'time_of_day_sin', unit: '1', mirror: 'even', ticks: 0, lots: 0, detail: 'day' },
    { name: 'time_of_day_cos', unit: '1', mirror: 'even', ticks: 0, lots: 0, detail: 'day' },
    { name: 'time_of_day_hour_sin', unit: '1', mirror: 'even', ticks: 0, lots: 0, detail: 'hour' },
    { name: 'time_of_day_hour_cos', unit: '1', mirror: 'even', ticks: 0, lots: 0, detail: 'hour' },
  ],
  create: () => new TimeOfDay(),
};

class TimeOfDay implements Signal {
  /** When the ten seconds began that the values are of; it tells nothing that the present time does not. */
  #fromNs = Number.NaN;
  #daySin = Number.NaN;
  #dayCos = Number.NaN;
  #hourSin = Number.NaN;
  #hourCos = Number.NaN;

  write(view: MarketView, out: Float64Array, at: number): void {
    const since = view.eventNs - this.#fromNs;
    if (!(since >= 0 && since < STEP_NS)) this.#measure(view.eventNs);
    out[at] = this.#daySin;
    out[at + 1] = this.#dayCos;
    out[at + 2] = this.#hourSin;
    out[at + 3] = this.#hourCos;
  }

  #measure(eventNs: number): void {
    this.#fromNs = Math.floor(eventNs / STEP_NS) * STEP_NS;
    const day = (2 * Math.PI * this.#fromNs) / NS_PER_DAY;
    const hour = (2 * Math.PI * this.#fromNs) / NS_PER_HOUR;
    this.#daySin = Math.sin(day);
    this.#dayCos = Math.cos(day);
    this.#hourSin = Math.sin(hour);
    this.#hourCos = Math.cos(hour);
  }

  reset(): void {
    this.#fromNs = Number.NaN;
  }
}
