import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/index.ts';
import { MirroredChain } from '../../src/features/mirrored-chain.ts';
import { paperMicroprice } from './oracle/fair-value.ts';

const name = (state: number): string => (state === 0 ? '0' : `${state > 0 ? '+' : '-'}${Math.abs(state)}`);

describe('MirroredChain', () => {
  it('solves by hand: two states', () => {
    // From +1: three steps, one up half a tick to +1, one without a move to −1, one to +2. From +2: one step, up 1, to 0.
    // g₂ = 1 + 0 = 1. g₁ = ⅓ (½ + g₁) + ⅓ (−g₁) + ⅓ g₂ = ⅙ + ⅓, so g₁ = ½.
    const chain = new MirroredChain(2);
    chain.count(1, 1, 0.5);
    chain.count(1, -1, 0);
    chain.count(1, 2, 0);
    chain.count(2, 0, 1);
    const g = new Float64Array(2);
    chain.solve(0, g);
    expect(g[0]).toBeCloseTo(0.5, 14);
    expect(g[1]).toBeCloseTo(1, 14);
    // A prior of one step without a move: g₂ = ½; 4 g₁ = ½ + g₁ − g₁ + g₂ = 1, g₁ = ¼.
    chain.solve(1, g);
    expect([...g]).toEqual([0.25, 0.5]);
  });

  it('counts a step and its mirror image as the same', () => {
    const g = [new Float64Array(2), new Float64Array(2)];
    for (const sign of [1, -1]) {
      const chain = new MirroredChain(2);
      for (const [from, to, move] of [
        [1, -2, 0.5],
        [2, 1, 0],
        [1, 1, -1.5],
        [2, 2, 1],
      ]) {
        chain.count(sign * from, sign * to, sign * move);
      }
      chain.solve(1, g[sign > 0 ? 0 : 1]);
    }
    expect(g[1]).toEqual(g[0]);
  });

  it('equals the paper’s Q, R, T and series on random chains', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 1, max: 6 }), (seed, size) => {
        const random = new Random(seed);
        const chain = new MirroredChain(size);
        const steps: { from: string; to: string; move: number }[] = [];
        let from = 0;
        for (let k = 0; k < 80; k++) {
          const to = random.below(2 * size + 1) - size;
          const move = random.bernoulli(0.5) ? 0 : (random.below(9) - 4) / 2;
          chain.count(from, to, move);
          steps.push({ from: name(from), to: name(to), move });
          from = to;
        }
        const g = new Float64Array(size);
        chain.solve(1, g);
        const expected = paperMicroprice(steps, 1);
        for (let i = 0; i < size; i++) expect(g[i]).toBeCloseTo(expected.get(`+${i + 1}`) ?? 0, 10);
      }),
      { numRuns: 100, seed: 5 },
    );
  });

  it('gives 0 where nothing was seen, and forgets with reset', () => {
    const chain = new MirroredChain(2);
    const g = new Float64Array(2);
    chain.count(1, 1, 1);
    chain.count(0, 1, 7);
    chain.solve(1, g);
    expect([...g]).toEqual([1, 0]);
    expect(chain.steps).toBe(2);
    chain.reset();
    chain.solve(0, g);
    expect([...g]).toEqual([0, 0]);
    expect(chain.steps).toBe(0);
  });

  it('refuses to have no states', () => {
    expect(() => new MirroredChain(0)).toThrow('has states');
  });
});
