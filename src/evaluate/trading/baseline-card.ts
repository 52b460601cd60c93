import { type BacktestRun, type ContractTerms, notionalOf, OrderState } from '../../backtest/index.ts';
import { type CurveResampling, curveDifference, type Estimate } from '../performance/curve-intervals.ts';
import { coarsened, type EquitySeries, equitySeries } from '../performance/equity-series.ts';
import { performanceOf } from '../performance/performance.ts';
import type { TradingCalendar } from '../performance/trading-calendar.ts';
import { type CurveSeries, curveSeries } from './card-series.ts';
import { type Plain, plain } from './plain.ts';

/** The short figures of a strategy that the run is measured against. */
export interface BaselineCard {
  readonly strategy: string;
  readonly hash: string;
  readonly totals: Plain<BacktestRun['totals']>;
  readonly orders: number;
  /** Orders that traded, in whole or in part. */
  readonly traded: number;
  readonly fills: number;
  /** In the currency of profit. */
  readonly turnover: number;
  /** Net profit a second; null where the run is too short. */
  readonly netPerSecond: Plain<Estimate> | null;
  readonly sharpeInterval: Plain<Estimate> | null;
  readonly drawdown: number | null;
  /** How much more the run itself gains a second, paired step by step; null where the steps are not the same. */
  readonly difference: Plain<Estimate> | null;
  /** One sentence of that difference, which claims no more than its interval supports; without a full stop. */
  readonly sentence: string;
  readonly curve: CurveSeries;
}

export interface BaselineOptions {
  readonly terms: ContractTerms;
  readonly calendar: TradingCalendar;
  readonly resampling: CurveResampling;
}

export function baselineCard(own: BacktestRun, other: BacktestRun, options: BaselineOptions): BaselineCard {
  const { terms, calendar, resampling } = options;
  const performance = other.equity.length < 3 ? null : performanceOf(other.equity, { calendar, ...resampling });
  const difference = differenceOf(own, other, resampling);
  return {
    strategy: other.strategy,
    hash: other.hash,
    totals: plain(other.totals),
    orders: other.orders.length,
    traded: other.orders.filter(({ state, filledLots }) => state === OrderState.FILLED || filledLots > 0).length,
    fills: other.fills.length,
    turnover: other.fills.reduce((sum, fill) => sum + notionalOf(terms, fill.priceTicks, fill.quantityLots), 0),
    netPerSecond: performance === null ? null : plain(performance.netPerSecond),
    sharpeInterval: performance === null ? null : plain(performance.sharpeInterval),
    drawdown: performance?.drawdown.depth ?? null,
    difference: difference === null ? null : plain(difference),
    sentence: sentenceOf(difference, other.strategy, own.currency),
    curve: curveSeries(other, terms, 200),
  };
}

function differenceOf(own: BacktestRun, other: BacktestRun, resampling: CurveResampling): Estimate | null {
  const [a, b] = [seriesOf(own), seriesOf(other)];
  const same = own.equity[0]?.ns === other.equity[0]?.ns && a?.net.length === b?.net.length && a?.stepNs === b?.stepNs;
  return a === null || b === null || !same ? null : curveDifference(a.net, b.net, a.stepNs, resampling).mean;
}

function seriesOf({ equity }: BacktestRun): EquitySeries | null {
  return equity.length < 3 ? null : coarsened(equitySeries(equity));
}

function sentenceOf(difference: Estimate | null, name: string, currency: string): string {
  if (difference === null) return `not compared with ${name}: the two have other steps of time`;
  const hourly = (perSecond: number): string => Number((3600 * perSecond).toPrecision(3)).toString();
  const { value, interval, reason } = difference;
  if (value === 0 && (interval === null || (interval.low === 0 && interval.high === 0)))
    return `no different from ${name}`;
  if (interval === null) return `no interval for the difference from ${name}: ${reason}`;
  const range = `${hourly(value)} ${currency} an hour, 95 % interval ${hourly(interval.low)} to ${hourly(interval.high)}`;
  if (interval.low > 0) return `gains more than ${name}, by ${range}`;
  if (interval.high < 0) return `gains less than ${name}: ${range}`;
  return `not distinguishable from ${name}: ${range}`;
}
