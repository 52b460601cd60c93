import { Random } from '../../src/core/index.ts';
import { BinanceDouble } from './binance-double.ts';
import { CoinbaseDouble } from './coinbase-double.ts';
import { CoinbaseExchangeDouble } from './coinbase-exchange-double.ts';
import type { FaultKind, FaultPlan } from './faults.ts';
import { KrakenDouble } from './kraken-double.ts';
import { type Market, SeededMarket } from './market.ts';
import { OkxDouble } from './okx-double.ts';
import { type DoubleVenue, PRODUCTS } from './products.ts';
import type { DoubleSetup, VenueDouble } from './venue-double.ts';

export interface DoubleOptions {
  readonly venue: DoubleVenue;
  readonly seed: number;
  readonly plan: FaultPlan;
  /** Whole ms since 1970 at the double's time 0. */
  readonly startEpochMs: number;
  /** Default: seeded ones, one for each of the venue's products. */
  readonly markets?: readonly Market[];
  /** Mean time between moves of a market; default 60 ms. */
  readonly meanMs?: number;
  /** A side, about; default 25 to 44. */
  readonly levels?: number;
  /** Of a connection; default 24 h. */
  readonly lifetimeMs?: number;
}

/** A venue's double with seeded markets. */
export function createDouble(options: DoubleOptions): VenueDouble {
  const { venue, plan, startEpochMs } = options;
  const random = new Random(options.seed);
  const markets = options.markets ?? seededMarkets(options, random);
  const lifetime = options.lifetimeMs === undefined ? {} : { lifetimeMs: options.lifetimeMs };
  const setup: DoubleSetup = { markets, plan, startEpochMs, ...lifetime };
  switch (venue) {
    case 'binance-spot':
      return new BinanceDouble('spot', setup);
    case 'binance-usdm':
      return new BinanceDouble('usdm', setup);
    case 'binance-coinm':
      return new BinanceDouble('coinm', setup);
    case 'coinbase':
      return new CoinbaseDouble(setup);
    case 'kraken':
      return new KrakenDouble({ ...setup, fullNumerals: options.seed % 4 !== 0 });
    case 'okx':
      return new OkxDouble({ ...setup, sendsSnapshots: options.seed % 4 !== 0 });
    default:
      return new CoinbaseExchangeDouble(setup);
  }
}

export function seededMarkets(options: DoubleOptions, random: Random): SeededMarket[] {
  const meanUs = (options.meanMs ?? 60) * 1000;
  const idHoles = ['binance-usdm', 'binance-coinm', 'okx'].includes(options.venue);
  return PRODUCTS[options.venue].map(
    (product) =>
      new SeededMarket(product, {
        seed: random.uint32(),
        startUs: options.startEpochMs * 1000,
        meanUs,
        levels: options.levels ?? 25 + random.below(20),
        idHoles,
      }),
  );
}

const COMMON: readonly FaultKind[] = [
  'drop',
  'duplicate',
  'reorder',
  'malformed',
  'truncated',
  'disconnect',
  'halfOpen',
  'stalled',
  'slowClose',
  'refuse',
  'tooMany',
  'tooManySilent',
  'ban',
  'serverError',
  'noAnswer',
  'badBody',
];

/** Faults that mean something at a venue. */
export function faultsOf(venue: DoubleVenue): FaultKind[] {
  switch (venue) {
    case 'binance-spot':
      return [...COMMON, 'shutdown', 'renumber', 'lateSnapshot', 'staleSnapshot'];
    case 'binance-usdm':
    case 'binance-coinm':
      return [...COMMON, 'renumber', 'shutdown', 'lateSnapshot', 'staleSnapshot'];
    case 'coinbase-full':
      return [...COMMON, 'renumber', 'subscribeError', 'lateSnapshot', 'staleSnapshot'];
    case 'kraken':
      return [...COMMON, 'subscribeError', 'checksum', 'lateSnapshot'];
    case 'okx':
      return [...COMMON, 'renumber', 'shutdown', 'subscribeError', 'lateSnapshot', 'staleSnapshot'];
    case 'coinbase':
      return [...COMMON, 'renumber', 'subscribeError'];
    default:
      return [...COMMON, 'subscribeError'];
  }
}
