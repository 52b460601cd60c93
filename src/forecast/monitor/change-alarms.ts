import { assert } from '../../core/index.ts';

export interface ChangeAlarm {
  readonly tsNs: number;
  readonly probability: number;
}

export interface ChangeSnapshot {
  readonly alarms: number;
  /** The last ones, oldest first. */
  readonly last: readonly ChangeAlarm[];
  /** What the detector said last; null before it said anything. */
  readonly probability: number | null;
}

const KEPT = 32;

/**
 * Alarms from the probability of a change that a detector gives: one when it reaches `alarmAt`, none again until it has fallen
 * below `rearmAt`, so that one change is told once.
 */
export class ChangeAlarms {
  readonly #alarmAt: number;
  readonly #rearmAt: number;
  readonly #ts = new Float64Array(KEPT);
  readonly #probability = new Float64Array(KEPT);
  #count = 0;
  #armed = true;
  #latest = Number.NaN;

  constructor(alarmAt: number, rearmAt: number) {
    assert(rearmAt > 0 && rearmAt <= alarmAt && alarmAt <= 1, 'an alarm rearms below where it sounds');
    this.#alarmAt = alarmAt;
    this.#rearmAt = rearmAt;
  }

  /** True where this one sounds the alarm. */
  add(tsNs: number, probability: number): boolean {
    this.#latest = probability;
    if (probability < this.#rearmAt) this.#armed = true;
    if (!this.#armed || !(probability >= this.#alarmAt)) return false;
    this.#armed = false;
    this.#ts[this.#count % KEPT] = tsNs;
    this.#probability[this.#count % KEPT] = probability;
    this.#count++;
    return true;
  }

  snapshot(): ChangeSnapshot {
    const last: ChangeAlarm[] = [];
    for (let i = Math.max(0, this.#count - KEPT); i < this.#count; i++) {
      last.push({ tsNs: this.#ts[i % KEPT], probability: this.#probability[i % KEPT] });
    }
    return { alarms: this.#count, last, probability: Number.isNaN(this.#latest) ? null : this.#latest };
  }
}
