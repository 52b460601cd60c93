import { assert } from '../../core/index.ts';
import type { Decision, Label, Model } from '../../models/index.ts';
import type { Combiner } from './combiner.ts';
import { WeightHistory } from './weight-history.ts';

/**
 * The place of a combiner among a forecaster's models: the last, so that it is served. It is part of one forecaster, whose members' forecasts
 * it pools where they stand, and stays asleep with them: awake while one of them is.
 */
export class Ensemble implements Model {
  readonly name = 'ensemble';
  readonly baseline = false;
  readonly schemaHash = null;
  readonly combiner: Combiner;
  /** Weights at the forecasts so far: the members' in order, then the equal pool's. */
  readonly history: WeightHistory;
  readonly #said: readonly Float64Array[];
  readonly #awake: Uint8Array;
  readonly #members: readonly Model[];

  /** `said` and `awake` are what the forecaster writes the forecasts of `members` into. */
  constructor(combiner: Combiner, members: readonly Model[], said: readonly Float64Array[], awake: Uint8Array) {
    assert(combiner.weights.length === said.length + 1, 'a combiner is made for as many members as there are models');
    this.combiner = combiner;
    this.#members = members;
    this.#said = said;
    this.#awake = awake;
    this.history = new WeightHistory(combiner.weights.length);
  }

  predict(decision: Decision, out: Float64Array): void {
    this.combiner.combine(this.#said, this.#awake, out);
    this.history.add(decision.index, this.combiner.weights);
  }

  /** Nothing: what it learns from is what its members said, see `settle`. */
  update(): void {}

  /** What one of its members was trained on is no forecast of the pool's either. */
  learntAt(instrument: string, day: number, tsNs: number): boolean {
    return this.#members.some((model) => model.learntAt?.(instrument, day, tsNs) === true);
  }

  /** An earlier decision met its outcome: `said` and `awake` are the members' at that decision. */
  settle(said: readonly Float64Array[], awake: Uint8Array, decision: Decision, label: Label): void {
    this.combiner.settle(said, awake, label, decision.span);
  }
}
