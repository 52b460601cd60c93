import type { Decision, Label, Model } from '../models/index.ts';

/**
 * A model that sleeps until a gate opens: until then it says nothing (NaN, which a forecaster takes as an abstention), is asked nothing and learns nothing, not even
 * afterwards of what was decided before.
 */
export class WakingModel implements Model {
  readonly name: string;
  readonly baseline: boolean;
  readonly schemaHash: string | null;
  readonly #inner: Model;
  readonly #gate: { readonly open: boolean };
  /** The first decision that it was asked about. */
  #first = Number.POSITIVE_INFINITY;

  constructor(inner: Model, gate: { readonly open: boolean }) {
    this.name = inner.name;
    this.baseline = inner.baseline;
    this.schemaHash = inner.schemaHash;
    this.#inner = inner;
    this.#gate = gate;
  }

  predict(decision: Decision, out: Float64Array): void {
    if (!this.#gate.open) {
      out.fill(Number.NaN);
      return;
    }
    this.#first = Math.min(this.#first, decision.index);
    this.#inner.predict(decision, out);
  }

  update(decision: Decision, label: Label, probabilities: Float64Array): void {
    if (decision.index >= this.#first) this.#inner.update(decision, label, probabilities);
  }

  reset(): void {
    this.#inner.reset?.();
  }
}
