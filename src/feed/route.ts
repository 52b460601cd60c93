import { NS_PER_MS } from '../core/index.ts';
import { Backoff } from './backoff.ts';
import type { Desk } from './desk.ts';
import type { InstrumentFeed } from './instrument-feed.ts';
import { Link } from './link.ts';
import type { LinkOwner } from './link-owner.ts';
import type { LinkPlan, VenueProtocol } from './protocol.ts';
import { RateLimiter } from './rate-limiter.ts';
import type { Cancel } from './world.ts';

const FIRST_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 60_000;
/** A connection that brought data for so long was healthy: the next one is tried without a history. */
const HEALTHY_MS = 30_000;
/** Where the venue refuses what we ask for altogether. */
const REFUSED_MS = 300_000;
/** Of its lifetime, a connection is replaced after 23/24, some up to 1/48 earlier, that not all are replaced at once. */
const REPLACE_AT = 23 / 24;
const REPLACE_SPREAD = 1 / 48;
/** What is quiet on both connections may move to the new one after so long; an old one alone silent for so long is dead. */
const QUIET_MS = 5000;

/**
 * Keeps one plan connected: connection after connection, with backoff where they fail, and two for a while where the first is
 * about to end, so that its instruments move to the second one by one and no book is lost.
 */
export class Route implements LinkOwner {
  readonly #desk: Desk;
  readonly #protocol: VenueProtocol;
  readonly #plan: LinkPlan;
  readonly #feeds: readonly InstrumentFeed[];
  readonly #nextId: () => string;
  readonly #backoff: Backoff;
  /** Outlives the connections: a venue may count an address's messages, not a connection's. */
  readonly #sends: RateLimiter;
  #current: Link | null = null;
  #successor: Link | null = null;
  /** A successor is wanted. */
  #replacing = false;
  #refused = false;
  #stopped = false;
  /** Until the next try, or in the queue for it. */
  #retry: Cancel | null = null;
  #replaceTimer: Cancel | null = null;
  #quietTimer: Cancel | null = null;
  #quietMayMove = false;

  constructor(
    desk: Desk,
    protocol: VenueProtocol,
    plan: LinkPlan,
    feeds: readonly InstrumentFeed[],
    nextId: () => string,
  ) {
    this.#desk = desk;
    this.#protocol = protocol;
    this.#plan = plan;
    this.#feeds = feeds;
    this.#nextId = nextId;
    this.#sends = new RateLimiter(desk.world.clock, desk.world.timers, plan.limits.sends);
    this.#backoff = new Backoff(desk.world.random, FIRST_BACKOFF_MS, MAX_BACKOFF_MS);
  }

  start(): void {
    this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    this.#retry?.();
    this.#clearTimers();
    this.#successor?.end('stopped', true);
    this.#current?.end('stopped', true);
  }

  opened(link: Link): void {
    if (link === this.#current) this.#scheduleReplacing(link);
    else this.#watchOverlap(link);
  }

  stirred(): void {
    if (this.#successor !== null) this.#finishReplacing();
  }

  closing(link: Link): void {
    if (link === this.#current) this.#replace();
    else link.end('the venue closes it before it could take over');
  }

  /** Which of the two it is, another connection tells: where that brings data, this one is not waited for. */
  stalled(link: Link): void {
    if (link === this.#current) this.#replace();
  }

  refused(): void {
    this.#refused = true;
  }

  ended(link: Link): void {
    if (this.#stopped) return;
    const heardMs = (link.lastHeardNs - link.openedNs) / NS_PER_MS;
    if (heardMs >= HEALTHY_MS) {
      this.#backoff.reset();
      this.#refused = false;
    }
    if (link === this.#successor) {
      this.#successor = null;
      this.#clearQuiet();
    } else this.#promote();
    const wanted = this.#current === null || (this.#replacing && this.#successor === null);
    if (!wanted || this.#retry !== null) {
      this.#desk.note(`${link.name} ended: ${link.why}`);
      return;
    }
    const ms = this.#backoff.next() + (this.#refused ? REFUSED_MS : 0);
    this.#desk.note(`${link.name} ended: ${link.why}; the next try is in ${(ms / 1000).toFixed(1)} s`);
    this.#retry = this.#desk.world.timers.after(ms, () => {
      this.#retry = null;
      this.#connect();
    });
  }

  #connect(): void {
    const { scope, connects } = this.#plan.limits;
    let done = false;
    const cancel = this.#desk.governor.connects(scope, connects).ask(1, () => {
      done = true;
      this.#retry = null;
      const link = new Link(this.#desk, this.#protocol, this.#plan, this.#feeds, this.#nextId(), this.#sends, this);
      if (this.#current === null) this.#current = link;
      else this.#successor = link;
      link.connect();
    });
    if (!done) this.#retry = cancel;
  }

  #scheduleReplacing(link: Link): void {
    const { lifetimeMs } = this.#plan.limits;
    if (lifetimeMs === null) return;
    const { clock, world } = this.#desk;
    const ageMs = (clock.monotonicNs - link.openedNs) / NS_PER_MS;
    const ms = lifetimeMs * (REPLACE_AT - REPLACE_SPREAD * world.random.float()) - ageMs;
    this.#replaceTimer = world.timers.after(Math.max(0, ms), () => {
      this.#replaceTimer = null;
      this.#replace();
    });
  }

  #replace(): void {
    if (this.#stopped || this.#replacing) return;
    this.#replacing = true;
    this.#desk.note(`${this.#current?.name}: another connection is made to take its place`);
    if (this.#retry === null) this.#connect();
  }

  /** While both are open: what is quiet moves, and an old connection that has died meanwhile is not waited for. */
  #watchOverlap(successor: Link): void {
    const { clock, world } = this.#desk;
    this.#quietTimer = world.timers.after(QUIET_MS, () => {
      this.#watchOverlap(successor);
      this.#quietMayMove = true;
      this.#finishReplacing();
      const old = this.#current;
      if (old === null || old === successor) return;
      clock.now();
      const silentMs = (link: Link): number => (clock.monotonicNs - link.lastDataNs) / NS_PER_MS;
      if (silentMs(old) >= QUIET_MS && silentMs(successor) < QUIET_MS) {
        old.end('it fell silent, and the one that is to take its place did not');
      }
    });
  }

  /** Ends the old connection once it has nothing left that the new one has not. */
  #finishReplacing(): void {
    const old = this.#current;
    if (old === null || this.#successor?.state !== 'open') return;
    // What is said to be quiet on a connection that lives; a dead one is found out by its silence.
    const lives = old.lastDataNs > this.#successor.greetedNs;
    for (const port of old.ports) {
      if (port.role !== 'active') continue;
      // Nothing happened to it since the new connection is there: what comes next will chain on.
      const quiet = lives && this.#quietMayMove && port.lane.goesOn && !port.lane.waiting[0].hasBookMessage();
      if (!quiet) return;
    }
    old.end('another one took its place', true);
  }

  /** The old connection is gone. */
  #promote(): void {
    this.#clearTimers();
    this.#current = this.#successor;
    this.#successor = null;
    if (this.#current === null) return;
    this.#replacing = false;
    if (this.#current.state === 'open') this.#scheduleReplacing(this.#current);
  }

  #clearTimers(): void {
    this.#replaceTimer?.();
    this.#replaceTimer = null;
    this.#clearQuiet();
  }

  #clearQuiet(): void {
    this.#quietTimer?.();
    this.#quietTimer = null;
    this.#quietMayMove = false;
  }
}
