import type { Decision, Label, Model } from '../../models/index.ts';

/** A model that goes on failing is asked again after 1, 2, 4, … and at last every 1024 decisions. */
const LONGEST_PAUSE = 10;

/**
 * The models of a forecaster, each behind a guard: one that throws, or writes what are no probabilities, is asleep, with the reason, and the
 * others forecast as if it were not there. What it would have said reads as uniform over the classes.
 *
 * - One that writes NaN abstains: it goes on learning, and is awake as soon as it writes probabilities.
 * - One that throws may be in any state: it is told to start over (`reset`, where it has one) and asked again after a pause that doubles each
 *   time, counted in decisions, or at once when the book starts anew or another version stands in its place. It is taught nothing until then.
 */
export class Panel {
  readonly models: readonly Model[];
  readonly #awake: Uint8Array;
  readonly #reasons: (string | null)[];
  /** Throws since it last forecast. */
  readonly #failures: Uint32Array;
  /** The first decision at which one that threw is asked again. */
  readonly #until: Float64Array;
  readonly #versions: (string | undefined)[];
  #next = 0;

  /** Into `awake` and `reasons`, one a model and perhaps more behind, it writes how each model is; null for one that is awake. */
  constructor(models: readonly Model[], awake: Uint8Array, reasons: (string | null)[]) {
    this.models = models;
    this.#awake = awake;
    this.#reasons = reasons;
    this.#failures = new Uint32Array(models.length);
    this.#until = new Float64Array(models.length);
    this.#versions = models.map((model) => model.version);
  }

  /** Writes every model's forecast into `said`. */
  predict(decision: Decision, said: readonly Float64Array[]): void {
    this.#next = decision.index + 1;
    for (let m = 0; m < this.models.length; m++) {
      const out = said[m];
      if (!this.#ask(m, decision, out)) out.fill(1 / out.length);
    }
  }

  /** Teaches every model the label of an earlier decision; `said` is what was written at that decision. */
  update(decision: Decision, label: Label, said: readonly Float64Array[]): void {
    for (let m = 0; m < this.models.length; m++) {
      if (this.#failures[m] > 0) continue;
      try {
        this.models[m].update(decision, label, said[m]);
      } catch (error) {
        this.#fail(m, 'it failed to learn', error, this.#next);
      }
    }
  }

  /** The rows to come do not follow on those before. */
  reset(): void {
    for (let m = 0; m < this.models.length; m++) {
      this.#until[m] = 0;
      try {
        this.models[m].reset?.();
      } catch (error) {
        this.#fail(m, 'it failed to start over', error, this.#next);
      }
    }
  }

  /** True where the model wrote probabilities. */
  #ask(m: number, decision: Decision, out: Float64Array): boolean {
    const model = this.models[m];
    if (model.version !== this.#versions[m]) {
      this.#versions[m] = model.version;
      this.#until[m] = 0;
    }
    if (decision.index < this.#until[m]) return false;
    try {
      if (this.#failures[m] > 0) model.reset?.();
      model.predict(decision, out);
    } catch (error) {
      this.#fail(m, 'it failed to forecast', error, decision.index);
      return false;
    }
    this.#failures[m] = 0;
    const speaks = areProbabilities(out);
    this.#awake[m] = speaks ? 1 : 0;
    this.#reasons[m] = speaks ? null : 'what it wrote are no probabilities';
    return speaks;
  }

  #fail(m: number, what: string, error: unknown, index: number): void {
    this.#awake[m] = 0;
    this.#reasons[m] = `${what}: ${error instanceof Error ? error.message : String(error)}`;
    this.#until[m] = index + 2 ** Math.min(this.#failures[m], LONGEST_PAUSE);
    this.#failures[m]++;
  }
}

/** Finite, none below 0, and not all 0. */
function areProbabilities(values: Float64Array): boolean {
  let sum = 0;
  for (let k = 0; k < values.length; k++) {
    if (!(values[k] >= 0)) return false;
    sum += values[k];
  }
  return sum > 0 && sum < Number.POSITIVE_INFINITY;
}
