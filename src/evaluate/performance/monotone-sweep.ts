import { assert } from '../../core/index.ts';

export interface SweepPoint {
  /** What was swept, such as a cost in basis points. */
  readonly at: number;
  readonly value: number;
}

/** Two neighbours of a sweep that go the wrong way. */
export interface SweepBreak {
  readonly from: SweepPoint;
  readonly to: SweepPoint;
  /** How far it goes the wrong way; above 0. */
  readonly by: number;
}

export interface MonotoneSweep {
  readonly holds: boolean;
  /** In order of what was swept, the largest breaks not first. */
  readonly breaks: readonly SweepBreak[];
  /** Kendall's τ-b of the values and what was swept: −1 where they always fall, +1 where they always rise; NaN where either never varies. */
  readonly kendall: number;
}

/**
 * Whether the values fall (or rise) as what was swept rises. Values closer than `tolerance` count as equal, and equal is no break. Points may
 * come in any order; no two may be at the same place.
 */
export function monotoneSweep(
  points: readonly SweepPoint[],
  direction: 'falls' | 'rises',
  tolerance = 0,
): MonotoneSweep {
  const sorted = [...points].sort((a, b) => a.at - b.at);
  assert(
    sorted.every((point, i) => i === 0 || point.at > sorted[i - 1].at),
    'no two points of a sweep are at the same place',
  );
  const sign = direction === 'rises' ? 1 : -1;
  const breaks: SweepBreak[] = [];
  for (let i = 1; i < sorted.length; i++) {
    const by = sign * (sorted[i - 1].value - sorted[i].value);
    // Written so that a value that is no number is a break too.
    if (!(by <= tolerance)) breaks.push({ from: sorted[i - 1], to: sorted[i], by });
  }
  return { holds: breaks.length === 0, breaks, kendall: kendallOf(sorted) };
}

function kendallOf(sorted: readonly SweepPoint[]): number {
  let score = 0;
  let untied = 0;
  for (let i = 0; i < sorted.length; i++) {
    for (let j = i + 1; j < sorted.length; j++) {
      const sign = Math.sign(sorted[j].value - sorted[i].value);
      score += sign;
      untied += Math.abs(sign);
    }
  }
  const pairs = (sorted.length * (sorted.length - 1)) / 2;
  return untied === 0 ? Number.NaN : score / Math.sqrt(untied * pairs);
}
