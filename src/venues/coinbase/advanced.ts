import {
  type Endpoints,
  type FeedInstrument,
  type HttpAnswer,
  type LinkPlan,
  resolveEndpoints,
  type VenueLimits,
  type VenueProtocol,
} from '../../feed/index.ts';
import { AdvancedConversation } from './advanced-conversation.ts';
import { cutLinks } from './links.ts';
import { advancedProducts, coinbaseInstrument } from './products.ts';

const ENDPOINTS = { rest: 'https://api.coinbase.com', stream: 'wss://advanced-trade-ws.coinbase.com' };
const SCOPE = 'coinbase-advanced';

/**
 * The venue publishes 8 unauthenticated messages a second an IP, and for connections 8 a second an IP on one page, 750 on
 * another: 8 is right by both. Public REST requests: 10 a second an IP. Heartbeats come once a second, so five missed in a
 * row mean a dead connection.
 */
const LIMITS: VenueLimits = {
  scope: SCOPE,
  connects: { limit: 8, windowMs: 1000 },
  sends: { limit: 8, windowMs: 1000 },
  requests: { limit: 10, windowMs: 1000 },
  lifetimeMs: null,
  silenceMs: 5000,
  pingMs: null,
  // Sent each second; behind the snapshots of many products they come late.
  heartbeatMs: 2000,
};

export interface CoinbaseOptions {
  /** Other addresses for the parts `rest` and `stream`. */
  readonly endpoints?: Endpoints;
}

/**
 * Coinbase Advanced Trade (docs.cdp.coinbase.com, Advanced Trade WebSocket): books by price of all levels, and trades. The
 * recipe is in `advanced-conversation.ts`.
 *
 * A `-USDC` product whose data the venue serves as those of the `-USD` one (`alias` in its list of products) is subscribed
 * to by that name; `symbol` is the name on the wire.
 */
export function coinbaseProtocol(options: CoinbaseOptions = {}): VenueProtocol {
  const endpoints = resolveEndpoints(ENDPOINTS, options.endpoints ?? {});
  return {
    venue: 'coinbase',
    discovery: () => [{ url: `${endpoints.rest}/api/v3/brokerage/market/products`, scope: SCOPE, weight: 1 }],
    instruments: (answers: readonly HttpAnswer[]): readonly FeedInstrument[] =>
      answers.flatMap(advancedProducts).map((product) => ({
        instrument: coinbaseInstrument('coinbase', product, 'linked'),
        symbol: product.source,
        book: 'levels',
        proof: 'sequence',
      })),
    links: (instruments) => cutLinks(endpoints.stream, instruments, LIMITS),
    open: (plan: LinkPlan, sink) => new AdvancedConversation(plan.instruments, sink),
  };
}
