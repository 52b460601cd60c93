import { NO_CARRY } from '../../../src/backtest/carry/carry.ts';
import { NO_IMPACT } from '../../../src/backtest/impact/square-root-impact.ts';
import {
  Backtest,
  type BacktestOptions,
  type BacktestRun,
  createStrategy,
  type FeeModel,
  notionalOf,
  queueModelOf,
  type Strategy,
  type StrategyConfig,
  tapeVenue,
} from '../../../src/backtest/index.ts';
import { type ForecastTape, recordForecasts } from '../../../src/evaluate/index.ts';
import type { EventBatch, Instrument } from '../../../src/market/index.ts';
import { LogisticModel, parseTarget } from '../../../src/models/index.ts';
import { openSim, type SimMode } from '../../../src/venues/sim/index.ts';
import { collect } from '../../support/batches.ts';
import { constantLatency, MS } from '../toy-market.ts';

export const TERMS = { kind: 'linear', tickValue: 0.01, lotValue: 1, currency: 'USD' } as const;

/** A simulated session in memory, with what the desk's baseline (logistic on imbalance and spread, learnt live) forecast over it. */
export interface SimTape {
  readonly instrument: Instrument;
  readonly batches: readonly EventBatch[];
  readonly forecasts: ForecastTape;
}

export async function simTape(mode: SimMode, seed: number, messages: number): Promise<SimTape> {
  const target = parseTarget('next-change');
  const model = new LogisticModel({ name: 'imbalance-logistic', target, featureCount: 0, schemaHash: null });
  const source = openSim({ mode, seed, messages });
  const forecasts = await recordForecasts(openSim({ mode, seed, messages }), target, { signals: [], models: [model] });
  return { instrument: source.instrument, batches: await collect(source.batches()), forecasts };
}

/** A fee of so many bps for makers and takers alike. */
export function feeOf(bps: number): FeeModel {
  return {
    assumption: `fees: ${bps} bps`,
    fee: ({ priceTicks, quantityLots }, terms) => (notionalOf(terms, priceTicks, quantityLots) * bps) / 1e4,
  };
}

/** The maker as it comes, with whole settings. */
export const MAKER: Extract<StrategyConfig, { kind: 'maker' }> = {
  kind: 'maker',
  signal: 'none',
  skewTicks: 1,
  quotes: 'glft',
  riskAversion: 0.01,
  horizonSeconds: 10,
  quantityLots: 1,
  maxPositionLots: 5,
  toleranceTicks: 0,
  requote: 'replace',
  start: 'wait',
  halfLifeSeconds: 60,
};

export const TAKER: Extract<StrategyConfig, { kind: 'taker' }> = {
  kind: 'taker',
  signal: 'coin',
  threshold: 0.1,
  quantityLots: 1,
  holdSeconds: 0.3,
};

/** A millisecond each way, exact queues. */
export function play(
  tape: SimTape,
  strategy: Strategy | StrategyConfig,
  { seed = 1, fees = feeOf(0), ...parts }: Partial<BacktestOptions> & { seed?: number; fees?: FeeModel } = {},
): BacktestRun {
  const { instrument, batches, forecasts } = tape;
  const backtest = new Backtest({
    instrument,
    origin: 'simulated',
    strategy: 'kind' in strategy ? createStrategy(strategy, seed) : strategy,
    venue: tapeVenue(queueModelOf('rigtorp')),
    latency: constantLatency(MS, MS, MS),
    ledger: { terms: TERMS, fees, impact: NO_IMPACT, carry: NO_CARRY },
    risk: null,
    forecast: { target: forecasts.target, source: forecasts.player },
    ...parts,
  });
  for (const batch of batches) backtest.apply(batch);
  return backtest.finish();
}

/** Mean of independent runs and half its 95 % interval; 2.13 is Student's quantile for 16 of them. */
export function meanOf(values: readonly number[]): { mean: number; half: number } {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, half: 2.13 * Math.sqrt(squares / (n - 1) / n) };
}
