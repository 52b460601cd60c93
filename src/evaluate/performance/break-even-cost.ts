import { assert } from '../../core/index.ts';
import { type CurveResampling, type Estimate, ratioInterval } from './curve-intervals.ts';
import type { EquitySeries } from './equity-series.ts';

/** Something traded, and when. */
export interface TradedNotional {
  readonly ns: number;
  /** In the currency of profit; its sign does not count. */
  readonly notional: number;
}

/** What was traded in each step of the series, whose first point lies at `startNs`; what lies outside is left out. */
export function turnoverOf(series: EquitySeries, startNs: number, trades: readonly TradedNotional[]): Float64Array {
  const turnover = new Float64Array(series.net.length);
  for (const { ns, notional } of trades) {
    // A point on the grid holds what happened up to its time, that moment included.
    const step = Math.max(0, Math.ceil((ns - startNs) / series.stepNs) - 1);
    if (ns >= startNs && step < turnover.length) turnover[step] += Math.abs(notional);
  }
  return turnover;
}

/**
 * The cost in basis points of what is traded, all costs together, at which nothing is left of the profit before costs: gross / turnover. It
 * may be below 0: then only being paid to trade would help. Its interval is that of the ratio of both sums over the same drawn steps.
 * It assumes that the same trades would have been made whatever they cost.
 */
export function breakEvenCost(series: EquitySeries, turnover: Float64Array, resampling: CurveResampling): Estimate {
  assert(turnover.length === series.gross.length, 'turnover has the steps of the series');
  const scaled = series.gross.map((value) => value * 1e4);
  return ratioInterval(scaled, turnover, resampling);
}
