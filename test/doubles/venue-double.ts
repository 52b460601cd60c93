import type { FaultPlan } from './faults.ts';
import type { Happening, Market } from './market.ts';

/** What the network should know of a message, beside its text. */
export interface MessageMark {
  /** Whether the venue's protocol shows that it is missing, comes late or comes again. */
  readonly revealed: boolean;
  /** Ids of the trades in it, by the venue's symbol, that are events (no history). */
  readonly trades?: { readonly symbol: string; readonly ids: readonly number[] };
}

/** The double's end of one connection. */
export interface Wire {
  send(text: string, mark: MessageMark): void;
  ping(): void;
  close(code: number, why: string): void;
  /** From now on nothing passes, either way, and nobody says so. */
  mute(): void;
  /** From now on no message passes to the client, though the connection answers pings. */
  stall(): void;
}

/** What the double keeps for one connection. */
export interface Session {
  received(text: string): void;
  /** The client or the network ended it. */
  closed(): void;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Before the answer leaves. */
  readonly delayMs: number;
}

export interface DoubleSetup {
  readonly markets: readonly Market[];
  readonly plan: FaultPlan;
  /** What the venue's clock says at the double's time 0; whole ms. */
  readonly startEpochMs: number;
  /** A connection of this age is ended. */
  readonly lifetimeMs?: number;
}

const STALE_US = 3_000_000;

export const json = (value: unknown, status = 200, more: Partial<Reply> = {}): Reply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
  delayMs: 0,
  ...more,
});

/**
 * One venue without its network: requests and connections go in, answers and messages come out, all on a clock that the owner
 * moves (ms since the start). The same class serves a simulation in virtual time and a real port.
 */
export abstract class VenueDouble {
  readonly markets: ReadonlyMap<string, Market>;
  readonly plan: FaultPlan;
  readonly startEpochMs: number;
  /** Open connections. */
  protected readonly connections = new Set<Connection>();
  nowMs = 0;
  readonly #lifetimeMs: number;
  #tasks: { atMs: number; call: () => void }[] = [];

  constructor(setup: DoubleSetup) {
    this.markets = new Map(setup.markets.map((market) => [market.product.symbol, market]));
    this.plan = setup.plan;
    this.startEpochMs = setup.startEpochMs;
    this.#lifetimeMs = setup.lifetimeMs ?? 86_400_000;
    this.#everySecond();
  }

  /** A client connects; null where there is nothing at that address. */
  connect(url: string, wire: Wire, nowMs: number): Session | null {
    this.advance(nowMs);
    const connection = this.open(new URL(url), wire);
    if (connection === null) return null;
    this.connections.add(connection);
    const end = (code: number, why: string) => () => this.drop(connection, code, why);
    this.after(this.#lifetimeMs, end(1001, 'the connection reached its age'));
    return {
      received: (text) => {
        if (this.connections.has(connection)) connection.received(text);
      },
      closed: () => void this.connections.delete(connection),
    };
  }

  /** A client asks. */
  http(url: string, headers: Readonly<Record<string, string>>, nowMs: number): Reply {
    this.advance(nowMs);
    const failed = this.#failure();
    return failed ?? this.answer(new URL(url), headers);
  }

  /** When the double next does something by itself. */
  get nextMs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const task of this.#tasks) next = Math.min(next, task.atMs);
    for (const market of this.markets.values()) next = Math.min(next, this.#msOf(market.nextUs));
    return next;
  }

  /** Does all that is due, in the order of its times. */
  advance(nowMs: number): void {
    // A millionth of slack: the owner's clock and ours round differently.
    for (let next = this.nextMs; next <= nowMs + 1e-6; next = this.nextMs) {
      this.nowMs = Math.max(this.nowMs, next);
      for (const market of this.markets.values()) {
        if (this.#msOf(market.nextUs) <= next) this.#happened(market, market.advance(this.nowUs));
      }
      const due = this.#tasks.filter((task) => task.atMs <= next);
      this.#tasks = this.#tasks.filter((task) => task.atMs > next);
      for (const task of due) task.call();
    }
    this.nowMs = Math.max(this.nowMs, nowMs);
  }

  /** The venue's clock, µs since 1970. */
  get nowUs(): number {
    return this.startEpochMs * 1000 + Math.round(this.nowMs * 1000);
  }

  get epochMs(): number {
    return Math.floor(this.startEpochMs + this.nowMs);
  }

  /** A time stamp of all that happened on a market so far, and of nothing that will; µs since 1970. */
  protected stampUs(market: Market): number {
    return Math.max(this.nowUs, market.timeUs);
  }

  /**
   * Of when a stale snapshot is. Never of before the numbers began anew: its number would be above all that follow, which are
   * passed over as old by the venue's own recipe, and nothing in the protocol shows it.
   */
  protected staleUs(market: Market): number {
    return Math.max(this.nowUs - STALE_US, market.numberedUs);
  }

  protected after(ms: number, call: () => void): void {
    this.#tasks.push({ atMs: this.nowMs + ms, call });
  }

  protected every(ms: number, call: () => void): void {
    this.after(ms, () => {
      call();
      this.every(ms, call);
    });
  }

  protected drop(connection: Connection, code: number, why: string): void {
    if (this.connections.delete(connection)) connection.wire.close(code, why);
  }

  /** Weights that the venue publishes for its requests. */
  abstract weight(url: string): number;
  protected abstract open(url: URL, wire: Wire): Connection | null;
  protected abstract answer(url: URL, headers: Readonly<Record<string, string>>): Reply;
  /** Something happened on a market. */
  protected abstract happened(market: Market, happenings: readonly Happening[]): void;
  /** The venue restarts, and its numbers begin anew. */
  protected restart(): void {
    for (const connection of [...this.connections]) this.drop(connection, 1012, 'service restart');
    for (const market of this.markets.values()) {
      market.renumber();
      this.renumbered(market);
    }
  }

  /** The numbers of a market begin anew. */
  protected renumbered(_market: Market): void {}

  /** The notice that the venue gives before it goes down; null where it gives none. */
  protected shutdownNotice(): string | null {
    return null;
  }

  #msOf(us: number): number {
    return (us - this.startEpochMs * 1000) / 1000;
  }

  #happened(market: Market, happenings: readonly Happening[]): void {
    if (happenings.length > 0) this.happened(market, happenings);
  }

  #everySecond(): void {
    this.every(1000, () => {
      for (const connection of [...this.connections]) {
        if (this.plan.strikes('slowClose', this.nowMs)) this.drop(connection, 1008, 'slow consumer');
        if (this.plan.strikes('disconnect', this.nowMs)) this.drop(connection, 1006, '');
        if (this.plan.strikes('halfOpen', this.nowMs)) connection.wire.mute();
        if (this.plan.strikes('stalled', this.nowMs)) connection.wire.stall();
        const notice = this.shutdownNotice();
        if (notice === null || !this.plan.strikes('shutdown', this.nowMs)) continue;
        connection.wire.send(notice, { revealed: true });
        this.after(10_000, () => this.drop(connection, 1012, 'service restart'));
      }
      if (this.plan.strikes('renumber', this.nowMs)) this.restart();
    });
  }

  #failure(): Reply | null {
    const strikes = (kind: Parameters<FaultPlan['strikes']>[0]): boolean => this.plan.strikes(kind, this.nowMs);
    const refusal = { code: -1003, msg: 'Too many requests.' };
    if (strikes('tooMany')) return json(refusal, 429, { headers: { 'retry-after': '3' } });
    if (strikes('tooManySilent')) return json(refusal, 429);
    if (strikes('ban'))
      return json({ ...refusal, msg: 'Way too many requests' }, 418, { headers: { 'retry-after': '7' } });
    if (strikes('serverError')) return { ...json(null, 503), body: '<html>Service Unavailable</html>' };
    if (strikes('badBody')) return { ...json(null), body: '{"lastUpdateId":160,"bids":[["0.00' };
    if (strikes('noAnswer')) return json(null, 0);
    return null;
  }
}

/** A connection as its venue sees it. */
export interface Connection {
  readonly wire: Wire;
  received(text: string): void;
}
