import { assert, BookcastError } from '../core/index.ts';
import { type Instrument, instrumentKey, priceStep, sizeStep } from '../market/index.ts';
import type { ContractTerms } from './costs.ts';

/** What the instrument's name does not tell. */
export interface TermsOptions {
  /** What one contract is worth, where a venue counts in contracts: base currency of a linear one, quote currency of an inverse one. */
  readonly contractValue?: number;
}

/** Dollars that a COIN-M contract is worth: 100 of BTC, 10 of every other coin (Binance, COIN-M contract specifications). */
const COINM_DOLLARS = { BTC: 100, other: 10 } as const;

/** Quote currencies that Binance's symbols end with, longer ones first where one ends with another. */
const BINANCE_QUOTES = [
  'FDUSD',
  'USDT',
  'USDC',
  'TUSD',
  'BUSD',
  'USD',
  'BTC',
  'ETH',
  'BNB',
  'EUR',
  'TRY',
  'BRL',
  'JPY',
  'GBP',
];

/**
 * How profit follows from ticks and lots of an instrument. Linear, a tick times a lot in the quote currency, but for Binance's COIN-M futures and OKX's
 * swaps against USD, which are inverse. Throws `bad-argument` for a swap of OKX without `contractValue`: a lot of it is a number of contracts, and what a contract
 * is worth is no part of the instrument.
 */
export function termsOf(instrument: Instrument, options: TermsOptions = {}): ContractTerms {
  const { contractValue } = options;
  if (contractValue !== undefined && !(contractValue > 0 && Number.isFinite(contractValue))) {
    throw new BookcastError('bad-argument', `a contract is worth more than 0, not ${contractValue}`, { contractValue });
  }
  const tickValue = priceStep(instrument).value;
  const lot = sizeStep(instrument).value;
  const [symbol, market] = instrument.name.split('/');
  if (instrument.venue === 'binance' && market === 'COINM') {
    const base = /^(.+?)USD(_|$)/.exec(symbol)?.[1] ?? symbol;
    const dollars = contractValue ?? (base === 'BTC' ? COINM_DOLLARS.BTC : COINM_DOLLARS.other);
    return Object.freeze({ kind: 'inverse', tickValue, lotValue: lot * dollars, currency: base });
  }
  const swap = instrument.venue === 'okx' ? /^([^-]+)-([^-]+)-SWAP$/.exec(instrument.name) : null;
  if (swap !== null) return swapTerms(instrument, swap[1], swap[2], tickValue, lot, contractValue);
  return Object.freeze({
    kind: 'linear',
    tickValue,
    lotValue: lot * (contractValue ?? 1),
    currency: quoteOf(instrument),
  });
}

function swapTerms(
  instrument: Instrument,
  base: string,
  quote: string,
  tickValue: number,
  lot: number,
  contractValue: number | undefined,
): ContractTerms {
  if (contractValue === undefined) {
    throw new BookcastError(
      'bad-argument',
      `${instrumentKey(instrument)} counts in contracts, and the tape does not say what one is worth: give contractValue as the venue states it (ctVal), such as 0.01 for BTC-USDT-SWAP or 100 for BTC-USD-SWAP`,
      { instrument: instrumentKey(instrument) },
    );
  }
  const inverse = quote === 'USD';
  return Object.freeze({
    kind: inverse ? 'inverse' : 'linear',
    tickValue,
    lotValue: lot * contractValue,
    currency: inverse ? base : quote,
  });
}

function quoteOf({ venue, name }: Instrument): string {
  // A stock's exchange and the simulator name no currency.
  if (venue === 'lobster' || venue === 'sim') return 'USD';
  if (venue === 'binance') {
    const symbol = name.split('/')[0];
    return BINANCE_QUOTES.find((quote) => symbol.endsWith(quote) && symbol !== quote) ?? `quote of ${symbol}`;
  }
  return name.split(/[-/]/)[1] ?? `quote of ${name}`;
}

/** A sentence on the contract, for the list of assumptions. */
export function termsAssumption(terms: ContractTerms): string {
  const { kind, lotValue, currency } = terms;
  return kind === 'linear'
    ? `contract: linear, a lot is ${lotValue} of the base, profit in ${currency}`
    : `contract: inverse, a lot is ${lotValue} of the quote currency, profit in ${currency}`;
}

/** What `lots` at a price are worth, in the currency of profit, at least 0. */
export function notionalOf(terms: ContractTerms, priceTicks: number, lots: number): number {
  const price = priceTicks * terms.tickValue;
  return terms.kind === 'linear' ? Math.abs(lots) * terms.lotValue * price : (Math.abs(lots) * terms.lotValue) / price;
}

/** What `lots` (below 0: short) gain while the price goes from one to the other, in the currency of profit. */
export function profitOf(terms: ContractTerms, fromTicks: number, toTicks: number, lots: number): number {
  return lots * moveOf(terms.kind, fromTicks, toTicks) * unitOf(terms);
}

/**
 * A lot's gain from a move, in units of `unitOf`: ticks of a linear contract; `1/from − 1/to` of an inverse one, which is worth a fixed sum of the quote
 * currency and so gains base currency as that gets dearer. Written as one quotient, so that near prices do not cancel.
 */
export function moveOf(kind: ContractTerms['kind'], fromTicks: number, toTicks: number): number {
  assert(fromTicks > 0 || kind === 'linear', 'an inverse contract has positive prices');
  return kind === 'linear' ? toTicks - fromTicks : (toTicks - fromTicks) / (fromTicks * toTicks);
}

/** The currency of profit in one unit of `moveOf` times a lot. */
export function unitOf({ kind, lotValue, tickValue }: ContractTerms): number {
  return kind === 'linear' ? lotValue * tickValue : lotValue / tickValue;
}
