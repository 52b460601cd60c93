import { type Clock, dayOfEpochMs, NS_PER_DAY, NS_PER_MS, NS_PER_SECOND } from '../core/index.ts';

/** How often the wall clock is compared with the monotonic one, and from how far apart they were set, not drifted. */
const COMPARE_EVERY_NS = NS_PER_SECOND;
const JUMP_NS = NS_PER_SECOND;

/**
 * The time of receipt: ns since UTC midnight of `day`, from the wall clock once and from the monotonic clock ever after, so that
 * it never goes back. A wall clock that is set forward is followed; one that is set back is not. Either is told once.
 */
export class ReceiveClock {
  readonly day: number;
  /** The monotonic clock at the last reading: what durations are measured by. */
  monotonicNs: number;
  readonly #clock: Clock;
  readonly #onJump: (line: string) => void;
  #anchorNs: number;
  #anchorMonotonicNs: number;
  #comparedNs: number;
  /** How far the wall clock is known to be behind, because it was set back. */
  #behindNs = 0;

  constructor(clock: Clock, day: number | undefined, onJump: (line: string) => void) {
    this.#clock = clock;
    this.#onJump = onJump;
    this.day = day ?? dayOfEpochMs(clock.nowMs());
    this.monotonicNs = clock.monotonicNs();
    this.#anchorMonotonicNs = this.#comparedNs = this.monotonicNs;
    this.#anchorNs = this.#wallNs();
  }

  /** Milliseconds since 1970 by the wall clock, for signatures. */
  epochMs(): number {
    return this.#clock.nowMs();
  }

  now(): number {
    const monotonicNs = this.#clock.monotonicNs();
    this.monotonicNs = monotonicNs;
    if (monotonicNs - this.#comparedNs >= COMPARE_EVERY_NS) this.#compare(monotonicNs);
    return this.#anchorNs + (monotonicNs - this.#anchorMonotonicNs);
  }

  #compare(monotonicNs: number): void {
    this.#comparedNs = monotonicNs;
    const expectedNs = this.#anchorNs + (monotonicNs - this.#anchorMonotonicNs);
    const aheadNs = this.#wallNs() - expectedNs;
    const jumpedNs = aheadNs + this.#behindNs;
    if (Math.abs(jumpedNs) <= JUMP_NS) return;
    const seconds = (Math.abs(jumpedNs) / NS_PER_SECOND).toFixed(1);
    if (aheadNs > 0) {
      this.#anchorNs = expectedNs + aheadNs;
      this.#anchorMonotonicNs = monotonicNs;
      this.#behindNs = 0;
      this.#onJump(`the machine's clock was set forward by ${seconds} s; times of receipt follow it from here on`);
    } else {
      this.#behindNs = -aheadNs;
      const way = jumpedNs < 0 ? 'back' : 'forward';
      this.#onJump(`the machine's clock was set ${way} by ${seconds} s; times of receipt go on as before`);
    }
  }

  #wallNs(): number {
    // In milliseconds first: nanoseconds since 1970 are more than a float holds.
    return (this.#clock.nowMs() - this.day * (NS_PER_DAY / NS_PER_MS)) * NS_PER_MS;
  }
}
