import { BookcastError, MAX_PRICE_TICKS, shown } from '../core/index.ts';
import { Side } from '../market/index.ts';
import type { OrderRequest } from './order.ts';

function fail(what: string, facts: Record<string, unknown>): never {
  throw new BookcastError('bad-argument', what, facts);
}

/** Throws `bad-argument` where it is no whole number of ticks within a book's range. */
export function checkPrice(priceTicks: number, where: string): void {
  if (Number.isInteger(priceTicks) && Math.abs(priceTicks) <= MAX_PRICE_TICKS) return;
  const expected = `a whole number of ticks of at most ${MAX_PRICE_TICKS}; divide the price by the instrument's tickSize and round it`;
  fail(`${where}: priceTicks is ${shown(priceTicks)}, expected ${expected}`, { priceTicks });
}

/** Throws `bad-argument` where it is no whole number of lots above 0. */
export function checkQuantity(quantityLots: number, where: string): void {
  if (Number.isSafeInteger(quantityLots) && quantityLots > 0) return;
  fail(`${where}: quantityLots is ${shown(quantityLots)}, expected a whole number of lots above 0`, { quantityLots });
}

/** Throws `bad-argument` for an order that no venue could take. */
export function checkRequest(request: OrderRequest): void {
  const { side, type, priceTicks, quantityLots, timeInForce, postOnly } = request;
  if (side !== Side.BID && side !== Side.ASK)
    fail(`place: side is ${shown(side)}, expected Side.BID or Side.ASK`, { side });
  if (type !== 'limit' && type !== 'market')
    fail(`place: type is ${shown(type)}, expected "limit" or "market"`, { type });
  checkQuantity(quantityLots, 'place');
  if (type === 'limit') checkPrice(priceTicks, 'place');
  if (timeInForce !== undefined && !['gtc', 'ioc', 'fok'].includes(timeInForce)) {
    fail(`place: timeInForce is ${shown(timeInForce)}, expected "gtc", "ioc" or "fok"`, { timeInForce });
  }
  if (type === 'market' && timeInForce === 'gtc') {
    fail('place: a market order cannot rest; its timeInForce is "ioc" or "fok"', { timeInForce });
  }
  const rests = type === 'limit' && (timeInForce === undefined || timeInForce === 'gtc');
  if (postOnly === true && !rests) {
    fail('place: postOnly is of limit orders that may rest ("gtc"); leave it out, or change the type', {
      type,
      timeInForce,
    });
  }
}
