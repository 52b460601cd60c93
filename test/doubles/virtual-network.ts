import type { Random } from '../../src/core/index.ts';
import type { Cancel, HttpAnswer, HttpRequest, Socket, SocketHandlers, Transport } from '../../src/feed/index.ts';
import type { VirtualTime } from '../feed/virtual-world.ts';
import type { FaultPlan } from './faults.ts';
import { FaultyWire } from './faulty-wire.ts';
import type { Police } from './police.ts';
import type { MessageMark, Session, VenueDouble } from './venue-double.ts';

export interface NetworkOptions {
  readonly time: VirtualTime;
  readonly double: VenueDouble;
  readonly police: Police;
  readonly random: Random;
  /** Told of every connection, request and message of the client. */
  readonly onLine?: (line: string) => void;
}

/** The network between a supervisor and a double, in virtual time: each way takes 2 to 60 ms, and each connection keeps its order. */
export class VirtualNetwork implements Transport {
  readonly #time: VirtualTime;
  readonly #double: VenueDouble;
  readonly #plan: FaultPlan;
  readonly #police: Police;
  readonly #random: Random;
  /** Ids of the trades that reached the client whole, by the venue's symbol. */
  readonly deliveredTrades = new Map<string, Set<number>>();
  delivered = 0;
  /** Connections that the client has not been told to be closed. */
  get open(): number {
    return this.#lines.size;
  }

  /** Of these, the ones that are dead without the client's knowledge. */
  get halfOpen(): number {
    return [...this.#lines].filter((line) => line.dead).length;
  }

  readonly #lines = new Set<Line>();
  #connections = 0;
  #alarm: Cancel | null = null;
  #alarmMs = Number.POSITIVE_INFINITY;

  readonly #line: (line: string) => void;

  constructor({ time, double, police, random, onLine }: NetworkOptions) {
    this.#line = onLine ?? (() => {});
    this.#time = time;
    this.#double = double;
    this.#plan = double.plan;
    this.#police = police;
    this.#random = random;
    this.wake();
  }

  connect(url: string, handlers: SocketHandlers): Socket {
    const id = ++this.#connections;
    this.#police.connected(this.#time.elapsedMs);
    const line: Line = new Line(this, handlers, () => this.#lines.delete(line));
    this.#lines.add(line);
    this.#line(`  connect ${id} ${url.slice(0, 100)}`);
    const refused = this.#plan.strikes('refuse', this.#time.elapsedMs);
    this.#time.after(this.latencyMs() * 2, () => {
      if (refused) line.closed('connect ECONNREFUSED');
      else line.open(this.#double, url, this.#plan);
      this.wake();
    });
    return {
      send: (text) => {
        this.#police.sent(id, this.#time.elapsedMs);
        this.#line(`  send ${id} ${text.slice(0, 120)}`);
        this.#time.after(this.latencyMs(), () => {
          line.say(text);
          this.wake();
        });
      },
      ping: () => {
        this.#police.sent(id, this.#time.elapsedMs);
        this.#time.after(this.latencyMs() * 2, () => line.pong());
      },
      close: () => line.closedByClient(),
    };
  }

  request(request: HttpRequest, timeoutMs: number, done: (outcome: HttpAnswer | Error) => void): Cancel {
    this.#police.requested(this.#double.weight(request.url), this.#time.elapsedMs);
    let open = true;
    const end = (outcome: HttpAnswer | Error): void => {
      if (!open) return;
      open = false;
      late();
      done(outcome);
    };
    const late = this.#time.after(timeoutMs, () => end(new Error(`no answer within ${timeoutMs} ms`)));
    this.#time.after(this.latencyMs(), () => {
      const reply = this.#double.http(request.url, request.headers ?? {}, this.#time.elapsedMs);
      this.wake();
      const more = JSON.stringify(reply.headers['retry-after'] ?? '');
      this.#line(
        `  asked ${request.url} -> ${reply.status} ${more} in ${reply.delayMs} ms: ${reply.body.slice(0, 60)}`,
      );
      if (reply.status === 0) return;
      this.#time.after(reply.delayMs + this.latencyMs(), () => {
        if (open) this.#police.answered(reply.status, reply.headers, this.#time.elapsedMs);
        const { status, headers } = reply;
        end({ url: request.url, status, headers, body: Buffer.from(reply.body) });
      });
    });
    return () => {
      open = false;
      late();
    };
  }

  latencyMs(): number {
    return 2 + this.#random.float() * (this.#random.bernoulli(0.1) ? 58 : 8);
  }

  get time(): VirtualTime {
    return this.#time;
  }

  noteDelivered(mark: MessageMark, intact: boolean): void {
    this.delivered++;
    if (!intact || mark.trades === undefined) return;
    const { symbol, ids } = mark.trades;
    const known = this.deliveredTrades.get(symbol) ?? new Set();
    this.deliveredTrades.set(symbol, known);
    for (const id of ids) known.add(id);
  }

  /** Sees to it that the double acts when it next would. */
  wake(): void {
    const nextMs = this.#double.nextMs;
    if (nextMs === this.#alarmMs) return;
    this.#alarm?.();
    this.#alarmMs = nextMs;
    if (!Number.isFinite(nextMs)) return;
    this.#alarm = this.#time.after(Math.max(0, nextMs - this.#time.elapsedMs), () => {
      this.#alarmMs = Number.NaN;
      this.#double.advance(this.#time.elapsedMs);
      this.wake();
    });
  }
}

/** One connection's way, both ends in view. */
class Line {
  readonly #network: VirtualNetwork;
  readonly #handlers: SocketHandlers;
  #session: Session | null = null;
  #wire: FaultyWire | null = null;
  /** When what was sent last arrives. */
  #lastMs = 0;
  #over = false;
  readonly #ended: () => void;

  constructor(network: VirtualNetwork, handlers: SocketHandlers, ended: () => void) {
    this.#network = network;
    this.#ended = ended;
    this.#handlers = handlers;
  }

  /** Nothing comes of it any more, and nobody says so. */
  get dead(): boolean {
    return this.#wire?.muted === true || this.#wire?.stalled === true;
  }

  open(double: VenueDouble, url: string, plan: FaultPlan): void {
    if (this.#over) return;
    const { time } = this.#network;
    const end = {
      deliver: (text: string, mark: MessageMark, intact: boolean) =>
        this.#later(() => {
          this.#network.noteDelivered(mark, intact);
          this.#handlers.received(Buffer.from(text));
        }),
      ping: () => this.#later(() => this.#handlers.beat()),
      close: (code: number, why: string) => this.#later(() => this.closed(`closed with code ${code} ${why}`)),
    };
    this.#wire = new FaultyWire(end, plan, () => double.nowMs);
    this.#session = double.connect(url, this.#wire, time.elapsedMs);
    if (this.#session === null) this.closed('Unexpected server response: 404');
    else this.#handlers.opened();
  }

  say(text: string): void {
    if (!this.#over && this.#wire?.muted !== true) this.#session?.received(text);
  }

  pong(): void {
    if (!this.#over && this.#wire?.muted === false) this.#handlers.beat();
  }

  closedByClient(): void {
    this.#network.time.after(0, () => {
      this.#session?.closed();
      this.closed('closed by us');
    });
  }

  closed(why: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#ended();
    this.#handlers.closed(why);
  }

  #later(call: () => void): void {
    const { time } = this.#network;
    this.#lastMs = Math.max(this.#lastMs, time.elapsedMs + this.#network.latencyMs());
    time.after(this.#lastMs - time.elapsedMs, () => {
      if (!this.#over) call();
    });
  }
}
