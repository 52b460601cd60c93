/** The deepest fall from a high, and the longest time below one. */
export interface Drawdown {
  /** Largest fall from a high before, in the currency of profit; at least 0. */
  readonly depth: number;
  /** Steps from the curve's beginning to the high from which it fell, and to the lowest point. Both 0 where it never fell. */
  readonly peakStep: number;
  readonly troughStep: number;
  /** Steps from the beginning until that high was reached again; null where it never was. */
  readonly recoveredStep: number | null;
  /** Longest time from a high until it was reached again, or the end, ns; 0 where it never fell. */
  readonly longestUnderWaterNs: number;
  /** Whether the longest one was still going on at the end, so that it is a lower bound. */
  readonly underWaterAtEnd: boolean;
  /** Share of all steps that ended below a former high. */
  readonly shareUnderWater: number;
}

/** Of a curve that starts at 0 and gains `steps` one by one. */
export function drawdownOf(steps: ArrayLike<number>, stepNs: number): Drawdown {
  let equity = 0;
  let high = 0;
  let highAt = 0;
  let deepest = { depth: 0, peakStep: 0, troughStep: 0 };
  let recoveredStep: number | null = null;
  let longest = 0;
  let longestEnds = 0;
  let below = 0;
  for (let i = 1; i <= steps.length; i++) {
    equity += steps[i - 1];
    const since = i - highAt;
    if (equity >= high) {
      if (deepest.depth > 0 && recoveredStep === null && deepest.peakStep === highAt) recoveredStep = i;
      // It ends with the step in which the high is reached again.
      if (since > 1 && since > longest) {
        longest = since;
        longestEnds = i - 1;
      }
      high = equity;
      highAt = i;
      continue;
    }
    below++;
    if (since > longest) {
      longest = since;
      longestEnds = i;
    }
    if (high - equity > deepest.depth) {
      deepest = { depth: high - equity, peakStep: highAt, troughStep: i };
      recoveredStep = null;
    }
  }
  return {
    ...deepest,
    recoveredStep,
    longestUnderWaterNs: longest * stepNs,
    underWaterAtEnd: longest > 0 && longestEnds === steps.length,
    shareUnderWater: steps.length === 0 ? 0 : below / steps.length,
  };
}

/** √(Σ min(x, 0)² / n): what the Sortino ratio divides by (Sortino and Price 1994, target 0). */
export function downsideDeviation(steps: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < steps.length; i++) sum += Math.min(steps[i], 0) ** 2;
  return Math.sqrt(sum / steps.length);
}
