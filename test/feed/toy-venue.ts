import { BookcastError } from '../../src/core/index.ts';
import type {
  Conversation,
  FeedInstrument,
  LinkSink,
  Resync,
  SessionReader,
  VenueLimits,
  VenueProtocol,
} from '../../src/feed/index.ts';
import { EventKind, Fault, Side } from '../../src/market/index.ts';

export const FEED: FeedInstrument = {
  instrument: {
    venue: 'toy',
    name: 'A',
    tickSize: '1',
    lotSize: '1',
    sequencing: 'linked',
    burstQuietNs: 0,
    depthLimit: null,
  },
  symbol: 'a',
  book: 'levels',
  proof: 'sequence',
};

/**
 * A venue that says `d<previous>-<sequence>` (a change), `s<sequence>` (a snapshot), `t<id>` (a trade), `?` (nonsense), `g` (a
 * gap), `half` (a message that turns out bad), `refuse`, `bye`; its snapshots come over HTTP or as messages.
 */
export class ToyConversation implements Conversation {
  readonly #sink: LinkSink;

  constructor(sink: LinkSink, joinable: boolean) {
    this.#sink = sink;
    if (joinable) sink.joinable(0);
  }

  greeting(): [] {
    return [];
  }

  resync(): Resync {
    return { by: 'request', request: { url: 'https://toy/snapshot', scope: 'toy', weight: 1 } };
  }

  receive(bytes: Buffer, from: number, to: number, recvNs: number): void {
    const sink = this.#sink;
    const said = bytes.toString('utf8', from, to);
    const builder = sink.builder(0);
    const word = {
      '?': () => sink.unreadable(0, 'nonsense', 0, recvNs),
      g: () => sink.fault(0, Fault.GAP, 'a hole'),
      refuse: () => sink.refused(0, new BookcastError('not-found', 'no such thing')),
      bye: () => sink.closing('maintenance'),
      beat: () => sink.heartbeat(),
    }[said];
    if (word !== undefined) {
      word();
      return;
    }
    const push = (kind: EventKind, ticks: number, sequence: number, id: number): void =>
      builder.push(kind, Side.BID, ticks, 1, recvNs, recvNs, sequence, id);
    if (said === 'half') {
      push(EventKind.DELTA, 0, 9, 8);
      throw new BookcastError('bad-input', 'half a message');
    }
    const [, kind, a, b] = /^([dst])(\d+)-?(\d*)$/.exec(said)!;
    if (kind === 't') {
      if (!sink.freshTrade(0, Number(a))) return;
      push(EventKind.TRADE, 5, 0, Number(a));
    } else {
      const sequence = Number(kind === 's' ? a : b);
      push(kind === 's' ? EventKind.SNAPSHOT : EventKind.DELTA, 0, sequence, Number(a));
      push(EventKind.LEVEL, sequence, sequence, 0);
    }
    builder.endMessage();
  }

  answer(_i: number, body: Buffer, recvNs: number): void {
    this.receive(body, 0, body.length, recvNs);
  }
}

export function toyReader(joinable = false): SessionReader {
  return {
    instrument: FEED,
    open: (address, sink) => (address.includes('other') ? null : new ToyConversation(sink, joinable)),
    isSnapshot: (url) => url.endsWith('/snapshot'),
    verifier: () => null,
  };
}

const rule = { limit: 100, windowMs: 1000 };
const limits: VenueLimits = {
  scope: 'toy',
  connects: rule,
  sends: rule,
  requests: rule,
  lifetimeMs: 20_000,
  silenceMs: 5_000,
  pingMs: null,
};

/** The toy as a live venue with one instrument, whose snapshots are asked for. */
export const toyProtocol: VenueProtocol = {
  venue: 'toy',
  discovery: () => [],
  instruments: () => [FEED],
  links: (instruments) => [{ url: 'wss://toy', instruments, limits }],
  open: (_, sink) => new ToyConversation(sink, true),
};
