import { assert, decodeState, encodeState } from '../../core/index.ts';
import type { Label } from '../../models/index.ts';
import type { Combiner, CombinerShape } from './combiner.ts';

/** Least probability that a member is taken to give a class; no single surprise costs it more than 9.2 nats. */
export const LEAST_PROBABILITY = 1e-4;

const STATE_VERSION = 1;

/**
 * The linear pool of experts by weights kept as logarithms, so that nothing under- or overflows however long a stream is. Probabilities are
 * raised to `LEAST_PROBABILITY` and made to sum to 1 before they are pooled or judged: what is served is what the bounds are about. What
 * differs between the combiners is `learn`.
 */
export abstract class WeightedPool implements Combiner {
  abstract readonly name: string;
  readonly weights: Float64Array;
  /** Members and the equal pool, which is the last. */
  protected readonly experts: number;
  /** Natural logarithms of the weights; `settle` makes them those of numbers that sum to 1. */
  protected readonly logs: Float64Array;
  /** Of the experts at the decision at hand; the equal pool is awake whenever a member is. */
  protected readonly awake: Uint8Array;
  readonly #members: number;
  readonly #classes: number;
  /** [expert][class], clipped. */
  readonly #said: Float64Array;

  constructor({ members, classes }: CombinerShape) {
    assert(Number.isInteger(members) && members >= 1, 'a combiner has a member');
    assert(Number.isInteger(classes) && classes >= 2, 'a combiner pools forecasts of two classes or more');
    this.#members = members;
    this.#classes = classes;
    this.experts = members + 1;
    this.logs = new Float64Array(this.experts).fill(-Math.log(this.experts));
    this.weights = new Float64Array(this.experts);
    this.awake = new Uint8Array(this.experts);
    this.#said = new Float64Array(this.experts * classes);
    this.normalise();
  }

  combine(members: readonly Float64Array[], awake: Uint8Array, out: Float64Array): void {
    if (!this.#load(members, awake)) {
      out.fill(1 / this.#classes);
      return;
    }
    const most = this.mostAwake();
    out.fill(0);
    let total = 0;
    for (let i = 0; i < this.experts; i++) {
      if (this.awake[i] === 0) continue;
      const weight = Math.exp(this.logs[i] - most);
      total += weight;
      const at = i * this.#classes;
      for (let k = 0; k < this.#classes; k++) out[k] += weight * this.#said[at + k];
    }
    for (let k = 0; k < this.#classes; k++) out[k] /= total;
  }

  settle(members: readonly Float64Array[], awake: Uint8Array, label: Label, span = 1): void {
    assert(label >= 0 && label < this.#classes, 'a label is the index of a class');
    if (!this.#load(members, awake)) return;
    this.learn(label, span);
    this.normalise();
  }

  save(): Uint8Array {
    return encodeState(`combiner-${this.name}`, STATE_VERSION, [this.logs, ...this.state()]);
  }

  restore(bytes: Uint8Array): void {
    const own = [this.logs, ...this.state()];
    const lengths = own.map((array) => array.length);
    const saved = decodeState(bytes, `combiner-${this.name}`, STATE_VERSION, lengths);
    own.forEach((array, i) => {
      array.set(saved[i]);
    });
    this.#weigh();
  }

  /** Moves `logs` by what the experts that are awake said of the class that came true. */
  protected abstract learn(label: number, span: number): void;

  /** All that is learnt beside `logs`, in fixed order: the live arrays. */
  protected abstract state(): readonly Float64Array[];

  /** The probability that expert `i` gave to a class, clipped. */
  protected said(i: number, label: number): number {
    return this.#said[i * this.#classes + label];
  }

  /** The largest of the logs of those awake. */
  protected mostAwake(): number {
    let most = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < this.experts; i++) if (this.awake[i] === 1 && this.logs[i] > most) most = this.logs[i];
    return most;
  }

  /** ln Σ exp(logs) over those awake. */
  protected logSumAwake(): number {
    const most = this.mostAwake();
    let sum = 0;
    for (let i = 0; i < this.experts; i++) if (this.awake[i] === 1) sum += Math.exp(this.logs[i] - most);
    return most + Math.log(sum);
  }

  /** What the experts awake say of a class, pooled by the weights at hand. */
  protected pooled(label: number): number {
    const most = this.mostAwake();
    let sum = 0;
    let total = 0;
    for (let i = 0; i < this.experts; i++) {
      if (this.awake[i] === 0) continue;
      const weight = Math.exp(this.logs[i] - most);
      total += weight;
      sum += weight * this.said(i, label);
    }
    return sum / total;
  }

  /** Makes `logs` those of numbers that sum to 1, and `weights` these numbers. */
  protected normalise(): void {
    const { logs } = this;
    let most = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < this.experts; i++) if (logs[i] > most) most = logs[i];
    let sum = 0;
    for (let i = 0; i < this.experts; i++) sum += Math.exp(logs[i] - most);
    const shift = most + Math.log(sum);
    for (let i = 0; i < this.experts; i++) logs[i] -= shift;
    this.#weigh();
  }

  /** Of `logs` alone, so that restored ones give the same bits. */
  #weigh(): void {
    let sum = 0;
    for (let i = 0; i < this.experts; i++) {
      this.weights[i] = Math.exp(this.logs[i]);
      sum += this.weights[i];
    }
    for (let i = 0; i < this.experts; i++) this.weights[i] /= sum;
  }

  /** Takes in what the members say; false where all are asleep. */
  #load(members: readonly Float64Array[], awake: Uint8Array): boolean {
    const said = this.#said;
    const classes = this.#classes;
    const last = this.#members * classes;
    assert(members.length === this.#members, 'a combiner is given a forecast a member');
    let count = 0;
    for (let k = 0; k < classes; k++) said[last + k] = 0;
    for (let i = 0; i < this.#members; i++) {
      const total = awake[i] === 0 ? Number.NaN : this.#clip(members[i], i * classes);
      this.awake[i] = total > 0 ? 1 : 0;
      if (this.awake[i] === 0) continue;
      count++;
      for (let k = 0; k < classes; k++) said[last + k] += said[i * classes + k];
    }
    for (let k = 0; k < classes; k++) said[last + k] /= count;
    this.awake[this.#members] = count > 0 ? 1 : 0;
    return count > 0;
  }

  /** Writes probabilities that are clipped and sum to 1 at `at`; returns NaN where the numbers are none. */
  #clip(from: Float64Array, at: number): number {
    let given = 0;
    let total = 0;
    for (let k = 0; k < this.#classes; k++) {
      const p = from[k];
      if (!(p >= 0)) return Number.NaN;
      given += p;
      const clipped = p < LEAST_PROBABILITY ? LEAST_PROBABILITY : p;
      this.#said[at + k] = clipped;
      total += clipped;
    }
    if (!(given > 0 && total < Number.POSITIVE_INFINITY)) return Number.NaN;
    for (let k = 0; k < this.#classes; k++) this.#said[at + k] /= total;
    return total;
  }
}
