import { readFileSync } from 'node:fs';
import {
  type BacktestOptions,
  type ContractTerms,
  type Exchange,
  FEE_PRESETS,
  type FeeModel,
  NO_FEES,
  parseCarry,
  parseFees,
  parseImpact,
  parseLatency,
  parseRisk,
  queueModelOf,
  type Strategy,
  tapeVenue,
  termsOf,
  type VenueSettings,
} from '../backtest/index.ts';
import { BookcastError, NS_PER_SECOND } from '../core/index.ts';
import { CRYPTO_CALENDAR, STOCK_CALENDAR, type TradingCalendar } from '../evaluate/index.ts';
import { type ForecasterOptions, withStack } from '../forecast/index.ts';
import { type Instrument, instrumentKey, type Origin } from '../market/index.ts';
import { parseTarget } from '../models/index.ts';
import { AUTO_QUEUE, type BacktestSettings } from './backtest-settings.ts';

/** What a run is made for. */
export interface MarketFacts {
  readonly instrument: Instrument;
  readonly origin: Origin;
  /** Of the first message, days since 1970-01-01. */
  readonly startDay: number;
}

/** The model that `auto` stands for, where the tape does not name orders. */
const USUAL_QUEUE = 'rigtorp';

/**
 * The parts of one run, all new since they remember. `served` are the models that forecast for it (of their own, too), null for a run without forecasts. Throws
 * `bad-argument` and `bad-input` for settings that do not fit, naming them.
 */
export function createBacktest(
  settings: BacktestSettings,
  facts: MarketFacts,
  served: ForecasterOptions | null,
  strategy: Strategy,
): BacktestOptions {
  const { where, forecast, equitySeconds, seed } = settings;
  const { instrument, origin, startDay } = facts;
  const read = (path: string): string => readSettingsFile(path, where);
  const terms = contractOf(settings, instrument);
  const target = forecast === null || served === null ? null : parseTarget(forecast.target);
  return {
    instrument,
    origin,
    strategy,
    venue: venueOf(settings),
    latency: parseLatency(settings.latency, `${where}: latency`, { startDay, seed, read }),
    ledger: {
      terms,
      fees: feesOf(settings, instrument, terms),
      impact: parseImpact(settings.impact, `${where}: impact`),
      carry: parseCarry(settings.carry, `${where}: carry`, { startDay, read }),
    },
    risk: parseRisk(settings.risk, `${where}: risk`),
    forecast: target === null ? null : { target, options: withStack(instrument, target, served ?? {}) },
    equityEveryNs: Math.round(equitySeconds * NS_PER_SECOND),
  };
}

export function contractOf({ contractValue }: BacktestSettings, instrument: Instrument): ContractTerms {
  return termsOf(instrument, contractValue === null ? {} : { contractValue });
}

/** Stocks have sessions; all else trades around the clock. The simulator opens as a stock's exchange does. */
export function calendarOf({ venue }: Instrument): TradingCalendar {
  return ['lobster', 'sim'].includes(venue) ? STOCK_CALENDAR : CRYPTO_CALENDAR;
}

function feesOf({ fees, where }: BacktestSettings, instrument: Instrument, terms: ContractTerms): FeeModel {
  const at = `${where}: fees`;
  if (fees !== 'venue') return parseFees(fees, at, terms);
  if (instrument.venue === 'sim') {
    return { ...NO_FEES, assumption: 'fees: none, since the simulated venue has no schedule' };
  }
  const preset = presetOf(instrument);
  if (preset !== null) return parseFees(preset, at, terms);
  throw new BookcastError(
    'bad-argument',
    `${at}: no public schedule is known for ${instrumentKey(instrument)}; give one of ${Object.keys(FEE_PRESETS).join(', ')}, rates such as { maker: { bps: 2 }, taker: { bps: 5 } }, or "none" for a run without fees`,
    { where, instrument: instrumentKey(instrument) },
  );
}

function presetOf({ venue, name }: Instrument): string | null {
  const presets: Record<string, string> = {
    binance: `binance-${name.split('/')[1]?.toLowerCase() ?? 'spot'}`,
    coinbase: 'coinbase',
    'coinbase-exchange': 'coinbase',
    kraken: 'kraken',
    lobster: 'nasdaq',
    okx: name.endsWith('-SWAP') ? 'okx-swap' : 'okx-spot',
  };
  const preset = presets[venue];
  return preset !== undefined && Object.hasOwn(FEE_PRESETS, preset) ? preset : null;
}

function venueOf({ queue, by }: BacktestSettings): VenueSettings {
  const read = by === null ? ([] as const) : ([by] as const);
  return queue === AUTO_QUEUE
    ? autoVenue(tapeVenue(queueModelOf(USUAL_QUEUE), ...read))
    : tapeVenue(queueModelOf(queue), ...read);
}

/** A tape without trades is no error: orders then fill on crossed prices alone, whatever the model, and the assumption says so. */
function autoVenue(usual: VenueSettings): VenueSettings {
  let exchange: Exchange | null = null;
  return {
    assumption: (instrument) => {
      const silent = exchange?.needsTrades === true && exchange.tradesSeen === 0;
      return silent
        ? 'queue: the tape has no trades, so that resting orders filled on crossed prices alone, which is fewer than would have; set queue to a model to have such a tape refused'
        : usual.assumption(instrument);
    },
    create: (instrument, sink) => {
      exchange = usual.create(instrument, sink);
      return exchange;
    },
    fault: () => null,
  };
}

function readSettingsFile(path: string, where: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new BookcastError('not-found', `${where}: cannot read ${path}: ${(cause as Error).message}`, { path, cause });
  }
}
