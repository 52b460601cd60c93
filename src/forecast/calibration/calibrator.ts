/**
 * Maps the probabilities of one forecast to better calibrated ones. Fitted by `fitting.ts`; serving only applies it.
 */
export interface Calibrator {
  readonly kind: CalibratorJson['kind'];
  readonly classes: number;
  /**
   * `probabilities` of one forecast, one a class. Writes as many into `out`, each above 0 and together 1; `out` may be
   * `probabilities` itself. Allocates nothing.
   */
  apply(probabilities: Float64Array, out: Float64Array): void;
  /** What `readCalibrator` reads back, exactly. */
  toJson(): CalibratorJson;
}

/** Where one class's curve bends: `to[i]` is the frequency at probability `from[i]`, linear between, constant outside. */
export interface CurveJson {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

export type CalibratorJson =
  | { readonly kind: 'identity'; readonly classes: number }
  | { readonly kind: 'temperature'; readonly classes: number; readonly temperature: number }
  | {
      readonly kind: 'vector';
      readonly classes: number;
      readonly scale: readonly number[];
      readonly bias: readonly number[];
    }
  | {
      readonly kind: 'isotonic';
      readonly classes: number;
      /** No probability before renormalisation is below it. */
      readonly least: number;
      readonly curves: readonly CurveJson[];
    };
