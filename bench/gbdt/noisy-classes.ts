import { Random } from '../../src/core/index.ts';

/** Rows with three classes, row-major. */
export interface Sample {
  readonly data: Float32Array;
  readonly width: number;
  readonly labels: Int32Array;
}

/**
 * Three classes, down, flat and up, drawn from a score of a handful of columns: a product, a wave, a line, a step. The other columns are
 * noise, some of them on a few values or heavy-tailed as market signals are, and one number in twenty is missing.
 */
export function noisyClasses(seed: number, rows: number, width: number): Sample {
  const random = new Random(seed);
  const data = new Float32Array(rows * width);
  const labels = new Int32Array(rows);
  const gumbel = (): number => -Math.log(random.exponential(1) + 1e-300);
  for (let i = 0; i < rows; i++) {
    const x = data.subarray(i * width, (i + 1) * width);
    for (let f = 0; f < width; f++) {
      const z = random.normal();
      x[f] = f % 5 === 3 ? Math.round(2 * z) : f % 5 === 4 ? z * z * z : z;
    }
    const score = x[0] * x[1] + Math.sin(2 * x[2]) + 0.25 * x[3] - (x[5] > 0.5 ? 0.7 * x[6] : 0);
    const scores = [-score + gumbel(), 0.5 - 0.3 * Math.abs(score) + gumbel(), score + gumbel()];
    labels[i] = scores.indexOf(Math.max(...scores));
    for (let f = 0; f < width; f++) if (random.bernoulli(0.05)) x[f] = Number.NaN;
  }
  return { data, width, labels };
}
