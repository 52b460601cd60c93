import { assert } from '../../core/index.ts';
import { restoreParts, type Stateful, saveParts } from './learner-state.ts';
import { logGammaRatio } from './student-t.ts';

export interface ChangeDetectorOptions {
  /** Probability of a change at each step. */
  hazard?: number;
  /** Most run lengths kept. */
  kept?: number;
  /** Prior of the mean of a run, around 0: worth so many observations. */
  strength?: number;
  /** Prior of the variance of a run, inverse gamma: shape and scale. The defaults suit observations of variance about 1. */
  shape?: number;
  scale?: number;
}

const DEFAULTS = { hazard: 1 / 2000, kept: 200, strength: 1, shape: 1, scale: 1 } as const;
const KIND = 'change-detector';
const VERSION = 1;
/** Run lengths up to here have their constants in a table. */
const TABLE = 4096;

/**
 * Bayesian online change-point detection (Adams and MacKay 2007, algorithm 1): the posterior over how many observations the present run has, of
 * observations that are normal with a mean and variance unknown in each run, a change being as likely at every step. Meant for standardised
 * innovations, such as how much worse than expected a forecast was.
 *
 * Only the `kept` most probable run lengths stay; the least probable one goes as a new one comes, and the rest is scaled to sum to 1. A step costs
 * O(`kept`), two logarithms and an exponential each, and allocates nothing.
 */
export class ChangeDetector implements Stateful {
  readonly settings: readonly number[];
  readonly state: readonly Float64Array[];
  readonly #hazard: number;
  readonly #most: number;
  readonly #strength: number;
  readonly #shape: number;
  readonly #scale: number;
  /** Hypotheses, observations so far. */
  readonly #counts = new Float64Array(2);
  /** Of each hypothesis, in no order: observations of the run, its probability, posterior mean, posterior scale of the variance. */
  readonly #lengths: Float64Array;
  readonly #probabilities: Float64Array;
  readonly #means: Float64Array;
  readonly #scales: Float64Array;
  readonly #evidence: Float64Array;
  readonly #constants: Float64Array;

  constructor(options: ChangeDetectorOptions = {}) {
    const { hazard, kept, strength, shape, scale } = { ...DEFAULTS, ...options };
    assert(hazard > 0 && hazard < 1, 'a change is possible, and not certain');
    assert(Number.isInteger(kept) && kept >= 2, 'at least two run lengths are kept');
    assert(strength > 0 && shape > 0 && scale > 0, 'the prior of a run is a distribution');
    this.#hazard = hazard;
    this.#most = kept;
    this.#strength = strength;
    this.#shape = shape;
    this.#scale = scale;
    this.#lengths = new Float64Array(kept + 1);
    this.#probabilities = new Float64Array(kept + 1);
    this.#means = new Float64Array(kept + 1);
    this.#scales = new Float64Array(kept + 1);
    this.#evidence = new Float64Array(kept + 1);
    this.#constants = Float64Array.from({ length: TABLE }, (_, n) => this.#constant(n));
    this.settings = [hazard, kept, strength, shape, scale];
    this.state = [this.#counts, this.#lengths, this.#probabilities, this.#means, this.#scales];
    this.#probabilities[0] = 1;
    this.#scales[0] = scale;
    this.#counts[0] = 1;
  }

  /** Observations so far. */
  get observed(): number {
    return this.#counts[1];
  }

  /** Run lengths kept. */
  get runs(): number {
    return this.#counts[0];
  }

  /** The most probable run length: observations since the last change. */
  get likeliestRun(): number {
    let best = 0;
    for (let i = 1; i < this.runs; i++) if (this.#probabilities[i] > this.#probabilities[best]) best = i;
    return this.#lengths[best];
  }

  /** Posterior mean of the run length. */
  get meanRun(): number {
    let sum = 0;
    for (let i = 0; i < this.runs; i++) sum += this.#probabilities[i] * this.#lengths[i];
    return sum;
  }

  /** Posterior probability that the run has this many observations; 0 where that length was pruned. */
  probabilityOf(run: number): number {
    for (let i = 0; i < this.runs; i++) if (this.#lengths[i] === run) return this.#probabilities[i];
    return 0;
  }

  /** Probability that the regime changed within the last `steps` observations. The beginning of the stream is no change. */
  changeWithin(steps: number): number {
    let sum = 0;
    for (let i = 0; i < this.runs; i++) {
      if (this.#lengths[i] < steps && this.#lengths[i] < this.#counts[1]) sum += this.#probabilities[i];
    }
    return sum;
  }

  /** Takes in the next observation, a finite number. */
  observe(x: number): void {
    assert(x - x === 0, 'an observation is a finite number');
    const n = this.runs;
    const lengths = this.#lengths;
    const probabilities = this.#probabilities;
    const most = this.#weigh(x);
    let sum = 0;
    for (let i = 0; i < n; i++) sum += probabilities[i] *= Math.exp(this.#evidence[i] - most);
    for (let i = 0; i < n; i++) {
      probabilities[i] *= (1 - this.#hazard) / sum;
      const strength = this.#strength + lengths[i];
      const delta = x - this.#means[i];
      this.#means[i] += delta / (strength + 1);
      this.#scales[i] += (strength * delta * delta) / (2 * (strength + 1));
      lengths[i]++;
    }
    lengths[n] = 0;
    probabilities[n] = this.#hazard;
    this.#means[n] = 0;
    this.#scales[n] = this.#scale;
    this.#counts[0] = n + 1;
    this.#counts[1]++;
    if (n + 1 > this.#most) this.#prune();
  }

  save(): Uint8Array {
    return saveParts(KIND, VERSION, [this]);
  }

  /** Throws `bad-input` for bytes that a detector with the same options did not save, and then is as it was. */
  restore(bytes: Uint8Array): void {
    restoreParts(bytes, KIND, VERSION, [this]).commit();
  }

  /** Log-density of `x` under each hypothesis, a Student t, into `#evidence`; returns the largest one of those that are possible. */
  #weigh(x: number): number {
    const evidence = this.#evidence;
    let most = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < this.runs; i++) {
      const length = this.#lengths[i];
      const strength = this.#strength + length;
      const delta = x - this.#means[i];
      const beta = this.#scales[i];
      const spread = (2 * beta * (strength + 1)) / strength;
      const constant = length < TABLE ? this.#constants[length] : this.#constant(length);
      const power = this.#shape + length / 2 + 0.5;
      evidence[i] = constant - 0.5 * Math.log(beta) - power * Math.log1p((delta * delta) / spread);
      if (this.#probabilities[i] > 0 && evidence[i] > most) most = evidence[i];
    }
    return most;
  }

  /** What of the log-density depends on the run's length alone. */
  #constant(length: number): number {
    const strength = this.#strength + length;
    return logGammaRatio(this.#shape + length / 2) - 0.5 * Math.log((2 * Math.PI * (strength + 1)) / strength);
  }

  #prune(): void {
    const last = this.#counts[0] - 1;
    const probabilities = this.#probabilities;
    let least = 0;
    for (let i = 1; i < last; i++) if (probabilities[i] < probabilities[least]) least = i;
    const rest = 1 / (1 - probabilities[least]);
    this.#lengths[least] = this.#lengths[last];
    probabilities[least] = probabilities[last];
    this.#means[least] = this.#means[last];
    this.#scales[least] = this.#scales[last];
    this.#counts[0] = last;
    for (let i = 0; i < last; i++) probabilities[i] *= rest;
  }
}
