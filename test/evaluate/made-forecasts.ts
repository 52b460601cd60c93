import type { Random } from '../../src/core/index.ts';

export interface MadeForecasts {
  readonly labels: Int8Array;
  readonly probabilities: Float64Array;
}

/** Random distributions over the classes, and labels drawn from them: forecasts of a perfect model. */
export function perfectForecasts(random: Random, rows: number, classes: number): MadeForecasts {
  const labels = new Int8Array(rows);
  const probabilities = new Float64Array(rows * classes);
  for (let row = 0; row < rows; row++) {
    const own = probabilities.subarray(row * classes, (row + 1) * classes);
    let sum = 0;
    for (let k = 0; k < classes; k++) {
      own[k] = 0.05 + random.exponential(1);
      sum += own[k];
    }
    for (let k = 0; k < classes; k++) own[k] /= sum;
    let left = random.float();
    let label = 0;
    while (label < classes - 1 && left >= own[label]) left -= own[label++];
    labels[row] = label;
  }
  return { labels, probabilities };
}

/** The same forecasts with each probability to this power: above 1 too sure of themselves, below 1 too shy. */
export function sharpened(probabilities: Float64Array, classes: number, power: number): Float64Array {
  const out = probabilities.map((p) => p ** power);
  for (let at = 0; at < out.length; at += classes) {
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += out[at + k];
    for (let k = 0; k < classes; k++) out[at + k] /= sum;
  }
  return out;
}

/** Standard normal noise summed over `span` draws: neighbours depend on each other as overlapping labels do. */
export function overlappingNoise(random: Random, rows: number, span: number): Float64Array {
  const noise = Float64Array.from({ length: rows + span }, () => random.normal());
  return Float64Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let j = 0; j < span; j++) sum += noise[row + j];
    return sum / Math.sqrt(span);
  });
}
