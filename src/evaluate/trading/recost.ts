import type { BacktestRun, ContractTerms, FeeModel } from '../../backtest/index.ts';
import { notionalOf } from '../../backtest/index.ts';
import { assert, NS_PER_SECOND } from '../../core/index.ts';
import { type CurveResampling, meanInterval } from '../performance/curve-intervals.ts';
import { coarsened, type EquitySeries, equitySeries } from '../performance/equity-series.ts';
import type { SweepCell } from './sweep-result.ts';

/** What a run came to, in equal steps of time, and what it traded in each of them: enough to reckon it again at other costs. Plain data. */
export interface CostedCurve {
  readonly orders: number;
  readonly fills: number;
  readonly gross: number;
  readonly net: number;
  readonly stepNs: number;
  /** Profit of each step, all costs paid, and before costs. */
  readonly netSteps: readonly number[];
  readonly grossSteps: readonly number[];
  /** Traded in each step, both ways, in the currency of profit. */
  readonly tradedSteps: readonly number[];
  /** By name of a schedule: what its fees would have been beyond those paid, in each step. */
  readonly feeSteps: Readonly<Record<string, readonly number[]>>;
}

/**
 * The same fills at a hundredth of a percent of their value more, `bps` times, each side. Fills do not change, so a strategy that would have
 * traded less had it known of the costs is charged for what it did.
 */
export function addedCost(curve: CostedCurve, bps: number): Pick<CostedCurve, 'net' | 'netSteps'> {
  assert(bps >= 0, 'costs are added');
  return lessened(
    curve,
    curve.tradedSteps.map((traded) => (traded * bps) / 1e4),
  );
}

/** The same fills with another schedule's fees, whose steps the curve has. */
export function otherFees(curve: CostedCurve, schedule: string): Pick<CostedCurve, 'net' | 'netSteps'> {
  assert(schedule in curve.feeSteps, 'the fees of the schedule were reckoned with the run');
  return lessened(curve, curve.feeSteps[schedule]);
}

function lessened(curve: CostedCurve, costs: readonly number[]): Pick<CostedCurve, 'net' | 'netSteps'> {
  return {
    net: curve.net - costs.reduce((sum, cost) => sum + cost, 0),
    netSteps: curve.netSteps.map((value, i) => value - costs[i]),
  };
}

/** Orders, fills, profit and the interval of net profit over the whole run. */
export function cellOf(
  { orders, fills, gross, stepNs }: Omit<CostedCurve, 'net' | 'netSteps'>,
  { net, netSteps }: Pick<CostedCurve, 'net' | 'netSteps'>,
  resampling: CurveResampling,
): SweepCell {
  return { orders, fills, gross, net, netInterval: netInterval(netSteps, stepNs, resampling) };
}

/** 95 %, of the sum of the steps; null where there is too little data. */
export function netInterval(
  netSteps: readonly number[],
  stepNs: number,
  resampling: CurveResampling,
): SweepCell['netInterval'] {
  const steps = Float64Array.from(netSteps);
  const series: EquitySeries = coarsened({ stepNs, net: steps, gross: steps, start: 0 });
  const { interval } = meanInterval(series.net, series.stepNs, resampling);
  if (interval === null) return null;
  const seconds = (stepNs * netSteps.length) / NS_PER_SECOND;
  return { ...interval, low: interval.low * seconds, high: interval.high * seconds };
}

export interface CurveOptions {
  /** Other schedules, new ones: they remember volume. */
  readonly fees?: Readonly<Record<string, FeeModel>>;
  /** Of the run's equity, those points alone, ns since its first midnight, both bounds inside; what comes behind the last counts to it. Default: the whole run. */
  readonly window?: { readonly fromNs: number; readonly toNs: number };
}

/** Throws `bad-input` where the equity has fewer than three points or none on a grid of time. */
export function costedCurve(
  run: BacktestRun,
  terms: ContractTerms,
  { fees = {}, window }: CurveOptions = {},
): CostedCurve {
  const points =
    window === undefined ? run.equity : run.equity.filter(({ ns }) => ns >= window.fromNs && ns <= window.toNs);
  const { stepNs, net, gross } = equitySeries(points);
  const [{ ns: startNs }] = points;
  const steps = net.length;
  // What came before the first point belongs to the first step; what is left of the last, shorter step, and what closing a window cost, to the last.
  net[0] += points[0].net;
  gross[0] += points[0].gross;
  net[steps - 1] += run.totals.net - net.reduce((sum, value) => sum + value, 0);
  gross[steps - 1] += run.totals.gross - gross.reduce((sum, value) => sum + value, 0);
  const stepOf = (ns: number): number => Math.min(steps - 1, Math.max(0, Math.ceil((ns - startNs) / stepNs) - 1));
  const traded = new Float64Array(steps);
  const more = Object.fromEntries(Object.keys(fees).map((name) => [name, new Float64Array(steps)]));
  for (const fill of run.fills) {
    const at = stepOf(fill.exchangeNs);
    traded[at] += notionalOf(terms, fill.priceTicks, fill.quantityLots);
    for (const [name, model] of Object.entries(fees)) more[name][at] += model.fee(fill, terms) - fill.fee;
  }
  return {
    orders: run.orders.length,
    fills: run.fills.length,
    gross: run.totals.gross,
    net: run.totals.net,
    stepNs,
    netSteps: [...net],
    grossSteps: [...gross],
    tradedSteps: [...traded],
    feeSteps: Object.fromEntries(Object.entries(more).map(([name, values]) => [name, [...values]])),
  };
}
