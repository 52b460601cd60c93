import { ANY_LENGTH, assert, packBytes, unpackBytes } from '../../core/index.ts';
import type { Decision, Label, Model } from '../model.ts';
import { OnlineScaler } from '../online-scaler.ts';
import type { Target } from '../target.ts';
import { defaultCapacity } from '../undecided.ts';
import { CORE, writeCore } from './core-inputs.ts';
import { LabelWeight } from './label-weight.ts';
import { restoreParts, type Stateful, saveParts } from './learner-state.ts';
import { PendingNotes } from './pending-notes.ts';
import { SoftmaxFilter } from './softmax-filter.ts';

export interface EmbeddedOptions {
  name: string;
  target: Target;
  /** The model to learn on, such as a trained net. */
  inner: Model;
  /** Signals of the row that enter besides: all of them, or 0. */
  featureCount: number;
  /** Of the rows' schema; null where neither this model nor the inner one reads rows. */
  schemaHash: string | null;
  /** Prior variance of the bias. */
  biasVariance?: number;
  /** Prior variance of imbalance, spread, their product and all signals together, shared out evenly. */
  rowVariance?: number;
  /** Prior variance of the weights of the inner model's centred log-probabilities. */
  saidVariance?: number;
  /** Prior variance of the inner model's embedding as a whole, shared out evenly. */
  embeddingVariance?: number;
  forgetting?: number;
  /** What each label counts for, times the number of decisions for which labels overlap. */
  temper?: number;
  /** Rows over which inputs are standardised. */
  memory?: number;
  /** Standardised inputs and centred log-probabilities are limited to ± this. */
  clip?: number;
  /** Most undecided decisions: as many as the `TargetStream` keeps. */
  capacity?: number;
}

const DEFAULTS = {
  biasVariance: 0.05,
  rowVariance: 0.05,
  saidVariance: 0.01,
  embeddingVariance: 0.05,
  forgetting: 0.99997,
  temper: 1,
  memory: 20_000,
  clip: 4,
} as const;

const KIND = 'embedded';
const VERSION = 1;

/** The least probability that a logarithm is taken of. */
const LEAST = 1e-12;

/**
 * Learns online on top of another model, which stays as it is: a recursive Bayesian softmax regression whose offset is what the inner model says,
 * as log-probabilities, and whose inputs are the signals, the inner model's embedding where it has one, and its log-probabilities once
 * more, centred, so that it can be sharpened or held back class by class. Untaught it says very nearly what the inner model says; it has to learn
 * only what that one gets wrong today (Titsias et al., "Kalman filter for online classification of non-stationary data", 2023, learn
 * on a net's representation in this way).
 *
 * What the inner model said is noted at the decision and learnt from when the label exists: a model that looks back on rows cannot be asked again
 * about an earlier one. A label without a note (its decision was made before this model saw the stream) is left out and counted.
 */
export class EmbeddedModel implements Model {
  readonly name: string;
  readonly baseline = false;
  readonly schemaHash: string | null;
  /** What it learns on; served models have a version of their own. */
  readonly inner: Model;
  readonly #filter: SoftmaxFilter;
  readonly #scaler: OnlineScaler;
  readonly #weight: LabelWeight;
  /** Of each decision: the inner model's embedding, then its probabilities. */
  readonly #notes: PendingNotes;
  readonly #parts: readonly Stateful[];
  readonly #features: number;
  readonly #embedded: number;
  readonly #classes: number;
  readonly #clip: number;
  /** Bias, scaled inputs (core, row, embedding), centred log-probabilities. */
  readonly #x: Float64Array;
  readonly #scaled: Float64Array;
  readonly #centred: Float64Array;
  readonly #said: Float64Array;
  readonly #offset: Float64Array;

  constructor(options: EmbeddedOptions) {
    const { inner, target, featureCount } = options;
    const settings = { ...DEFAULTS, ...options };
    const sameRows = inner.schemaHash === null || inner.schemaHash === options.schemaHash;
    assert(sameRows, 'the inner model reads the same rows as the one around it');
    this.name = options.name;
    this.schemaHash = options.schemaHash;
    this.inner = inner;
    this.#features = featureCount;
    this.#embedded = inner.embedding?.length ?? 0;
    this.#classes = target.classes.length;
    this.#clip = settings.clip;
    const rows = CORE + featureCount;
    const scaled = rows + this.#embedded;
    const variances = new Float64Array(1 + scaled + this.#classes);
    variances[0] = settings.biasVariance;
    variances.fill(settings.rowVariance / rows, 1, 1 + rows);
    variances.fill(settings.embeddingVariance / Math.max(1, this.#embedded), 1 + rows, 1 + scaled);
    variances.fill(settings.saidVariance, 1 + scaled);
    this.#x = new Float64Array(variances.length);
    this.#x[0] = 1;
    this.#scaled = this.#x.subarray(1, 1 + scaled);
    this.#centred = this.#x.subarray(1 + scaled);
    this.#said = new Float64Array(this.#classes);
    this.#offset = new Float64Array(this.#classes);
    const { forgetting, memory, clip, temper } = settings;
    this.#filter = new SoftmaxFilter({ classes: this.#classes, priorVariance: variances, forgetting });
    this.#scaler = new OnlineScaler(scaled, memory, clip);
    this.#weight = new LabelWeight(temper);
    this.#notes = new PendingNotes(options.capacity ?? defaultCapacity(target), this.#embedded + this.#classes);
    this.#parts = [this.#scaler, this.#filter, this.#weight, this.#notes];
  }

  /** Labels that came without a note. */
  get skipped(): number {
    return this.#notes.missed;
  }

  predict(decision: Decision, out: Float64Array): void {
    const { values } = this.#notes;
    const said = this.#said;
    this.inner.predict(decision, said);
    const at = this.#notes.put(decision.index);
    const { embedding } = this.inner;
    for (let i = 0; i < this.#embedded; i++) values[at + i] = embedding![i];
    for (let k = 0; k < this.#classes; k++) values[at + this.#embedded + k] = said[k];
    this.#raw(decision, at);
    this.#scaler.scale(this.#scaled, this.#scaled);
    this.#filter.predict(this.#x, out, this.#offset);
  }

  update(decision: Decision, label: Label): void {
    const at = this.#notes.find(decision.index);
    if (at < 0) return;
    this.#raw(decision, at);
    this.#scaler.add(this.#scaled);
    this.#scaler.scale(this.#scaled, this.#scaled);
    this.#filter.update(this.#x, label, this.#weight.next(decision.span), this.#offset);
    this.inner.update(decision, label, this.#said);
  }

  reset(): void {
    this.inner.reset?.();
  }

  /** Widens the posterior of the weights (`SoftmaxFilter.inflate`): it moves back towards what the inner model says. */
  inflate(factor: number): void {
    this.#filter.inflate(factor);
  }

  /**
   * What was learnt here, with the inner model's own state where that one saves itself. One that only looks back on rows does not: its
   * window fills again.
   */
  save(): Uint8Array {
    const inner = this.inner.save?.() ?? new Uint8Array(0);
    return saveParts(KIND, VERSION, this.#parts, [packBytes(inner)]);
  }

  restore(bytes: Uint8Array): void {
    const { extra, commit } = restoreParts(bytes, KIND, VERSION, this.#parts, [ANY_LENGTH]);
    const inner = unpackBytes(extra[0]);
    if (inner.length > 0) this.inner.restore?.(inner);
    commit();
  }

  /** Unscaled inputs, offset and what was said, of a decision whose note stands at `at`. */
  #raw(decision: Decision, at: number): void {
    const { values } = this.#notes;
    const scaled = this.#scaled;
    const rows = CORE + this.#features;
    writeCore(decision, scaled);
    for (let i = 0; i < this.#features; i++) scaled[CORE + i] = decision.row[i];
    for (let i = 0; i < this.#embedded; i++) scaled[rows + i] = values[at + i];
    const offset = this.#offset;
    let mean = 0;
    for (let k = 0; k < this.#classes; k++) {
      this.#said[k] = values[at + this.#embedded + k];
      offset[k] = Math.log(Math.max(this.#said[k], LEAST));
      mean += offset[k] / this.#classes;
    }
    const clip = this.#clip;
    for (let k = 0; k < this.#classes; k++) {
      offset[k] -= mean;
      this.#centred[k] = Math.max(-clip, Math.min(clip, offset[k]));
    }
  }
}
