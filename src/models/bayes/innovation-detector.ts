import { ChangeDetector, type ChangeDetectorOptions } from './change-detector.ts';
import { LabelWeight } from './label-weight.ts';
import type { Stateful } from './learner-state.ts';

export interface InnovationOptions {
  /** Labels that tell of moves of their own and make up one observation of the detector. */
  readonly stretch?: number;
  /** A change is one within the last so many observations. */
  readonly window?: number;
  readonly detector?: ChangeDetectorOptions;
}

/**
 * The variance of the observations is known beforehand to be about 1, by as much as 20 of them would say: a few that happen to be alike are no
 * regime of a small variance.
 */
const DETECTOR = { shape: 10, scale: 10 } as const;

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
 * Tells from the surprises of forecasts (`surpriseOf`) when the market changed. A detector is given one observation for each stretch of labels:
 * single surprises take two or three values and are nothing like normal. An observation is their sum, divided so that its variance is about
 * 1, overlapping labels or not. A label costs two logarithms a class; the last one of a stretch a step of the detector besides. Allocates
 * nothing after it was made.
 */
export class InnovationDetector implements Stateful {
  readonly settings: readonly number[];
  readonly state: readonly Float64Array[];
  readonly detector: ChangeDetector;
  readonly #stretch: number;
  readonly #window: number;
  readonly #weight = new LabelWeight(1);
  /** Sum of surprises and labels of the stretch at hand. */
  readonly #sums = new Float64Array(2);

  constructor({ stretch = 10, window = 20, detector }: InnovationOptions = {}) {
    this.#stretch = stretch;
    this.#window = window;
    this.detector = new ChangeDetector({ ...DETECTOR, ...detector });
    this.settings = [stretch, window, ...this.detector.settings, ...this.#weight.settings];
    this.state = [this.#sums, ...this.detector.state, ...this.#weight.state];
  }

  /** Takes a label, decided `span` decisions after its forecast `p`; true where it ends a stretch, and the detector knows more than before. */
  observe(p: Float64Array, label: number, span: number): boolean {
    const sums = this.#sums;
    this.#weight.next(span);
    sums[0] += surpriseOf(p, label);
    sums[1]++;
    const overlap = this.#weight.meanSpan;
    if (sums[1] < this.#stretch * overlap) return false;
    this.detector.observe(sums[0] / Math.sqrt(sums[1] * overlap));
    sums[0] = 0;
    sums[1] = 0;
    return true;
  }

  /** Probability that the market changed within the window. */
  get changed(): number {
    return this.detector.changeWithin(this.#window);
  }
}
