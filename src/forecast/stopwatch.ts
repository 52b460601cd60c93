import type { Clock } from '../core/index.ts';
import type { ForecastMonitor } from './monitor/forecast-monitor.ts';

/** What a decision takes time for: the row of signals, learning from the labels that exist by now, and the forecast. */
export const STAGES = ['signals', 'learning', 'forecast'] as const;

/** Tells a monitor how long each stage of a decision took. No forecast depends on it. */
export class Stopwatch {
  readonly #clock: Clock;
  readonly #monitor: ForecastMonitor;
  /** The monitor's number of each stage; −1 for one that it does not time. */
  readonly #numbers: readonly number[];
  #sinceNs = 0;

  constructor(clock: Clock, monitor: ForecastMonitor) {
    this.#clock = clock;
    this.#monitor = monitor;
    this.#numbers = STAGES.map((name) => monitor.stages.indexOf(name));
  }

  start(): void {
    this.#sinceNs = this.#clock.monotonicNs();
  }

  /** Stage number `stage` of `STAGES` ends, and the next begins. */
  lap(stage: number): void {
    const nowNs = this.#clock.monotonicNs();
    if (this.#numbers[stage] >= 0) this.#monitor.onLatency(this.#numbers[stage], nowNs - this.#sinceNs);
    this.#sinceNs = nowNs;
  }
}
