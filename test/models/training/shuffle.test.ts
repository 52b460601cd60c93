import { describe, expect, it } from 'vitest';
import { shuffledOrder } from '../../../src/models/training.ts';

describe('the order of an epoch', () => {
  it('has every window once, and depends on nothing but seed and epoch', () => {
    const order = shuffledOrder(1000, 7, 3);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(shuffledOrder(1000, 7, 3)).toEqual(order);
    expect([...shuffledOrder(0, 1, 1)]).toEqual([]);
  });

  it('differs between seeds and epochs, also where both are the same number', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 20; seed++)
      for (let epoch = 0; epoch < 20; epoch++) seen.add(shuffledOrder(50, seed, epoch).join());
    expect(seen.size).toBe(400);
  });

  it('puts every window everywhere: χ² of places over epochs, 81 degrees of freedom', () => {
    const counts = new Float64Array(100);
    const epochs = 5000;
    for (let epoch = 0; epoch < epochs; epoch++)
      shuffledOrder(10, 42, epoch).forEach((window, at) => void counts[window * 10 + at]++);
    const expected = epochs / 10;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 99.99 % of uniform shuffles lie below 137.
    expect(chiSquare).toBeLessThan(137);
  });

  it('is the one that training was done with: a change would break every resumed run', () => {
    expect([...shuffledOrder(10, 1, 0)]).toMatchInlineSnapshot(`
      [
        5,
        9,
        1,
        3,
        0,
        2,
        7,
        4,
        8,
        6,
      ]
    `);
  });
});
