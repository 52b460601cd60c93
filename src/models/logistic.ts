import { CORE, writeCore } from './bayes/core-inputs.ts';
import { LabelWeight } from './bayes/label-weight.ts';
import { restoreParts, type Stateful, saveParts } from './bayes/learner-state.ts';
import { SoftmaxFilter } from './bayes/softmax-filter.ts';
import type { Decision, Label, Model } from './model.ts';
import { OnlineScaler } from './online-scaler.ts';
import type { Target } from './target.ts';

export interface LogisticOptions {
  name: string;
  target: Target;
  /** Signals of the row that enter besides imbalance, spread and their product: all of them, or 0. */
  featureCount: number;
  /** Of the rows' schema; null where `featureCount` is 0. */
  schemaHash: string | null;
  /** Prior variance of the bias; by default small where there are only down and up, large where there is a flat class. */
  biasVariance?: number;
  /** Prior variance of the weights of imbalance, spread and their product. */
  coreVariance?: number;
  /** Prior variance of all signals of the row together, shared out evenly. */
  rowVariance?: number;
  forgetting?: number;
  /** What each label counts for, times the number of decisions for which labels overlap; 1 counts each stretch of the market once. */
  temper?: number;
  /** Rows over which inputs are standardised. */
  memory?: number;
  /** Standardised inputs are limited to ± this. */
  clip?: number;
}

/**
 * One setting for every market and target. Of the values tried around them none is better everywhere: the prior has to hold
 * back 30 signals on a few thousand rows, and forgetting over some 30,000 labels to follow a trading day.
 */
const DEFAULTS = {
  /** How often the mid stays where it is differs from market to market. */
  biasVariance: 4,
  /** Where it must go up or down, the two are alike at first sight: a trend has to show itself over many changes. */
  drift: 0.1,
  coreVariance: 1,
  rowVariance: 0.3,
  forgetting: 0.99997,
  temper: 1,
  memory: 20_000,
  clip: 2.5,
} as const;

const KIND = 'logistic';
const VERSION = 1;

/**
 * Online Bayesian logistic regression on standardised signals. A signal that is missing (warming up, or beyond the venue's
 * depth) enters at its mean, as 0, so that it says nothing; the others still count. Signals and weights are learnt from
 * labelled decisions only: the signals of a decision whose label does not exist yet have shaped nothing.
 */
export class LogisticModel implements Model {
  readonly name: string;
  readonly baseline = false;
  readonly schemaHash: string | null;
  readonly #scaler: OnlineScaler;
  readonly #filter: SoftmaxFilter;
  readonly #features: number;
  /** Bias, then the scaled inputs. */
  readonly #x: Float64Array;
  /** The scaled inputs' place in `#x`. */
  readonly #inputs: Float64Array;
  readonly #weight: LabelWeight;
  readonly #parts: readonly Stateful[];

  constructor(options: LogisticOptions) {
    const { target, featureCount } = options;
    this.name = options.name;
    this.schemaHash = options.schemaHash;
    this.#features = featureCount;
    const inputs = CORE + featureCount;
    this.#x = new Float64Array(1 + inputs);
    this.#x[0] = 1;
    this.#inputs = this.#x.subarray(1);
    this.#scaler = new OnlineScaler(inputs, options.memory ?? DEFAULTS.memory, options.clip ?? DEFAULTS.clip);
    const priorVariance = new Float64Array(1 + inputs);
    priorVariance.fill(options.coreVariance ?? DEFAULTS.coreVariance, 1, 1 + CORE);
    if (featureCount > 0) priorVariance.fill((options.rowVariance ?? DEFAULTS.rowVariance) / featureCount, 1 + CORE);
    priorVariance[0] = options.biasVariance ?? (target.classes.length === 2 ? DEFAULTS.drift : DEFAULTS.biasVariance);
    this.#weight = new LabelWeight(options.temper ?? DEFAULTS.temper);
    this.#filter = new SoftmaxFilter({
      classes: target.classes.length,
      priorVariance,
      forgetting: options.forgetting ?? DEFAULTS.forgetting,
    });
    this.#parts = [this.#scaler, this.#filter, this.#weight];
  }

  predict(decision: Decision, out: Float64Array): void {
    this.#raw(decision);
    this.#scaler.scale(this.#inputs, this.#inputs);
    this.#filter.predict(this.#x, out);
  }

  update(decision: Decision, label: Label): void {
    this.#raw(decision);
    this.#scaler.add(this.#inputs);
    this.#scaler.scale(this.#inputs, this.#inputs);
    this.#filter.update(this.#x, label, this.#weight.next(decision.span));
  }

  /** Inputs of `attribute`: the bias, imbalance, spread, imbalance × spread, and the signals of the row. */
  get inputs(): number {
    return this.#x.length;
  }

  /** What each input adds to the logit of class `k` at a decision, and how sure of it the posterior is (`SoftmaxFilter.attribute`). */
  attribute(decision: Decision, k: number, contributions: Float64Array, sds: Float64Array): void {
    this.#raw(decision);
    this.#scaler.scale(this.#inputs, this.#inputs);
    this.#filter.attribute(this.#x, k, contributions, sds);
  }

  /** Widens the posterior of the weights (`SoftmaxFilter.inflate`). The moments of the inputs stay. */
  inflate(factor: number): void {
    this.#filter.inflate(factor);
  }

  save(): Uint8Array {
    return saveParts(KIND, VERSION, this.#parts);
  }

  restore(bytes: Uint8Array): void {
    restoreParts(bytes, KIND, VERSION, this.#parts).commit();
  }

  #raw(decision: Decision): void {
    const inputs = this.#inputs;
    writeCore(decision, inputs);
    const row = decision.row;
    for (let i = 0; i < this.#features; i++) inputs[CORE + i] = row[i];
  }
}
