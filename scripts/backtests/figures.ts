import {
  analyseRun,
  type BacktestRun,
  type ContractTerms,
  type EquityPoint,
  notionalOf,
  profitOf,
} from '../../src/backtest/index.ts';
import { NS_PER_SECOND } from '../../src/core/index.ts';
import {
  breakEvenCost,
  curveDifference,
  type EquitySeries,
  equitySeries,
  type Interval,
  performanceOf,
  turnoverOf,
  verdict,
} from '../../src/evaluate/index.ts';
import { Side } from '../../src/market/index.ts';
import type { Player } from './player.ts';

/** A figure with its 95 % interval; null where there is too little data for one. */
export interface Figure {
  readonly value: number;
  readonly interval: Pick<Interval, 'low' | 'high'> | null;
}

/** What a page shows of one run. Plain data; money in the currency of profit. */
export interface Figures {
  readonly orders: number;
  /** Orders of which at least a part traded. */
  readonly filled: number;
  readonly rejected: number;
  readonly fills: number;
  readonly trips: number;
  readonly turnover: number;
  readonly gross: number;
  readonly spread: number;
  /** Within a second of each fill. */
  readonly adverse: number;
  readonly fees: number;
  readonly net: Figure;
  /** Profit before fees, and the same but for the spread paid or earned, in bps of what was traded, one way. */
  readonly grossBps: Figure;
  readonly midBps: Figure;
  /** After 0, 10 ms, … 60 s. */
  readonly markouts: readonly { readonly afterNs: number; readonly bps: number; readonly error: number }[];
  readonly verdict: string;
  readonly claim: string;
  readonly hash: string;
}

/** Figures, and what a comparison with another run needs: the net profit of each step. */
export interface Judged {
  readonly figures: Figures;
  readonly steps: Float64Array;
  readonly stepNs: number;
}

const SEED = 1;

/** The equity from the first second of trading on. */
function traded(run: BacktestRun, { session }: Player): EquityPoint[] {
  const { window } = session;
  return run.equity.filter(({ ns }) => window === undefined || (ns >= window.fromNs && ns <= window.toNs));
}

/** `trials`: everything that was tried on the market before this was looked at. */
export function figuresOf(run: BacktestRun, player: Player, trials: number): Judged {
  const { terms, session } = player;
  const points = traded(run, player);
  const series = equitySeries(points);
  const { split, fills, trades, markouts } = analyseRun(run, terms);
  const turnover = turnoverOf(series, points[0].ns, notionals(run, terms));
  const performance = performanceOf(points, { seed: SEED, calendar: session.market.calendar });
  const judged = verdict(performance, { currency: run.currency, trials: { counted: trials } });
  const seconds = performance.spanNs / NS_PER_SECOND;
  const { interval } = performance.netPerSecond;
  const curve = fills.makerFills > 0 ? markouts.maker : markouts.taker;
  const figures = {
    orders: fills.placed,
    filled: fills.filled + fills.partlyFilled,
    rejected: fills.rejected,
    fills: run.fills.length,
    trips: trades.trips,
    turnover: trades.turnover,
    gross: run.totals.gross,
    spread: split.spread,
    adverse: split.adverseSelection,
    fees: run.totals.fees,
    net: {
      value: run.totals.net,
      interval: interval === null ? null : { low: interval.low * seconds, high: interval.high * seconds },
    },
    grossBps: breakEvenCost(series, turnover, { seed: SEED }),
    midBps: breakEvenCost(withoutSpread(series, points[0].ns, run, terms), turnover, { seed: SEED }),
    markouts: curve.map(({ afterNs, bps }) => ({ afterNs, bps: bps.mean, error: bps.standardError })),
    verdict: judged.sentence,
    claim: judged.sharpeClaim,
    hash: run.hash,
  };
  return { figures, steps: series.net, stepNs: series.stepNs };
}

/** How much more one gained than the other over the same steps, in all. */
export function leadOf(own: Judged, other: Judged): Figure {
  const { value, interval } = curveDifference(own.steps, other.steps, own.stepNs, { seed: SEED }).mean;
  const seconds = (own.steps.length * own.stepNs) / NS_PER_SECOND;
  return {
    value: value * seconds,
    interval: interval === null ? null : { low: interval.low * seconds, high: interval.high * seconds },
  };
}

function notionals(run: BacktestRun, terms: ContractTerms): { ns: number; notional: number }[] {
  return run.fills.map((fill) => ({
    ns: fill.exchangeNs,
    notional: notionalOf(terms, fill.priceTicks, fill.quantityLots),
  }));
}

/** Profit as if every fill had been at the mid. */
function withoutSpread(series: EquitySeries, startNs: number, run: BacktestRun, terms: ContractTerms): EquitySeries {
  const gross = series.gross.slice();
  for (const { exchangeNs, side, priceTicks, midTicks, quantityLots } of run.fills) {
    const step = Math.max(0, Math.ceil((exchangeNs - startNs) / series.stepNs) - 1);
    if (step >= gross.length || Number.isNaN(midTicks)) continue;
    gross[step] -= profitOf(terms, priceTicks, midTicks, side === Side.BID ? quantityLots : -quantityLots);
  }
  return { ...series, gross };
}
