import { Random } from '../../../src/core/index.ts';
import type { Dataset, FitEvent, FitOptions, RowMatrix } from '../../../src/models/training.ts';
import { createDataset, RowMatrixBuilder } from '../../../src/models/training.ts';
import type { LabelledRows } from '../../../src/models/trees/bins.ts';
import type { BoosterOptions } from '../../../src/models/trees/booster.ts';

export interface RandomRows {
  readonly seed: number;
  readonly rows: number;
  readonly width: number;
  readonly classes?: number;
  /** Share of numbers that are missing. */
  readonly missing?: number;
  /** Different values of a column; 0 for a continuum. */
  readonly values?: number;
}

/** Rows whose class has something to do with the first two columns. Every class is there. */
export function randomRows({ seed, rows, width, classes = 3, missing = 0.1, values = 0 }: RandomRows): LabelledRows {
  const random = new Random(seed);
  const data = new Float32Array(rows * width);
  const labels = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    for (let f = 0; f < width; f++) {
      data[i * width + f] = random.bernoulli(missing)
        ? Number.NaN
        : values === 0
          ? random.normal()
          : random.below(values) / 3;
    }
    const [a, b] = [data[i * width] || 0, data[i * width + 1 - (width === 1 ? 1 : 0)] || 0];
    labels[i] =
      i < classes ? i : random.bernoulli(0.7) ? Math.abs(Math.floor(a + 2 * b)) % classes : random.below(classes);
  }
  return { data, width, rows: Int32Array.from({ length: rows }, (_, i) => i), labels };
}

export const GROWING: Omit<BoosterOptions, 'monotone'> = {
  classes: 3,
  learningRate: 0.3,
  leaves: 8,
  depth: 0,
  bins: 255,
  minSamples: 1,
  minWeight: 0,
  minGain: 0,
  l2: 1,
  rowShare: 1,
  featureShare: 1,
  seed: 1,
};

/** Options of a fit that nobody watches, and what it told. */
export function quietly(): FitOptions & { readonly events: FitEvent[] } {
  const events: FitEvent[] = [];
  return {
    seed: 1,
    device: 'cpu',
    threads: 1,
    onEvent: (event) => events.push(event),
    signal: new AbortController().signal,
    checkpoints: null,
    events,
  };
}

/** A matrix whose mid moves by what the signals of the row before say, more or less; some signals are missing. */
export function toldMatrix(rows: number, seed = 1, width = 4): RowMatrix {
  const random = new Random(seed);
  const names = Array.from({ length: width }, (_, f) => `x_${f}`);
  const builder = new RowMatrixBuilder({ names, schemaHash: '0123456789abcdef' });
  let mid = 1000;
  for (let i = 0; i < rows; i++) {
    const row = names.map(() => (random.bernoulli(0.05) ? Number.NaN : random.normal()));
    builder.add(20_000, i * 1e6, mid, row);
    const score = (row[0] || 0) + 0.8 * (row[1] || 0) * (row[2] || 0) + 0.5 * random.normal();
    mid += score > 0.5 ? 0.5 : score < -0.5 ? -0.5 : 0;
  }
  return builder.build();
}

export function toldDataset(rows: number, seed = 1, width = 4): Dataset {
  const target = { kind: 'events', horizon: 1, classes: ['down', 'flat', 'up'] } as const;
  return createDataset({ matrix: toldMatrix(rows, seed, width), target, length: 1 });
}
