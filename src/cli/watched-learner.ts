import { MeanAttribution, type MemberExplanation } from '../evaluate/index.ts';
import { learnerInputs } from '../forecast/index.ts';
import { Attribution, type Decision, type Label, type Model, OnlineExplainer } from '../models/index.ts';

type Attributable = ConstructorParameters<typeof OnlineExplainer>[0];

/** A learner that is explained while it walks, as it is at each of some rows: later it would know more. */
export class WatchedLearner implements Model {
  readonly name: string;
  readonly baseline = false;
  readonly #own: Model;
  readonly #explainer: OnlineExplainer;
  readonly #out: Attribution;
  readonly #mean: MeanAttribution;
  /** Rising. */
  readonly #rows: Int32Array;
  #next = 0;

  /** `columns`: of a row, with their families. `rows`: those to explain, by number, rising. */
  constructor(own: Model & Attributable, columns: Parameters<typeof learnerInputs>[0], rows: Int32Array) {
    this.name = own.name;
    this.#own = own;
    this.#explainer = new OnlineExplainer(own);
    this.#out = new Attribution(1, this.#explainer.inputs);
    this.#mean = new MeanAttribution(learnerInputs(columns).slice(0, this.#explainer.inputs));
    this.#rows = rows;
  }

  /** Null where a model does not attribute what it says. */
  static of(model: Model, columns: Parameters<typeof learnerInputs>[0], rows: Int32Array): WatchedLearner | null {
    if (!('attribute' in model && 'inputs' in model)) return null;
    return new WatchedLearner(model as Model & Attributable, columns, rows);
  }

  get schemaHash(): string | null {
    return this.#own.schemaHash;
  }

  predict(decision: Decision, out: Float64Array): void {
    this.#own.predict(decision, out);
    if (decision.index !== this.#rows[this.#next]) return;
    this.#explainer.explain(decision, out, this.#next % out.length, this.#out);
    this.#mean.add(this.#out);
    this.#next++;
  }

  update(decision: Decision, label: Label, probabilities: Float64Array): void {
    this.#own.update(decision, label, probabilities);
  }

  reset(): void {
    this.#own.reset?.();
  }

  explanation(): MemberExplanation {
    const attributions = this.#mean.summary();
    return { member: this.name, attributions, permutation: null, shapley: null, attention: null };
  }
}
