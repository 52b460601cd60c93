import { describe, expect, it } from 'vitest';
import { DropoutMasks } from '../../src/nn/dropout-masks.ts';

const drawn = (sizes: readonly (readonly [number, number])[], seed: number, step: number): Uint8Array[] => {
  const masks = new DropoutMasks();
  const bytes = sizes.map(([size, share]) => masks.add(size, share));
  masks.draw(seed, step);
  return bytes;
};

describe('dropout masks', () => {
  it.each([0.5, 0.1, 0.25, 0.9, 1 / 3])('set a share of %d to 0, whatever stands beside it', (share) => {
    const n = 200_000;
    const [mask] = drawn([[n, share]], 1, 1);
    const deviation = Math.sqrt(share * (1 - share) * n);
    let zeros = 0;
    // Pairs at a distance agree as often as independent ones do.
    const both = new Map([1, 4, 8, 32].map((lag) => [lag, 0]));
    for (let i = 0; i < n; i++) {
      if (mask[i] > 1) throw new Error(`byte ${i} is ${mask[i]}`);
      if (mask[i] === 1) continue;
      zeros++;
      for (const [lag, count] of both) if (i >= lag && mask[i - lag] === 0) both.set(lag, count + 1);
    }
    expect(Math.abs(zeros - share * n)).toBeLessThan(4 * deviation);
    for (const [lag, count] of both)
      expect(Math.abs(count / n - share * share), `lag ${lag}`).toBeLessThan(8 * share * (deviation / n) + 0.002);
  });

  it('are told by the seed and the step alone', () => {
    const sizes = [
      [1000, 0.3],
      [33, 0.5],
    ] as const;
    const first = drawn(sizes, 5, 9);
    expect(drawn(sizes, 5, 9)).toEqual(first);
    expect(first.map(({ length }) => length)).toEqual([1000, 33]);
    for (const [seed, step] of [
      [5, 10],
      [6, 9],
      [9, 5],
    ])
      expect(drawn(sizes, seed, step)).not.toEqual(first);
  });

  it('keep and drop something even where the share is next to nothing', () => {
    const [few] = drawn([[1 << 20, 1e-9]], 1, 1);
    expect(few.filter((kept) => kept === 0).length).toBeLessThan(60);
    expect(() => drawn([[4, 1]], 1, 1)).toThrow('assertion failed');
  });
});
