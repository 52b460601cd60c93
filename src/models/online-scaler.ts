import { assert } from '../core/index.ts';
import { restoreParts, type Stateful, saveParts } from './bayes/learner-state.ts';

const KIND = 'online-scaler';
const VERSION = 1;

/**
 * Brings inputs to mean 0 and variance 1 by their running moments, which only rows already added have shaped, and limits
 * them to ±`clip`. The moments are plain averages at first and exponential ones, over about `memory` rows, later (West
 * 1979). A missing input (NaN or infinite) leaves its moments alone and comes out as 0, its mean: it says nothing.
 */
export class OnlineScaler implements Stateful {
  readonly inputs: number;
  readonly settings: readonly number[];
  readonly state: readonly Float64Array[];
  readonly #memory: number;
  readonly #clip: number;
  readonly #counts: Float64Array;
  readonly #means: Float64Array;
  readonly #variances: Float64Array;

  constructor(inputs: number, memory: number, clip: number) {
    assert(inputs >= 0 && memory >= 1 && clip > 0, 'a scaler has inputs, a memory and a limit');
    this.inputs = inputs;
    this.#memory = memory;
    this.#clip = clip;
    this.#counts = new Float64Array(inputs);
    this.#means = new Float64Array(inputs);
    this.#variances = new Float64Array(inputs);
    this.settings = [inputs, memory, clip];
    this.state = [this.#counts, this.#means, this.#variances];
  }

  /** `raw[0, inputs)` joins the moments. */
  add(raw: Float64Array): void {
    const counts = this.#counts;
    const means = this.#means;
    const variances = this.#variances;
    for (let i = 0; i < this.inputs; i++) {
      const value = raw[i];
      if (value - value !== 0) continue;
      const n = counts[i] < this.#memory ? ++counts[i] : this.#memory;
      const rate = 1 / n;
      const delta = value - means[i];
      means[i] += rate * delta;
      variances[i] = (1 - rate) * (variances[i] + rate * delta * delta);
    }
  }

  /** `raw[0, inputs)` scaled into `out[0, inputs)`; the two may be the same array. */
  scale(raw: Float64Array, out: Float64Array): void {
    const clip = this.#clip;
    for (let i = 0; i < this.inputs; i++) {
      const value = raw[i];
      const variance = this.#variances[i];
      // A signal that has not varied yet carries no information, and has no scale to divide by.
      if (value - value !== 0 || !(variance > 0)) {
        out[i] = 0;
        continue;
      }
      const z = (value - this.#means[i]) / Math.sqrt(variance);
      out[i] = z > clip ? clip : z < -clip ? -clip : z;
    }
  }
  save(): Uint8Array {
    return saveParts(KIND, VERSION, [this]);
  }

  /** Throws `bad-input` for bytes that a scaler with the same options did not save, and then is as it was. */
  restore(bytes: Uint8Array): void {
    restoreParts(bytes, KIND, VERSION, [this]).commit();
  }
}
