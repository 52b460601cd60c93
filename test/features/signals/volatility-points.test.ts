import { describe, expect, it } from 'vitest';
import { ask, bid, delta, type Message } from '../random-market.ts';
import { lastOf, moved, START, startOf, until, valuesOf } from './volatility-market.ts';

/** One move of 2 half way, seen from 600 steps of 100 ms. */
const step: readonly Message[] = [startOf(), ...moved([[30.05, 2]]), until(60.1)];
/** Up by 1 and down again a step of 100 ms later: pure bounce. */
const bounce: readonly Message[] = [
  startOf(),
  ...moved([
    [30.05, 1],
    [30.15, 0],
  ]),
  until(60.1),
];
/** Up by 1 every 100 ms. */
const line: readonly Message[] = [
  startOf(),
  ...moved(Array.from({ length: 601 }, (_, i) => [0.05 + i / 10, i])),
  until(60.1),
];
const still: readonly Message[] = [startOf(), until(60.1)];

describe('two-scale volatility', () => {
  const share = 585 / 16 / 600;

  it('is that of a price without noise', () => {
    // Sixteen of the overlapping returns of sixteen steps see the move: 16 · 4 / 16 = 4 on the slow scale, 4 on the fast one,
    // and (4 − s 4) / (1 − s) = 4 whatever the share s.
    expect(lastOf('two_scale', step)[0]).toBeCloseTo(Math.sqrt(4 / 60), 12);
  });

  it('takes bounce out', () => {
    // Two of the slow returns see the point, 2 / 16; the fast scale has 1 + 1. Realised variance would say 2.
    const variance = (2 / 16 - share * 2) / (1 - share);
    expect(variance).toBeCloseTo(0.003_328, 6);
    expect(lastOf('two_scale', bounce)[0]).toBeCloseTo(Math.sqrt(variance / 60), 12);
  });

  it('is 0, and not NaN, where noise is all there is and more', () => {
    // Bounce of a period of four steps, which sixteen steps never see but at the ends: Σ fast = 600, Σ slow = 0.
    const noise = Array.from({ length: 301 }, (_, i): [number, number] => [0.05 + i / 5, (i + 1) % 2]);
    expect(lastOf('two_scale', [startOf(), ...moved(noise), until(60.1)])).toEqual([0]);
    expect(lastOf('two_scale', still)).toEqual([0]);
  });
});

describe('variance ratio', () => {
  // m = q (n − q + 1)(1 − q / n), n = 600.
  const m = (q: number): number => q * (601 - q) * (1 - q / 600);

  it('is small where moves are taken back', () => {
    // No drift. Σ r² = 2 over n − 1 = 599; over q steps the point is seen twice, so Σ D² = 2 as well.
    const [four, sixteen] = lastOf('variance_ratio', bounce);
    expect(four).toBeCloseTo(599 / m(4), 12);
    expect(sixteen).toBeCloseTo(599 / m(16), 12);
  });

  it('takes the drift off, and is near 1 for a lone move', () => {
    // μ = 2 / 600; fast: (4 − 600 μ²) / 599; q returns see the move: Σ D² = 4 q, Σ D = 2 q.
    const mu = 2 / 600;
    const fast = (4 - 600 * mu ** 2) / 599;
    lastOf('variance_ratio', step).forEach((value, c) => {
      const q = [4, 16][c];
      const slow = 4 * q - 2 * (q * mu) * (2 * q) + (601 - q) * (q * mu) ** 2;
      expect(value).toBeCloseTo(slow / m(q) / fast, 12);
      expect(Math.abs(value - 1)).toBeLessThan(0.1);
    });
  });

  it('is NaN where the mid stood still or ran in a straight line: nothing varies', () => {
    expect(lastOf('variance_ratio', still)).toEqual([Number.NaN, Number.NaN]);
    expect(lastOf('variance_ratio', line)).toEqual([Number.NaN, Number.NaN]);
  });
});

describe('Hurst exponent', () => {
  it('is 1 on a straight line: mean squares grow with the square of time', () => {
    expect(lastOf('hurst', line)[0]).toBeCloseTo(1, 12);
  });

  it('is the slope over four spans, halved', () => {
    // k of the 601 − k returns over k steps see the move of 2: V = 4 k / (601 − k).
    const v = [1, 4, 16, 64].map((k) => Math.log((4 * k) / (601 - k)));
    const slope = (-3 * v[0] - v[1] + v[2] + 3 * v[3]) / (10 * Math.log(4));
    expect(lastOf('hurst', step)[0]).toBeCloseTo(slope / 2, 12);
    expect(slope / 2).toBeGreaterThan(0.5);
    // The point of a bounce is seen twice over any span: V = 2 / (601 − k), all but the same, and H near 0.
    const w = [1, 4, 16, 64].map((k) => Math.log(2 / (601 - k)));
    const flat = (-3 * w[0] - w[1] + w[2] + 3 * w[3]) / (10 * Math.log(4));
    expect(lastOf('hurst', bounce)[0]).toBeCloseTo(flat / 2, 12);
    expect(Math.abs(flat)).toBeLessThan(0.05);
  });

  it('is NaN where a span saw no return', () => {
    expect(lastOf('hurst', still)[0]).toBeNaN();
    // Up and down with a period of four steps: over four steps nothing ever moves.
    const noise = Array.from({ length: 301 }, (_, i): [number, number] => [0.05 + i / 5, (i + 1) % 2]);
    expect(lastOf('hurst', [startOf(), ...moved(noise), until(60.1)])[0]).toBeNaN();
  });
});

describe('share of zero returns', () => {
  it('counts the steps without a move', () => {
    expect(lastOf('zero_share', still)).toEqual([1]);
    expect(lastOf('zero_share', step)[0]).toBeCloseTo(599 / 600, 12);
    expect(lastOf('zero_share', bounce)[0]).toBeCloseTo(598 / 600, 12);
    expect(lastOf('zero_share', line)).toEqual([0]);
  });
});

describe('points', () => {
  it('are taken once their time has come, with the mid just before', () => {
    // A move in the very message that closes the last point is not in it.
    const values = valuesOf('zero_share', [
      startOf(),
      until(60.099),
      ...moved([[60.1, 4]]),
      until(60.199),
      until(60.2),
    ]);
    expect(values[1][0]).toBeNaN();
    expect(values.slice(2, 4)).toEqual([[1], [1]]);
    expect(values[4][0]).toBeCloseTo(599 / 600, 12);
  });

  it('leave after a minute, many at once after a long silence', () => {
    expect(lastOf('zero_share', [...step, until(90)])[0]).toBeCloseTo(599 / 600, 12);
    expect(lastOf('zero_share', [...step, until(90.1)])).toEqual([1]);
    expect(lastOf('zero_share', [...step, until(1e5)])).toEqual([1]);
  });

  it('are passed over while a side is empty', () => {
    const gap = [startOf(), delta(20.05e9, [ask(START + 1, 0)]), delta(20.25e9, [ask(START + 1, 5)])];
    expect(lastOf('zero_share', [...gap, until(60.2)])[0]).toBeNaN();
    expect(lastOf('zero_share', [...gap, until(60.3)])).toEqual([1]);
  });

  it('forget the rounding of prices too far apart to be exact', () => {
    // A bid and an ask a thousand million ticks up for a while, as after a wrong order, and a move of 2 a quarter of an hour later.
    const far = [
      delta(5.05e9, [bid(START - 1, 0), ask(START + 1, 0), bid(1_000_000_001, 5), ask(1_000_000_004, 5)]),
      delta(5.25e9, [bid(1_000_000_001, 0), ask(1_000_000_004, 0), bid(START - 1, 5), ask(START + 1, 5)]),
    ];
    const quiet = Array.from({ length: 30 }, (_, i) => until(30 * (i + 1)));
    const market = [startOf(), ...far, ...quiet, ...moved([[900.05, 2]]), until(930)];
    expect(lastOf('two_scale', market)[0]).toBeCloseTo(Math.sqrt(4 / 60), 12);
    expect(lastOf('zero_share', market)[0]).toBeCloseTo(599 / 600, 12);
    expect(lastOf('hurst', market)[0]).toBeCloseTo(lastOf('hurst', step)[0], 12);
  });
});
