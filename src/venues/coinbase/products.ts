import { BookcastError, textOf } from '../../core/index.ts';
import type { HttpAnswer } from '../../feed/index.ts';
import type { Instrument } from '../../market/index.ts';

/** One product as the venue lists it. */
export interface Product {
  /** `BTC-USD`, upper case. */
  readonly id: string;
  /** The product whose data are sent for this one (`BTC-USD` for `BTC-USDC`); its own id where it has data of its own. */
  readonly source: string;
  readonly tickSize: string;
  readonly lotSize: string;
}

type Facts = Readonly<Record<string, unknown>>;

const STEP = /^\d+(\.\d+)?$/;
/** Nothing happens on these, so nothing can be subscribed to. */
const CLOSED = ['delisted', 'offline'];

/**
 * Advanced Trade, `GET /api/v3/brokerage/market/products`: `{"products":[{"product_id":"BTC-USD","price_increment":"0.01",
 * "base_increment":"0.00000001","quote_increment":"0.01","alias":"",…}]}`. Sizes on the wire are whole base increments.
 */
export function advancedProducts(answer: HttpAnswer): readonly Product[] {
  const data = parse(answer) as Facts | null;
  if (!Array.isArray(data?.products)) throw unexpected(answer, '{"products":[…]}');
  return productsOf(answer, data.products as unknown[], (facts) => {
    const id = facts.product_id;
    const alias = facts.alias;
    const source = typeof alias === 'string' && alias !== '' ? alias : id;
    const usable = facts.is_disabled !== true && !CLOSED.includes(textOf(facts.status));
    return usable ? product(id, source, facts.price_increment ?? facts.quote_increment, facts.base_increment) : null;
  });
}

/**
 * Coinbase Exchange, `GET /products`: `[{"id":"BTC-USD","quote_increment":"0.01","base_increment":"0.00000001",…}]`. Answers
 * from before 2021 have `base_min_size` and no `base_increment`.
 */
export function exchangeProducts(answer: HttpAnswer): readonly Product[] {
  const data = parse(answer);
  if (!Array.isArray(data)) throw unexpected(answer, '[{"id":"BTC-USD",…}]');
  return productsOf(answer, data as unknown[], (facts) =>
    CLOSED.includes(textOf(facts.status))
      ? null
      : product(facts.id, facts.id, facts.quote_increment, facts.base_increment ?? facts.base_min_size),
  );
}

/** The instrument of a product. How messages chain is said in `level-stream.ts` and `order-conversation.ts`. */
export function coinbaseInstrument(
  venue: 'coinbase' | 'coinbase-exchange',
  product: Product,
  sequencing: 'linked' | 'consecutive',
): Instrument {
  return Object.freeze({
    venue,
    name: product.id,
    tickSize: product.tickSize,
    lotSize: product.lotSize,
    sequencing,
    burstQuietNs: 1e6,
    depthLimit: null,
    // The full channel alone counts every message, and it alone names orders.
    ...(sequencing === 'consecutive' ? { byOrder: true } : {}),
  });
}

function productsOf(
  answer: HttpAnswer,
  list: readonly unknown[],
  read: (facts: Facts) => Product | null,
): readonly Product[] {
  const products: Product[] = [];
  for (const facts of list) {
    const found = typeof facts === 'object' && facts !== null ? read(facts as Facts) : null;
    if (found !== null) products.push(found);
  }
  if (list.length > 0 && products.length === 0) throw unexpected(answer, 'products with ids and increments');
  return products;
}

/** Null where the venue says too little of it: a product without increments has no book to speak of. */
function product(id: unknown, source: unknown, tick: unknown, lot: unknown): Product | null {
  if (typeof id !== 'string' || id === '' || typeof source !== 'string') return null;
  const tickSize = stepText(tick);
  const lotSize = stepText(lot);
  return tickSize === null || lotSize === null ? null : { id: id.toUpperCase(), source, tickSize, lotSize };
}

/** `0.01000000` → `0.01`; null where it is no positive decimal. */
function stepText(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > 24 || !STEP.test(value) || !/[1-9]/.test(value)) return null;
  return value.includes('.') ? value.replace(/\.?0+$/, '') : value;
}

function parse(answer: HttpAnswer): unknown {
  try {
    return JSON.parse(answer.body.toString());
  } catch {
    throw unexpected(answer, 'JSON');
  }
}

function unexpected(answer: HttpAnswer, expected: string): BookcastError {
  const begin = JSON.stringify(answer.body.toString('utf8', 0, 80));
  return new BookcastError(
    'bad-input',
    `${answer.url}: the venue's list of products begins with ${begin}, expected ${expected}. Is this address the venue's?`,
    { url: answer.url },
  );
}
