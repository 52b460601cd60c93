/** Quantiles that are kept of a column. */
const QUANTILES = [0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1] as const;

export interface Histogram {
  /** Ends of the bins together: bins are equally wide. */
  low: number;
  high: number;
  counts: number[];
  /** Values below `low` and above `high`: in no bin. */
  below: number;
  above: number;
}

/** What the values of a column look like. Numbers are `NaN` where there are no values. */
export interface Distribution {
  count: number;
  /** Part of the rows that is `NaN`. */
  missing: number;
  mean: number;
  /** Standard deviation, dividing by n. */
  sd: number;
  /** At `QUANTILES`, between values on a straight line (Hyndman and Fan 1996, type 7). */
  quantiles: number[];
  /** Third and fourth standardised moments, dividing by n; the kurtosis less 3, so that the normal has 0. */
  skewness: number;
  excessKurtosis: number;
  /** Part of the values that is exactly 0. */
  zeros: number;
  /** Different values; counted up to 1,000. */
  distinct: number;
  histogram: Histogram;
}

const MOST_DISTINCT = 1000;
const BINS = 40;
/** The histogram leaves out so much at either end: heavy tails would squeeze all else into one bin. */
const TAIL = 0.005;

/** `order`: the places of the values in ascending order (`sortOrder`). */
export function distributionOf(values: Float64Array, order: Uint32Array): Distribution {
  const count = order.length;
  let sum = 0;
  let zeros = 0;
  let distinct = 0;
  for (let k = 0; k < count; k++) {
    const value = values[order[k]];
    sum += value;
    if (value === 0) zeros++;
    if (distinct < MOST_DISTINCT && (k === 0 || value !== values[order[k - 1]])) distinct++;
  }
  const mean = count === 0 ? Number.NaN : sum / count;
  let second = 0;
  let third = 0;
  let fourth = 0;
  for (let k = 0; k < count; k++) {
    const d = values[order[k]] - mean;
    second += d * d;
    third += d * d * d;
    fourth += d * d * d * d;
  }
  const variance = second / count;
  return {
    count,
    missing: values.length === 0 ? Number.NaN : 1 - count / values.length,
    mean,
    sd: Math.sqrt(variance),
    quantiles: QUANTILES.map((p) => quantileOf(values, order, p)),
    skewness: distinct < 2 ? Number.NaN : third / count / variance ** 1.5,
    excessKurtosis: distinct < 2 ? Number.NaN : fourth / count / variance ** 2 - 3,
    zeros: count === 0 ? Number.NaN : zeros / count,
    distinct,
    histogram: histogramOf(values, order),
  };
}

function quantileOf(values: Float64Array, order: Uint32Array, p: number): number {
  if (order.length === 0) return Number.NaN;
  const place = p * (order.length - 1);
  const before = Math.floor(place);
  const low = values[order[before]];
  const high = values[order[Math.min(before + 1, order.length - 1)]];
  return low + (place - before) * (high - low);
}

function histogramOf(values: Float64Array, order: Uint32Array): Histogram {
  const count = order.length;
  const counts = new Array<number>(BINS).fill(0);
  if (count === 0) return { low: Number.NaN, high: Number.NaN, counts: [], below: 0, above: 0 };
  let low = quantileOf(values, order, TAIL);
  let high = quantileOf(values, order, 1 - TAIL);
  if (low === high) {
    // Half of the smallest number that there is would be 0.
    const half = low === 0 ? 0.5 : Math.max(Math.abs(low) / 2, Number.MIN_VALUE);
    low -= half;
    high += half;
  }
  let below = 0;
  let above = 0;
  for (let k = 0; k < count; k++) {
    const value = values[order[k]];
    if (value < low) below++;
    else if (value > high) above++;
    else counts[Math.min(BINS - 1, Math.floor(((value - low) / (high - low)) * BINS))]++;
  }
  return { low, high, counts, below, above };
}
