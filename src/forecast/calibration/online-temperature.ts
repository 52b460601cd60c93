import { assert, BookcastError, decodeState, encodeState } from '../../core/index.ts';
import type { Label } from '../../models/index.ts';
import { logProbabilities, toProbabilities } from './log-odds.ts';

export interface OnlineTemperatureOptions {
  readonly classes: number;
  /** λ in (0, 1]: what of the evidence is kept from one label to the next. Default .9995, a memory of 2,000 labels. */
  readonly forgetting?: number;
  /** Standard deviation of ln T around 0 before any label. Default .2. */
  readonly priorDeviation?: number;
  /** In (0, 1]: the power of each label's likelihood; 1 / h where labels overlap for h decisions. Default 1. */
  readonly weight?: number;
}

const KIND = 'online-temperature';
const VERSION = 1;
/** |ln T| never exceeds this: temperatures from 1/8 to 8. */
const WIDEST = Math.log(8);

/**
 * Temperature scaling that is learnt live: ln(1 / T) has a Gaussian posterior, moved by a Laplace step at each label
 * (as `SoftmaxFilter`, with one weight) and drawn back to T = 1 as evidence is forgotten. Its step at a label is
 * −gradient / precision, so that it is bounded by the prior's precision; T stays within [1/8, 8]. Learns only from labels
 * that exist, with the probabilities that were given at their decision: delay needs no more care. Constant time and memory.
 */
export class OnlineTemperature {
  readonly classes: number;
  readonly #forgetting: number;
  readonly #priorPrecision: number;
  readonly #weight: number;
  /** ln(1 / T), and the precision of what is known of it. */
  #mean = 0;
  #precision: number;
  readonly #scaled: Float64Array;
  readonly #logs: Float64Array;

  constructor(options: OnlineTemperatureOptions) {
    const { classes, forgetting = 0.9995, priorDeviation = 0.2, weight = 1 } = options;
    assert(classes >= 2, 'a classifier has two classes');
    assert(forgetting > 0 && forgetting <= 1, 'forgetting lies in (0, 1]');
    assert(priorDeviation > 0 && weight > 0 && weight <= 1, 'a deviation is positive, a weight in (0, 1]');
    this.classes = classes;
    this.#forgetting = forgetting;
    this.#priorPrecision = 1 / (priorDeviation * priorDeviation);
    this.#weight = weight;
    this.#precision = this.#priorPrecision;
    this.#scaled = new Float64Array(classes);
    this.#logs = new Float64Array(classes);
  }

  get temperature(): number {
    return Math.exp(-this.#mean);
  }

  /** As `Calibrator.apply`. */
  apply(probabilities: Float64Array, out: Float64Array): void {
    const power = Math.exp(this.#mean);
    logProbabilities(probabilities, out);
    for (let k = 0; k < this.classes; k++) out[k] *= power;
    toProbabilities(out, 0, this.classes);
  }

  /** `probabilities`: what went into `apply` at the decision whose label now exists, not what came out of it. */
  learn(probabilities: Float64Array, label: Label): void {
    const logs = this.#logs;
    const scaled = this.#scaled;
    logProbabilities(probabilities, logs);
    this.apply(probabilities, scaled);
    const power = Math.exp(this.#mean);
    let mean = 0;
    for (let k = 0; k < this.classes; k++) mean += scaled[k] * logs[k];
    let variance = 0;
    for (let k = 0; k < this.classes; k++) {
      const d = logs[k] - mean;
      variance += scaled[k] * d * d;
    }
    const gradient = power * (mean - logs[label]);
    const curvature = power * power * variance;
    const lost = (1 - this.#forgetting) * this.#priorPrecision;
    this.#precision = this.#forgetting * this.#precision + lost + this.#weight * curvature;
    const moved = this.#mean - (this.#weight * gradient + lost * this.#mean) / this.#precision;
    this.#mean = Math.min(WIDEST, Math.max(-WIDEST, moved));
  }

  save(): Uint8Array {
    return encodeState(KIND, VERSION, [Float64Array.of(this.classes, this.#mean, this.#precision)]);
  }

  /** Throws `bad-input` for bytes that are not the state of such a learner. */
  restore(bytes: Uint8Array): void {
    const [state] = decodeState(bytes, KIND, VERSION, [3]);
    if (state[0] !== this.classes) {
      throw new BookcastError(
        'bad-input',
        `the saved temperature is of ${state[0]} classes, and this one of ${this.classes}: restore it where it was saved`,
        { found: state[0], expected: this.classes },
      );
    }
    this.#mean = state[1];
    this.#precision = state[2];
  }
}
