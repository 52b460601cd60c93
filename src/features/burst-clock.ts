import { assert } from '../core/index.ts';

/**
 * Tells where a burst of messages ends. Decisions fall there and never inside: what a matching engine emits for one order
 * arrives as several messages, and forecasting the rest of a burst from its first message flatters every score.
 *
 * A burst ends once time has moved on and nothing arrived for `quietNs`; with 0 it is the messages of one timestamp.
 * Whoever holds the clock gives it every message but the BBO ones, in order of arrival.
 */
export class BurstClock {
  readonly quietNs: number;
  #lastNs = Number.NaN;

  constructor(quietNs: number) {
    assert(quietNs >= 0, 'quietNs is not negative');
    this.quietNs = quietNs;
  }

  /**
   * Call before applying a message: true where the state as of the previous message was the end of a burst. A time that
   * went back ends no burst.
   */
  endsBefore(tsNs: number): boolean {
    const elapsedNs = tsNs - this.#lastNs;
    this.#lastNs = tsNs;
    return elapsedNs > 0 && elapsedNs >= this.quietNs;
  }

  reset(): void {
    this.#lastNs = Number.NaN;
  }
}
