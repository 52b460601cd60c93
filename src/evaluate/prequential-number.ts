import { Random } from '../core/index.ts';
import { Forecaster, type ForecasterOptions } from '../forecast/index.ts';
import type { EventBatch, Instrument } from '../market/index.ts';
import {
  type ContinuousTarget,
  ContinuousTargetStream,
  type Decision,
  LinearModel,
  MajorityModel,
  type Outcome,
  parseTarget,
  studentTCdf,
} from '../models/index.ts';
import { studentCrps } from './metrics/crps.ts';
import { type Gain, PairedLosses } from './paired-losses.ts';

/** How the forecasts of one model fared. */
export interface NumberScore {
  readonly model: string;
  /** True for a model without skill by construction. */
  readonly baseline: boolean;
  readonly n: number;
  /** Mean continuous ranked probability score, in the unit of the number; lower is better. Null before the first outcome. */
  readonly crps: number | null;
  /** Mean absolute error of the median. */
  readonly error: number | null;
  /** Shares of the outcomes below the forecast's quantiles .05, .5 and .95: as large as these where the forecast is honest. */
  readonly below: readonly [number, number, number] | null;
}

/** The best model against another, in CRPS a decision. */
export interface NumberGain extends Omit<Gain, 'rival'> {
  readonly over: string;
  readonly baseline: boolean;
}

/** What a decision was forecast as: location, scale and degrees of freedom by model, and the outcome that was known last. */
interface Pending {
  readonly said: readonly Float64Array[];
  last: number;
}

const QUANTILES = [0.05, 0.5, 0.95] as const;
const BOOTSTRAP_SEED = 20120621;

/**
 * A number forecast live and scored as it goes: predict, then learn, in order of time (Dawid 1984), each outcome as soon as it exists and never
 * before. Three Bayesian linear regressions: of the mean alone, on the last outcome (for an imbalance: the present one), and on all signals.
 */
export class PrequentialNumber {
  /** Follows the book and tells the decision points; what it forecasts itself is of no interest. */
  readonly forecaster: Forecaster;
  readonly models: readonly LinearModel[];
  readonly #stream: ContinuousTargetStream;
  readonly #pending: Pending[] = [];
  readonly #paired: PairedLosses;
  readonly #losses: Float64Array;
  /** By model: sum of scores, of absolute errors, and outcomes below each quantile. */
  readonly #sums: readonly Float64Array[];
  #count = 0;
  #latest: readonly Float64Array[] | null = null;

  constructor(
    instrument: Instrument,
    target: ContinuousTarget,
    features: Pick<ForecasterOptions, 'signals' | 'fit'> = {},
  ) {
    const host = parseTarget('events:1');
    const hooks = { onDecision: (d: Decision) => this.#decide(d), onBreak: () => this.#stream.reset() };
    this.forecaster = new Forecaster(instrument, host, hooks, { ...features, models: [new MajorityModel(host)] });
    const own = { target, featureCount: this.forecaster.features.schema.names.length };
    this.models = [
      new LinearModel({ ...own, name: 'mean', inputs: 'mean' }),
      new LinearModel({ ...own, name: target.what === 'imbalance' ? 'now' : 'last', inputs: 'last' }),
      new LinearModel({ ...own, name: 'bayes-linear', inputs: 'row' }),
    ];
    this.#stream = new ContinuousTargetStream(target);
    this.#paired = new PairedLosses(2, [0, 1]);
    this.#losses = new Float64Array(this.models.length);
    this.#sums = this.models.map(() => new Float64Array(2 + QUANTILES.length));
  }

  apply(batch: EventBatch, from = 0, to = batch.length): void {
    this.forecaster.apply(batch, from, to);
  }

  /** Location, scale and degrees of freedom of the last forecast, by model; null before the first. */
  get last(): readonly Float64Array[] | null {
    return this.#latest;
  }

  /** Decisions whose outcome will never be known, or is not yet. */
  get unresolved(): { pending: number; dropped: number; overflowed: number } {
    const { pending, dropped, overflowed } = this.#stream;
    return { pending, dropped, overflowed };
  }

  scores(): NumberScore[] {
    const n = this.#count;
    return this.models.map(({ name, baseline }, m) => {
      const [crps, error, ...below] = Array.from(this.#sums[m], (sum) => sum / n);
      if (n === 0) return { model: name, baseline, n, crps: null, error: null, below: null };
      return { model: name, baseline, n, crps, error, below: below as [number, number, number] };
    });
  }

  /** The regression on all signals against those without skill, with 95 % intervals where there are blocks enough. */
  gains(): NumberGain[] {
    return this.#paired.gains(this.#stream.meanSpan, new Random(BOOTSTRAP_SEED)).map(({ rival, ...gain }) => {
      const { name, baseline } = this.models[rival];
      return { over: name, baseline, ...gain };
    });
  }

  #decide(decision: Decision): void {
    const slot = this.#stream.onDecision(decision, this.#settle);
    if (slot < 0) return;
    this.#pending[slot] ??= { said: this.models.map(() => new Float64Array(3)), last: Number.NaN };
    const pending = this.#pending[slot];
    pending.last = this.#stream.lastOutcome;
    for (let m = 0; m < this.models.length; m++) this.models[m].predict(decision, pending.last, pending.said[m]);
    this.#latest = pending.said;
  }

  readonly #settle = (slot: number, decision: Decision, outcome: Outcome): void => {
    const { said, last } = this.#pending[slot];
    this.#count++;
    for (let m = 0; m < this.models.length; m++) {
      const [location, scale, freedom] = said[m];
      const sums = this.#sums[m];
      this.#losses[m] = studentCrps(outcome, location, scale, freedom);
      sums[0] += this.#losses[m];
      sums[1] += Math.abs(outcome - location);
      const rank = studentTCdf((outcome - location) / scale, freedom);
      for (let q = 0; q < QUANTILES.length; q++) if (rank < QUANTILES[q]) sums[2 + q]++;
      this.models[m].update(decision, last, outcome);
    }
    this.#paired.add(this.#losses);
  };
}
