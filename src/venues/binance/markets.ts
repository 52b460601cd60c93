import type { Endpoints, VenueLimits } from '../../feed/index.ts';
import { type BinanceMarket, wantedSymbol } from './instruments.ts';

/** The parts of the addresses, as `--base-url` and `endpoints` name them. */
export const ENDPOINTS = {
  'spot.rest': 'https://api.binance.com',
  'spot.stream': 'wss://stream.binance.com:9443',
  'usdm.rest': 'https://fapi.binance.com',
  // Since April 2026 the streams of USD-M are divided between two entries, and one connection cannot have both: `/public` has
  // depth, bookTicker and trade; `/market` has aggTrade and the rest. Each accepts the other's names and then sends nothing.
  'usdm.stream': 'wss://fstream.binance.com/public',
  'coinm.rest': 'https://dapi.binance.com',
  'coinm.stream': 'wss://dstream.binance.com',
} as const satisfies Endpoints;

/** What differs between Binance's three markets. */
export interface MarketFacts {
  readonly market: BinanceMarket;
  /** Which addresses in `ENDPOINTS`. */
  readonly rest: keyof typeof ENDPOINTS;
  readonly stream: keyof typeof ENDPOINTS;
  /** Path of the REST requests. */
  readonly api: '/api/v3' | '/fapi/v1' | '/dapi/v1';
  readonly discovery: { readonly query: string; readonly weight: number };
  /** Levels a side that a snapshot may be asked for, and the weight of the request; ascending. */
  readonly depths: readonly { readonly levels: number; readonly weight: number }[];
  readonly limits: VenueLimits;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * Of every market: 300 connections in five minutes from one address, and a connection is closed when it is a day old. The venue
 * pings, every 20 s on spot and every 3 minutes on futures; a thin instrument may be silent for longer than anyone wants to
 * wait for a dead connection, so we ping as well, which counts as one message of ours.
 */
function limits(scope: string, sendsPerSecond: number, weightPerMinute: number): VenueLimits {
  return {
    scope,
    connects: { limit: 300, windowMs: 5 * MINUTE_MS },
    sends: { limit: sendsPerSecond, windowMs: 1000 },
    requests: { limit: weightPerMinute, windowMs: MINUTE_MS },
    lifetimeMs: DAY_MS,
    silenceMs: 60_000,
    pingMs: 20_000,
  };
}

/** Futures take no other numbers of levels than these (and some smaller ones). */
const FUTURES_DEPTHS = [
  { levels: 50, weight: 2 },
  { levels: 100, weight: 5 },
  { levels: 500, weight: 10 },
  { levels: 1000, weight: 20 },
] as const;

/** binance-spot-api-docs (rest-api.md, web-socket-streams.md); developers.binance.com, derivatives. */
export const MARKETS: Readonly<Record<BinanceMarket, MarketFacts>> = {
  SPOT: {
    market: 'SPOT',
    rest: 'spot.rest',
    stream: 'spot.stream',
    api: '/api/v3',
    // Permission sets are most of the answer, and of no use here.
    discovery: { query: '?showPermissionSets=false', weight: 20 },
    depths: [
      { levels: 100, weight: 5 },
      { levels: 500, weight: 25 },
      { levels: 1000, weight: 50 },
      { levels: 5000, weight: 250 },
    ],
    limits: limits('binance:spot', 5, 6000),
  },
  USDM: {
    market: 'USDM',
    rest: 'usdm.rest',
    stream: 'usdm.stream',
    api: '/fapi/v1',
    discovery: { query: '', weight: 1 },
    depths: FUTURES_DEPTHS,
    limits: limits('binance:usdm', 10, 2400),
  },
  COINM: {
    market: 'COINM',
    rest: 'coinm.rest',
    stream: 'coinm.stream',
    api: '/dapi/v1',
    discovery: { query: '', weight: 1 },
    depths: FUTURES_DEPTHS,
    limits: limits('binance:coinm', 10, 2400),
  },
};

/** The market of an instrument's name, such as `BTCUSDT/USDM`; a symbol alone is spot. Throws `bad-argument` for any other market. */
export function marketOfName(name: string): BinanceMarket {
  return wantedSymbol(name)?.market ?? 'SPOT';
}

/** The snapshot to ask for: at least so many levels a side where the market has as many. */
export function depthOf(facts: MarketFacts, levels: number): MarketFacts['depths'][number] {
  return facts.depths.find((depth) => depth.levels >= levels) ?? facts.depths[facts.depths.length - 1];
}

/**
 * Levels outside a snapshot are unknown until they change, so the deepest one is the best. For many instruments they are
 * shallower, such that each can be asked for twice within a minute: when instruments are looked up, and to begin their books.
 */
export function deepestFor(facts: MarketFacts, instruments: number): MarketFacts['depths'][number] {
  const { depths, limits } = facts;
  return depths.findLast((depth) => 2 * depth.weight * instruments <= limits.requests.limit) ?? depths[0];
}
