import { ANY_LENGTH, assert, packBytes, unpackBytes } from '../../core/index.ts';
import type { Decision, Label, Model } from '../model.ts';
import type { ChangeDetector, ChangeDetectorOptions } from './change-detector.ts';
import { InnovationDetector } from './innovation-detector.ts';
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

const KIND = 'regime';
const VERSION = 2;

/**
 * A learner that forgets at once when the market changes. A detector (Adams and MacKay 2007) follows how surprising the labels were to what the
 * learner had said of them at the decision (`InnovationDetector`). Where it finds a change, the learner's posterior is widened, before it learns
 * the label at hand; in between it may forget slowly or not at all.
 */
export class RegimeModel implements AdaptiveModel {
  readonly name: string;
  readonly baseline = false;
  readonly schemaHash: string | null;
  readonly #innovations: InnovationDetector;
  readonly #learner: AdaptiveModel;
  readonly #threshold: number;
  readonly #refractory: number;
  readonly #factor: number;
  /** Changes so far, observations since the last one. */
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
    this.#threshold = threshold;
    this.#refractory = refractory;
    this.#factor = factor;
    const { detector } = options;
    this.#innovations = new InnovationDetector({ stretch, window, ...(detector === undefined ? {} : { detector }) });
    this.#counts = Float64Array.of(0, refractory);
    const own = { settings: [threshold, refractory, factor], state: [this.#counts] };
    this.#parts = [own, this.#innovations];
  }

  get detector(): ChangeDetector {
    return this.#innovations.detector;
  }

  /** Changes of regime acted on so far. */
  get changes(): number {
    return this.#counts[0];
  }

  predict(decision: Decision, out: Float64Array): void {
    this.#learner.predict(decision, out);
  }

  update(decision: Decision, label: Label, probabilities: Float64Array): void {
    if (this.#innovations.observe(probabilities, label, decision.span)) this.#react();
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

  /** The detector knows more than before. */
  #react(): void {
    const counts = this.#counts;
    counts[1]++;
    if (counts[1] <= this.#refractory || this.#innovations.changed <= this.#threshold) return;
    this.#learner.inflate(this.#factor);
    counts[0]++;
    counts[1] = 0;
  }
}
