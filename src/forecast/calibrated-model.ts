import { assert } from '../core/index.ts';
import type { Decision, Label, Model } from '../models/index.ts';
import type { Calibrator } from './calibration/calibrator.ts';
import { OnlineTemperature } from './calibration/online-temperature.ts';

/**
 * The place of a calibrator among a forecaster's models: the last, so that it is served, behind the one whose forecasts it maps, which is
 * scored beside it. It is part of one forecaster and asleep where that model is.
 */
export class CalibratedModel implements Model {
  readonly name: string;
  readonly baseline = false;
  readonly schemaHash = null;
  readonly calibrator: OnlineTemperature | Calibrator;
  readonly #raw: Float64Array;
  readonly #source: Model;

  /** `source` is the model that is mapped, `raw` where the forecaster writes what it says. */
  constructor(source: Model, calibrator: OnlineTemperature | Calibrator, raw: Float64Array) {
    assert(calibrator.classes === raw.length, 'a calibrator is made for as many classes as the target has');
    this.name = `${source.name}-calibrated`;
    this.calibrator = calibrator;
    this.#raw = raw;
    this.#source = source;
  }

  predict(_decision: Decision, out: Float64Array): void {
    this.calibrator.apply(this.#raw, out);
  }

  /** Nothing: what it learns from is what was said before it, see `settle`. */
  update(): void {}

  learntAt(instrument: string, day: number, tsNs: number): boolean {
    return this.#source.learntAt?.(instrument, day, tsNs) === true;
  }

  /** An earlier decision met its outcome: `raw` is what had been said before calibration. */
  settle(raw: Float64Array, label: Label): void {
    if (this.calibrator instanceof OnlineTemperature) this.calibrator.learn(raw, label);
  }
}
