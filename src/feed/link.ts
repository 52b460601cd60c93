import { BookcastError } from '../core/index.ts';
import { type BatchBuilder, Fault, SyncState } from '../market/index.ts';
import type { Desk } from './desk.ts';
import type { InstrumentFeed } from './instrument-feed.ts';
import type { LinkOwner } from './link-owner.ts';
import type { Port } from './port.ts';
import type { Conversation, HttpAnswer, LinkPlan, LinkSink, Outgoing, VenueProtocol } from './protocol.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { PortEnd } from './resyncer.ts';
import { Verification } from './verification.ts';
import { Vigil } from './vigil.ts';
import type { Cancel, Socket } from './world.ts';

const HANDSHAKE_MS = 10_000;

/**
 * One connection, from the handshake to the end: hands what arrives to its conversation and what that wrote to the instruments, sends
 * under the venue's limit, pings, and ends itself when the other side falls silent.
 */
export class Link implements LinkSink {
  readonly id: string;
  readonly plan: LinkPlan;
  readonly feeds: readonly InstrumentFeed[];
  readonly ports: Port[] = [];
  state: 'connecting' | 'open' | 'ended' = 'connecting';
  /** On the monotonic clock. */
  openedNs = Number.NaN;
  /** All that it is to carry was asked for; NaN before. */
  greetedNs = Number.NaN;
  /** It ended so. */
  why = '';
  readonly #desk: Desk;
  readonly #protocol: VenueProtocol;
  readonly #owner: LinkOwner;
  readonly #sends: RateLimiter;
  /** What takes our messages out of the queue. */
  readonly #queued = new Set<Cancel>();
  readonly #touched: Int32Array;
  #socket: Socket | null = null;
  /** The socket is closed. */
  #gone = false;
  #conversation: Conversation | null = null;
  #verification: Verification | null = null;
  #handshake: Cancel | null = null;
  #vigil: Vigil | null = null;
  #recvNs = 0;
  /** The conversation said something that all instruments are to look at, once the frame is done. */
  #told = false;
  #unreadable = 0;

  constructor(
    desk: Desk,
    protocol: VenueProtocol,
    plan: LinkPlan,
    feeds: readonly InstrumentFeed[],
    id: string,
    sends: RateLimiter,
    owner: LinkOwner,
  ) {
    this.#desk = desk;
    this.#protocol = protocol;
    this.plan = plan;
    this.feeds = feeds;
    this.id = id;
    this.#owner = owner;
    this.#sends = sends;
    this.#touched = new Int32Array(feeds.length);
  }

  /** Of the last sign of life, and of the last message; NaN before it opened. */
  get lastHeardNs(): number {
    return this.#vigil?.heardNs ?? Number.NaN;
  }

  get lastDataNs(): number {
    return this.#vigil?.dataNs ?? Number.NaN;
  }

  /** For people; an address may be pages long. */
  get name(): string {
    return `connection ${this.id} to ${URL.parse(this.plan.url)?.host ?? this.plan.url}`;
  }

  get conversation(): Conversation {
    return this.#conversation as Conversation;
  }

  connect(): void {
    const { world, countSocket } = this.#desk;
    countSocket(1);
    this.#handshake = world.timers.after(HANDSHAKE_MS, () => this.end('the handshake was not answered'));
    const socket = world.transport.connect(this.plan.url, {
      opened: () => this.#opened(),
      received: (bytes) => this.#received(bytes),
      beat: () => this.#heard(),
      closed: (why, refusal) => {
        if (this.#gone) return;
        this.#gone = true;
        countSocket(-1);
        if (refusal !== undefined) this.#desk.governor.heed(this.plan.limits.scope, refusal);
        this.end(why);
      },
    });
    this.#socket = socket;
    // It may have been given up before it was returned.
    if (this.state === 'ended' && !this.#gone) socket.close();
  }

  /** Sends one after the other as the limits allow; `sent` after the last. */
  say(messages: readonly Outgoing[], sent: () => void): Cancel {
    let left = messages.length;
    if (left === 0) sent();
    const cancels = messages.map((message) =>
      this.#inTurn(() => {
        this.#socket?.send(message.text);
        const text = message.shown ?? message.text;
        this.#desk.record?.({ kind: 'send', conn: this.id, recvNs: this.#desk.clock.now(), text });
        if (--left === 0) sent();
      }),
    );
    return () => {
      for (const cancel of cancels) cancel();
    };
  }

  /** Hands an answer to the conversation. */
  answer(i: number, { body, url }: HttpAnswer): void {
    const recvNs = this.#desk.clock.now();
    this.#recvNs = recvNs;
    this.#desk.record?.({ kind: 'http', conn: this.id, recvNs, url, bytes: body });
    try {
      this.conversation.answer(i, body, recvNs, url);
    } catch (error) {
      this.#caught(error);
    }
    this.#settle(recvNs, body.length);
  }

  /** Ends the connection. `ours`: it has done its work, and that leaves no hole. */
  end(why: string, ours = false): void {
    if (this.state === 'ended') return;
    const wasOpen = this.state === 'open';
    this.state = 'ended';
    this.why = why;
    this.#handshake?.();
    this.#vigil?.stop();
    for (const cancel of this.#queued) cancel();
    this.#queued.clear();
    this.#verification?.stop();
    if (!this.#gone) this.#socket?.close();
    if (wasOpen) {
      this.feeds.forEach((feed, i) => {
        if (!ours && this.ports[i].role === 'active' && !this.#goesOn(feed)) feed.fault(Fault.DISCONNECT, this.id);
      });
      this.#desk.record?.({ kind: 'close', conn: this.id, recvNs: this.#desk.clock.now(), why });
      this.feeds.forEach((feed, i) => {
        feed.close(this.ports[i]);
      });
    }
    this.#owner.ended(this);
  }

  builder(i: number): BatchBuilder {
    return this.ports[i].builder;
  }

  joinable(i: number | null): void {
    for (let k = i ?? 0; k <= (i ?? this.ports.length - 1); k++) {
      const port = this.ports[k];
      if (port.joinable) continue;
      port.joinable = true;
      port.lane.joins = true;
      this.#told = true;
    }
  }

  freshTrade(i: number, id: number): boolean {
    return this.ports[i].freshTrade(id);
  }

  fault(i: number | null, fault: Fault, why: string): void {
    this.#desk.note(`${i === null ? this.name : this.feeds[i].lane.key}: ${why}`);
    for (let k = i ?? 0; k <= (i ?? this.ports.length - 1); k++) {
      const port = this.ports[k];
      port.lane.portFault(port, fault, this.#recvNs);
      // Where numbers are the venue's, what one connection says of one instrument holds for the other.
      const lossy = fault !== Fault.HALT && fault !== Fault.RESUME;
      if (port.role === 'waiting' && port.joinable && i !== null && lossy) port.lane.fault(fault, this.#recvNs);
    }
    this.#told = true;
  }

  unreadable(i: number | null, why: string, offset: number, recvNs: number): void {
    this.#unreadable++;
    // Of a flood only the first, the tenth, the hundredth … are told.
    if (/^10*$/.test(String(this.#unreadable))) {
      const count = this.#unreadable === 1 ? '' : ` (number ${this.#unreadable})`;
      this.#desk.note(`${this.name}: a message that cannot be read${count}: ${why}, at byte ${offset}`);
    }
    for (let k = i ?? 0; k <= (i ?? this.ports.length - 1); k++) {
      this.feeds[k].unparsable++;
      const port = this.ports[k];
      port.lane.portFault(port, Fault.UNPARSABLE, recvNs);
    }
  }

  heartbeat(): void {
    this.#vigil?.beat();
  }

  closing(why: string): void {
    this.#desk.note(`${this.name}: ${why}`);
    this.#owner.closing(this);
  }

  refused(i: number | null, error: BookcastError): void {
    this.#desk.note(`${i === null ? this.name : this.feeds[i].lane.key}: ${error.message}`);
    const hopeless = error.retry === 'never';
    if (i === null && hopeless) this.#owner.refused(this);
    for (let k = i ?? 0; k <= (i ?? this.ports.length - 1); k++) {
      if (this.feeds[k].lane.active === this.ports[k]) this.feeds[k].resyncer.refused(hopeless);
    }
  }

  note(i: number | null, what: string): void {
    this.#desk.note(`${i === null ? this.name : this.feeds[i].lane.key}: ${what}`);
  }

  /**
   * The book goes on with the connection that waits: this one still lived when that one was open, so that what one did not bring
   * the other does. From a connection that fell silent before, anything may be missing, and on a quiet instrument it would be
   * long before that showed.
   */
  #goesOn({ lane }: InstrumentFeed): boolean {
    return lane.goesOn && this.lastDataNs > lane.waiting[0].greetedNs;
  }

  #opened(): void {
    if (this.state !== 'connecting') return;
    const { clock, record } = this.#desk;
    const recvNs = clock.now();
    this.state = 'open';
    this.openedNs = clock.monotonicNs;
    this.#recvNs = recvNs;
    record?.({ kind: 'connect', conn: this.id, recvNs, address: this.plan.url });
    this.feeds.forEach((feed, i) => {
      const port = feed.open(this.#endOf(i));
      this.ports.push(port);
    });
    this.#conversation = this.#protocol.open(this.plan, this);
    this.#handshake?.();
    this.#startVigil();
    this.say(this.#conversation.greeting(clock.epochMs()), () => {
      clock.now();
      this.greetedNs = clock.monotonicNs;
      for (const port of this.ports) port.greetedNs = this.greetedNs;
      for (const feed of this.feeds) feed.look();
    });
    for (const feed of this.feeds) feed.look();
    this.#verify(this.#conversation.verification);
    this.#owner.opened(this);
  }

  #verify(rule: Conversation['verification']): void {
    if (rule === undefined || this.state !== 'open') return;
    const { governor, world } = this.#desk;
    this.#verification = new Verification(world, rule, {
      count: this.feeds.length,
      isSynced: (i) => {
        const { active, sync } = this.feeds[i].lane;
        return active === this.ports[i] && sync.state === SyncState.SYNCED;
      },
      limiter: (scope) => governor.requests(scope, this.plan.limits.requests),
      heed: (scope, answer) => governor.heed(scope, answer),
      answer: (i, answer) => this.answer(i, answer),
    });
  }

  #heard(): void {
    this.#desk.clock.now();
    this.#vigil?.heard();
  }

  #received(bytes: Buffer): void {
    if (this.state !== 'open') return;
    const { clock, record } = this.#desk;
    const recvNs = clock.now();
    this.#recvNs = recvNs;
    this.#vigil?.data();
    if (record !== null) record({ kind: 'recv', conn: this.id, recvNs, bytes });
    try {
      this.conversation.receive(bytes, 0, bytes.length, recvNs);
    } catch (error) {
      this.#caught(error);
    }
    this.#settle(recvNs, bytes.length);
  }

  /** An operating error out of a conversation costs the message and the books, never the process. */
  #caught(error: unknown): void {
    if (!(error instanceof BookcastError)) throw error;
    for (const port of this.ports) port.dropHalfMessage();
    this.unreadable(null, error.message, 0, this.#recvNs);
    this.fault(null, Fault.GAP, 'a message that could not be taken');
  }

  /** Applies what the conversation wrote. */
  #settle(recvNs: number, bytes: number): void {
    const { ports } = this;
    const touched = this.#touched;
    let count = 0;
    for (let i = 0; i < ports.length; i++) if (ports[i].builder.length !== ports[i].settled) touched[count++] = i;
    for (let k = 0; k < count; k++) this.feeds[touched[k]].settle(ports[touched[k]], recvNs, bytes / count);
    if (this.#told) {
      this.#told = false;
      for (const feed of this.feeds) feed.look();
    }
    this.#owner.stirred(this);
  }

  /** Says one thing when the limit allows; never once the connection has ended. */
  #inTurn(speak: () => void): Cancel {
    let undo: Cancel | null = null;
    let done = false;
    const cancel = this.#sends.ask(1, () => {
      done = true;
      if (undo !== null) this.#queued.delete(undo);
      speak();
    });
    undo = () => {
      cancel();
      this.#queued.delete(undo as Cancel);
    };
    if (!done) this.#queued.add(undo);
    return undo;
  }

  #endOf(i: number): PortEnd {
    const isGreeted = (): boolean => !Number.isNaN(this.greetedNs);
    return {
      get greeted() {
        return isGreeted();
      },
      rule: this.plan.limits.requests,
      resync: () => this.conversation.resync(i, this.#desk.clock.epochMs()),
      say: (messages, sent) => this.say(messages, sent),
      answer: (answer) => this.answer(i, answer),
    };
  }

  #startVigil(): void {
    const { clock, world } = this.#desk;
    const { ping } = this.conversation;
    this.#vigil = new Vigil(clock, world.timers, this.plan.limits, {
      pingsAlways: ping !== undefined,
      ping: () => {
        if (ping === undefined) this.#inTurn(() => this.#socket?.ping());
        else this.say([ping.call(this.conversation, clock.epochMs())], () => {});
      },
      silent: (ms) => this.end(`nothing was heard for ${(ms / 1000).toFixed(0)} s`),
      stalled: () => this.#owner.stalled(this),
      stale: (lateMs) => this.#stale(lateMs),
    });
    this.#vigil.start();
  }

  /** Data may trickle, but what should come with it does not: the books may be old. */
  #stale(lateMs: number): void {
    this.feeds.forEach((feed, i) => {
      if (this.ports[i].role === 'active') feed.fault(Fault.STALE, this.id);
    });
    this.end(`stale: the venue's last heartbeat was ${(lateMs / 1000).toFixed(1)} s ago`);
  }
}
