import { assert } from '../core/index.ts';
import { type BookSync, type EventBatch, instrumentKey } from '../market/index.ts';
import type { Desk } from './desk.ts';
import { Governor } from './governor.ts';
import type { InstrumentHealth } from './health.ts';
import { InstrumentFeed } from './instrument-feed.ts';
import type { FeedInstrument, VenueProtocol } from './protocol.ts';
import { ReceiveClock } from './receive-clock.ts';
import { Route } from './route.ts';
import type { SessionRecord } from './session.ts';
import type { Cancel, World } from './world.ts';

export interface SupervisorOptions {
  readonly protocol: VenueProtocol;
  readonly instruments: readonly FeedInstrument[];
  readonly world: World;
  /** Days since 1970-01-01 from whose midnight the times of all batches count; today where absent. */
  readonly day?: number;
  /** Events of one instrument that may wait to be taken; the batch that does not fit is thrown away, and the loss is a fault in order. */
  readonly queueEvents?: number;
  /** An event waits no longer for company. */
  readonly flushMs?: number;
  /** Everything that passes, in order. What it is given is its own only until it returns. */
  readonly onRecord?: (record: SessionRecord) => void;
  /** One line for people. */
  readonly onNote?: (line: string) => void;
  /** `take` has something. */
  readonly onReady?: () => void;
}

const QUEUE_EVENTS = 1 << 18;
const FLUSH_MS = 20;
/** A socket that does not close within this time is left to itself. */
const STOP_MS = 5000;

/**
 * Keeps the books of a venue's instruments true: connects, asks for snapshots, notices whatever goes wrong, and begins anew only
 * what was lost; all under the venue's limits. Gives each instrument's events as batches, faults in their order. Runs in
 * callbacks of the world's transport and timers, in one thread; nothing here waits or throws.
 *
 * A `Route` keeps each connection of the venue's plan, a `Link` is one of them; a `Lane` is one instrument's way through them to
 * its batches, and a `Resyncer` brings its book back.
 */
export class Supervisor {
  readonly day: number;
  readonly instruments: readonly FeedInstrument[];
  readonly #options: SupervisorOptions;
  readonly #desk: Desk;
  readonly #feeds: readonly InstrumentFeed[];
  #routes: readonly Route[] = [];
  /** Instruments with rows to hand out, and those whose batches are ready, one entry a batch, oldest first. */
  #stirred: number[] = [];
  #ready: number[] = [];
  #readyHead = 0;
  #flushTimer: Cancel | null = null;
  #flushing = false;
  #state: 'new' | 'started' | 'stopping' | 'stopped' = 'new';
  #openSockets = 0;
  #links = 0;
  #stopTimer: Cancel | null = null;
  #done: (() => void)[] = [];

  constructor(options: SupervisorOptions) {
    const { world, instruments } = options;
    this.#options = options;
    this.instruments = instruments;
    const note = (line: string): void => options.onNote?.(line);
    const clock = new ReceiveClock(world.clock, options.day, note);
    this.day = clock.day;
    this.#desk = {
      world,
      clock,
      governor: Governor.of(world),
      note,
      record: options.onRecord ?? null,
      stirred: (index) => this.#stir(index),
      ready: (index) => this.#makeReady(index),
      countSocket: (change) => this.#countSocket(change),
    };
    const queueEvents = options.queueEvents ?? QUEUE_EVENTS;
    assert(queueEvents > 0, 'a queue holds events');
    this.#feeds = instruments.map((feed, index) => new InstrumentFeed(this.#desk, feed, index, queueEvents));
  }

  start(): void {
    assert(this.#state === 'new', 'a supervisor is started once');
    this.#state = 'started';
    const { protocol } = this.#options;
    const byKey = new Map(this.#feeds.map((feed) => [feed.lane.key, feed]));
    this.#routes = protocol.links(this.instruments).map((plan) => {
      const feeds = plan.instruments.map(({ instrument }) => {
        const feed = byKey.get(instrumentKey(instrument));
        assert(feed !== undefined, 'a plan carries instruments that were asked for');
        return feed;
      });
      return new Route(this.#desk, protocol, plan, feeds, () => String(++this.#links));
    });
    for (const route of this.#routes) route.start();
  }

  /** Closes the connections and hands out what has arrived; `done`, once, when the last socket is closed. */
  stop(done: () => void): void {
    if (this.#state === 'stopped') {
      done();
      return;
    }
    this.#done.push(done);
    if (this.#state === 'stopping') return;
    this.#state = 'stopping';
    for (const feed of this.#feeds) feed.resyncer.stop();
    for (const route of this.#routes) route.stop();
    this.#flushTimer?.();
    this.#flushTimer = null;
    for (const feed of this.#feeds) feed.finish();
    this.#tell();
    if (this.#openSockets === 0) this.#stopped();
    else this.#stopTimer = this.#desk.world.timers.after(STOP_MS, () => this.#stopped());
  }

  /** The next batch, or null. Batches of one instrument come in order. */
  take(): { index: number; batch: EventBatch } | null {
    if (this.#readyHead === this.#ready.length) return null;
    const index = this.#ready[this.#readyHead++];
    if (this.#readyHead * 2 >= this.#ready.length) {
      this.#ready = this.#ready.slice(this.#readyHead);
      this.#readyHead = 0;
    }
    const feed = this.#feeds[index];
    const batch = feed.outlet.shift();
    assert(batch !== null, 'what is ready can be taken');
    feed.recover();
    return { index, batch };
  }

  /** Makes ready at once what waits for company. */
  flush(): void {
    this.#flush(false);
  }

  /** The time by which receipts are stamped: now, ns since the day. */
  nowNs(): number {
    return this.#desk.clock.now();
  }

  health(index: number): InstrumentHealth {
    return this.#feeds[index].health();
  }

  /** The book as one SNAPSHOT message, of all that arrived; null while it is not synced. */
  checkpoint(index: number): EventBatch | null {
    return this.#feeds[index].checkpoint();
  }

  /** The state behind `health`; read only. */
  sync(index: number): BookSync {
    return this.#feeds[index].lane.sync;
  }

  #stir(index: number): void {
    if (this.#state !== 'started') return;
    this.#feeds[index].listed = true;
    this.#stirred.push(index);
    this.#armFlush();
  }

  #makeReady(index: number): void {
    this.#ready.push(index);
    // Filled before its time: that there is something to take is told at the end of that time.
    if (this.#state === 'started' && !this.#flushing) this.#armFlush();
  }

  #armFlush(): void {
    this.#flushTimer ??= this.#desk.world.timers.after(this.#options.flushMs ?? FLUSH_MS, () => {
      this.#flushTimer = null;
      this.#flush(true);
    });
  }

  #flush(patient: boolean): void {
    const stirred = this.#stirred;
    this.#stirred = [];
    this.#flushing = true;
    for (const index of stirred) {
      const feed = this.#feeds[index];
      feed.listed = false;
      if (!feed.flush(patient)) this.#stir(index);
    }
    this.#flushing = false;
    this.#tell();
  }

  #tell(): void {
    if (this.#readyHead < this.#ready.length) this.#options.onReady?.();
  }

  #countSocket(change: 1 | -1): void {
    this.#openSockets += change;
    if (this.#openSockets === 0 && this.#state === 'stopping' && this.#stopTimer !== null) this.#stopped();
  }

  #stopped(): void {
    this.#stopTimer?.();
    this.#stopTimer = null;
    this.#state = 'stopped';
    for (const done of this.#done.splice(0)) done();
  }
}
