import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { capacityNote } from '../../../src/evaluate/trading/capacity-note.ts';
import type { CostedCurve } from '../../../src/evaluate/trading/recost.ts';
import type { SweepAxis } from '../../../src/evaluate/trading/sweep-result.ts';

/** 200 steps of a second, half of them `a` and half `b`, in an order by chance. */
function curveOf(a: number, b: number): CostedCurve {
  const random = new Random(5);
  const drawn = Array.from({ length: 200 }, (_, i) => ({ value: i % 2 === 0 ? a : b, key: random.uint32() }));
  const steps = drawn.sort((one, other) => one.key - other.key).map(({ value }) => value);
  return { stepNs: 1e9, netSteps: steps, grossSteps: steps } as unknown as CostedCurve;
}

const SIZE: SweepAxis = { name: 'size', unit: 'lots', values: [1, 2, 4], own: 0 };
const LATENCY: SweepAxis = { name: 'latency', unit: 'ms', values: [0, 5], own: 1 };

describe('what the sizes of a sweep say', () => {
  it('tells the largest profit, profit by lot and the last size with an interval above zero, where the run stands', () => {
    // Of 5 ms: 100 · (2 + 1) = 300 with 1 lot, 100 · (4 + 1) = 500 with 2, and 100 · (2 − 3) = −100 with 4, which is −25 a lot.
    const curves = [curveOf(-1, -1), curveOf(-1, -1), curveOf(-1, -1), curveOf(2, 1), curveOf(4, 1), curveOf(2, -3)];
    expect(capacityNote('USD', [LATENCY, SIZE], curves, { seed: 1 })).toBe(
      'capacity at latency 5 ms: net profit is largest with 2 lots (500 USD); by unit of size it is 300 USD with 1 lot and -25 USD with 4 lots; the largest size whose interval lies above zero is 2 lots',
    );
  });

  it('says where the capacity lies beyond, and where there is none', () => {
    const rising = [curveOf(2, 1), curveOf(4, 2), curveOf(6, 3)];
    expect(capacityNote('USD', [SIZE], rising, { seed: 1 })).toContain(
      'capacity: net profit is largest with 4 lots (900 USD), the largest size that was run, so that its capacity lies beyond',
    );
    const losing = [curveOf(-2, -1), curveOf(-4, -2), curveOf(-6, -3)];
    expect(capacityNote('USD', [SIZE], losing, { seed: 1 })).toMatch(
      /there is no net profit with any size, and the least loss with 1 lot \(-300 USD\); .*; no size has an interval above zero$/,
    );
  });

  it('is silent where size was not varied', () => {
    expect(capacityNote('USD', [LATENCY], [curveOf(1, 2), curveOf(1, 2)], { seed: 1 })).toBe(null);
    expect(capacityNote('USD', [{ ...SIZE, values: [1] }], [curveOf(1, 2)], { seed: 1 })).toBe(null);
  });
});
