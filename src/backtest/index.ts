export type { FillStatistics } from './analysis/fill-statistics.ts';
export type { BlockMean, MarkoutCurve, MarkoutPoint } from './analysis/markout-curve.ts';
export type { ProfitSplit } from './analysis/profit-split.ts';
export { type RoundTrip, roundTrips, type TradeStatistics } from './analysis/round-trips.ts';
export { type AnalysisOptions, analyseRun, type RunAnalysis } from './analysis/run-analysis.ts';
export type { OrderCost, Shortfall, TransactionCosts } from './analysis/transaction-costs.ts';
export { Backtest, type BacktestOptions } from './backtest.ts';
export { type CarryContext, parseCarry } from './carry/parse-carry.ts';
export { notionalOf, profitOf, type TermsOptions, termsOf } from './contract-terms.ts';
export type { CarryModel, ContractTerms, CostedFill, FeeModel, ImpactModel } from './costs.ts';
export { createExchange, type ExchangeOptions, queueAssumption, tradesMissing } from './exchange/create-exchange.ts';
export type { Exchange, ReportSink } from './exchange.ts';
export { FEE_PRESETS } from './fees/fee-presets.ts';
export { FeeSchedule, type FeeScheduleData, NO_FEES } from './fees/fee-schedule.ts';
export { parseFees } from './fees/parse-fees.ts';
export { parseImpact } from './impact/parse-impact.ts';
export { type LatencyContext, parseLatency } from './latency/parse-latency.ts';
export type { LatencyModel } from './latency.ts';
export { Ledger, type LedgerCosts, type LedgerOptions } from './ledger.ts';
export type { ForecastSettings, ForecastSource } from './market-view.ts';
export {
  type OrderReport,
  type OrderRequest,
  type OrderSide,
  OrderState,
  type OwnOrder,
  ReportKind,
  type TimeInForce,
} from './order.ts';
export { QUEUE_MODELS, type QueueModel, queueModelOf } from './queue/queue-model.ts';
export { parseRisk } from './risk/parse-risk.ts';
export { RiskGate, type RiskLimits } from './risk/risk-gate.ts';
export {
  type BacktestRun,
  type EquityPoint,
  type FillRecord,
  MARKOUT_NS,
  type OrderRecord,
  type RunAccount,
} from './run.ts';
export { type RunHooks, runBacktest } from './run-backtest.ts';
export { hashOf } from './run-hash.ts';
export {
  baselinesOf,
  createStrategy,
  STRATEGY_KINDS,
  type StrategyConfig,
  StrategySchema,
} from './strategies/catalogue.ts';
export { WindowedStrategy } from './strategies/windowed-strategy.ts';
export type { Broker, Strategy } from './strategy.ts';
export { tapeVenue, type VenueSettings } from './venue-side.ts';
