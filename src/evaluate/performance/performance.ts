import type { EquityPoint } from '../../backtest/index.ts';
import { assert } from '../../core/index.ts';
import { optimalBlockLength } from './block-length.ts';
import { type CurveResampling, type Estimate, meanInterval, sharpeInterval } from './curve-intervals.ts';
import { type Drawdown, downsideDeviation, drawdownOf } from './drawdown.ts';
import { coarsened, equitySeries, spanNs, stepSeconds } from './equity-series.ts';
import { neededSpan, reachToZero } from './needed-span.ts';
import { hacLag, type SharpeRatio, sharpeRatio, timeAggregation } from './sharpe-ratio.ts';
import { spanText, type TradingCalendar, tooShortToAnnualise, yearNs } from './trading-calendar.ts';

/** Figures of a year, reckoned from much less or more than one. */
export interface AnnualFigures {
  readonly net: number;
  /** Dependence between steps taken into account (`timeAggregation`). */
  readonly sharpe: number;
  readonly sharpeError: number;
  /** Infinite where no step ever lost. */
  readonly sortino: number;
  /** Net profit of a year over the deepest drawdown; infinite where there was none. */
  readonly calmar: number;
}

/** What an equity curve says of a strategy. All from steps of time; money in the currency of profit. */
export interface Performance {
  readonly calendar: TradingCalendar;
  readonly spanNs: number;
  /** Of the steps that the ratios rest on: those of the curve, joined where there are more than 20,000. */
  readonly stepNs: number;
  readonly steps: number;
  /** Of the whole run, a shorter last step included. */
  readonly net: number;
  readonly gross: number;
  readonly netPerSecond: Estimate;
  /** Standard error of the net profit a second, with dependence between steps. */
  readonly netError: number;
  /** Of one step; null where the equity never moved. */
  readonly sharpe: SharpeRatio | null;
  readonly sharpeInterval: Estimate;
  /** Mean over downside deviation of one step; null where no step ever lost. */
  readonly sortino: number | null;
  readonly drawdown: Drawdown;
  readonly annual: AnnualFigures | null;
  /** Why there are no annual figures. */
  readonly annualReason: string | null;
  /** How long a recording would tell the mean from zero (`neededSpan`), ns. */
  readonly neededNs: number;
}

export interface PerformanceOptions extends CurveResampling {
  readonly calendar: TradingCalendar;
}

/** Throws `bad-input` where the points are not on a grid of time (`equitySeries`). */
export function performanceOf(points: readonly EquityPoint[], options: PerformanceOptions): Performance {
  const { calendar } = options;
  const full = equitySeries(points);
  const series = coarsened(full);
  const steps = series.net;
  const lag = dependence(steps);
  const sharpe = sharpeRatio(steps, lag);
  const drawdown = drawdownOf(full.net, full.stepNs);
  const netPerSecond = meanInterval(steps, series.stepNs, options);
  const netError = sharpe === null ? 0 : meanError(sharpe, steps, lag) / stepSeconds(series);
  const downside = downsideDeviation(steps);
  const annual =
    sharpe === null || tooShortToAnnualise(spanNs(full), calendar) !== null
      ? null
      : annualFigures({ steps, stepNs: series.stepNs, sharpe, lag, downside, drawdown, calendar });
  const annualReason =
    annual !== null ? null : (tooShortToAnnualise(spanNs(full), calendar) ?? 'the equity never moved');
  return {
    calendar,
    spanNs: spanNs(full),
    stepNs: series.stepNs,
    steps: steps.length,
    net: points[points.length - 1].net,
    gross: points[points.length - 1].gross,
    netPerSecond,
    netError,
    sharpe,
    sharpeInterval: sharpeInterval(steps, options),
    sortino: sharpe === null || downside === 0 ? null : sharpe.mean / downside,
    drawdown,
    annual,
    annualReason,
    neededNs: neededSpan(spanNs(series), netPerSecond.value, reachToZero(netPerSecond, netError)),
  };
}

/** One sentence of how figures of a year are made, or why there are none. */
export function annualisation({ calendar, annualReason, spanNs: span }: Performance): string {
  if (annualReason !== null) return `not annualised: ${annualReason}`;
  return `annualised by time from ${spanText(span, calendar)}: ${calendar.name}`;
}

/** Steps over which profits may depend on each other. */
function dependence(steps: Float64Array): number {
  const usual = hacLag(steps.length);
  return steps.length < 9 ? usual : Math.min(steps.length - 1, Math.max(usual, optimalBlockLength(steps)));
}

/** Never below that of independent steps. */
function meanError({ deviation, n }: SharpeRatio, steps: Float64Array, lag: number): number {
  const own = deviation / Math.sqrt(n);
  return Math.max(own, deviation / (timeAggregation(steps, n, lag) / Math.sqrt(n)) / Math.sqrt(n));
}

function annualFigures(of: {
  steps: Float64Array;
  stepNs: number;
  sharpe: SharpeRatio;
  lag: number;
  downside: number;
  drawdown: Drawdown;
  calendar: TradingCalendar;
}): AnnualFigures {
  const stepsPerYear = yearNs(of.calendar) / of.stepNs;
  assert(stepsPerYear >= 1, 'a step is shorter than a year');
  const scale = timeAggregation(of.steps, stepsPerYear, of.lag);
  const net = of.sharpe.mean * stepsPerYear;
  return {
    net,
    sharpe: of.sharpe.perStep * scale,
    sharpeError: of.sharpe.error * scale,
    sortino: of.downside === 0 ? Number.POSITIVE_INFINITY : (of.sharpe.mean / of.downside) * scale,
    calmar: of.drawdown.depth === 0 ? Number.POSITIVE_INFINITY : net / of.drawdown.depth,
  };
}
