import {
  type Conversation,
  type Endpoints,
  type FeedInstrument,
  type HttpAnswer,
  type HttpRequest,
  type LinkPlan,
  type LinkSink,
  type RateRule,
  resolveEndpoints,
  type VenueLimits,
  type VenueProtocol,
} from '../../feed/index.ts';
import { OkxConversation } from './conversation.ts';
import { instrumentsOf, typesOf } from './instruments.ts';

export interface OkxOptions {
  /** Other addresses than the venue's own: `rest`, `stream`. */
  readonly endpoints?: Endpoints | undefined;
}

const ENDPOINTS = { rest: 'https://www.okx.com', stream: 'wss://ws.okx.com:8443' } as const;
const PATH = '/ws/v5/public';
/** "Less than 30 channels" on a connection that carries books of 400 levels (docs-v5, "Order book channel"); ours takes two each. */
const INSTRUMENTS_PER_LINK = 14;
/** 20 in 2 s for `instruments`, 40 in 2 s for `books`, each on its own; we keep the lower one for both together. */
const REQUESTS: RateRule = { limit: 20, windowMs: 2000 };

/**
 * OKX's limits (docs-v5, "Overview – WebSocket"):
 *
 * - connects: 3 a second an IP.
 * - sends: 480 subscriptions, unsubscriptions and logins an hour on a connection. As a rule of evenly spaced messages that would be
 *   one in 7.5 s, pings too; so the conversation keeps count of its subscriptions, and messages go as seldom as connects.
 * - a connection on which nothing was pushed for 30 s is ended; the text `ping` is answered by `pong`.
 * - each book says something about every 60 s, if only that nothing changed: those are the heartbeats.
 * - no lifetime is stated: the service says beforehand that it will be upgraded (notice 64008).
 */
const LIMITS: VenueLimits = {
  scope: 'okx',
  connects: { limit: 3, windowMs: 1000 },
  sends: { limit: 3, windowMs: 1000 },
  requests: REQUESTS,
  lifetimeMs: null,
  silenceMs: 30_000,
  pingMs: 20_000,
  heartbeatMs: 60_000,
};

/**
 * OKX's spot market and perpetual swaps, live: instruments `BTC-USDT`, `BTC-USDT-SWAP` … Books by price of 400 levels a side
 * every 100 ms, proven by the venue's numbers, and trades. Throws `bad-argument` where an endpoint is none.
 */
export function okxProtocol(options: OkxOptions = {}): VenueProtocol {
  return new OkxProtocol(resolveEndpoints(ENDPOINTS, options.endpoints ?? {}));
}

class OkxProtocol implements VenueProtocol {
  readonly venue = 'okx';
  readonly #endpoints: Endpoints;

  constructor(endpoints: Endpoints) {
    this.#endpoints = endpoints;
  }

  discovery(names: readonly string[]): readonly HttpRequest[] {
    const url = `${this.#endpoints.rest}/api/v5/public/instruments?instType=`;
    return typesOf(names).map((type) => ({ url: url + type, scope: LIMITS.scope, weight: 1, rule: REQUESTS }));
  }

  instruments(answers: readonly HttpAnswer[]): readonly FeedInstrument[] {
    return instrumentsOf(answers);
  }

  links(instruments: readonly FeedInstrument[]): readonly LinkPlan[] {
    const { stream } = this.#endpoints;
    const url = stream.endsWith(PATH) ? stream : stream + PATH;
    const plans: LinkPlan[] = [];
    for (let i = 0; i < instruments.length; i += INSTRUMENTS_PER_LINK) {
      plans.push({ url, instruments: instruments.slice(i, i + INSTRUMENTS_PER_LINK), limits: LIMITS });
    }
    return plans;
  }

  open(plan: LinkPlan, sink: LinkSink): Conversation {
    const { scope } = plan.limits;
    return new OkxConversation(plan.instruments, sink, (symbol, levels) => ({
      url: `${this.#endpoints.rest}/api/v5/market/books?instId=${encodeURIComponent(symbol)}&sz=${levels}`,
      scope,
      weight: 1,
    }));
  }
}
