import { assert } from '../core/index.ts';
import type { Attribution, AttributionMethod } from '../models/index.ts';

/** An input of a model, and the family that it is of. */
export interface NamedInput {
  readonly name: string;
  readonly family: string;
}

/** How much inputs count in a model's forecasts, over all those explained. Nats of a class's logit against the mean of all. */
export interface AttributionSummary {
  readonly method: AttributionMethod;
  /** Forecasts explained. */
  readonly forecasts: number;
  /** Mean |attribution| (of all rows of the window together), the largest first: the twenty largest. */
  readonly signals: readonly (NamedInput & { readonly mean: number })[];
  /** Mean |sum over the family's inputs|, the largest first: what cancels within a family does not count. */
  readonly families: readonly { readonly family: string; readonly mean: number }[];
  /** Sum of |what was not accounted for| over the sum of |forecast − baseline|. */
  readonly unaccounted: number;
}

const MOST_SIGNALS = 20;

/** Adds attributions up, one forecast after the other. */
export class MeanAttribution {
  readonly #inputs: readonly NamedInput[];
  readonly #families: readonly string[];
  readonly #familyOf: readonly number[];
  readonly #sums: Float64Array;
  readonly #ofSignals: Float64Array;
  readonly #ofFamilies: Float64Array;
  readonly #ofFamily: Float64Array;
  #forecasts = 0;
  #left = 0;
  #moved = 0;
  #method: AttributionMethod | null = null;

  constructor(inputs: readonly NamedInput[]) {
    this.#inputs = inputs;
    this.#families = [...new Set(inputs.map(({ family }) => family))];
    this.#familyOf = inputs.map(({ family }) => this.#families.indexOf(family));
    this.#sums = new Float64Array(inputs.length);
    this.#ofSignals = new Float64Array(inputs.length);
    this.#ofFamilies = new Float64Array(this.#families.length);
    this.#ofFamily = new Float64Array(this.#families.length);
  }

  add(attribution: Attribution): void {
    assert(attribution.inputs === this.#inputs.length, 'every input has a name');
    attribution.sumOverRows(this.#sums);
    this.#ofFamily.fill(0);
    for (let i = 0; i < this.#sums.length; i++) {
      this.#ofSignals[i] += Math.abs(this.#sums[i]);
      this.#ofFamily[this.#familyOf[i]] += this.#sums[i];
    }
    for (let f = 0; f < this.#ofFamily.length; f++) this.#ofFamilies[f] += Math.abs(this.#ofFamily[f]);
    this.#left += Math.abs(attribution.remainder);
    this.#moved += Math.abs(attribution.value - attribution.baseline);
    this.#method = attribution.method;
    this.#forecasts++;
  }

  /** Null where nothing was added. */
  summary(): AttributionSummary | null {
    if (this.#method === null) return null;
    const signals = this.#inputs.map((input, i) => ({ ...input, mean: this.#ofSignals[i] / this.#forecasts }));
    const families = this.#families.map((family, f) => ({ family, mean: this.#ofFamilies[f] / this.#forecasts }));
    return {
      method: this.#method,
      forecasts: this.#forecasts,
      signals: signals.sort((a, b) => b.mean - a.mean).slice(0, MOST_SIGNALS),
      families: families.sort((a, b) => b.mean - a.mean),
      unaccounted: this.#moved === 0 ? 0 : this.#left / this.#moved,
    };
  }
}
