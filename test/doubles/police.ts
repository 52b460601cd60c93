import type { DoubleVenue } from './products.ts';

/** `[most, within ms]`; null where the venue publishes none. */
type Limit = readonly [number, number] | null;

interface PublishedLimits {
  readonly connects: Limit;
  /** Our messages on one connection. */
  readonly sends: Limit;
  /** Our messages on all connections together. */
  readonly sendsInAll: Limit;
  /** Weight of requests. */
  readonly requests: Limit;
}

const BINANCE = { connects: [300, 300_000], sendsInAll: null } as const;

/** As the venues publish them (their documentation of rate limits); the supervisor may be stricter, never looser. */
const PUBLISHED: Readonly<Record<DoubleVenue, PublishedLimits>> = {
  'binance-spot': { ...BINANCE, sends: [5, 1000], requests: [6000, 60_000] },
  'binance-usdm': { ...BINANCE, sends: [10, 1000], requests: [2400, 60_000] },
  'binance-coinm': { ...BINANCE, sends: [10, 1000], requests: [2400, 60_000] },
  // Messages without a key, connections and requests: each eight or ten a second for one address.
  coinbase: { connects: [8, 1000], sends: null, sendsInAll: [8, 1000], requests: [10, 1000] },
  'coinbase-exchange': { connects: [8, 1000], sends: null, sendsInAll: [100, 1000], requests: [10, 1000] },
  'coinbase-full': { connects: [8, 1000], sends: null, sendsInAll: [100, 1000], requests: [10, 1000] },
  // Cloudflare before the venue: about 150 connections in ten minutes. Public REST: one a second.
  kraken: { connects: [150, 600_000], sends: null, sendsInAll: null, requests: [1, 1000] },
  // Subscriptions alone are limited; here pings count as well. Of requests the strictest, for `instruments`.
  okx: { connects: [3, 1000], sends: [480, 3_600_000], sendsInAll: null, requests: [20, 2000] },
};

/** What happened when, in a window that rolls. */
class Window {
  readonly #limit: Limit;
  readonly #events: [number, number][] = [];
  #sum = 0;

  constructor(limit: Limit) {
    this.#limit = limit;
  }

  /** Adds `amount`; text where the limit is exceeded. */
  add(nowMs: number, amount: number): string | null {
    if (this.#limit === null) return null;
    const [most, windowMs] = this.#limit;
    this.#events.push([nowMs, amount]);
    this.#sum += amount;
    // A microsecond of slack: clocks round.
    while (this.#events[0][0] <= nowMs - windowMs + 0.001) this.#sum -= this.#events.shift()![1];
    return this.#sum > most ? `${this.#sum} within ${windowMs} ms, allowed are ${most}` : null;
  }
}

/** Counts what a client does against the venue's published limits. What it did too much stands in `violations`. */
export class Police {
  readonly violations: string[] = [];
  connects = 0;
  sends = 0;
  requests = 0;
  readonly #limits: PublishedLimits;
  readonly #connects: Window;
  readonly #requests: Window;
  readonly #sendsInAll: Window;
  readonly #sends = new Map<number, Window>();
  #bannedUntilMs = 0;

  constructor(venue: DoubleVenue) {
    this.#limits = PUBLISHED[venue];
    this.#connects = new Window(this.#limits.connects);
    this.#requests = new Window(this.#limits.requests);
    this.#sendsInAll = new Window(this.#limits.sendsInAll);
  }

  connected(nowMs: number): void {
    this.connects++;
    this.#note(nowMs, 'connections', this.#connects.add(nowMs, 1));
  }

  sent(connection: number, nowMs: number): void {
    this.sends++;
    const one = this.#sends.get(connection) ?? new Window(this.#limits.sends);
    this.#sends.set(connection, one);
    this.#note(nowMs, `messages on connection ${connection}`, one.add(nowMs, 1));
    this.#note(nowMs, 'messages', this.#sendsInAll.add(nowMs, 1));
  }

  requested(weight: number, nowMs: number): void {
    this.requests++;
    this.#note(nowMs, 'request weight', this.#requests.add(nowMs, weight));
    if (nowMs < this.#bannedUntilMs) {
      this.#note(nowMs, 'requests', `asked ${Math.ceil(this.#bannedUntilMs - nowMs)} ms before Retry-After was over`);
    }
  }

  /** An answer told the client, now, to ask no more for so long. */
  answered(status: number, headers: Readonly<Record<string, string>>, nowMs: number): void {
    const seconds = Number(headers['retry-after'] ?? 0);
    if (status === 429 || status === 418) this.#bannedUntilMs = Math.max(this.#bannedUntilMs, nowMs + seconds * 1000);
  }

  #note(nowMs: number, what: string, wrong: string | null): void {
    if (wrong !== null) this.violations.push(`at ${nowMs.toFixed(3)} ms: ${what}: ${wrong}`);
  }
}
