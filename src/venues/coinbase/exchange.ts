import {
  type Endpoints,
  type FeedInstrument,
  type HttpAnswer,
  type HttpRequest,
  type Outgoing,
  resolveEndpoints,
  type VenueLimits,
  type VenueProtocol,
} from '../../feed/index.ts';
import { BatchConversation } from './batch-conversation.ts';
import { cutLinks } from './links.ts';
import { OrderConversation, type OrderRequests } from './order-conversation.ts';
import { OrderIds } from './order-table.ts';
import { coinbaseInstrument, exchangeProducts } from './products.ts';
import { type ExchangeKeys, sign } from './signature.ts';

const ENDPOINTS = { rest: 'https://api.exchange.coinbase.com', stream: 'wss://ws-feed.exchange.coinbase.com' };
const SCOPE = 'coinbase-exchange';
/** The venue answers no request without a user agent. */
const HEADERS = { 'user-agent': 'bookcast' };
const VERIFY_PATH = '/users/self/verify';

/**
 * Of an IP: 8 requests a second to the WebSocket feed, and 100 messages; 10 a second to public REST. Subscriptions are
 * counted as requests here, the stricter reading. Heartbeats come once a second, so five missed in a row mean a dead connection.
 */
const LIMITS: VenueLimits = {
  scope: SCOPE,
  connects: { limit: 8, windowMs: 1000 },
  sends: { limit: 8, windowMs: 1000 },
  requests: { limit: 8, windowMs: 1000 },
  lifetimeMs: null,
  silenceMs: 5000,
  pingMs: null,
  // Sent each second; behind the snapshots of many products they come late.
  heartbeatMs: 2000,
};

export interface CoinbaseExchangeOptions {
  /** Other addresses for the parts `rest` and `stream`. */
  readonly endpoints?: Endpoints;
  /** Books by price, without keys (the default); or by order. */
  readonly channel?: 'level2_batch' | 'full';
  /** Read-only keys. The venue asks for them on `full`. */
  readonly keys?: ExchangeKeys;
  /** Hears, on `full`, which whole number of ours stands for an order id of the venue's. */
  readonly onOrder?: (symbol: string, orderId: string, id: number) => void;
}

/**
 * Coinbase Exchange (docs.cdp.coinbase.com, Exchange WebSocket feed). The recipes are in `batch-conversation.ts` (books by
 * price) and `order-conversation.ts` (books by order).
 */
export function coinbaseExchangeProtocol(options: CoinbaseExchangeOptions = {}): VenueProtocol {
  const { channel = 'level2_batch', keys = null, onOrder } = options;
  const endpoints = resolveEndpoints(ENDPOINTS, options.endpoints ?? {});
  const byOrder = channel === 'full';
  const requests = orderRequests(endpoints.rest, keys);
  // One counter a product for all its connections: a number never stands for two orders.
  const ids = new Map<string, OrderIds>();
  const idsOf = ({ symbol }: FeedInstrument): OrderIds => {
    const known = ids.get(symbol);
    if (known !== undefined) return known;
    const fresh = new OrderIds((orderId, id) => onOrder?.(symbol, orderId, id));
    ids.set(symbol, fresh);
    return fresh;
  };
  return {
    venue: 'coinbase-exchange',
    discovery: () => [{ url: `${endpoints.rest}/products`, headers: HEADERS, scope: SCOPE, weight: 1 }],
    instruments: (answers: readonly HttpAnswer[]): readonly FeedInstrument[] =>
      answers.flatMap(exchangeProducts).map((product) => ({
        instrument: coinbaseInstrument('coinbase-exchange', product, byOrder ? 'consecutive' : 'linked'),
        symbol: product.source,
        book: byOrder ? 'orders' : 'levels',
        proof: byOrder ? 'sequence' : 'delivery',
      })),
    links: (instruments) => cutLinks(endpoints.stream, instruments, LIMITS),
    open: ({ instruments }, sink) =>
      byOrder ? new OrderConversation(instruments, sink, requests, idsOf) : new BatchConversation(instruments, sink),
  };
}

/** Level 3 of `symbol`, the path that is asked for and signed. */
export function level3Path(symbol: string): string {
  return `/products/${symbol}/book?level=3`;
}

function orderRequests(rest: string, keys: ExchangeKeys | null): OrderRequests {
  return {
    greeting(products: readonly string[], epochMs: number): readonly Outgoing[] {
      const ask = { type: 'subscribe', product_ids: products, channels: ['heartbeat', 'full'] };
      if (keys === null) return [{ text: JSON.stringify(ask) }];
      const signed = sign(keys, VERIFY_PATH, epochMs);
      const hidden = { key: '…', passphrase: '…', timestamp: signed.timestamp, signature: '…' };
      return [{ text: JSON.stringify({ ...ask, ...signed }), shown: JSON.stringify({ ...ask, ...hidden }) }];
    },
    book(symbol: string, epochMs: number): HttpRequest {
      const path = level3Path(symbol);
      const signed = keys === null ? null : sign(keys, path, epochMs);
      const headers =
        signed === null
          ? HEADERS
          : {
              ...HEADERS,
              'cb-access-key': signed.key,
              'cb-access-sign': signed.signature,
              'cb-access-timestamp': signed.timestamp,
              'cb-access-passphrase': signed.passphrase,
            };
      return { url: rest + path, headers, scope: SCOPE, weight: 1 };
    },
  };
}
