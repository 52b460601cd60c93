import { describe, expect, it } from 'vitest';
import { raceUp } from '../../../src/venues/sim/queue-race.ts';

/** The Dirichlet problem on a square lattice by successive over-relaxation; the far sides hold the diffusion limit. */
function solveDirichlet(size: number): Float64Array {
  const width = size + 1;
  const u = new Float64Array(width * width);
  const far = (n: number, p: number): number => (2 / Math.PI) * Math.atan2(n, p);
  for (let n = 0; n <= size; n++) {
    for (let p = 0; p <= size; p++) {
      // An empty ask queue: the price went up. An empty bid queue: down. Elsewhere: the far sides, and the first guess.
      u[n * width + p] = p === 0 ? 1 : n === 0 ? 0 : far(n, p);
    }
  }
  const omega = 2 / (1 + Math.sin(Math.PI / size));
  for (let change = 1, sweep = 0; change > 1e-12 && sweep < 5000; sweep++) {
    change = 0;
    for (let n = 1; n < size; n++) {
      for (let p = 1; p < size; p++) {
        const at = n * width + p;
        const step = omega * ((u[at - 1] + u[at + 1] + u[at - width] + u[at + width]) / 4 - u[at]);
        u[at] += step;
        change = Math.max(change, Math.abs(step));
      }
    }
  }
  return u;
}

describe('raceUp', () => {
  it('equals a numerical solution of the discrete Dirichlet problem', () => {
    const size = 160;
    const u = solveDirichlet(size);
    let worst = 0;
    for (let n = 1; n <= 24; n++) {
      for (let p = 1; p <= 24; p++) worst = Math.max(worst, Math.abs(raceUp(n, p) - u[n * (size + 1) + p]));
    }
    expect(worst).toBeLessThan(1e-6);
  });

  it('is harmonic with the right boundary, which has one bounded solution', () => {
    const at = (n: number, p: number): number => (p === 0 ? 1 : n === 0 ? 0 : raceUp(n, p));
    let worst = 0;
    for (let n = 1; n < 32; n++) {
      for (let p = 1; p < 32; p++) {
        const mean = (at(n + 1, p) + at(n - 1, p) + at(n, p + 1) + at(n, p - 1)) / 4;
        worst = Math.max(worst, Math.abs(at(n, p) - mean));
      }
    }
    expect(worst).toBeLessThan(1e-9);
  });

  it('is even at equal queues, mirrors, and tends to the diffusion limit of the paper', () => {
    for (const n of [1, 2, 5, 17, 32]) expect(raceUp(n, n)).toBeCloseTo(0.5, 9);
    for (let n = 1; n <= 32; n++) expect(raceUp(n, 33 - n) + raceUp(33 - n, n)).toBeCloseTo(1, 9);
    // The difference is of the order of one in the square of the queues.
    for (let n = 8; n <= 32; n++) {
      expect(Math.abs(raceUp(n, 32) - (2 / Math.PI) * Math.atan(n / 32))).toBeLessThan(2e-4);
    }
  });

  it('knows only queues of 1 to 32 lots', () => {
    expect(() => raceUp(0, 1)).toThrow(/1 to 32/);
    expect(() => raceUp(1, 33)).toThrow(/1 to 32/);
  });
});
