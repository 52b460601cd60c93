import { ANY_LENGTH, assert, BookcastError, decodeState, encodeState } from '../../core/index.ts';
import type { Label } from '../../models/index.ts';
import { type Conformity, conformityScores, uniformOf } from './conformity.ts';
import { PredictionSet } from './prediction-set.ts';
import { RollingRanks } from './rolling-ranks.ts';

export interface ConformalOptions {
  readonly classes: number;
  /** Share of the sets that shall hold what comes true, in (0, 1). Default .9. */
  readonly coverage?: number;
  /** Default `aps`: its sets are a little larger, and hold the truth far more evenly over time, see below. */
  readonly score?: Conformity;
  /**
   * Step sizes γ: one is ACI, several are the experts of DtACI, and a single 0 is split conformal prediction over a rolling
   * window, whose level never moves. Default: the eight of Gibbs and Candès (2024).
   */
  readonly gammas?: readonly number[];
  /**
   * Decisions for which labels overlap, the mean span of the target: γ and η are divided by it, because labels that repeat
   * each other, and come that late, would move the level that much too far. Default 1.
   */
  readonly overlap?: number;
  /** Labels whose scores are compared with. Default 2,000. */
  readonly window?: number;
  /** |I| of DtACI: the number of labels over which its experts shall be told apart. Default 500. */
  readonly span?: number;
  /** Of the randomised score `aps`. Default 1. */
  readonly seed?: number;
}

const GAMMAS = [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128];
const KIND = 'conformal-sets';
const VERSION = 1;

/**
 * Sets of classes that hold the truth as often as asked, whatever the forecasts are worth and however the market changes.
 *
 * - The p-value of a class is (1 + scores in the window at least as bad) / (1 + scores in the window); a class is in the set
 *   where it exceeds the level α. Until the window has 1 / α scores every class is.
 * - ACI (Gibbs and Candès, "Adaptive conformal inference under distribution shift", NeurIPS 2021): α ← α + γ (α₀ − err). Over T labels
 *   the frequency of errors differs from α₀ by at most (max(α₁, 1 − α₁) + γ) / (T γ) for any sequence, where no label is late; where
 *   labels are d decisions late, γ in the numerator counts d + 1 times.
 * - DtACI (Gibbs and Candès, "Conformal inference for online prediction with arbitrary distribution shifts", JMLR 25, 2024,
 *   algorithm 1, with the weighted mean as the level): experts with one γ each, weighed by exp(−η pinball loss), with shares σ.
 *
 * `lac` promises its coverage over quiet and busy stretches together, and where they alternate misses in the busy ones; the randomised `aps` aims at
 * it for every forecast. On recorded minutes of BTC its coverage by tenths of a session strayed from 90 % by two thirds as much.
 *
 * Learns from the set that was given at the decision: its level, its p-values and its scores are those of that moment, so
 * that a late label is judged by what was promised. An error is a truth below the level, also where the set was `forced`:
 * sets as served cover at least as often as those of the theory. O(classes · log window) a decision; allocates nothing.
 */
export class ConformalSets {
  readonly classes: number;
  readonly coverage: number;
  readonly score: Conformity;
  readonly gammas: Float64Array;
  /** Of the experts; together 1. */
  readonly weights: Float64Array;
  readonly #alphas: Float64Array;
  readonly #window: RollingRanks;
  readonly #seed: number;
  readonly #eta: number;
  readonly #share: number;

  constructor(options: ConformalOptions) {
    const { classes, coverage = 0.9, score = 'aps', gammas = GAMMAS, window = 2000, span = 500, seed = 1 } = options;
    const { overlap = 1 } = options;
    assert(overlap >= 1, 'labels overlap for one decision at least');
    assert(classes >= 2, 'a classifier has two classes');
    assert(coverage > 0 && coverage < 1, 'a coverage lies in (0, 1)');
    assert(gammas.length > 0 && gammas.every((g) => g >= 0 && g <= 1), 'step sizes lie in [0, 1]');
    assert(span > 0, 'a span is positive');
    this.classes = classes;
    this.coverage = coverage;
    this.score = score;
    this.gammas = Float64Array.from(gammas, (gamma) => gamma / overlap);
    const experts = gammas.length;
    this.weights = new Float64Array(experts).fill(1 / experts);
    const alpha = 1 - coverage;
    this.#alphas = new Float64Array(experts).fill(alpha);
    this.#window = new RollingRanks(window);
    this.#seed = seed;
    this.#share = 1 / (2 * span * overlap);
    // The paper's choice, and 2.72 with its |I| = 500, eight experts and α = .1.
    const spread = coverage ** 2 * alpha ** 3 + coverage ** 3 * alpha ** 2;
    this.#eta = Math.sqrt(((3 / span) * (Math.log(2 * experts * span) + 1)) / spread) / overlap;
  }

  /** The level α in force. */
  get alpha(): number {
    let sum = 0;
    for (let i = 0; i < this.#alphas.length; i++) sum += this.weights[i] * this.#alphas[i];
    return sum;
  }

  /** The largest score with which a class is in the set now: +∞ while all are, −∞ where none is. */
  get threshold(): number {
    const { size } = this.#window;
    // In the set: (1 + count) / (1 + size) > α, so that `least` scores or more must be at least as bad.
    const least = Math.floor(this.alpha * (1 + size));
    if (least <= 0) return Number.POSITIVE_INFINITY;
    return least > size ? Number.NEGATIVE_INFINITY : this.#window.at(size - least);
  }

  /** A set for `predict` to fill. */
  emptySet(): PredictionSet {
    return new PredictionSet(this.classes, this.gammas.length);
  }

  /** The set of one forecast. `index` is the decision's number. Changes nothing but `set`. */
  predict(index: number, probabilities: Float64Array, set: PredictionSet): void {
    conformityScores(this.score, probabilities, uniformOf(this.#seed, index), set.scores);
    const all = 1 + this.#window.size;
    const level = this.alpha;
    set.alpha = level;
    set.alphas.set(this.#alphas);
    set.size = 0;
    let top = 0;
    for (let k = 0; k < this.classes; k++) {
      const p = (1 + this.#window.countAtLeast(set.scores[k])) / all;
      set.pValues[k] = p;
      set.members[k] = p > level ? 1 : 0;
      set.size += set.members[k];
      if (probabilities[k] > probabilities[top]) top = k;
    }
    set.forced = set.size === 0;
    if (!set.forced) return;
    set.members[top] = 1;
    set.size = 1;
  }

  /** `set`: the one given at the decision whose label now exists. */
  learn(set: PredictionSet, label: Label): void {
    const target = 1 - this.coverage;
    const p = set.pValues[label];
    const { weights } = this;
    let sum = 0;
    for (let i = 0; i < weights.length; i++) {
      const alpha = set.alphas[i];
      const away = p - alpha;
      weights[i] *= Math.exp(-this.#eta * (away < 0 ? (target - 1) * away : target * away));
      sum += weights[i];
      this.#alphas[i] += this.gammas[i] * (p > alpha ? target : target - 1);
    }
    for (let i = 0; i < weights.length; i++) {
      weights[i] = ((1 - this.#share) * weights[i]) / sum + this.#share / weights.length;
    }
    this.#window.push(set.scores[label]);
  }

  save(): Uint8Array {
    const settings = Float64Array.of(this.classes, this.coverage, this.score === 'lac' ? 0 : 1, this.#window.capacity);
    return encodeState(KIND, VERSION, [settings, this.#alphas, this.weights, this.#window.values()]);
  }

  /** Throws `bad-input` for bytes that are not the state of such sets, or of sets with other settings. */
  restore(bytes: Uint8Array): void {
    const experts = this.gammas.length;
    const state = decodeState(bytes, KIND, VERSION, [4, experts, experts, ANY_LENGTH]);
    const [settings, alphas, weights, scores] = state;
    const own = [this.classes, this.coverage, this.score === 'lac' ? 0 : 1, this.#window.capacity];
    if (own.some((value, i) => settings[i] !== value) || scores.length > this.#window.capacity) {
      throw new BookcastError(
        'bad-input',
        `the saved sets have the settings [${settings.join(', ')}] (classes, coverage, score, window) and these [${own.join(', ')}]: restore them with the settings that they were saved with`,
        { found: [...settings], expected: own },
      );
    }
    this.#alphas.set(alphas);
    this.weights.set(weights);
    this.#window.clear();
    for (const score of scores) this.#window.push(score);
  }
}
