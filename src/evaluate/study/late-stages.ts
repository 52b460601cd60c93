import { assert } from '../../core/index.ts';
import type { ConformalSets, OnlineTemperature } from '../../forecast/index.ts';
import type { Label } from '../../models/index.ts';

export interface LateOptions {
  readonly classes: number;
  /** Row of each forecast, rising. */
  readonly rows: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
  /** By row of the matrix: the row with which its label is known. */
  readonly knownAt: Int32Array;
  /** Of the ensemble: forecasts × classes. */
  readonly probabilities: Float64Array;
  /** New; null where forecasts are served as the ensemble makes them. */
  readonly calibrator: OnlineTemperature | null;
  /** New; they are made of the calibrated forecasts. */
  readonly sets: ConformalSets;
}

export interface LateStages {
  /** What is served: forecasts × classes. */
  readonly served: Float64Array;
  /** Whether the set held what came true, as served. */
  readonly covered: Uint8Array;
  /**
   * Whether the theory's set did, which may be empty where the one served is not: the coverage that is asked for is of these. Served sets hold the
   * truth as often as these or more, and never less often than the likeliest class is right.
   */
  readonly kept: Uint8Array;
  /** Classes of the set as served. */
  readonly sizes: Uint8Array;
}

/**
 * What serving does behind the ensemble, over forecasts that were made before: each is calibrated and given a set of classes, and both learn
 * from a label once a later row (or the row itself) has brought it, and not before.
 */
export function walkLateStages(options: LateOptions): LateStages {
  const { classes, rows, labels, knownAt, probabilities, calibrator, sets } = options;
  const n = rows.length;
  assert(labels.length === n && probabilities.length === n * classes, 'a label and a forecast for each row');
  const given = Array.from({ length: n }, () => sets.emptySet());
  const served = Float64Array.from(probabilities);
  const covered = new Uint8Array(n);
  const kept = new Uint8Array(n);
  const sizes = new Uint8Array(n);
  const at = (i: number, of: Float64Array): Float64Array => of.subarray(i * classes, (i + 1) * classes);
  let next = 0;
  for (let i = 0; i < n; i++) {
    // `known` says that the label exists, as a `TargetStream` would.
    for (; next < i && knownAt[rows[next]] <= rows[i]; next++) {
      const label = labels[next] as Label;
      calibrator?.learn(at(next, probabilities), label);
      sets.learn(given[next], label);
    }
    calibrator?.apply(at(i, probabilities), at(i, served));
    sets.predict(rows[i], at(i, served), given[i]);
    covered[i] = given[i].members[labels[i]];
    kept[i] = given[i].forced ? 0 : covered[i];
    sizes[i] = given[i].size;
  }
  return { served, covered, kept, sizes };
}
