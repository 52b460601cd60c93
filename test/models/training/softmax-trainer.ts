import { Random } from '../../../src/core/index.ts';
import type { StepResult, Trainer, TrainerState } from '../../../src/nn/index.ts';

/** Softmax regression on the last row of a window, by gradient descent with momentum, written out: small, exact, and no graph. */
export class SoftmaxTrainer implements Trainer {
  readonly parameters: number;
  readonly device = 'cpu';
  readonly missed = null;
  /** Steps after which a loss is NaN. */
  failsAt = Number.POSITIVE_INFINITY;
  readonly #features: number;
  readonly #classes: number;
  readonly #length: number;
  readonly #batch: number;
  #step = 0;
  #weights: Float32Array;
  #momentum: Float32Array;

  constructor(length: number, features: number, classes: number, batch: number, seed: number) {
    this.#length = length;
    this.#features = features;
    this.#classes = classes;
    this.#batch = batch;
    this.parameters = features * classes;
    const random = new Random(seed);
    this.#weights = Float32Array.from({ length: this.parameters }, () => 0.1 * random.normal());
    this.#momentum = new Float32Array(this.parameters);
  }

  async step(x: Float32Array, y: Int32Array, count: number, rate: number): Promise<StepResult> {
    const gradient = new Float64Array(this.parameters);
    let loss = 0;
    for (let b = 0; b < count; b++) {
      const at = ((this.#length - 1) * this.#batch + b) * this.#features;
      const p = softmax(x, at, this.#weights, this.#features, this.#classes);
      loss -= Math.log(p[y[b]]) / count;
      for (let f = 0; f < this.#features; f++)
        for (let k = 0; k < this.#classes; k++)
          gradient[f * this.#classes + k] += (x[at + f] * (p[k] - (k === y[b] ? 1 : 0))) / count;
    }
    // As the real one: in time, and not at once.
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#step >= this.failsAt) return { loss: Number.NaN, gradientNorm: Number.NaN };
    this.#step++;
    for (let i = 0; i < this.parameters; i++) {
      this.#momentum[i] = 0.9 * this.#momentum[i] + gradient[i];
      this.#weights[i] -= rate * this.#momentum[i];
    }
    return { loss, gradientNorm: Math.hypot(...gradient) };
  }

  state(): TrainerState {
    return {
      step: this.#step,
      parameters: this.#weights.slice(),
      first: this.#momentum.slice(),
      second: new Float32Array(0),
      average: new Float32Array(0),
    };
  }

  restore(state: TrainerState): void {
    this.#step = state.step;
    this.#weights = Float32Array.from(state.parameters);
    this.#momentum = Float32Array.from(state.first);
  }

  weights(): Float32Array {
    return this.#weights;
  }

  async close(): Promise<void> {}
}

export function softmax(
  x: Float32Array,
  at: number,
  weights: Float32Array,
  features: number,
  classes: number,
): Float64Array {
  const out = new Float64Array(classes);
  for (let k = 0; k < classes; k++) for (let f = 0; f < features; f++) out[k] += x[at + f] * weights[f * classes + k];
  const top = Math.max(...out);
  let sum = 0;
  for (let k = 0; k < classes; k++) sum += out[k] = Math.exp(out[k] - top);
  return out.map((value) => value / sum);
}
