import { NS_PER_MS, NS_PER_SECOND } from '../core/index.ts';

/** Seconds kept, a power of two; rates are of the last `RATE_SECONDS` whole ones, the skew of the last minute. */
const KEPT = 64;
const RATE_SECONDS = 10;
const SKEW_SECONDS = 60;

/** Counts what arrives, second by second, in constant memory. Times are of receipt, ns. */
export class Meter {
  readonly #messages = new Float64Array(KEPT);
  readonly #events = new Float64Array(KEPT);
  readonly #bytes = new Float64Array(KEPT);
  /** The shortest delay from the venue's time to ours in that second, ns; infinite where there was none. */
  readonly #delayNs = new Float64Array(KEPT).fill(Number.POSITIVE_INFINITY);
  #second = Number.NaN;
  #firstSecond = Number.NaN;

  message(recvNs: number, events: number, delayNs: number): void {
    const at = this.#at(recvNs);
    this.#messages[at]++;
    this.#events[at] += events;
    if (delayNs < this.#delayNs[at]) this.#delayNs[at] = delayNs;
  }

  bytes(recvNs: number, bytes: number): void {
    this.#bytes[this.#at(recvNs)] += bytes;
  }

  /** A second, as of `nowNs`. */
  rates(nowNs: number): { messages: number; events: number; bytes: number } {
    const now = this.#at(nowNs);
    const seconds = Math.min(RATE_SECONDS, this.#second - this.#firstSecond);
    if (seconds === 0) return { messages: this.#messages[now], events: this.#events[now], bytes: this.#bytes[now] };
    const perSecond = (column: Float64Array): number => {
      let sum = 0;
      for (let k = 1; k <= seconds; k++) sum += column[(this.#second - k) & (KEPT - 1)];
      return sum / seconds;
    };
    return { messages: perSecond(this.#messages), events: perSecond(this.#events), bytes: perSecond(this.#bytes) };
  }

  /** The shortest delay of the last minute, ms; null where nothing told. */
  skewMs(nowNs: number): number | null {
    this.#at(nowNs);
    let least = Number.POSITIVE_INFINITY;
    for (let k = 0; k < SKEW_SECONDS; k++) least = Math.min(least, this.#delayNs[(this.#second - k) & (KEPT - 1)]);
    return Number.isFinite(least) ? least / NS_PER_MS : null;
  }

  /** The place of a time's second, with the seconds before it that had nothing emptied. */
  #at(ns: number): number {
    const second = Math.floor(ns / NS_PER_SECOND);
    if (second === this.#second) return second & (KEPT - 1);
    if (Number.isNaN(this.#second)) this.#firstSecond = second;
    const from = Number.isNaN(this.#second) ? second : Math.max(this.#second + 1, second - KEPT + 1);
    for (let s = from; s <= second; s++) {
      const at = s & (KEPT - 1);
      this.#messages[at] = this.#events[at] = this.#bytes[at] = 0;
      this.#delayNs[at] = Number.POSITIVE_INFINITY;
    }
    this.#second = second;
    return second & (KEPT - 1);
  }
}
