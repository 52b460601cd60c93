import type { Clock } from '../core/index.ts';
import type { FeatureFit, SignalDefinition } from '../features/index.ts';
import type { Model } from '../models/index.ts';
import type { Calibrator } from './calibration/calibrator.ts';
import type { OnlineTemperature } from './calibration/online-temperature.ts';
import type { DeliveryOptions } from './delivery.ts';
import type { Combiner } from './ensemble/combiner.ts';

/** Which bundle serves. Another version may take its place: read it where it is told. */
export interface BundleIdentity {
  readonly name: string;
  readonly version: string;
  /** Versions that took the place of another so far. */
  readonly swaps: number;
}

export interface ForecasterOptions extends DeliveryOptions {
  /** Default: the core set. */
  signals?: readonly SignalDefinition[];
  /** For signals that need one. */
  fit?: FeatureFit;
  /** The models, the served one last; default: new ones for the rows' schema. */
  models?: readonly Model[];
  /**
   * Pools what models say into one more, the `ensemble`, which is then the served one. Made for as many members as there are models, or for
   * the last so many of them: the baselines, which come first, are then scored beside it and not part of it.
   */
  combiner?: Combiner;
  /** Maps the forecasts of what would be served, the ensemble or the last model, to those that are; both are scored. */
  calibrator?: OnlineTemperature | Calibrator;
  /** With a monitor that names `STAGES`: times them. No forecast depends on it. */
  clock?: Clock;
  /** What the models were opened from: forecasts then carry its version as of the moment. Absent where they come from no bundle. */
  bundle?: BundleIdentity;
}
