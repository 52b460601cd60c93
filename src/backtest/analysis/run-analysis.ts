import type { ContractTerms } from '../costs.ts';
import type { BacktestRun } from '../run.ts';
import { type FillStatistics, fillStatistics } from './fill-statistics.ts';
import { type MarkoutCurve, markoutCurve } from './markout-curve.ts';
import { type ProfitSplit, splitProfit } from './profit-split.ts';
import { type TradeStatistics, tradeStatistics } from './round-trips.ts';
import { type TransactionCosts, transactionCosts } from './transaction-costs.ts';

/** Everything that is said of one run by itself. */
export interface RunAnalysis {
  readonly split: ProfitSplit;
  readonly markouts: MarkoutCurve;
  readonly fills: FillStatistics;
  readonly trades: TradeStatistics;
  readonly costs: TransactionCosts;
}

export interface AnalysisOptions {
  /** Of adverse selection; one of `MARKOUT_NS`, default a second. */
  readonly horizonNs?: number;
  /** Lots that each tag wanted in all. */
  readonly wanted?: ReadonlyMap<string, number>;
}

export function analyseRun(run: BacktestRun, terms: ContractTerms, options: AnalysisOptions = {}): RunAnalysis {
  return {
    split: splitProfit(run, terms, options.horizonNs),
    markouts: markoutCurve(run),
    fills: fillStatistics(run),
    trades: tradeStatistics(run, terms),
    costs: transactionCosts(run, terms, options.wanted),
  };
}
