import { assert } from '../../core/index.ts';
import { type Attribution, checkExplained, type Explainer } from './attribution.ts';

/** How rows are scaled before weights meet them. */
interface Scaling {
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
  readonly clip: number;
}

/**
 * Exact attributions of a softmax of linear scores: weight × scaled input, which is also the Shapley value against the mean of the training
 * rows (Štrumbelj and Kononenko 2014). What is missing is at the mean, and adds nothing.
 */
export class LinearExplainer implements Explainer {
  readonly method = 'linear';
  readonly rows = 1;
  readonly inputs: number;
  readonly classes: number;
  /** (inputs + 1) × classes, the intercepts last, less their mean over the classes. */
  readonly #weights: Float64Array;
  readonly #scaling: Scaling;

  /** `weights`: (inputs + 1) × classes, the intercepts last. */
  constructor(weights: Float32Array | Float64Array, classes: number, scaling: Scaling) {
    assert(classes >= 2 && weights.length % classes === 0, 'every class has a weight for every input');
    this.inputs = weights.length / classes - 1;
    this.classes = classes;
    this.#scaling = scaling;
    this.#weights = Float64Array.from(weights);
    for (let at = 0; at < weights.length; at += classes) {
      const some = this.#weights.subarray(at, at + classes);
      const mean = some.reduce((sum, w) => sum + w / classes, 0);
      for (let k = 0; k < classes; k++) some[k] -= mean;
    }
  }

  explain(window: Float32Array, classIndex: number, out: Attribution): void {
    checkExplained(this, window, classIndex, out);
    const { classes, inputs } = this;
    const { mean, deviation, clip } = this.#scaling;
    out.method = this.method;
    out.classIndex = classIndex;
    out.deviations.fill(Number.NaN);
    out.baseline = this.#weights[inputs * classes + classIndex];
    out.value = out.baseline;
    for (let i = 0; i < inputs; i++) {
      const z = (window[i] - mean[i]) / deviation[i];
      const known = Number.isNaN(z) ? 0 : Math.max(-clip, Math.min(clip, z));
      out.values[i] = known === 0 ? 0 : known * this.#weights[i * classes + classIndex];
      out.value += out.values[i];
    }
  }

  async close(): Promise<void> {}
}
