/** The moments of what was gained a step. */
export interface StepMoments {
  readonly n: number;
  readonly mean: number;
  /** Standard deviation, dividing by n. */
  readonly deviation: number;
  /** Third standardised moment; 0 of a normal. */
  readonly skewness: number;
  /** Fourth standardised moment, raw: 3 of a normal, never "excess". */
  readonly kurtosis: number;
}

/** A normal's where the values never vary. */
export function stepMoments(values: ArrayLike<number>): StepMoments {
  const n = values.length;
  let sum = 0;
  let largest = 0;
  for (let i = 0; i < n; i++) {
    sum += values[i];
    largest = Math.max(largest, Math.abs(values[i]));
  }
  const mean = sum / n;
  let second = 0;
  let third = 0;
  let fourth = 0;
  for (let i = 0; i < n; i++) {
    const centred = values[i] - mean;
    const square = centred * centred;
    second += square / n;
    third += (square * centred) / n;
    fourth += (square * square) / n;
  }
  const deviation = Math.sqrt(second);
  // What a constant series varies by is rounding.
  if (deviation <= 1e-12 * largest) return { n, mean, deviation: 0, skewness: 0, kurtosis: 3 };
  return { n, mean, deviation, skewness: third / deviation ** 3, kurtosis: fourth / deviation ** 4 };
}
