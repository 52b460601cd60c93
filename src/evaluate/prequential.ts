import { Random } from '../core/index.ts';
import { Forecaster, type ForecasterHooks, type ForecasterOptions } from '../forecast/index.ts';
import { type EventBatch, type Instrument, instrumentKey } from '../market/index.ts';
import type { Target } from '../models/index.ts';
import { type Interval, PairedLosses } from './paired-losses.ts';
import { type ModelScore, Scoreboard } from './scoreboard.ts';

export interface NamedScore extends ModelScore {
  model: string;
  /** True for a model without skill by construction. */
  baseline: boolean;
  /** Decisions among the n that the model was trained on: evidence of memory, not of skill. */
  seen: number;
}

/** How much better the served model is than another, in nats a decision. */
export interface NamedGain {
  over: string;
  baseline: boolean;
  gain: number | null;
  interval: Interval | null;
  /** Blocks of `blockLength` decisions that the interval rests on. */
  blocks: number;
  blockLength: number;
  /** Why there is no interval. */
  reason: string | null;
}

/** The intervals' resampling is seeded, so that the same recording gives the same interval. */
const BOOTSTRAP_SEED = 20120621;

/**
 * The online forecaster with its running score: predict, then learn, in order of time (Dawid 1984). Every model is
 * scored on the same decisions, from the first whose label exists: nothing is warmed up out of sight.
 */
export class Prequential {
  readonly forecaster: Forecaster;
  readonly #scoreboard: Scoreboard;
  readonly #paired: PairedLosses;
  readonly #losses: Float64Array;
  /** Decisions from a forecast to its outcome, summed; their mean is how far outcomes overlap. */
  #spanSum = 0;
  #resolved = 0;
  /** By model: decisions that it was trained on. */
  readonly #key: string;
  readonly #seen: Uint32Array;

  constructor(instrument: Instrument, target: Target, hooks: ForecasterHooks = {}, options: ForecasterOptions = {}) {
    const scoring: ForecasterHooks = {
      ...hooks,
      onOutcome: (decision, label, probabilities) => {
        for (let m = 0; m < probabilities.length; m++) {
          this.#losses[m] = this.#scoreboard.add(m, label, probabilities[m]);
        }
        this.#paired.add(this.#losses);
        this.#countSeen(decision.tsNs);
        this.#spanSum += decision.span;
        this.#resolved++;
        hooks.onOutcome?.(decision, label, probabilities);
      },
    };
    this.forecaster = new Forecaster(instrument, target, scoring, options);
    const models = this.forecaster.models.length;
    this.#scoreboard = new Scoreboard(models, target.classes.length);
    this.#paired = new PairedLosses(
      models - 1,
      Array.from({ length: models - 1 }, (_, m) => m),
    );
    this.#losses = new Float64Array(models);
    this.#seen = new Uint32Array(models);
    this.#key = instrumentKey(instrument);
  }

  apply(batch: EventBatch, from = 0, to = batch.length): void {
    this.forecaster.apply(batch, from, to);
  }

  /** In the order of the forecaster's models: baselines first, the served one last. */
  scores(): NamedScore[] {
    return this.forecaster.models.map((model, m) => ({
      model: model.name,
      baseline: model.baseline,
      seen: this.#seen[m],
      ...this.#scoreboard.score(m),
    }));
  }

  #countSeen(tsNs: number): void {
    const { models, last } = this.forecaster;
    for (let m = 0; m < models.length; m++) if (models[m].learntAt?.(this.#key, last.day, tsNs)) this.#seen[m]++;
  }

  /** The served model against each other one, with 95 % intervals where there are blocks enough. */
  gains(): NamedGain[] {
    const span = this.#resolved === 0 ? 1 : this.#spanSum / this.#resolved;
    return this.#paired
      .gains(span, new Random(BOOTSTRAP_SEED))
      .map(({ rival, gain, interval, blocks, blockLength, reason }) => {
        const { name, baseline } = this.forecaster.models[rival];
        return { over: name, baseline, gain, interval, blocks, blockLength, reason };
      });
  }
}
