import { assert } from '../../core/index.ts';
import { ExponentialWeights, type ExponentialWeightsOptions } from './exponential-weights.ts';

export interface FixedShareOptions extends ExponentialWeightsOptions {
  /**
   * α in [0, 1): what of its weight each expert shares out among the others, at every label; where no learning rate is given, at every label
   * that counts as one, which is `share` over the mean span of the labels. Default: 0.001.
   */
  share?: number;
}

const DEFAULT_SHARE = 1e-3;

/**
 * Exponential weights of which each expert gives a share α to the others at every label, so that one that was bad can lead again within
 * ln(N / α) / η nats (Herbster and Warmuth, "Tracking the best expert", Machine Learning 32, 1998). Against every sequence of experts with m
 * switches over T labels the pool loses at most (1/η) [ln N + m ln(N − 1) − m ln α − (T − 1 − m) ln(1 − α)] more, which for α = m / (T − 1) is
 * below (1/η) [(m + 1) ln N + (T − 1) H(m / (T − 1))], H being the entropy in nats.
 */
export class FixedShare extends ExponentialWeights {
  override readonly name = 'fixed-share';
  readonly share: number;
  readonly #overlaps: boolean;

  constructor(options: FixedShareOptions) {
    super(options);
    this.#overlaps = options.learningRate === undefined;
    this.share = options.share ?? DEFAULT_SHARE;
    assert(this.share >= 0 && this.share < 1, 'a share lies in [0, 1)');
  }

  protected override learn(label: number, span: number): void {
    super.learn(label, span);
    let count = 0;
    for (let i = 0; i < this.experts; i++) count += this.awake[i];
    if (count < 2) return;
    // Among those awake alone: those asleep neither give nor take.
    const total = this.logSumAwake();
    const share = this.#overlaps ? this.share * this.learningRate : this.share;
    const given = share / (count - 1);
    for (let i = 0; i < this.experts; i++) {
      if (this.awake[i] === 0) continue;
      const weight = Math.exp(this.logs[i] - total);
      this.logs[i] = total + Math.log((1 - share) * weight + given * (1 - weight));
    }
  }
}
