import { BookcastError, textOf } from '../../core/index.ts';
import type { Instrument } from '../../market/index.ts';

/** Binance's markets: spot, futures margined in a dollar coin, and futures margined in the base coin. */
export type BinanceMarket = 'SPOT' | 'USDM' | 'COINM';

const MARKET_NAMES: readonly string[] = ['SPOT', 'USDM', 'COINM'] satisfies BinanceMarket[];

/** Which instrument of a recording a user asks for. */
export interface WantedSymbol {
  readonly symbol: string;
  /** Null: whichever the recording has. */
  readonly market: BinanceMarket | null;
}

/** `btcusdt` or `BTCUSDT/USDM`, as asked for. Throws `bad-argument` where it is neither. */
export function wantedSymbol(text: string | undefined): WantedSymbol | null {
  if (text === undefined) return null;
  const [symbol, market, ...rest] = text.toUpperCase().split('/');
  if (symbol === '' || rest.length > 0 || (market !== undefined && !MARKET_NAMES.includes(market))) {
    throw new BookcastError(
      'bad-argument',
      `"${text}" names no instrument of Binance: give its symbol, such as BTCUSDT, and for futures the market behind it: BTCUSDT/USDM, BTCUSD_PERP/COINM`,
      { text },
    );
  }
  return { symbol, market: (market ?? null) as BinanceMarket | null };
}

export interface Steps {
  readonly tickSize: string;
  readonly lotSize: string;
}

/**
 * Steps of prices and sizes by instrument, from the venue's exchangeInfo (PRICE_FILTER.tickSize, LOT_SIZE.stepSize), except
 * that a spot lot is the precision in which sizes are written: LOT_SIZE says 0.00001, but recordings show resting orders with
 * six decimals (`["200000.00000000","25.42618900"]`), older than the rule. A COIN-M lot is one contract.
 */
const STEPS: Readonly<Record<string, Steps>> = {
  'BTCUSDT/SPOT': { tickSize: '0.01', lotSize: '0.00000001' },
  'BTCUSDT/USDM': { tickSize: '0.10', lotSize: '0.001' },
  'BTCUSD_PERP/COINM': { tickSize: '0.1', lotSize: '1' },
};

export function knownSteps(symbol: string, market: BinanceMarket): Steps | null {
  return STEPS[`${symbol}/${market}`] ?? null;
}

const STEP = /^\d+(\.\d+)?$/;

/** The instrument of a symbol (the venue's spelling). Throws `bad-argument` where a step is no positive decimal. */
export function binanceInstrument(symbol: string, market: BinanceMarket, steps: Steps): Instrument {
  for (const [option, text] of [
    ['--tick', steps.tickSize],
    ['--lot', steps.lotSize],
  ]) {
    if (!STEP.test(text) || !(Number(text) > 0)) {
      throw new BookcastError('bad-argument', `${option} is a positive decimal such as 0.01, not "${text}"`, { text });
    }
  }
  return Object.freeze({
    venue: 'binance',
    name: `${symbol}/${market}`,
    tickSize: steps.tickSize,
    lotSize: steps.lotSize,
    // Spot diffs span ids without a hole; futures diffs name the id of their predecessor and leave holes.
    sequencing: market === 'SPOT' ? ('spanning' as const) : ('linked' as const),
    burstQuietNs: 1e6,
    depthLimit: null,
  });
}

/** A step of ten to the minus `decimals`, as text. */
export function powerStep(decimals: number): string {
  return decimals === 0 ? '1' : `0.${'0'.repeat(decimals - 1)}1`;
}

/**
 * The market that a stream's message tells, or null where it does not: COIN-M messages name their pair (`ps`) or have a
 * symbol such as BTCUSD_PERP or BTCUSD_240927; futures diffs link (`pu`), futures trades say what they were (`X`), futures
 * tickers have times; spot trades and aggregate trades still carry `M`.
 */
export function marketOf(message: Readonly<Record<string, unknown>>): BinanceMarket | null {
  const symbol = message.s ?? message.symbol;
  if ('ps' in message || 'pair' in message || /USD_(PERP|\d{6})$/.test(textOf(symbol))) return 'COINM';
  switch (message.e) {
    case 'depthUpdate':
      return 'pu' in message ? 'USDM' : 'SPOT';
    case 'trade':
    case 'aggTrade':
      return 'M' in message ? 'SPOT' : 'USDM';
    case 'bookTicker':
      return 'USDM';
    default:
      return 'u' in message && 'B' in message && 'A' in message ? 'SPOT' : null;
  }
}
