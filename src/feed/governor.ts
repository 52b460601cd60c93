import { Backoff } from './backoff.ts';
import type { HttpAnswer, RateRule } from './protocol.ts';
import { RateLimiter } from './rate-limiter.ts';
import type { Transport, World } from './world.ts';

/** How long to keep away where the venue does not say: 429 is a warning, 418 (Binance) a ban. */
const WARNED_MS = 30_000;
const BANNED_MS = 300_000;
const MAX_AWAY_MS = 3_600_000;
/** Added to the venue's own figure, which is in whole seconds of another clock. */
const GRACE_MS = 250;

const governors = new WeakMap<Transport, Governor>();

/**
 * What one address on the network may still ask of the venues: limits belong to our IP, not to a supervisor. So all that use one
 * transport share one governor.
 */
export class Governor {
  readonly #world: World;
  readonly #limiters = new Map<string, RateLimiter>();
  readonly #away = new Map<string, Backoff>();

  static of(world: World): Governor {
    let governor = governors.get(world.transport);
    if (governor === undefined) {
      governor = new Governor(world);
      governors.set(world.transport, governor);
    }
    return governor;
  }

  private constructor(world: World) {
    this.#world = world;
  }

  connects(scope: string, rule: RateRule): RateLimiter {
    return this.#limiter(`connects ${scope}`, rule);
  }

  requests(scope: string, rule: RateRule): RateLimiter {
    return this.#limiter(`requests ${scope}`, rule);
  }

  /** The limiter of a scope's requests, where its rule is known by now. */
  known(scope: string): RateLimiter | undefined {
    return this.#limiters.get(`requests ${scope}`);
  }

  /** Whether the venue told us to stay away; blocks the scope's requests and connects for as long, and returns that in ms, or 0. */
  heed(scope: string, answer: HttpAnswer): number {
    const { status } = answer;
    if (status !== 429 && status !== 418) {
      if (status === 200) this.#away.get(scope)?.reset();
      return 0;
    }
    let away = this.#away.get(scope);
    if (away === undefined) {
      away = new Backoff(this.#world.random, WARNED_MS, MAX_AWAY_MS);
      this.#away.set(scope, away);
    }
    const leastMs = status === 418 ? BANNED_MS : WARNED_MS;
    const ms = retryAfterMs(answer, this.#world.clock.nowMs()) ?? leastMs + away.next();
    this.known(scope)?.block(ms);
    this.#limiters.get(`connects ${scope}`)?.block(ms);
    return ms;
  }

  #limiter(name: string, rule: RateRule): RateLimiter {
    let limiter = this.#limiters.get(name);
    if (limiter === undefined) {
      limiter = new RateLimiter(this.#world.clock, this.#world.timers, rule);
      this.#limiters.set(name, limiter);
    }
    limiter.rule = rule;
    return limiter;
  }
}

/** The header `Retry-After`, seconds or an HTTP date (RFC 9110, 10.2.3), in ms from now; null where it says nothing of use. */
function retryAfterMs(answer: HttpAnswer, nowMs: number): number | null {
  const text = answer.headers['retry-after']?.trim() ?? '';
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  // Binance bans for up to three days; more is a mistake of the clock's or the venue's.
  return ms > 0 ? Math.min(ms + GRACE_MS, 3 * 86_400_000) : null;
}
