import { BookcastError, NO_PRICE } from '../../src/core/index.ts';
import type {
  Cancel,
  Conversation,
  FeedInstrument,
  HttpAnswer,
  HttpRequest,
  LinkPlan,
  LinkSink,
  SocketHandlers,
  Transport,
  VenueLimits,
  VenueProtocol,
} from '../../src/feed/index.ts';
import { EventFlag, EventKind, type Fault, Side } from '../../src/market/index.ts';
import type { VirtualTime } from './virtual-world.ts';

/** side (0 bid, 1 ask), ticks, lots. */
export type Level = readonly [0 | 1, number, number];

/** What the fake venue's frames say, as JSON. */
export type Frame =
  | { i: number; snap: number; levels?: Level[]; restart?: boolean }
  | { i: number; seq: number; prev: number; levels?: Level[] }
  | { i: number; trade: number; seq?: number }
  | { i: number; quote: number }
  | { join: number | null }
  | { beat: true }
  | { closing: string }
  | { refuse: number | null; never: boolean }
  | { fault: number; i: number | null }
  | { throws: true };

export interface FakeOptions {
  /** How books are brought back. */
  readonly by: 'request' | 'messages';
  readonly names?: readonly string[];
  readonly limits?: Partial<VenueLimits>;
  readonly book?: 'levels' | 'orders';
  /** The venue wants pings in messages of its own. */
  readonly pings?: boolean;
  /** Instruments on one connection; all where absent. */
  readonly perLink?: number;
}

export const LIMITS: VenueLimits = {
  scope: 'fake',
  connects: { limit: 300, windowMs: 300_000 },
  sends: { limit: 100, windowMs: 1000 },
  requests: { limit: 6000, windowMs: 60_000 },
  lifetimeMs: null,
  silenceMs: 60_000,
  pingMs: null,
};

export function fakeInstrument(name: string, options: FakeOptions): FeedInstrument {
  const book = options.book ?? 'levels';
  return {
    instrument: {
      venue: 'fake',
      name,
      tickSize: '0.01',
      lotSize: '1',
      sequencing: book === 'orders' ? 'consecutive' : 'linked',
      burstQuietNs: 0,
      depthLimit: null,
    },
    symbol: name.split('/')[0],
    book,
    proof: 'sequence',
  };
}

/** A venue of the simplest kind: JSON frames, one a message. */
export function fakeProtocol(options: FakeOptions): VenueProtocol {
  const names = options.names ?? ['AAA'];
  const limits = { ...LIMITS, ...options.limits };
  return {
    venue: 'fake',
    discovery: () => [{ url: 'https://rest.fake.example/list', scope: 'fake', weight: 10 }],
    instruments: ([answer]) =>
      (JSON.parse(answer.body.toString()) as string[]).map((name) => fakeInstrument(name, options)),
    links: (instruments) => {
      const size = options.perLink ?? names.length;
      const plans: LinkPlan[] = [];
      for (let i = 0; i < instruments.length; i += size) {
        plans.push({ url: `wss://fake.example/${i}`, instruments: instruments.slice(i, i + size), limits });
      }
      return plans;
    },
    open: (plan, sink) => new FakeConversation(plan, sink, options),
  };
}

class FakeConversation implements Conversation {
  readonly #plan: LinkPlan;
  readonly #sink: LinkSink;
  readonly #options: FakeOptions;
  readonly ping?: (epochMs: number) => { text: string };

  constructor(plan: LinkPlan, sink: LinkSink, options: FakeOptions) {
    this.#plan = plan;
    this.#sink = sink;
    this.#options = options;
    if (options.pings === true) this.ping = () => ({ text: 'ping' });
  }

  greeting(): { text: string; shown?: string }[] {
    return [{ text: 'subscribe secret', shown: 'subscribe …' }];
  }

  receive(bytes: Buffer, from: number, to: number, recvNs: number): void {
    let frame: Frame;
    try {
      frame = JSON.parse(bytes.toString('utf8', from, to)) as Frame;
    } catch {
      this.#sink.unreadable(null, 'no JSON', 0, recvNs);
      return;
    }
    this.#take(frame, recvNs);
  }

  resync(i: number): ReturnType<Conversation['resync']> {
    const { symbol } = this.#plan.instruments[i];
    if (this.#options.by === 'messages') return { by: 'messages', messages: [{ text: `again ${symbol}` }] };
    return { by: 'request', request: { url: `https://rest.fake.example/${symbol}`, scope: 'fake', weight: 50 } };
  }

  answer(i: number, body: Buffer, recvNs: number): void {
    this.#take({ i, ...(JSON.parse(body.toString()) as object) } as Frame, recvNs);
  }

  #take(frame: Frame, recvNs: number): void {
    const sink = this.#sink;
    if ('join' in frame) sink.joinable(frame.join);
    else if ('beat' in frame) sink.heartbeat();
    else if ('closing' in frame) sink.closing(frame.closing);
    else if ('refuse' in frame) {
      sink.refused(frame.refuse, new BookcastError(frame.never ? 'forbidden' : 'overloaded', 'the venue refuses'));
    } else if ('fault' in frame) sink.fault(frame.i, frame.fault as Fault, 'said so');
    else if ('throws' in frame) {
      const builder = sink.builder(0);
      builder.push(EventKind.LEVEL, Side.BID, 1, 1, recvNs, recvNs, 0, 0);
      throw new BookcastError('bad-input', 'a price off its steps');
    } else this.#rows(frame, recvNs);
  }

  #rows(
    frame: Exclude<
      Frame,
      | { join: unknown }
      | { beat: true }
      | { closing: string }
      | { refuse: unknown }
      | { fault: number }
      | { throws: true }
    >,
    recvNs: number,
  ): void {
    const builder = this.#sink.builder(frame.i);
    // The venue's clock runs 5 ms behind ours.
    const eventNs = recvNs - 5e6;
    const push = (kind: EventKind, side: Side, ticks: number, lots: number, sequence: number, id: number): void =>
      builder.push(kind, side, ticks, lots, eventNs, recvNs, sequence, id);
    if ('trade' in frame) {
      push(EventKind.TRADE, Side.BID, 100, 1, frame.seq ?? 0, frame.trade);
      if (!this.#sink.freshTrade(frame.i, frame.trade)) builder.rewind(builder.length - 1);
      else builder.endMessage();
      return;
    }
    if ('quote' in frame) {
      push(EventKind.BBO, Side.BID, frame.quote, 1, 0, 0);
      builder.endMessage();
      return;
    }
    const orders = this.#options.book === 'orders';
    const sequence = 'snap' in frame ? frame.snap : frame.seq;
    if ('snap' in frame) {
      push(EventKind.SNAPSHOT, Side.NONE, NO_PRICE, 0, sequence, 0);
      if (frame.restart === true) builder.flag(EventFlag.RESTART);
    } else push(EventKind.DELTA, Side.NONE, NO_PRICE, 0, sequence, frame.prev);
    (frame.levels ?? []).forEach(([side, ticks, lots], k) => {
      push(orders ? EventKind.ADD : EventKind.LEVEL, side, ticks, lots, sequence, orders ? sequence * 100 + k : 0);
    });
    builder.endMessage();
  }
}

/** The supervisor's side of a connection is a `Socket`; this is the venue's. */
export class FakeConnection {
  readonly url: string;
  readonly atMs: number;
  readonly sent: { text: string; atMs: number }[] = [];
  pings = 0;
  state: 'connecting' | 'open' | 'closed' = 'connecting';
  readonly #handlers: SocketHandlers;

  constructor(url: string, atMs: number, handlers: SocketHandlers) {
    this.url = url;
    this.atMs = atMs;
    this.#handlers = handlers;
  }

  open(): void {
    this.state = 'open';
    this.#handlers.opened();
  }

  say(...frames: (Frame | string)[]): void {
    for (const frame of frames) {
      this.#handlers.received(Buffer.from(typeof frame === 'string' ? frame : JSON.stringify(frame)));
    }
  }

  beat(): void {
    this.#handlers.beat();
  }

  close(why: string, refusal?: HttpAnswer): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.#handlers.closed(why, refusal);
  }
}

export interface FakeRequest {
  readonly request: HttpRequest;
  readonly atMs: number;
  cancelled: boolean;
  answer(status: number, body: unknown, headers?: Record<string, string>): void;
  fail(why: string): void;
}

export class FakeTransport implements Transport {
  readonly connections: FakeConnection[] = [];
  readonly requests: FakeRequest[] = [];
  /** Connections open by themselves after this; null: not at all. */
  openAfterMs: number | null = 1;
  /** Closing takes so long. */
  closeAfterMs = 1;
  /** Answers requests by itself. */
  onRequest: ((request: FakeRequest) => void) | null = null;
  readonly #time: VirtualTime;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  get last(): FakeConnection {
    return this.connections[this.connections.length - 1];
  }

  get lastRequest(): FakeRequest {
    return this.requests[this.requests.length - 1];
  }

  connect(url: string, handlers: SocketHandlers): ReturnType<Transport['connect']> {
    const connection = new FakeConnection(url, this.#time.elapsedMs, handlers);
    this.connections.push(connection);
    if (this.openAfterMs !== null) {
      this.#time.after(this.openAfterMs, () => {
        if (connection.state === 'connecting') connection.open();
      });
    }
    return {
      send: (text) => void connection.sent.push({ text, atMs: this.#time.elapsedMs }),
      ping: () => void connection.pings++,
      close: () => void this.#time.after(this.closeAfterMs, () => connection.close('closed by us')),
    };
  }

  request(request: HttpRequest, timeoutMs: number, done: (outcome: HttpAnswer | Error) => void): Cancel {
    let over = false;
    const end = (outcome: HttpAnswer | Error): void => {
      if (over || asked.cancelled) return;
      over = true;
      timeout();
      done(outcome);
    };
    const asked: FakeRequest = {
      request,
      atMs: this.#time.elapsedMs,
      cancelled: false,
      answer: (status, body, headers = {}) =>
        end({ url: request.url, status, headers, body: Buffer.from(JSON.stringify(body)) }),
      fail: (why) => end(new Error(why)),
    };
    this.requests.push(asked);
    const timeout = this.#time.after(timeoutMs, () => end(new Error('no answer')));
    this.onRequest?.(asked);
    return () => {
      asked.cancelled = true;
      timeout();
    };
  }
}
