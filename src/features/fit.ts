/**
 * Parameters of signals that are estimated on training data, saved beside the models that use them. Plain data; made by
 * `fitting.ts`, which serving never sees.
 */
export interface FeatureFit {
  readonly format: 'bookcast-fit';
  readonly version: 1;
  /** `venue:NAME` of the training data. */
  readonly instrument: string;
  /** Levels a side. */
  readonly depth: number;
  /** Messages of the training data. */
  readonly messages: number;
  /** Where the training data ends: venue time, ISO 8601. Rows up to here are no test of a model. */
  readonly until: string;
  readonly microprice: MicropriceFit;
  readonly components: ComponentsFit;
  readonly hawkes: HawkesFit;
  /** First 16 hex digits of the SHA-256 of everything else in here, as canonical JSON. */
  readonly hash: string;
}

export interface MicropriceFit {
  /** Microprice less mid in ticks, by state (|imbalance| bucket within spread bucket); odd in imbalance. */
  readonly fair: readonly number[];
}

export interface ComponentsFit {
  /** First principal component of the levels' order flows, by level, divided by the sum of its absolute values; sum above 0. */
  readonly weights: readonly number[];
  /** Its part of the variance. */
  readonly explained: number;
}

/**
 * Buys and sells excite themselves and each other, alike on both sides:
 * λ_buy(t) = μ + Σ_buys α_self e^(−β(t − tᵢ)) + Σ_sells α_cross e^(−β(t − tᵢ)), rates per second.
 */
export interface HawkesFit {
  readonly baseRate: number;
  readonly self: number;
  readonly cross: number;
  /** β, 1/s. */
  readonly decay: number;
  /** Log-likelihood per trade, and that of a Poisson process with the same mean rate: the no-skill baseline. */
  readonly logLikelihood: number;
  readonly poissonLogLikelihood: number;
}
