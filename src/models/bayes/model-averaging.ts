import { assert } from '../../core/index.ts';
import type { FeatureSchema } from '../../features/index.ts';
import type { Decision, Label, Model } from '../model.ts';
import { OnlineScaler } from '../online-scaler.ts';
import type { Target } from '../target.ts';
import { defaultCapacity } from '../undecided.ts';
import { CORE, writeCore } from './core-inputs.ts';
import { LabelWeight } from './label-weight.ts';
import { restoreParts, type Stateful, saveParts } from './learner-state.ts';
import { PendingNotes } from './pending-notes.ts';
import { SoftmaxFilter } from './softmax-filter.ts';

/** Signals that one member of an average looks at, besides imbalance, spread and their product. */
export interface SignalSubset {
  readonly name: string;
  /** Their places in a row. */
  readonly columns: readonly number[];
}

/** A member of an average. */
export interface AveragedMember {
  readonly subset: string;
  readonly forgetting: number;
}

export interface AveragingOptions {
  target: Target;
  featureCount: number;
  schemaHash: string | null;
  subsets: readonly SignalSubset[];
  name?: string;
  /** λ of the members, each with each subset. */
  forgettings?: readonly number[];
  /** α in (0, 1]: what is kept, a label of its own, of the evidence for one member over another. */
  switching?: number;
  /** Sum of the least probabilities of all members: none of them is ever given up. */
  floor?: number;
  biasVariance?: number;
  coreVariance?: number;
  /** Of all signals of a subset together, shared out evenly. */
  rowVariance?: number;
  temper?: number;
  memory?: number;
  clip?: number;
  /** Most undecided decisions: as many as the `TargetStream` keeps. */
  capacity?: number;
}

const DEFAULTS = {
  name: 'bayes-dma',
  forgettings: [1, 0.99999, 0.9999, 0.999],
  switching: 0.99,
  floor: 1e-3,
  biasVariance: 4,
  coreVariance: 1,
  rowVariance: 0.3,
  temper: 1,
  memory: 20_000,
  clip: 2.5,
} as const;

const KIND = 'bayes-dma';
const VERSION = 1;

/** No signal at all, each family of the schema alone, and all signals together: what a member of an average may look at. */
export function familySubsets(schema: Pick<FeatureSchema, 'columns'>): SignalSubset[] {
  const { columns } = schema;
  const families = [...new Set(columns.map(({ family }) => family))];
  const named = families.map((name) => ({
    name,
    columns: columns.flatMap(({ family }, i) => (family === name ? [i] : [])),
  }));
  const all = { name: 'all', columns: columns.map((_, i) => i) };
  return [{ name: 'none', columns: [] }, ...(named.length > 1 ? named : []), ...(columns.length > 0 ? [all] : [])];
}

/**
 * Dynamic model averaging (Raftery, Kárný and Ettler, "Online prediction under model uncertainty via dynamic model averaging", Technometrics
 * 2010; for classes: McCormick, Raftery, Madigan and Burd, Biometrics 2012): recursive Bayesian softmax regressions over a grid of
 * forgetting factors and subsets of the signals, mixed by their posterior probabilities π. A label multiplies π by what each member had said of
 * it at the decision; then π ← π^α, so that the members' past counts for less and less and another one may take over.
 *
 * Labels that overlap tell of the same moves: with h of them in one another both exponents are divided by h (likelihood^(1/h), α^(1/h)). What
 * counts is what a member said at the decision: by the time the label exists it has learnt from labels that tell of the same move.
 *
 * Cost: for each member with n inputs 2 n² multiplications a label and n² / 2 a prediction; memory for members × classes numbers for each
 * undecided decision.
 */
export class AveragedModel implements Model {
  readonly name: string;
  readonly baseline = false;
  readonly schemaHash: string | null;
  /** In the order of `weights`: all forgettings of the first subset, of the second, … . */
  readonly members: readonly AveragedMember[];
  /** Posterior probability of each member as the next forecast uses it. Read it, and leave it alone. */
  readonly weights: Float64Array;
  readonly #filters: SoftmaxFilter[] = [];
  readonly #subsets: readonly Int32Array[];
  /** Inputs of each subset: bias, core, its signals. */
  readonly #inputs: readonly Float64Array[];
  readonly #perSubset: number;
  readonly #scaler: OnlineScaler;
  readonly #scaled: Float64Array;
  readonly #weight: LabelWeight;
  /** Of each decision: the members' probabilities, [member][class]. */
  readonly #notes: PendingNotes;
  readonly #parts: readonly Stateful[];
  readonly #said: Float64Array;
  readonly #switching: number;
  readonly #floor: number;
  readonly #classes: number;
  readonly #features: number;

  constructor(options: AveragingOptions) {
    const settings = { ...DEFAULTS, ...options };
    const { target, featureCount, subsets, forgettings, switching, floor } = settings;
    assert(subsets.length > 0 && forgettings.length > 0, 'an average has members');
    assert(switching > 0 && switching <= 1 && floor > 0 && floor < 1, 'switching lies in (0, 1], the floor in (0, 1)');
    this.name = settings.name;
    this.schemaHash = options.schemaHash;
    this.#classes = target.classes.length;
    this.#features = featureCount;
    this.#switching = switching;
    this.#floor = floor;
    this.#subsets = subsets.map(({ columns }) => {
      assert(
        columns.every((column) => column >= 0 && column < featureCount),
        'a subset is of columns of the row',
      );
      return Int32Array.from(columns);
    });
    this.#perSubset = forgettings.length;
    this.#inputs = subsets.map(({ columns }) =>
      Float64Array.from({ length: 1 + CORE + columns.length }, (_, i) => (i === 0 ? 1 : 0)),
    );
    this.members = subsets.flatMap(({ name }) => forgettings.map((forgetting) => ({ subset: name, forgetting })));
    for (const { columns } of subsets) {
      const priorVariance = new Float64Array(1 + CORE + columns.length).fill(settings.coreVariance);
      priorVariance[0] = settings.biasVariance;
      priorVariance.fill(settings.rowVariance / Math.max(1, columns.length), 1 + CORE);
      for (const forgetting of forgettings)
        this.#filters.push(new SoftmaxFilter({ classes: this.#classes, priorVariance, forgetting }));
    }
    const count = this.members.length;
    this.weights = new Float64Array(count).fill(1 / count);
    this.#said = new Float64Array(this.#classes);
    this.#scaler = new OnlineScaler(CORE + featureCount, settings.memory, settings.clip);
    this.#scaled = new Float64Array(CORE + featureCount);
    this.#weight = new LabelWeight(settings.temper);
    this.#notes = new PendingNotes(options.capacity ?? defaultCapacity(target), count * this.#classes);
    const columns = subsets.flatMap((subset) => [subset.columns.length, ...subset.columns]);
    const own = { settings: [switching, floor, ...columns], state: [this.weights] };
    this.#parts = [own, this.#scaler, this.#weight, this.#notes, ...this.#filters];
  }

  /** Labels whose decision this model did not see: the members learnt from them, and π did not. */
  get skipped(): number {
    return this.#notes.missed;
  }

  predict(decision: Decision, out: Float64Array): void {
    const { values } = this.#notes;
    const said = this.#said;
    this.#raw(decision);
    this.#gather();
    let at = this.#notes.put(decision.index);
    for (let k = 0; k < this.#classes; k++) out[k] = 0;
    for (let m = 0; m < this.#filters.length; m++) {
      this.#filters[m].predict(this.#inputs[Math.floor(m / this.#perSubset)], said);
      for (let k = 0; k < this.#classes; k++) {
        out[k] += this.weights[m] * said[k];
        values[at++] = said[k];
      }
    }
  }

  update(decision: Decision, label: Label): void {
    const weight = this.#weight.next(decision.span);
    this.#weigh(decision.index, label, weight);
    this.#raw(decision);
    this.#scaler.add(this.#scaled);
    this.#gather();
    for (let m = 0; m < this.#filters.length; m++)
      this.#filters[m].update(this.#inputs[Math.floor(m / this.#perSubset)], label, weight);
  }

  /** Widens the posterior of every member (`SoftmaxFilter.inflate`), and that over the members: π ← π^(1 / factor). */
  inflate(factor: number): void {
    for (const filter of this.#filters) filter.inflate(factor);
    this.#flatten(1 / factor);
  }

  save(): Uint8Array {
    return saveParts(KIND, VERSION, this.#parts);
  }

  restore(bytes: Uint8Array): void {
    restoreParts(bytes, KIND, VERSION, this.#parts).commit();
  }

  /** π by what each member had said of the label. */
  #weigh(index: number, label: number, weight: number): void {
    const at = this.#notes.find(index);
    if (at < 0) return;
    const { values } = this.#notes;
    for (let m = 0; m < this.weights.length; m++) {
      this.weights[m] *= values[at + m * this.#classes + label] ** weight;
    }
    this.#flatten(this.#switching ** weight);
  }

  /** π to a power, summing to 1, with the floor. */
  #flatten(power: number): void {
    const { weights } = this;
    let most = 0;
    for (let m = 0; m < weights.length; m++) if (weights[m] > most) most = weights[m];
    let sum = 0;
    for (let m = 0; m < weights.length; m++) sum += weights[m] = (weights[m] / most) ** power;
    const least = this.#floor / weights.length;
    for (let m = 0; m < weights.length; m++) weights[m] = least + (1 - this.#floor) * (weights[m] / sum);
  }

  #raw(decision: Decision): void {
    const scaled = this.#scaled;
    writeCore(decision, scaled);
    for (let i = 0; i < this.#features; i++) scaled[CORE + i] = decision.row[i];
  }

  /** Scales the inputs and hands each subset its own. */
  #gather(): void {
    const scaled = this.#scaled;
    this.#scaler.scale(scaled, scaled);
    for (let s = 0; s < this.#subsets.length; s++) {
      const x = this.#inputs[s];
      const columns = this.#subsets[s];
      for (let i = 0; i < CORE; i++) x[1 + i] = scaled[i];
      for (let i = 0; i < columns.length; i++) x[1 + CORE + i] = scaled[CORE + columns[i]];
    }
  }
}
