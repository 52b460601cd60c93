import { assert } from '../../core/index.ts';
import { type CurveResampling, type Estimate, meanInterval } from './curve-intervals.ts';
import type { EquitySeries } from './equity-series.ts';

/** One run at one size. */
export interface SizedRun {
  /** Such as lots an order: above 0. */
  readonly size: number;
  readonly series: EquitySeries;
}

export interface CapacityPoint {
  readonly size: number;
  /** Net profit of the whole run. */
  readonly net: number;
  readonly perSecond: Estimate;
  /** Net profit by unit of size: falls as a strategy takes more than the market gives at its price. */
  readonly netPerSize: number;
}

export interface CapacityCurve {
  /** In ascending order of size. */
  readonly points: readonly CapacityPoint[];
  /** The size with the largest net profit. */
  readonly best: number;
  /** The largest size whose interval lies above zero; null where there is none. */
  readonly largestProfitable: number | null;
  /** Whether the largest profit is at the largest size that was run, so that the capacity lies beyond what was tried. */
  readonly open: boolean;
}

/** Net profit against size. All intervals are of the same drawn steps where the runs are of the same length. */
export function capacityCurve(runs: readonly SizedRun[], resampling: CurveResampling): CapacityCurve {
  assert(runs.length >= 1 && runs.every(({ size }) => size > 0), 'a capacity curve has runs of sizes above 0');
  const points = [...runs]
    .sort((a, b) => a.size - b.size)
    .map(({ size, series }) => {
      const net = series.net.reduce((sum, value) => sum + value, 0);
      const perSecond = meanInterval(series.net, series.stepNs, resampling);
      return { size, net, perSecond, netPerSize: net / size };
    });
  const best = points.reduce((top, point) => (point.net > top.net ? point : top));
  const profitable = points.filter(({ perSecond }) => perSecond.interval !== null && perSecond.interval.low > 0);
  return {
    points,
    best: best.size,
    largestProfitable: profitable.at(-1)?.size ?? null,
    open: best.size === points[points.length - 1].size,
  };
}
