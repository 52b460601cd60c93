import { BookcastError } from '../core/index.ts';
import type { Endpoints, VenueProtocol } from '../feed/index.ts';
import { binanceProtocol } from '../venues/binance/index.ts';
import { coinbaseExchangeProtocol, coinbaseProtocol } from '../venues/coinbase/index.ts';
import { krakenProtocol } from '../venues/kraken/index.ts';
import { okxProtocol } from '../venues/okx/index.ts';

/** A live market as plain data, which a worker can be sent. */
export interface LiveSpec {
  readonly venue: VenueName;
  /** Our names, such as `BTCUSDT/USDM`; what a venue has once may go without its market. */
  readonly instruments: readonly string[];
  /** `URL`, or `PART=URL`, where PART is one of the venue's endpoints. */
  readonly baseUrls: readonly string[];
  /** Levels a side to ask for; null for the venue's own default. */
  readonly depth: number | null;
  /** Of Coinbase Exchange: `level2_batch` or `full`. */
  readonly channel: string | null;
  /** Of Coinbase Exchange, read only. Never shown. */
  readonly keys: ApiKeys | null;
}

interface ApiKeys {
  readonly key: string;
  readonly secret: string;
  readonly passphrase: string;
}

interface Venue {
  /** The parts that `--base-url` may name. */
  readonly parts: readonly string[];
  /** An instrument for examples. */
  readonly example: string;
  protocol(spec: LiveSpec, endpoints: Endpoints, onOrder?: OrderListener): VenueProtocol;
}

/** Hears which number an order of the venue's got, as it gets it (books by order). */
export type OrderListener = (symbol: string, orderId: string, id: number) => void;

const REST_AND_STREAM = ['rest', 'stream'];

const VENUES = {
  binance: {
    parts: ['spot', 'usdm', 'coinm'].flatMap((market) => REST_AND_STREAM.map((part) => `${market}.${part}`)),
    example: 'BTCUSDT',
    protocol: ({ depth }, endpoints) =>
      binanceProtocol({ endpoints, ...(depth === null ? {} : { snapshotLevels: depth }) }),
  },
  coinbase: {
    parts: REST_AND_STREAM,
    example: 'BTC-USD',
    protocol: (_, endpoints) => coinbaseProtocol({ endpoints }),
  },
  'coinbase-exchange': {
    parts: REST_AND_STREAM,
    example: 'BTC-USD',
    protocol: ({ channel, keys }, endpoints, onOrder) =>
      coinbaseExchangeProtocol({
        endpoints,
        channel: channel === 'full' ? 'full' : 'level2_batch',
        ...(keys === null ? {} : { keys }),
        ...(onOrder === undefined ? {} : { onOrder }),
      }),
  },
  kraken: {
    parts: REST_AND_STREAM,
    example: 'BTC/USD',
    protocol: ({ depth }, endpoints) => krakenProtocol({ endpoints, ...(depth === null ? {} : { depth }) }),
  },
  okx: {
    parts: REST_AND_STREAM,
    example: 'BTC-USDT',
    protocol: (_, endpoints) => okxProtocol({ endpoints }),
  },
} as const satisfies Record<string, Venue>;

export type VenueName = keyof typeof VENUES;

export const VENUE_NAMES = Object.keys(VENUES) as VenueName[];

export function exampleOf(venue: VenueName): string {
  return VENUES[venue].example;
}

export function protocolOf(spec: LiveSpec, onOrder?: OrderListener): VenueProtocol {
  const venue: Venue = VENUES[spec.venue];
  if (spec.depth !== null && !['binance', 'kraken'].includes(spec.venue)) {
    throw new BookcastError('bad-argument', `--depth is for binance and kraken; ${spec.venue} has one depth`);
  }
  if (spec.channel !== null && spec.venue !== 'coinbase-exchange') {
    throw new BookcastError('bad-argument', `--channel is for coinbase-exchange; ${spec.venue} has one kind of book`);
  }
  return venue.protocol(spec, parseBaseUrls(spec.venue, venue.parts, spec.baseUrls), onOrder);
}

/** A bare URL stands for all parts of a venue: one host that serves everything, such as a proxy or a double. */
function parseBaseUrls(name: string, parts: readonly string[], texts: readonly string[]): Endpoints {
  const endpoints: Record<string, string> = {};
  for (const text of texts) {
    const match = /^(?:([a-z][a-z.]*)=)?((?:https?|wss?):\/\/[^\s/]+.*)$/.exec(text);
    if (match === null || (match[1] !== undefined && !parts.includes(match[1]))) {
      throw new BookcastError(
        'bad-argument',
        `--base-url ${text}: expected a URL for all of ${name}, such as http://127.0.0.1:9900, or PART=URL with PART one of ${parts.join(', ')}`,
      );
    }
    for (const part of match[1] === undefined ? parts : [match[1]]) endpoints[part] = addressOf(part, match[2]);
  }
  return endpoints;
}

/** The same host speaks HTTP to requests and WebSocket to streams. */
function addressOf(part: string, url: string): string {
  const address = url.replace(/\/+$/, '');
  const isStream = part.endsWith('stream');
  return isStream ? address.replace(/^http/, 'ws') : address.replace(/^ws/, 'http');
}
