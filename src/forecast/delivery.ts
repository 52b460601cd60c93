import type { Decision, Label } from '../models/index.ts';
import { type AbstentionRule, Cause } from './conformal/abstention-rule.ts';
import type { ConformalSets } from './conformal/conformal-sets.ts';
import type { PredictionSet } from './conformal/prediction-set.ts';
import type { ForecastMonitor } from './monitor/forecast-monitor.ts';

export interface DeliveryOptions {
  /** Gives each served forecast a set of classes, and learns from the sets that were given. */
  sets?: ConformalSets;
  /** Withholds a forecast that is better not acted upon. */
  abstention?: AbstentionRule;
  /** Is told every served forecast and its outcome; changes none. */
  monitor?: ForecastMonitor;
}

/** How a forecast is given out once it is made: with a set of classes, or withheld with a reason, and under the eyes of a monitor. */
export class Delivery {
  /** Of the forecast at hand; null where no sets are made. Reused. */
  readonly set: PredictionSet | null;
  readonly #sets: ConformalSets | null;
  readonly #rule: AbstentionRule | null;
  readonly #monitor: ForecastMonitor | null;

  constructor({ sets, abstention, monitor }: DeliveryOptions) {
    this.#sets = sets ?? null;
    this.#rule = abstention ?? null;
    this.#monitor = monitor ?? null;
    this.set = this.emptySet();
  }

  /** For whoever keeps the set of a decision until its label exists. */
  emptySet(): PredictionSet | null {
    return this.#sets?.emptySet() ?? null;
  }

  /** A forecast was made at the end of a burst, of a book that is up to date. Returns why it is withheld, null where it is given out. */
  deliver(index: number, row: Float64Array, probabilities: Float64Array): string | null {
    if (this.set !== null) this.#sets?.predict(index, probabilities, this.set);
    const causes = this.#rule?.causes(this.set, 0, row) ?? 0;
    this.#monitor?.onForecast(row, causes);
    return causes === 0 || this.#rule === null ? null : this.#rule.reason(this.set, 0, row);
  }

  /** There is no forecast, and so no set. */
  none(): void {
    if (this.set !== null) this.set.size = 0;
  }

  /** Why the last forecast no longer holds, `ageNs` after the last message was received; null where it does. */
  expired(ageNs: number, row: Float64Array): string | null {
    const stale = ((this.#rule?.causes(this.set, ageNs, row) ?? 0) & Cause.STALE) !== 0;
    return stale && this.#rule !== null ? this.#rule.reason(this.set, ageNs, row) : null;
  }

  /** The label of an earlier forecast exists; `set` is the one that it was given, and what it was. */
  settle(probabilities: Float64Array, set: PredictionSet | null, label: Label, decision: Decision): void {
    if (set !== null) this.#sets?.learn(set, label);
    this.#monitor?.onOutcome(probabilities, set, label, decision);
  }
}
