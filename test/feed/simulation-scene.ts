import { Random } from '../../src/core/index.ts';
import type { Endpoints, VenueLimits, VenueProtocol } from '../../src/feed/index.ts';
import { binanceProtocol } from '../../src/venues/binance/index.ts';
import { coinbaseExchangeProtocol, coinbaseProtocol } from '../../src/venues/coinbase/index.ts';
import { krakenProtocol } from '../../src/venues/kraken/index.ts';
import { okxProtocol } from '../../src/venues/okx/index.ts';
import { faultsOf } from '../doubles/create.ts';
import { drawFaults, type FaultKind } from '../doubles/faults.ts';
import { type DoubleVenue, PRODUCTS } from '../doubles/products.ts';

const NOON_MS = 1_795_348_800_000;
const DAY_MS = 86_400_000;

/** Everything about a run that its seed decides. */
export interface Scene {
  readonly venue: DoubleVenue;
  readonly seed: number;
  readonly random: Random;
  /** Our names. */
  readonly names: readonly string[];
  readonly rates: Partial<Record<FaultKind, number>>;
  /** Faults strike from here to there, ms since the start. */
  readonly faultsFromMs: number;
  readonly faultsUntilMs: number;
  /** By our clock. */
  readonly startEpochMs: number;
  /** The venue's clock ahead of ours. */
  readonly skewMs: number;
  /** Mean time between moves of a market. */
  readonly meanMs: number;
  /** Of connections; null for the venue's own. */
  readonly lifetimeMs: number | null;
  /** Our wall clock is set by so much at that time. */
  readonly jumps: readonly { readonly atMs: number; readonly byMs: number }[];
  /** The consumer takes nothing in this time; its queue then has room for few events. */
  readonly pause: { readonly fromMs: number; readonly untilMs: number } | null;
  /** Levels a side of Binance's snapshots; null for the default. */
  readonly snapshotLevels: number | null;
  /** Levels a side that Kraken is asked for. */
  readonly depth: number;
  /** Levels a side of the venue's books, about. */
  readonly levels: number;
}

/** `quiet`: no faults at all. */
export function drawScene(venue: DoubleVenue, seed: number, quiet = false): Scene {
  // Streams of one seed differ between venues.
  const random = new Random((seed * 7919 + venue.length * 104_729 + venue.charCodeAt(venue.length - 1)) | 0);
  const names = PRODUCTS[venue].map((product) => product.name).slice(0, 1 + random.below(3));
  const faultsFromMs = random.bernoulli(0.3) ? 0 : 1500 + random.below(1500);
  const faultsUntilMs = quiet ? 0 : faultsFromMs + 2000 + random.below(8000);
  const nearMidnight = random.bernoulli(0.2);
  const jump = (): number => (random.bernoulli(0.5) ? 1 : -1) * [40, 2500, 3_600_000, DAY_MS][random.below(4)];
  const jumps = Array.from({ length: quiet || random.bernoulli(0.75) ? 0 : 1 + random.below(3) }, () => ({
    atMs: faultsFromMs + random.below(8000),
    byMs: jump(),
  }));
  const rolls = random.bernoulli(0.2) && !quiet;
  const pauseFromMs = faultsFromMs + random.below(3000);
  const pauses = random.bernoulli(0.15) && !quiet;
  const snapshotLevels = random.bernoulli(0.3) ? 50 : null;
  return {
    venue,
    seed,
    random,
    names,
    rates: quiet ? {} : drawFaults(random, faultsOf(venue)),
    faultsFromMs,
    faultsUntilMs,
    startEpochMs: nearMidnight ? NOON_MS + DAY_MS / 2 - 1000 - random.below(8000) : NOON_MS + random.below(1_000_000),
    skewMs: random.below(3000) - 1500,
    meanMs: 40 + random.below(100),
    lifetimeMs: rolls ? 15_000 + random.below(10_000) : null,
    jumps,
    pause: pauses ? { fromMs: pauseFromMs, untilMs: pauseFromMs + 1000 + random.below(4000) } : null,
    snapshotLevels,
    depth: random.bernoulli(0.25) ? 25 : 10,
    levels: snapshotLevels !== null && venue.startsWith('binance') ? 120 : 20 + random.below(20),
  };
}

/** Where connections live for seconds, pings are as much shorter: from the old one something must be heard while the next one opens. */
const SCALED_PING_MS = 500;

/** The venue's protocol, as a run needs it; its connections live as long as the double's. */
export function protocolOf(scene: Scene): VenueProtocol {
  const protocol = plainProtocol(scene);
  const { lifetimeMs } = scene;
  return lifetimeMs === null ? protocol : withLimits(protocol, { lifetimeMs, pingMs: SCALED_PING_MS });
}

function plainProtocol({ venue, snapshotLevels, depth }: Scene): VenueProtocol {
  return liveProtocol(venue, {}, { depth, ...(snapshotLevels === null ? {} : { snapshotLevels }) });
}

/** The protocol that speaks with a venue's double. */
export function liveProtocol(
  venue: DoubleVenue,
  endpoints: Endpoints,
  options: { depth?: number; snapshotLevels?: number } = {},
): VenueProtocol {
  const { depth = 10, snapshotLevels } = options;
  switch (venue) {
    case 'coinbase':
      return coinbaseProtocol({ endpoints });
    case 'coinbase-exchange':
      return coinbaseExchangeProtocol({ endpoints, channel: 'level2_batch' });
    case 'coinbase-full': {
      const secret = Buffer.from('a double looks at no signature').toString('base64');
      return coinbaseExchangeProtocol({ endpoints, channel: 'full', keys: { key: 'k', secret, passphrase: 'p' } });
    }
    case 'kraken':
      return krakenProtocol({ endpoints, depth });
    case 'okx':
      return okxProtocol({ endpoints });
    default:
      return binanceProtocol({ endpoints, ...(snapshotLevels === undefined ? {} : { snapshotLevels }) });
  }
}

/** The protocol with other limits. */
export function withLimits(protocol: VenueProtocol, changed: Partial<VenueLimits>): VenueProtocol {
  return {
    venue: protocol.venue,
    discovery: (names) => protocol.discovery(names),
    instruments: (answers) => protocol.instruments(answers),
    links: (instruments) =>
      protocol.links(instruments).map((plan) => ({ ...plan, limits: { ...plan.limits, ...changed } })),
    open: (plan, sink) => protocol.open(plan, sink),
  };
}
