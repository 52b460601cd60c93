import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { tryMirror } from '../../../src/evaluate/study/mirror-trial.ts';
import { parseTarget } from '../../../src/models/index.ts';
import { createDataset, type RowMatrix } from '../../../src/models/training.ts';
import { randomMatrix } from '../../models/training/random-matrix.ts';

const target = parseTarget('events:1');
/** All three columns change their sign with the book. */
const MIRROR = { source: [0, 1, 2], sign: [-1, -1, -1] };
const OPTIONS = { seed: 1, threads: 1, signal: new AbortController().signal };

/** A market whose next move has the sign of `law` of the row, three times of four. */
function market(seed: number, rows: number, law: (a: number, b: number) => number): RowMatrix {
  const matrix = randomMatrix({ seed, rows, market: true, missing: 0, breaks: 0 });
  const random = new Random(seed);
  const data = matrix.data.map(() => random.normal());
  const midTicks = new Float64Array(rows).fill(1000);
  for (let row = 0; row + 1 < rows; row++) {
    const sign = Math.sign(law(data[3 * row], data[3 * row + 1])) * (random.bernoulli(0.75) ? 1 : -1);
    midTicks[row + 1] = midTicks[row] + sign;
  }
  return { ...matrix, data, midTicks };
}

const datasetOf = (matrix: RowMatrix) => createDataset({ matrix, target: parseTarget('next-change'), length: 1 });

describe('tryMirror', () => {
  it('keeps the mirror where the law turns with the book', async () => {
    for (const seed of [1, 2]) {
      const { holds, error } = await tryMirror(datasetOf(market(seed, 4000, (a) => a)), MIRROR, OPTIONS);
      expect(holds).toBe(true);
      expect(error).toBeGreaterThan(0);
    }
  });

  it('gives it up where the law is of a product, which the mirror image contradicts', async () => {
    for (const seed of [1, 2]) {
      const { holds, gain, error } = await tryMirror(datasetOf(market(seed, 4000, (a, b) => a * b)), MIRROR, OPTIONS);
      expect(holds).toBe(false);
      expect(gain).toBeLessThan(-5 * error);
    }
  });

  it('asks the training rows alone', async () => {
    const matrix = market(3, 4000, (a) => a);
    const other = market(4, 4000, (a, b) => a * b);
    const from = 2400;
    const changed = {
      ...matrix,
      data: matrix.data.map((x, i) => (i < 3 * from ? x : other.data[i])),
      midTicks: matrix.midTicks.map((x, i) => (i < from ? x : other.midTicks[i])),
    };
    expect(await tryMirror(datasetOf(changed), MIRROR, OPTIONS)).toEqual(
      await tryMirror(datasetOf(matrix), MIRROR, OPTIONS),
    );
  });

  it('keeps it where the rows are too few to tell, and stops where it is told to', async () => {
    const few = createDataset({ matrix: randomMatrix({ seed: 1, rows: 400 }), target, length: 1 });
    expect(await tryMirror(few, MIRROR, OPTIONS)).toEqual({ holds: true, gain: 0, error: 0 });
    const signal = AbortSignal.abort();
    const dataset = datasetOf(market(1, 2000, (a) => a));
    await expect(tryMirror(dataset, MIRROR, { ...OPTIONS, signal })).rejects.toThrow(/stopped while the mirror/);
  });
});
