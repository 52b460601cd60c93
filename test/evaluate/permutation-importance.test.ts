import { describe, expect, it } from 'vitest';
import { permutationImportance } from '../../src/evaluate/permutation-importance.ts';
import { familiesOf } from '../../src/models/index.ts';
import { createDataset, findKind } from '../../src/models/training.ts';
import { configured } from '../models/nets/support.ts';
import { signalMatrix } from '../models/training/signal-matrix.ts';
import { quietly } from '../models/trees/support.ts';

const target = { kind: 'events', horizon: 1, classes: ['down', 'flat', 'up'] } as const;

async function planted(seed: number) {
  const data = createDataset({ matrix: signalMatrix(3000, 0.6, seed), target, length: 1 });
  const kind = findKind('logistic');
  const model = await kind.fit(data, configured(kind.config, { linear: {} }), quietly());
  return { data, model, families: familiesOf(data.matrix.names), blockLength: 10, repeats: 2, seed: 1, draws: 500 };
}

describe('permutationImportance', () => {
  it('finds the planted signal, with an interval above 0, and nothing in noise', async () => {
    const [tell, ...noise] = await permutationImportance(await planted(1));
    expect(tell.family).toBe('tell');
    expect(tell.increase).toBeGreaterThan(0.2);
    expect(tell.interval!.low).toBeGreaterThan(0.1);
    expect(tell.interval!.low).toBeLessThan(tell.increase);
    expect(tell.interval!.high).toBeGreaterThan(tell.increase);
    for (const { increase } of noise) expect(Math.abs(increase)).toBeLessThan(0.01);
  });

  it('is the same for the same seed and leaves the data as they were', async () => {
    const options = await planted(2);
    const before = options.data.matrix.data.slice();
    const once = await permutationImportance(options);
    expect(await permutationImportance(options)).toEqual(once);
    expect(await permutationImportance({ ...options, seed: 2 })).not.toEqual(once);
    expect(options.data.matrix.data).toEqual(before);
  });

  it('permutes columns of one family together', async () => {
    const options = await planted(3);
    const [all] = await permutationImportance({ ...options, families: familiesOf(['all', 'all', 'all']) });
    const [tell] = await permutationImportance(options);
    expect(all.increase).toBeGreaterThan(0.8 * tell.increase);
  });

  it('says nothing of how sure it is of a few blocks, and refuses one', async () => {
    const options = await planted(4);
    const [{ interval }] = await permutationImportance({ ...options, blockLength: 60 });
    expect(interval).toBeNull();
    await expect(permutationImportance({ ...options, blockLength: 1000 })).rejects.toThrow('fewer than two blocks');
  });
});
