import {
  analyseRun,
  type BacktestRun,
  type ContractTerms,
  type FillStatistics,
  notionalOf,
  type ProfitSplit,
  type TradeStatistics,
} from '../../backtest/index.ts';
import { breakEvenCost, turnoverOf } from '../performance/break-even-cost.ts';
import type { CurveResampling, Estimate } from '../performance/curve-intervals.ts';
import { equitySeries, spanNs } from '../performance/equity-series.ts';
import { annualisation, type Performance, performanceOf } from '../performance/performance.ts';
import { minimumTrackRecord } from '../performance/sharpe-doubt.ts';
import type { TradingCalendar } from '../performance/trading-calendar.ts';
import type { TrialCount } from '../performance/trial-count.ts';
import { type Verdict, verdict } from '../performance/verdict.ts';
import { type BaselineCard, baselineCard } from './baseline-card.ts';
import { type CostRow, costRows } from './card-costs.ts';
import { doubtsOf } from './card-doubts.ts';
import { type MarkoutBands, markoutBands } from './card-markouts.ts';
import {
  type CurveSeries,
  curveSeries,
  type FillSeries,
  fillSeries,
  runTimeMs,
  type WaitCounts,
  waitCounts,
} from './card-series.ts';
import { type Plain, plain } from './plain.ts';
import type { SweepResult } from './sweep-result.ts';
import type { WalkResult } from './walk-result.ts';

export interface BacktestCardInput {
  readonly run: BacktestRun;
  /** Of the run and of its baselines. */
  readonly terms: ContractTerms;
  readonly calendar: TradingCalendar;
  /** Other strategies on the same tape under the same assumptions. */
  readonly baselines: readonly BacktestRun[];
  /** Everything that was tried on this market, the run itself included. */
  readonly trials: number | TrialCount;
  readonly sweep?: SweepResult | undefined;
  readonly walk?: WalkResult | undefined;
  /** As they were given; printed whole. */
  readonly settings: unknown;
  /** Lots that each tag wanted in all: without it a parent's opportunity cost is not known. */
  readonly wanted?: ReadonlyMap<string, number>;
  /** Version of the package. */
  readonly bookcast?: string;
  /** Of resampling; 1 by default. */
  readonly seed?: number;
}

/** Everything a reader of a run is told, as data: the page is drawn from it, and JSON keeps it as it is. Null where a number is not known or has no bounds. */
export interface BacktestCard {
  readonly format: 1;
  readonly bookcast: string | null;
  readonly strategy: string;
  readonly instrument: string;
  readonly origin: BacktestRun['origin'];
  readonly simulated: boolean;
  /** Of profit. */
  readonly currency: string;
  /** ms since 1970. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly events: number;
  readonly messages: number;
  readonly hash: string;
  /** Why the strategy was ended early; null where it ran to the end. */
  readonly ended: string | null;
  readonly assumptions: readonly string[];
  readonly notes: readonly string[];
  readonly totals: Plain<BacktestRun['totals']>;
  readonly split: Plain<ProfitSplit>;
  readonly markouts: Plain<MarkoutBands>;
  readonly fills: Plain<FillStatistics>;
  readonly waits: WaitCounts;
  readonly trades: Plain<TradeStatistics>;
  /** Parent orders where there are any, else all orders that traded; `withoutMid`: orders that are in none. */
  readonly costs: { readonly rows: Plain<readonly CostRow[]>; readonly parents: number; readonly withoutMid: number };
  /** Null where the run is too short, with the reason. */
  readonly judged: JudgedCard | null;
  readonly unjudged: string | null;
  readonly trials: Plain<TrialCount>;
  /** Sentences on what the figures do not support. */
  readonly doubts: readonly string[];
  readonly baselines: readonly BaselineCard[];
  readonly sweep: Plain<SweepResult> | null;
  readonly walk: Plain<WalkResult> | null;
  readonly settings: unknown;
  readonly curve: CurveSeries;
  readonly fillMarks: FillSeries;
}

/** What rests on the equity as a series of equal steps of time. */
export interface JudgedCard {
  readonly verdict: Plain<Verdict>;
  readonly performance: Plain<Performance>;
  /** One sentence of how figures of a year are made, or why there are none. */
  readonly annualisation: string;
  /** Bps of turnover. */
  readonly breakEven: Plain<Estimate>;
  /** How long a track record with this Sharpe ratio would have to be to tell it from 0 at 95 %, ns; null where no length would do. */
  readonly minimumTrackNs: number | null;
}

/** The same input gives the same card. Throws `bad-input` where the equity is not on a grid of time. */
export function backtestCard(input: BacktestCardInput): BacktestCard {
  const { run, terms, calendar, baselines, seed = 1 } = input;
  const trials: TrialCount = typeof input.trials === 'number' ? { counted: input.trials } : input.trials;
  const resampling: CurveResampling = { seed };
  const analysis = analyseRun(run, terms, input.wanted === undefined ? {} : { wanted: input.wanted });
  const { judged, unjudged } = judge(input, trials, resampling);
  const compared = baselines.map((other) => baselineCard(run, other, { terms, calendar, resampling }));
  return {
    format: 1,
    bookcast: input.bookcast ?? null,
    strategy: run.strategy,
    instrument: run.instrument,
    origin: run.origin,
    simulated: run.origin === 'simulated',
    currency: run.currency,
    fromMs: runTimeMs(run, run.startNs),
    toMs: runTimeMs(run, run.endNs),
    events: run.events,
    messages: run.messages,
    hash: run.hash,
    ended: run.ended,
    assumptions: [...run.assumptions],
    notes: [...run.notes],
    totals: plain(run.totals),
    split: plain(analysis.split),
    markouts: plain(markoutBands(analysis.markouts)),
    fills: plain(analysis.fills),
    waits: waitCounts(run),
    trades: plain(analysis.trades),
    costs: {
      ...plain(costRows(run, terms, analysis.costs)),
      withoutMid: analysis.costs.withoutMid,
    } as BacktestCard['costs'],
    judged,
    unjudged,
    trials: plain(trials),
    doubts: doubtsOf({ run, analysis, judged, unjudged, baselines: compared }),
    baselines: compared,
    sweep: input.sweep === undefined ? null : plain(input.sweep),
    walk: input.walk === undefined ? null : plain(input.walk),
    settings: plain(input.settings),
    curve: curveSeries(run, terms),
    fillMarks: fillSeries(run, terms),
  };
}

function judge(
  { run, terms, calendar }: BacktestCardInput,
  trials: TrialCount,
  resampling: CurveResampling,
): { judged: JudgedCard | null; unjudged: string | null } {
  if (run.equity.length < 3) {
    const unjudged = `too short to judge: ${run.equity.length} points of equity make fewer than two steps of time`;
    return { judged: null, unjudged };
  }
  const performance = performanceOf(run.equity, { calendar, ...resampling });
  const series = equitySeries(run.equity);
  const trades = run.fills.map(({ exchangeNs, priceTicks, quantityLots }) => ({
    ns: exchangeNs,
    notional: notionalOf(terms, priceTicks, quantityLots),
  }));
  const { sharpe } = performance;
  const trackSteps = sharpe === null ? Number.POSITIVE_INFINITY : minimumTrackRecord(sharpe, 0);
  const perStep = sharpe === null ? 1 : spanNs(series) / sharpe.effectiveSteps;
  const judged = {
    verdict: verdict(performance, { currency: run.currency, trials }),
    performance,
    annualisation: annualisation(performance),
    breakEven: breakEvenCost(series, turnoverOf(series, run.equity[0].ns, trades), resampling),
    minimumTrackNs: trackSteps * perStep,
  };
  return { judged: plain(judged), unjudged: null };
}
