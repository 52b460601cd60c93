import { decimalStep, MAX_PRICE_TICKS } from '../../core/index.ts';
import type { Message } from './canonical.ts';
import { powerStep, type Steps } from './instruments.ts';

/** What messages show of the decimals of one instrument's numbers. */
export interface Decimals {
  /** Decimals that prices need (trailing zeros dropped) and that sizes are written with; -1 where none was seen. */
  priceDecimals: number;
  sizeDecimals: number;
  highestPrice: number;
}

export function noDecimals(): Decimals {
  return { priceDecimals: -1, sizeDecimals: -1, highestPrice: 0 };
}

/** More decimals than 15 are none of a venue's, and no step could hold them. */
const DECIMAL = /^\d{1,30}(?:\.(\d{1,15}))?$/;

/** Notes what a message shows. */
export function countDecimals(message: Message, decimals: Decimals): void {
  const price = (text: unknown): void => {
    const match = typeof text === 'string' ? DECIMAL.exec(text) : null;
    if (match === null) return;
    decimals.priceDecimals = Math.max(decimals.priceDecimals, (match[1] ?? '').replace(/0+$/, '').length);
    decimals.highestPrice = Math.max(decimals.highestPrice, Number(text));
  };
  const size = (text: unknown): void => {
    const match = typeof text === 'string' ? DECIMAL.exec(text) : null;
    if (match !== null) decimals.sizeDecimals = Math.max(decimals.sizeDecimals, (match[1] ?? '').length);
  };
  for (const side of [message.bids, message.asks, message.b, message.a]) {
    if (!Array.isArray(side)) continue;
    for (const level of side as readonly unknown[][]) {
      price(level?.[0]);
      size(level?.[1]);
    }
  }
  if (message.e === 'trade' || message.e === 'aggTrade') {
    price(message.p);
    size(message.q);
  }
}

/**
 * Steps for an instrument that is not in the table: powers of ten that every price and size in the files' first lines is
 * a whole number of. Prices drop trailing zeros (spot writes eight decimals whatever the tick); sizes keep them, for a
 * size finer than those seen may come later. A later price that does not fit is an error, never rounded.
 */
export function inferSteps(seen: readonly Readonly<Decimals>[]): Steps | null {
  const priceDecimals = Math.max(...seen.map((decimals) => decimals.priceDecimals));
  const sizeDecimals = Math.max(...seen.map((decimals) => decimals.sizeDecimals));
  if (priceDecimals < 0 || sizeDecimals < 0) return null;
  return { tickSize: powerStep(priceDecimals), lotSize: powerStep(sizeDecimals) };
}

/**
 * The venue's steps, made finer where its book is. A tick or lot that the venue once made coarser leaves orders resting at the old,
 * finer one: recorded with ticks of 0.0001 and 0.001 stand bids of NKNUSDT at 0.25974 and of CTKUSDT at 0.50579. A book that
 * leaves them out, or rounds them, is not the venue's. A tick that prices would be too many of stays as it is.
 */
export function refineSteps(steps: Steps, seen: Readonly<Decimals>): Steps {
  const { priceDecimals, sizeDecimals, highestPrice } = seen;
  const finerTick = priceDecimals > decimalStep(steps.tickSize).scale;
  const fits = highestPrice * 10 ** priceDecimals <= MAX_PRICE_TICKS / 2;
  const finerLot = sizeDecimals > decimalStep(steps.lotSize).scale;
  return {
    tickSize: finerTick && fits ? powerStep(priceDecimals) : steps.tickSize,
    lotSize: finerLot ? powerStep(sizeDecimals) : steps.lotSize,
  };
}
