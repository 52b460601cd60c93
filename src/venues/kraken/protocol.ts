import { BookcastError } from '../../core/index.ts';
import {
  type Conversation,
  type Endpoints,
  type FeedInstrument,
  type HttpAnswer,
  type HttpRequest,
  type LinkPlan,
  type LinkSink,
  resolveEndpoints,
  type VenueLimits,
  type VenueProtocol,
} from '../../feed/index.ts';
import { instrumentsOf } from './pairs.ts';
import { V2Conversation } from './v2-conversation.ts';

export interface KrakenOptions {
  /** Other addresses than the venue's own: `rest`, `stream`. */
  readonly endpoints?: Endpoints | undefined;
  /**
   * Levels a side: 10, 25, 100, 500 or 1000. The venue's checksums cover the ten best, so at 10, the default, every level
   * is proven by every message; of more levels the ten best are, and a loss behind them stays unseen.
   */
  readonly depth?: number | undefined;
}

const ENDPOINTS = { rest: 'https://api.kraken.com', stream: 'wss://ws.kraken.com' } as const;
const DEPTHS: readonly number[] = [10, 25, 100, 500, 1000];
/** Our choice; the venue states none. */
const INSTRUMENTS_PER_LINK = 100;

/**
 * Kraken's limits, and how far below them we stay:
 *
 * - connects: "approximately 150 attempts per rolling 10 minutes" an IP, then a ban of ten minutes; after maintenance "no more
 *   quickly than once every five seconds" (docs.kraken.com, WebSockets v2, general considerations). 100 in ten minutes are
 *   one in six seconds, which keeps both.
 * - sends: the documents state none for market data; users were refused ("Exceeded msg rate") at 15 to 20 a second.
 * - requests: public REST calls are counted by IP and pair; one a second is what clients keep to.
 * - heartbeats come every second in which nothing else does, once anything was subscribed to.
 */
const LIMITS: VenueLimits = {
  scope: 'kraken',
  connects: { limit: 100, windowMs: 600_000 },
  sends: { limit: 5, windowMs: 1000 },
  requests: { limit: 1, windowMs: 1000 },
  lifetimeMs: null,
  silenceMs: 10_000,
  pingMs: 30_000,
};

/**
 * Kraken's spot market, live, by WebSocket v2: instruments `BTC/USD`, `DOGE/EUR` … Books by price, proven by the venue's
 * checksum at every message, and trades. Throws `bad-argument` where an option is unknown or out of range.
 */
export function krakenProtocol(options: KrakenOptions = {}): VenueProtocol {
  const depth = options.depth ?? DEPTHS[0];
  if (!DEPTHS.includes(depth)) {
    throw new BookcastError('bad-argument', `Kraken sends books of ${DEPTHS.join(', ')} levels a side, not ${depth}`);
  }
  return new KrakenProtocol(resolveEndpoints(ENDPOINTS, options.endpoints ?? {}), depth);
}

class KrakenProtocol implements VenueProtocol {
  readonly venue = 'kraken';
  readonly #endpoints: Endpoints;
  readonly #depth: number;

  constructor(endpoints: Endpoints, depth: number) {
    this.#endpoints = endpoints;
    this.#depth = depth;
  }

  /** All pairs at once: asked for one that it does not have, the venue tells of none. */
  discovery(): readonly HttpRequest[] {
    return [{ url: `${this.#endpoints.rest}/0/public/AssetPairs`, scope: LIMITS.scope, weight: 1 }];
  }

  instruments(answers: readonly HttpAnswer[]): readonly FeedInstrument[] {
    return instrumentsOf(answers, this.#depth);
  }

  links(instruments: readonly FeedInstrument[]): readonly LinkPlan[] {
    const plans: LinkPlan[] = [];
    for (let i = 0; i < instruments.length; i += INSTRUMENTS_PER_LINK) {
      const some = instruments.slice(i, i + INSTRUMENTS_PER_LINK);
      plans.push({ url: `${this.#endpoints.stream.replace(/\/v2$/, '')}/v2`, instruments: some, limits: LIMITS });
    }
    return plans;
  }

  open(plan: LinkPlan, sink: LinkSink): Conversation {
    return new V2Conversation(plan.instruments, sink);
  }
}
