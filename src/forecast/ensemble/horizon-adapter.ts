import {
  type Decision,
  emptyDecision,
  formatTarget,
  type Label,
  type Model,
  SoftmaxFilter,
  type Target,
  TargetStream,
} from '../../models/index.ts';
import { LEAST_PROBABILITY } from './weighted-pool.ts';

export interface HorizonAdapterOptions {
  /** Forecasts another target. One that learns online is taught that target's labels here. */
  member: Model;
  /** What the member forecasts. */
  from: Target;
  /** What is to be forecast. */
  to: Target;
  /** λ of the map. Default: that of the desk's online model, some 30,000 labels. */
  forgetting?: number;
}

/** Of the bias and of each of the member's log-probabilities: the map of the same target, one, is within one deviation. */
const PRIOR_VARIANCE = 1;
const FORGETTING = 0.99997;

/**
 * A forecast of one target made of a forecast of another, such as of 10 decision points ahead from 50: an online softmax regression of our
 * label on the member's log-probabilities about their mean. So a member of any horizon can take part in an ensemble. What the member said at a
 * decision is kept until that decision's label exists; it forecasts where the member does, and abstains (NaN) with it.
 */
export class HorizonAdapter implements Model {
  readonly name: string;
  readonly baseline = false;
  readonly member: Model;
  readonly #stream: TargetStream | null;
  readonly #filter: SoftmaxFilter;
  /** The decision as the member's own target sees it. */
  readonly #own: Decision = emptyDecision(new Float64Array(0));
  readonly #said: Float64Array;
  /** What the member said at its own undecided decisions, by slot. */
  readonly #pending: Float64Array[] = [];
  readonly #x: Float64Array;
  /** Inputs at the last decisions, a ring by index; `#index` says of which decision, −1 where the member was silent. */
  readonly #inputs: Float64Array[];
  readonly #index: Float64Array;
  #spanSum = 0;
  #labels = 0;

  constructor({ member, from, to, forgetting = FORGETTING }: HorizonAdapterOptions) {
    this.member = member;
    this.name = `${member.name}@${formatTarget(from)}`;
    // A trained model learns nothing more.
    this.#stream = member.version === undefined ? new TargetStream(from) : null;
    this.#said = new Float64Array(from.classes.length);
    const inputs = 1 + from.classes.length;
    this.#x = new Float64Array(inputs);
    this.#filter = new SoftmaxFilter({
      classes: to.classes.length,
      priorVariance: new Float64Array(inputs).fill(PRIOR_VARIANCE),
      forgetting,
    });
    const { capacity } = new TargetStream(to);
    this.#index = new Float64Array(capacity).fill(-1);
    const memory = new Float64Array(capacity * inputs);
    this.#inputs = Array.from({ length: capacity }, (_, i) => memory.subarray(i * inputs, (i + 1) * inputs));
  }

  get schemaHash(): string | null {
    return this.member.schemaHash;
  }

  predict(decision: Decision, out: Float64Array): void {
    const own = Object.assign(this.#own, decision);
    own.lastLabel = -1;
    const slot = this.#stream?.onDecision(own, this.#teach) ?? -1;
    this.member.predict(own, this.#said);
    if (slot >= 0) {
      this.#pending[slot] ??= new Float64Array(this.#said.length);
      this.#pending[slot].set(this.#said);
    }
    const at = decision.index % this.#index.length;
    this.#index[at] = -1;
    if (!this.#read()) {
      out.fill(Number.NaN);
      return;
    }
    this.#index[at] = decision.index;
    this.#inputs[at].set(this.#x);
    this.#filter.predict(this.#x, out);
  }

  update(decision: Decision, label: Label): void {
    this.#spanSum += decision.span;
    this.#labels++;
    const at = decision.index % this.#index.length;
    if (this.#index[at] !== decision.index) return;
    this.#filter.update(this.#inputs[at], label, Math.min(1, this.#labels / this.#spanSum));
  }

  reset(): void {
    this.#stream?.reset();
    this.member.reset?.();
  }

  readonly #teach = (slot: number, decision: Decision, label: Label): void => {
    this.member.update(decision, label, this.#pending[slot]);
  };

  /** The member's forecast as inputs of the map; false where it is none. */
  #read(): boolean {
    const x = this.#x;
    let sum = 0;
    for (let k = 0; k < this.#said.length; k++) {
      x[1 + k] = Math.log(Math.max(this.#said[k], LEAST_PROBABILITY));
      sum += x[1 + k];
    }
    if (!(sum - sum === 0)) return false;
    x[0] = 1;
    for (let k = 0; k < this.#said.length; k++) x[1 + k] -= sum / this.#said.length;
    return true;
  }
}
