import { describe, expect, it } from 'vitest';
import { parseTarget } from '../../../src/models/index.ts';
import { createDataset, mirrorTraining, type Windows } from '../../../src/models/training.ts';
import { randomMatrix } from './random-matrix.ts';

const MIRROR = { source: [0, 2, 1], sign: [-1, 1, 1] };
const dataset = createDataset({
  matrix: randomMatrix({ seed: 3, rows: 2000 }),
  target: parseTarget('events:5'),
  length: 4,
});
const mirrored = mirrorTraining(dataset, MIRROR);

function filled(windows: Windows, width: number): { x: Float32Array; y: Int32Array } {
  const { count, length } = windows;
  const x = new Float32Array(length * count * width);
  const y = new Int32Array(count);
  windows.fill(null, 0, count, x, count, y);
  return { x, y };
}

describe('a dataset with its mirror image', () => {
  it('has every training window twice, the second time with its signals and its label turned round', () => {
    const { matrix } = mirrored;
    const n = dataset.train.count;
    expect(mirrored.train.count).toBe(2 * n);
    for (let i = 0; i < n; i++) {
      const [row, image] = [mirrored.train.rows[i], mirrored.train.rows[n + i]];
      expect(mirrored.train.labels[n + i]).toBe(2 - dataset.train.labels[i]);
      for (let back = 0; back < 4; back++) {
        const [x, y, z] = dataset.matrix.data.subarray(3 * (row - back), 3 * (row - back) + 3);
        expect([...matrix.data.subarray(3 * (image - back), 3 * (image - back) + 3)]).toEqual([0 - x, z, y]);
      }
      expect(matrix.segment[image]).toBe(matrix.segment[image - 3]);
    }
    const [down, flat, up] = mirrored.prior;
    expect(down).toBeCloseTo(up, 15);
    expect(down + flat + up).toBeCloseTo(1, 12);
  });

  it('leaves validation and test as they were, at every length', () => {
    for (const length of [1, 4]) {
      const [plain, both] = [dataset.withLength(length), mirrored.withLength(length)];
      expect(filled(both.validation, 3)).toEqual(filled(plain.validation, 3));
      expect(filled(both.test, 3)).toEqual(filled(plain.test, 3));
      expect(both.train.count).toBe(2 * plain.train.count);
    }
  });

  it('has a hash of its own', () => {
    expect(mirrored.matrix.hash).not.toBe(dataset.matrix.hash);
    expect(mirrorTraining(dataset, MIRROR).matrix.hash).toBe(mirrored.matrix.hash);
    expect(mirrorTraining(dataset, { ...MIRROR, sign: [1, 1, 1] }).matrix.hash).not.toBe(mirrored.matrix.hash);
  });
});
