import type { BookcastError } from '../core/index.ts';
import type { BatchBuilder, Fault, Instrument } from '../market/index.ts';

/**
 * What differs between venues, and nothing else. A venue writes a `VenueProtocol`; the supervisor does the rest, the same for
 * all: connections, limits, resyncs, staleness, rollover, health. Everything here is pure: no sockets, clocks or timers.
 */
export interface VenueProtocol {
  /** As in `Instrument.venue`. */
  readonly venue: string;
  /** The requests whose answers list what trades: only those that the names asked for need; for no names, all. */
  discovery(names: readonly string[]): readonly HttpRequest[];
  /** Every instrument in the answers to `discovery`, by our names. Throws `bad-input` where an answer is not as the venue documents it. */
  instruments(answers: readonly HttpAnswer[]): readonly FeedInstrument[];
  /** Cuts instruments into connections, each within what the venue allows on one. */
  links(instruments: readonly FeedInstrument[]): readonly LinkPlan[];
  /** Begins the conversation of a new connection. */
  open(plan: LinkPlan, sink: LinkSink): Conversation;
}

/** A thing that trades, as a feed knows it. */
export interface FeedInstrument {
  readonly instrument: Instrument;
  /** The venue's own spelling, such as `BTCUSDT`. */
  readonly symbol: string;
  /** A book by price, or by order. */
  readonly book: 'levels' | 'orders';
  /** How a loss inside an open connection shows: by numbers, by checksums, or not at all (the venue vouches for delivery). */
  readonly proof: 'sequence' | 'checksum' | 'delivery';
}

/** At most `limit` units in any window of `windowMs`, and never a burst: units come at least `windowMs / limit` apart. */
export interface RateRule {
  readonly limit: number;
  readonly windowMs: number;
}

/** A venue's published limits. Connections with the same `scope` share those on connects and requests (one host, one IP). */
export interface VenueLimits {
  readonly scope: string;
  readonly connects: RateRule;
  /** Messages that we send on one connection. */
  readonly sends: RateRule;
  /** Weights of REST requests. */
  readonly requests: RateRule;
  /** The venue closes a connection of this age; null where it states none. */
  readonly lifetimeMs: number | null;
  /** A connection on which nothing at all arrived for so long is dead. */
  readonly silenceMs: number;
  /** Ping so often (`Conversation.ping`, or as WebSockets do); null where the venue sends heartbeats of its own. */
  readonly pingMs: number | null;
  /**
   * The venue's heartbeats (`LinkSink.heartbeat`) come so often, whatever else it sends: where three are missing its data are
   * stale, though some may trickle. Absent where it sends none, or only while it has nothing else to say.
   */
  readonly heartbeatMs?: number;
}

/** One connection to make, and what it carries. Instruments are referred to by their index here. */
export interface LinkPlan {
  readonly url: string;
  readonly instruments: readonly FeedInstrument[];
  readonly limits: VenueLimits;
}

export interface HttpRequest {
  readonly url: string;
  /** May hold secrets: never logged, never recorded. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly scope: string;
  readonly weight: number;
  /** The limit of its scope, on requests that come before any connection's plan tells it. */
  readonly rule?: RateRule;
  /** Of discovery: a refusal (status 4xx) is handed on as an answer, for it may mean a name that there is not. */
  readonly optional?: true;
}

export interface HttpAnswer {
  readonly url: string;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** A message to the venue; `shown` stands for it in logs and recordings where it holds a secret. */
export interface Outgoing {
  readonly text: string;
  readonly shown?: string;
}

/** How to get a fresh book of one instrument: ask over HTTP, or say something on the connection (subscribe anew). */
export type Resync =
  | { readonly by: 'request'; readonly request: HttpRequest }
  | { readonly by: 'messages'; readonly messages: readonly Outgoing[] };

/**
 * One connection's decoding, from its first message to its last. Events go to `sink.builder(i)`, message by message
 * (`endMessage` after each; several messages a frame are fine). Where a frame cannot be read: `sink.unreadable`, and go on.
 */
export interface Conversation {
  /** What to say once the connection is open. `epochMs`: now, for signatures. */
  greeting(epochMs: number): readonly Outgoing[];
  /**
   * For venues that want to be pinged in a message of their own: said every `limits.pingMs`, whatever else passes. Without it the
   * supervisor pings as WebSockets do, and only where nothing was heard for so long.
   */
  ping?(epochMs: number): Outgoing;
  /** Takes one received message, `bytes[from, to)`. `recvNs`: since the builders' day. */
  receive(bytes: Buffer, from: number, to: number, recvNs: number): void;
  /** How to resync instrument `i`. */
  resync(i: number, epochMs: number): Resync;
  /** The good answer (status 200) to a resync's request: the snapshot, into `sink.builder(i)`. `url`: of that request. */
  answer(i: number, body: Buffer, recvNs: number, url?: string): void;
  /**
   * Where the venue can prove a synced book: a request to make so often for each instrument whose book is synced. Its good
   * answer goes to `answer`, with its URL; a book that differs is a fault there.
   */
  readonly verification?: { readonly everyMs: number; request(i: number, epochMs: number): HttpRequest };
}

/** What a conversation tells its supervisor. `i`: index of the instrument in the plan; null: all of the connection's. */
export interface LinkSink {
  /** Where the events of instrument `i` go; the same builder all along. Only its last message may be taken back (`rewind`). */
  builder(i: number): BatchBuilder;
  /**
   * A snapshot of instrument `i` that is asked for from now on will join what has been received: books that resync by
   * request are asked for only after this was said once on the connection (`i` null: for all).
   */
  joinable(i: number | null): void;
  /** Trade `id` of instrument `i` is new, and belongs in the batch; false where it was told before. Ids rise one by one. */
  freshTrade(i: number, id: number): boolean;
  /** Something was lost or broke, here and now, in the order of events. */
  fault(i: number | null, fault: Fault, why: string): void;
  /** A frame that is no message of the venue's; `offset` of the first byte that is wrong, where known. */
  unreadable(i: number | null, why: string, offset: number, recvNs: number): void;
  /** The venue's own sign of life, beside its data. */
  heartbeat(): void;
  /** The venue will close this connection soon: a new one is to take over without a hole. */
  closing(why: string): void;
  /** The venue refused what we asked. Not repeated where the error says `never`. */
  refused(i: number | null, error: BookcastError): void;
  /** What people should know and is no fault. */
  note?(i: number | null, what: string): void;
}

/** Addresses of a venue by part (`rest`, `stream`, `usdm.rest` …). */
export type Endpoints = Readonly<Record<string, string>>;
