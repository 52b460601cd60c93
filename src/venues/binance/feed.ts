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
  type VenueProtocol,
} from '../../feed/index.ts';
import { BinanceConversation } from './conversation.ts';
import { discoveryRequests, instrumentsOf } from './discovery.ts';
import { KnownRange } from './known-range.ts';
import { deepestFor, depthOf, ENDPOINTS, MARKETS, marketOfName } from './markets.ts';

export interface BinanceProtocolOptions {
  /** Other addresses than the venue's own: `spot.rest`, `spot.stream`, `usdm.rest` … */
  readonly endpoints?: Endpoints | undefined;
  /** Levels a side of the snapshots: at least so many where the market has as many. As deep as the limits let it be where absent. */
  readonly snapshotLevels?: number | undefined;
}

/**
 * Streams of each instrument. Diffs every 100 ms are the fastest that the venue documents for all three markets. Trades are single
 * ones everywhere: futures document only `aggTrade`, but USD-M serves that apart from the depth (`markets.ts`), on another
 * connection, whose trades would have no order against the book; and `trade` has ids that rise one by one, so that a
 * missing one shows, and says which trades had no aggressor. Recorded sessions of 2023 and 2024 have it on both futures markets.
 */
const STREAMS = ['depth@100ms', 'bookTicker', 'trade'] as const;

/** Futures allow 200 streams on a connection, spot 1024: one connection of spot instruments is as small, for its loss is theirs. */
const STREAMS_PER_LINK = 200;
const INSTRUMENTS_PER_LINK = Math.floor(STREAMS_PER_LINK / STREAMS.length);

/**
 * Binance's spot, USD-M and COIN-M markets, live: instruments `BTCUSDT/SPOT`, `BTCUSDT/USDM`, `BTCUSD_PERP/COINM`; a symbol
 * without a market is spot. Books by price, proved by the venue's numbers; trades; and the venue's best quotes as BBO rows, to
 * verify against. Throws `bad-argument` where an option is unknown or out of range.
 */
export function binanceProtocol(options: BinanceProtocolOptions = {}): VenueProtocol {
  const { snapshotLevels } = options;
  if (snapshotLevels !== undefined && !(Number.isInteger(snapshotLevels) && snapshotLevels > 0)) {
    throw new BookcastError('bad-argument', `a snapshot has 1 level a side or more, not ${snapshotLevels}`);
  }
  return new BinanceProtocol(resolveEndpoints(ENDPOINTS, options.endpoints ?? {}), snapshotLevels ?? null);
}

class BinanceProtocol implements VenueProtocol {
  readonly venue = 'binance';
  readonly #endpoints: Endpoints;
  readonly #snapshotLevels: number | null;
  /** By instrument's name. */
  readonly #ranges = new Map<string, KnownRange>();

  constructor(endpoints: Endpoints, snapshotLevels: number | null) {
    this.#endpoints = endpoints;
    this.#snapshotLevels = snapshotLevels;
  }

  discovery(names: readonly string[]): readonly HttpRequest[] {
    return discoveryRequests(names, this.#endpoints);
  }

  instruments(answers: readonly HttpAnswer[]): readonly FeedInstrument[] {
    return instrumentsOf(answers);
  }

  links(instruments: readonly FeedInstrument[]): readonly LinkPlan[] {
    return Object.values(MARKETS).flatMap(({ market, stream, limits }) => {
      const here = instruments.filter(({ instrument }) => marketOfName(instrument.name) === market);
      const plans: LinkPlan[] = [];
      for (let i = 0; i < here.length; i += INSTRUMENTS_PER_LINK) {
        const some = here.slice(i, i + INSTRUMENTS_PER_LINK);
        plans.push({
          url: `${this.#endpoints[stream]}/stream?streams=${streamNames(some)}`,
          instruments: some,
          limits,
        });
      }
      return plans;
    });
  }

  open(plan: LinkPlan, sink: LinkSink): Conversation {
    const { instruments } = plan;
    const facts = MARKETS[marketOfName(instruments[0].instrument.name)];
    const levels = this.#snapshotLevels;
    const depth = levels === null ? deepestFor(facts, instruments.length) : depthOf(facts, levels);
    const ranges = instruments.map(({ instrument }) => this.#rangeOf(instrument.name));
    return new BinanceConversation({ instruments, facts, rest: this.#endpoints[facts.rest], depth, ranges }, sink);
  }

  #rangeOf(name: string): KnownRange {
    let range = this.#ranges.get(name);
    if (range === undefined) {
      range = new KnownRange();
      this.#ranges.set(name, range);
    }
    return range;
  }
}

/** `btcusdt@depth@100ms/btcusdt@bookTicker/…`, as it stands in an address. */
function streamNames(instruments: readonly FeedInstrument[]): string {
  return instruments
    .flatMap(({ symbol }) => STREAMS.map((stream) => `${encodeURIComponent(symbol.toLowerCase())}@${stream}`))
    .join('/');
}
