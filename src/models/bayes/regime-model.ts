import { ANY_LENGTH, assert, packBytes, unpackBytes } from '../../core/index.ts';
import type { Decision, Label, Model } from '../model.ts';
import { ChangeDetector, type ChangeDetectorOptions } from './change-detector.ts';
import { LabelWeight } from './label-weight.ts';
import { restoreParts, type Stateful, saveParts } from './learner-state.ts';

/** A model whose posterior can be widened, and which can be saved. */
export interface AdaptiveModel extends Model {
  inflate(factor: number): void;
  save(): Uint8Array;
  restore(bytes: Uint8Array): void;
}

export interface RegimeOptions {
  learner: AdaptiveModel;
  /** Default: the learner's, with "-regime". */
  name?: string;
  detector?: ChangeDetectorOptions;
  /** Labels that tell of moves of their own and make up one observation of the detector. */
  stretch?: number;
  /** A change is one within the last so many observations of the detector … */
  window?: number;
  /** … with more than this probability. */
  threshold?: number;
  /** Observations after a change in which no other one is acted on; at least `window`. */
  refractory?: number;
  /** By what the posterior is widened. */
  factor?: number;
}

const DEFAULTS = { stretch: 10, window: 20, threshold: 0.5, refractory: 40, factor: 20 } as const;

/**
 * The variance of the observations is known beforehand to be about 1, by as much as 20 of them would say: a few that happen to be alike are no
 * regime of a small variance.
 */
const DETECTOR = { shape: 10, scale: 10 } as const;

const KIND = 'regime';
const VERSION = 1;

/** One label that was thought impossible must not look like a new regime. */
const CLIP = 4;

/**
 * How much worse than it expected a forecast `p` was at the label, in standard deviations of what it expected: (−ln p[label] − H) / sd, H and sd being mean
 * and standard deviation of −ln p under p itself. Of mean 0 and variance 1 while the forecasts are calibrated, however sure they are. Limited to
 * ±4; 0 for a forecast of equal chances, which expects every label alike.
 */
export function surpriseOf(p: Float64Array, label: number): number {
  let entropy = 0;
  let squares = 0;
  for (let k = 0; k < p.length; k++) {
    if (!(p[k] > 0)) continue;
    const loss = -Math.log(p[k]);
    entropy += p[k] * loss;
    squares += p[k] * loss * loss;
  }
  const variance = squares - entropy * entropy;
  if (!(variance > 1e-9)) return 0;
  const z = (-Math.log(p[label]) - entropy) / Math.sqrt(variance);
  return z > CLIP ? CLIP : z < -CLIP ? -CLIP : z;
}

/**
 * A learner that forgets at once when the market changes. A detector follows how surprising the labels were to what the learner had said of
 * them at the decision (`surpriseOf`), one observation for each stretch of labels: single surprises take two or three values and are nothing like
 * normal. An observation is their sum, divided so that its variance is about 1, overlapping labels or not. Where the detector finds a change, the learner's
 * posterior is widened, before it learns the label at hand; in between it may forget slowly or not at all.
 */
export class RegimeModel implements AdaptiveModel {
  readonly name: string;
  readonly baseline = false;
  readonly schemaHash: string | null;
  readonly detector: ChangeDetector;
  readonly #learner: AdaptiveModel;
  readonly #stretch: number;
  readonly #window: number;
  readonly #threshold: number;
  readonly #refractory: number;
  readonly #factor: number;
  readonly #weight = new LabelWeight(1);
  /** Sum of surprises and labels of the stretch at hand, changes so far, observations since the last one. */
  readonly #counts: Float64Array;
  readonly #parts: readonly Stateful[];

  constructor(options: RegimeOptions) {
    const { learner, stretch, window, threshold, refractory, factor } = { ...DEFAULTS, ...options };
    assert(
      window >= 1 && refractory >= window,
      'one change is not acted on twice: the refractory time holds the window',
    );
    assert(threshold > 0 && threshold < 1 && factor > 1, 'a threshold lies in (0, 1), and a factor widens');
    this.name = options.name ?? `${learner.name}-regime`;
    this.schemaHash = learner.schemaHash;
    this.#learner = learner;
    this.#stretch = stretch;
    this.#window = window;
    this.#threshold = threshold;
    this.#refractory = refractory;
    this.#factor = factor;
    this.detector = new ChangeDetector({ ...DETECTOR, ...options.detector });
    this.#counts = Float64Array.of(0, 0, 0, refractory);
    const own = { settings: [stretch, window, threshold, refractory, factor], state: [this.#counts] };
    this.#parts = [own, this.detector, this.#weight];
  }

  /** Changes of regime acted on so far. */
  get changes(): number {
    return this.#counts[2];
  }

  predict(decision: Decision, out: Float64Array): void {
    this.#learner.predict(decision, out);
  }

  update(decision: Decision, label: Label, probabilities: Float64Array): void {
    const counts = this.#counts;
    this.#weight.next(decision.span);
    counts[0] += surpriseOf(probabilities, label);
    counts[1]++;
    const overlap = this.#weight.meanSpan;
    if (counts[1] >= this.#stretch * overlap) {
      this.#observe(counts[0] / Math.sqrt(counts[1] * overlap));
      counts[0] = 0;
      counts[1] = 0;
    }
    this.#learner.update(decision, label, probabilities);
  }

  reset(): void {
    this.#learner.reset?.();
  }

  inflate(factor: number): void {
    this.#learner.inflate(factor);
  }

  save(): Uint8Array {
    return saveParts(KIND, VERSION, this.#parts, [packBytes(this.#learner.save())]);
  }

  restore(bytes: Uint8Array): void {
    const { extra, commit } = restoreParts(bytes, KIND, VERSION, this.#parts, [ANY_LENGTH]);
    this.#learner.restore(unpackBytes(extra[0]));
    commit();
  }

  #observe(surprise: number): void {
    const counts = this.#counts;
    this.detector.observe(surprise);
    counts[3]++;
    if (counts[3] <= this.#refractory || this.detector.changeWithin(this.#window) <= this.#threshold) return;
    this.#learner.inflate(this.#factor);
    counts[2]++;
    counts[3] = 0;
  }
}
