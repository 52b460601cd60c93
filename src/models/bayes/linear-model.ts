import type { ContinuousTarget } from '../continuous-target.ts';
import type { Outcome } from '../continuous-target-stream.ts';
import type { Decision } from '../model.ts';
import { OnlineScaler } from '../online-scaler.ts';
import { CORE, writeCore } from './core-inputs.ts';
import { LabelWeight } from './label-weight.ts';
import { restoreParts, type Stateful, saveParts } from './learner-state.ts';
import { LinearFilter } from './linear-filter.ts';

export interface LinearModelOptions {
  readonly name: string;
  readonly target: ContinuousTarget;
  /** Signals of the row that enter besides imbalance, spread and their product: all of them, or 0. */
  readonly featureCount: number;
  /** What enters: nothing but the mean, the outcome known last besides, or the row. */
  readonly inputs: 'mean' | 'last' | 'row';
}

/** As those of `LogisticModel`: the prior holds back 30 signals on a few thousand rows, and forgetting follows a trading day. */
const SETTINGS = { bias: 4, core: 1, row: 0.3, forgetting: 0.99997, temper: 1, memory: 20_000, clip: 2.5 } as const;

const KIND = 'linear';
const VERSION = 1;

/**
 * Online Bayesian linear regression of a number on standardised signals (`LinearFilter`), whose forecast is a Student t. Signals and weights are learnt from
 * decisions whose outcome exists, alone; outcomes that overlap count once together. The same model on fewer inputs is the baseline without skill:
 * the mean and spread of past outcomes, and a regression on the last one.
 */
export class LinearModel {
  readonly name: string;
  /** True for a model without skill by construction: it looks at past outcomes alone. */
  readonly baseline: boolean;
  readonly #filter: LinearFilter;
  readonly #scaler: OnlineScaler;
  readonly #weight = new LabelWeight(SETTINGS.temper);
  readonly #parts: readonly Stateful[];
  readonly #features: number;
  readonly #row: boolean;
  /** The number of this very moment is known, and stands for the last outcome: an imbalance. */
  readonly #seen: boolean;
  /** Bias, then the scaled inputs. */
  readonly #x: Float64Array;
  readonly #inputs: Float64Array;
  /** Imbalance, spread and their product, among them. */
  readonly #core: Float64Array;

  constructor({ name, target, featureCount, inputs }: LinearModelOptions) {
    this.name = name;
    this.baseline = inputs !== 'row';
    this.#row = inputs === 'row';
    this.#seen = target.what === 'imbalance';
    this.#features = featureCount;
    const count = inputs === 'mean' ? 0 : inputs === 'last' ? 1 : 1 + CORE + featureCount;
    this.#x = new Float64Array(1 + count);
    this.#x[0] = 1;
    this.#inputs = this.#x.subarray(1);
    this.#core = this.#x.subarray(2, 2 + CORE);
    const priorVariance = new Float64Array(1 + count).fill(SETTINGS.core);
    priorVariance[0] = SETTINGS.bias;
    if (featureCount > 0 && inputs === 'row') priorVariance.fill(SETTINGS.row / featureCount, 2 + CORE);
    this.#filter = new LinearFilter({ priorVariance, forgetting: SETTINGS.forgetting });
    this.#scaler = new OnlineScaler(count, SETTINGS.memory, SETTINGS.clip);
    this.#parts = [this.#filter, this.#scaler, this.#weight];
  }

  /** Location, scale and degrees of freedom of the forecast, into `out[0, 3)`; `last` is the outcome known last, NaN where there is none. */
  predict(decision: Decision, last: number, out: Float64Array): void {
    this.#raw(decision, last);
    this.#scaler.scale(this.#inputs, this.#inputs);
    this.#filter.predict(this.#x, out);
  }

  /** The outcome of an earlier decision exists; `last` as it was told at that decision. */
  update(decision: Decision, last: number, outcome: Outcome): void {
    this.#raw(decision, last);
    this.#scaler.add(this.#inputs);
    this.#scaler.scale(this.#inputs, this.#inputs);
    this.#filter.update(this.#x, outcome, this.#weight.next(decision.span));
  }

  save(): Uint8Array {
    return saveParts(KIND, VERSION, this.#parts);
  }

  restore(bytes: Uint8Array): void {
    restoreParts(bytes, KIND, VERSION, this.#parts).commit();
  }

  #raw(decision: Decision, last: number): void {
    const inputs = this.#inputs;
    if (inputs.length === 0) return;
    inputs[0] = this.#seen ? decision.imbalance : last;
    if (!this.#row) return;
    writeCore(decision, this.#core);
    for (let i = 0; i < this.#features; i++) inputs[1 + CORE + i] = decision.row[i];
  }
}
