import { dense, type ExplainSpec, explainGraph, flattenWindow, type NetFunction, serveGraph } from '../../nn/index.ts';
import type { Explainer } from '../explain/attribution.ts';
import { LinearExplainer } from '../explain/linear-explainer.ts';
import type { FittedModel, Scaler, Windows } from '../training/contract.ts';
import { scoresOf, softmaxAt } from './scaled-rows.ts';

/** Rows that are scaled at once. */
const BLOCK = 1024;

/** A softmax of linear scores of one scaled row. */
export class FittedLinear implements FittedModel {
  readonly kind: string;
  readonly length = 1;
  readonly parameters: number;
  readonly multiplyAdds: number;
  /** (width + 1) × classes, the intercepts last; rounded to what the model file holds. */
  readonly weights: Float32Array;
  readonly #scaler: Scaler;
  readonly #classes: number;

  constructor(kind: string, weights: Float64Array, classes: number, scaler: Scaler) {
    this.kind = kind;
    this.weights = Float32Array.from(weights);
    this.parameters = weights.length;
    this.multiplyAdds = weights.length - classes;
    this.#classes = classes;
    this.#scaler = scaler;
  }

  async predict(windows: Windows): Promise<Float64Array> {
    const { count, matrix } = windows;
    const classes = this.#classes;
    const out = new Float64Array(count * classes);
    const x = new Float32Array(BLOCK * matrix.width);
    const labels = new Int32Array(BLOCK);
    for (let from = 0; from < count; from += BLOCK) {
      const n = Math.min(BLOCK, count - from);
      windows.fill(null, from, n, x, BLOCK, labels);
      const scores = scoresOf(x, n, this.weights, classes);
      for (let i = 0; i < n; i++) softmaxAt(scores, i * classes, classes);
      out.set(scores, from * classes);
    }
    return out;
  }

  toOnnx(metadata: Readonly<Record<string, string>>): Uint8Array {
    return serveGraph({ ...this.#asNet(), activation: 'softmax' }, { name: this.kind, metadata });
  }

  /** Gradients of a linear model are its weights, and their integral is as exact as the weights are. */
  toExplain(metadata: Readonly<Record<string, string>>): Uint8Array {
    return explainGraph(this.#asNet(), { name: `${this.kind}-explained`, metadata });
  }

  async explainer(): Promise<Explainer> {
    return new LinearExplainer(this.weights, this.#classes, this.#scaler);
  }

  #asNet(): ExplainSpec {
    const outputs = this.#classes;
    const features = this.weights.length / outputs - 1;
    // The layer asks for its weights and then its intercepts, which is how they lie here.
    const net: NetFunction = (builder, x) => dense(builder, 'head', flattenWindow(x), outputs);
    return { net, steps: 1, features, outputs, weights: this.weights, scaler: this.#scaler };
  }

  async close(): Promise<void> {}
}
