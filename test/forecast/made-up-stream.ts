import { Random } from '../../src/core/index.ts';

/** Forecasts and labels of a market that is made up: the truth is softmax(z), the forecast something else of z. */
export interface MadeUpStream {
  classes: number;
  /** Count × classes. */
  probabilities: Float64Array;
  labels: Int8Array;
  /** What the labels were drawn from. */
  truth: Float64Array;
}

export function softmax(logits: readonly number[]): number[] {
  const top = Math.max(...logits);
  const e = logits.map((z) => Math.exp(z - top));
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((x) => x / sum);
}

/** `said` turns the true log-odds of row `i` into those of the forecast. */
export function madeUp(
  count: number,
  seed: number,
  said: (z: number[], i: number) => number[],
  classes = 3,
  spread = 1,
): MadeUpStream {
  const random = new Random(seed);
  const stream = {
    classes,
    probabilities: new Float64Array(count * classes),
    labels: new Int8Array(count),
    truth: new Float64Array(count * classes),
  };
  for (let i = 0; i < count; i++) {
    const z = Array.from({ length: classes }, () => spread * random.normal());
    const p = softmax(z);
    let u = random.float();
    let label = 0;
    while (label < classes - 1 && u >= p[label]) u -= p[label++];
    stream.labels[i] = label;
    stream.truth.set(p, i * classes);
    stream.probabilities.set(softmax(said(z, i)), i * classes);
  }
  return stream;
}

/** A forecaster that is right, then far too sure, then partial to the first class, then drifts to knowing nothing. */
export function shifting(count: number, seed: number): MadeUpStream {
  return madeUp(count, seed, (z, i) => {
    const part = Math.floor((4 * i) / count);
    if (part === 0) return z;
    if (part === 1) return z.map((x) => 3 * x);
    if (part === 2) return z.map((x, k) => x + (k === 0 ? 2 : 0));
    const left = 4 * (1 - i / count);
    return z.map((x) => left * x);
  });
}

export function rowOf(stream: MadeUpStream, i: number): Float64Array {
  return stream.probabilities.subarray(i * stream.classes, (i + 1) * stream.classes);
}
