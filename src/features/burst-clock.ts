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
  /** The end of the present burst was told already, by `endedBy`. */
  #told = false;

  constructor(quietNs: number) {
    assert(quietNs >= 0, 'quietNs is not negative');
    this.quietNs = quietNs;
  }

  /**
   * Call before applying a message: true where the state as of the previous message was the end of a burst, and `endedBy`
   * has not said so. A time that went back ends no burst.
   */
  endsBefore(tsNs: number): boolean {
    const ended = !this.#told && this.#isOver(tsNs);
    this.#lastNs = tsNs;
    this.#told = false;
    return ended;
  }

  /**
   * For live streams, where nothing to come can be earlier than `nowNs`: true, once a burst, where the burst is over. The
   * very bursts end that `endsBefore` would end later, only sooner.
   */
  endedBy(nowNs: number): boolean {
    if (this.#told || !this.#isOver(nowNs)) return false;
    this.#told = true;
    return true;
  }

  #isOver(tsNs: number): boolean {
    const elapsedNs = tsNs - this.#lastNs;
    return elapsedNs > 0 && elapsedNs >= this.quietNs;
  }

  reset(): void {
    this.#lastNs = Number.NaN;
    this.#told = false;
  }
}
