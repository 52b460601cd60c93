import { assert } from '../../core/index.ts';
import type { CombinerShape } from './combiner.ts';
import { WeightedPool } from './weighted-pool.ts';

export interface ExponentialWeightsOptions extends CombinerShape {
  /**
   * η in (0, 1]. Default: 1 over the mean span of the labels so far, which is 1/h where each overlaps the h − 1 that follow it: h labels
   * that repeat each other count for one.
   */
  learningRate?: number;
}

/**
 * Weights ∝ exp(−η Σ log-loss) (Vovk 1990; Littlestone and Warmuth 1994). With η = 1 this is Bayes' rule over the experts. For a fixed
 * η ≤ 1 the log-loss of the pool exceeds that of the best of N experts by at most ln N / η in all, whatever happens: p^η is concave, so the
 * pool loses no more than −(1/η) ln Σ w p^η, and these telescope (Cesa-Bianchi and Lugosi, "Prediction, Learning, and Games", 2006,
 * section 3.3). That counts labels known before the next forecast. Where they come h forecasts later, h copies, each with every h-th
 * forecast for its own, lose at most h ln N / η (Joulani, György and Szepesvári 2013, theorem 1); one copy that learns late, as here, has
 * no bound for all sequences, but does not learn h times as slowly.
 */
export class ExponentialWeights extends WeightedPool {
  readonly name: string = 'exponential-weights';
  readonly #rate: number;
  /** Sum of the spans, number of labels. */
  readonly #spans = new Float64Array(2);

  constructor(options: ExponentialWeightsOptions) {
    super(options);
    const { learningRate = Number.NaN } = options;
    assert(Number.isNaN(learningRate) || (learningRate > 0 && learningRate <= 1), 'a learning rate lies in (0, 1]');
    this.#rate = learningRate;
  }

  /** η as it is now. */
  get learningRate(): number {
    if (!Number.isNaN(this.#rate)) return this.#rate;
    return this.#spans[1] === 0 ? 1 : Math.min(1, this.#spans[1] / this.#spans[0]);
  }

  protected learn(label: number, span: number): void {
    this.#spans[0] += span;
    this.#spans[1]++;
    const rate = this.learningRate;
    const before = this.logSumAwake();
    for (let i = 0; i < this.experts; i++)
      if (this.awake[i] === 1) this.logs[i] += rate * Math.log(this.said(i, label));
    // Together those awake weigh what they did: so those asleep neither gain nor lose.
    const shift = before - this.logSumAwake();
    for (let i = 0; i < this.experts; i++) if (this.awake[i] === 1) this.logs[i] += shift;
  }

  protected state(): readonly Float64Array[] {
    return [this.#spans];
  }
}
