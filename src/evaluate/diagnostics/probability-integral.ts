import { assert, type Random } from '../../core/index.ts';
import { kolmogorovTail, normalCdf, studentCdf } from '../inference/distributions.ts';
import { longRunVariance } from '../inference/long-run-variance.ts';
import { type ClassLabels, classesOf } from '../metrics/class-labels.ts';

/**
 * Randomised probability integral transform of categorical forecasts, classes in their order: P(class < label) + v · P(label), v uniform
 * (Czado, Gneiting and Held 2009, section 2). Uniform where the forecasts are true.
 */
export function categoricalPit(labels: ClassLabels, probabilities: Float64Array, random: Random): Float64Array {
  const classes = classesOf(labels, probabilities);
  const pit = new Float64Array(labels.length);
  for (let row = 0; row < labels.length; row++) {
    let below = 0;
    for (let k = 0; k < labels[row]; k++) below += probabilities[row * classes + k];
    pit[row] = Math.min(1, below + random.float() * probabilities[row * classes + labels[row]]);
  }
  return pit;
}

/** Forecast densities of continuous targets, row by row: normal, or Student's with `freedom` degrees of freedom. */
export interface LocationScaleForecasts {
  readonly locations: Float64Array;
  /** Above 0; the standard deviation where the forecast is normal. */
  readonly scales: Float64Array;
  /** By row, at least 1; null where the forecasts are normal. */
  readonly freedom: Float64Array | null;
}

/** Probability integral transform F(y) (Dawid 1984). Uniform where the forecasts are true. */
export function continuousPit(values: Float64Array, forecasts: LocationScaleForecasts): Float64Array {
  const { locations, scales, freedom } = forecasts;
  assert(
    locations.length === values.length &&
      scales.length === values.length &&
      (freedom?.length ?? values.length) === values.length,
    'a forecast for each value',
  );
  return values.map((value, row) => {
    assert(scales[row] > 0, 'the scale of a forecast is above 0');
    const standard = (value - locations[row]) / scales[row];
    return freedom === null ? normalCdf(standard) : studentCdf(standard, freedom[row]);
  });
}

/** A Kolmogorov–Smirnov test of uniformity on [0, 1]. */
export interface UniformityTest {
  readonly n: number;
  /** What the rows are worth, were they independent. */
  readonly effectiveN: number;
  /** Largest distance of the empirical from the uniform distribution function. */
  readonly distance: number;
  readonly pValue: number;
}

/**
 * Tests whether a transform is uniform; the values of overlapping labels depend on those up to `lag` rows before. The effective number of
 * rows is the least of those of the shares below 0.25, 0.5 and 0.75, whose distances the test is about (`longRunVariance`). p-value by
 * Kolmogorov's distribution with Stephens' (1970) correction for small samples.
 */
export function uniformityTest(pit: Float64Array, lag: number): UniformityTest {
  assert(pit.length >= 2, 'a test has at least two values');
  const n = pit.length;
  let effectiveN = n;
  for (const level of [0.25, 0.5, 0.75]) {
    const below = pit.map((u) => (u <= level ? 1 : 0));
    const variance = longRunVariance(below, 0);
    if (variance > 0) effectiveN = Math.min(effectiveN, (n * variance) / longRunVariance(below, lag));
  }
  const sorted = pit.toSorted();
  let distance = 0;
  for (let i = 0; i < n; i++) distance = Math.max(distance, (i + 1) / n - sorted[i], sorted[i] - i / n);
  const root = Math.sqrt(effectiveN);
  return { n, effectiveN, distance, pValue: kolmogorovTail((root + 0.12 + 0.11 / root) * distance) };
}
