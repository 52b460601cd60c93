import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/index.ts';

const rotl = (x: number, k: number): number => (x << k) | (x >>> (32 - k));

/** The authors' C, line by line (https://prng.di.unimi.it/xoshiro128starstar.c). */
function reference(s: Uint32Array): number {
  const result = Math.imul(rotl(Math.imul(s[1], 5), 7), 9) >>> 0;
  const t = s[1] << 9;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotl(s[3], 11);
  return result;
}

/** SplitMix32: a Weyl sequence through a mixing function. */
function seeded(seed: number): Uint32Array {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state ^ (state >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
  const s = Uint32Array.from({ length: 4 }, next);
  s[3] |= 1;
  return s;
}

/** Pearson's statistic of counts that should all be alike. */
function chiSquare(counts: Float64Array): number {
  const expected = counts.reduce((a, b) => a + b) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

function moments(n: number, draw: () => number): { mean: number; variance: number; kurtosis: number } {
  const values = Float64Array.from({ length: n }, draw);
  const mean = values.reduce((a, b) => a + b) / n;
  const power = (k: number): number => values.reduce((a, b) => a + (b - mean) ** k, 0) / n;
  return { mean, variance: power(2), kurtosis: power(4) / power(2) ** 2 };
}

describe('Random', () => {
  it('is xoshiro128**: the reference stream of the state 1, 2, 3, 4, and ours from a seed', () => {
    // As printed by the C program; also the test vector of the Rust crate rand_xoshiro.
    const published = [
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ];
    const s = Uint32Array.of(1, 2, 3, 4);
    expect(published.map(() => reference(s))).toEqual(published);
    for (const seed of [0, 1, -1, 20120621, 2 ** 31, 2 ** 53 - 1]) {
      const state = seeded(seed);
      const random = new Random(seed);
      for (let i = 0; i < 1000; i++) expect(random.uint32()).toBe(reference(state));
    }
  });

  it('is even in its high bits, its low bits and its floats', () => {
    const random = new Random(42);
    const n = 256_000;
    const high = new Float64Array(256);
    const low = new Float64Array(256);
    const floats = new Float64Array(256);
    for (let i = 0; i < n; i++) {
      const word = random.uint32();
      high[word >>> 24]++;
      low[word & 255]++;
      floats[Math.floor(random.float() * 256)]++;
    }
    // 255 degrees of freedom: mean 255, standard deviation 22.6; these are five of them.
    for (const counts of [high, low, floats]) expect(Math.abs(chiSquare(counts) - 255)).toBeLessThan(113);
  });

  it('draws floats in [0, 1) and integers below a bound', () => {
    const random = new Random(3);
    const seen = new Set<number>();
    for (let i = 0; i < 2000; i++) {
      const x = random.float();
      expect(x >= 0 && x < 1).toBe(true);
      seen.add(random.below(7));
    }
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(random.below(1)).toBe(0);
  });

  it('has the moments of its distributions', () => {
    const random = new Random(11);
    const n = 200_000;
    const normal = moments(n, () => random.normal());
    expect(normal.mean).toBeCloseTo(0, 1.5);
    expect(normal.variance).toBeCloseTo(1, 1.5);
    expect(normal.kurtosis).toBeCloseTo(3, 1);
    const exponential = moments(n, () => random.exponential(4));
    expect(exponential.mean).toBeCloseTo(4, 1);
    expect(exponential.variance / 16).toBeCloseTo(1, 1);
    // Failures before the first success: mean (1 − p) / p, variance (1 − p) / p².
    const geometric = moments(n, () => random.geometric(0.2));
    expect(geometric.mean).toBeCloseTo(4, 1);
    expect(geometric.variance / 20).toBeCloseTo(1, 1);
    expect(moments(n, () => (random.bernoulli(0.3) ? 1 : 0)).mean).toBeCloseTo(0.3, 2);
    expect(random.geometric(1)).toBe(0);
  });

  it('repeats itself from the same seed, and differs from a neighbour and from its forks', () => {
    const draw = (random: Random): number[] => Array.from({ length: 8 }, () => random.uint32());
    expect(draw(new Random(5))).toEqual(draw(new Random(5)));
    expect(draw(new Random(5))).not.toEqual(draw(new Random(6)));
    const parent = new Random(5);
    const fork = parent.fork();
    const continued = draw(parent);
    expect(draw(fork)).not.toEqual(continued);
    // What a fork draws does not change what its parent draws.
    const again = new Random(5);
    draw(again.fork());
    expect(draw(again)).toEqual(continued);
  });

  it('fills an array with what single calls give, and goes on from there', () => {
    const [filled, single] = [new Random(5), new Random(5)];
    const words = new Uint32Array(100);
    filled.fill(words);
    expect([...words]).toEqual(Array.from({ length: 100 }, () => single.uint32()));
    expect(filled.uint32()).toBe(single.uint32());
  });
});
